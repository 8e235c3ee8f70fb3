"""Plans of the models: nothing is looked up row by row, however few rows a test has.

A subquery that PostgreSQL cannot turn into a join or hash once is run again for every row; with thousands of accounts
it does not end. The plan says so at any size, where a clock says it only at large ones.
"""

import re
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

pytestmark = [pytest.mark.database, pytest.mark.slow]


def lookups_per_row(connection: psycopg.Connection, query: str) -> set[str]:
    """Subplans that the plan of a query runs for each row: neither hashed nor run once."""
    lines = [line for (line,) in connection.execute(f"explain (verbose) {query}".encode())]
    plan = "\n".join(lines)
    return set(re.findall(r"^\s*(SubPlan \d+)$", plan, re.MULTILINE)) - {
        f"SubPlan {number}" for number in re.findall(r"hashed SubPlan (\d+)", plan)
    }


def test_no_model_looks_things_up_row_by_row(small_month):
    month = small_month("billed")
    compiled = sorted((month.home / "dbt" / "build").rglob("compiled/apportion/models/**/*.sql"))
    models = [path for path in compiled if not path.parent.name.endswith(".yml")]
    assert len(models) > 150, "dbt leaves what it compiled in the state folder"
    with psycopg.connect(month.database_url) as connection:
        _put_back_what_was_published(connection, models)
        found = {path.stem: lookups_per_row(connection, _query(path)) for path in models}
    assert {name: subplans for name, subplans in found.items() if subplans} == {}


def _query(path: Path) -> str:
    """The compiled model in whatever database it is run: the month's is a copy of the one dbt compiled for."""
    return re.sub(r'"\w+"\.("\w+"\.")', r"\1", path.read_text(encoding="utf-8"))


def _put_back_what_was_published(connection: psycopg.Connection, models: list[Path]) -> None:
    """Published tables have left the lane, and views on them have gone; models are planned on empty ones instead."""
    views = []
    for path in models:
        here, there = f"build.{path.stem}", f"published.{path.stem}"
        if connection.execute("select to_regclass(%s)", [here]).fetchone() != (None,):
            continue
        if connection.execute("select to_regclass(%s)", [there]).fetchone() == (None,):
            views.append(path)
        else:
            names = sql.Identifier(*here.split(".")), sql.Identifier(*there.split("."))
            connection.execute(sql.SQL("create table {} (like {})").format(*names))
    while views:
        left = [path for path in views if not _made(connection, path)]
        assert len(left) < len(views), f"these cannot be made: {[path.stem for path in left]}"
        views = left


def _made(connection: psycopg.Connection, path: Path) -> bool:
    """Whether the view could be made now; what it stands on may come later."""
    try:
        with connection.transaction():
            connection.execute(f"create view build.{path.stem} as {_query(path)}".encode())
    except psycopg.errors.UndefinedTable:
        return False
    return True


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("select n, (select count(*) from pg_class where relpages = n) from generate_series(1, 3) as n", 1),
        ("select n from generate_series(1, 3) as n where n in (select relpages from pg_class) or n = 2", 0),
        ("select n from generate_series(1, 3) as n where not exists (select 1 from pg_class where relpages = n)", 0),
    ],
)
def test_a_lookup_per_row_is_seen(connection, query, found):
    assert len(lookups_per_row(connection, query)) == found
