"""dbt's own unit tests and a build of every model on a run without usage."""

import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.dbt.dbt_runner import DBT_PROJECT, PROJECT_ROOT, DbtFailed, run_dbt
from tests.dbt.rating_fixture import PERIOD_END, PERIOD_START

pytestmark = [pytest.mark.database, pytest.mark.slow]


@pytest.fixture(scope="module")
def empty_run(new_database: Callable[[], str]) -> str:
    """A database with an open run of a month in which nothing happened."""
    url = new_database()
    with psycopg.connect(url) as connection:
        connection.execute(
            """insert into catalog.book_versions (book_digest, operator_party_id, time_zone, home_currency, definition)
               values (repeat('a', 64), 'operator', 'Europe/Warsaw', 'PLN', '{}')"""
        )
        connection.execute(
            """insert into build.run_inputs
               values (1, '2026-10-c01', %s, %s, '2026-11-02', 1, 0, 'Europe/Warsaw', 'PLN')""",
            [PERIOD_START, PERIOD_END],
        )
    return url


def test_all_models_build_and_all_dbt_unit_tests_pass(empty_run: str, target_path: Path) -> None:
    printed = run_dbt(empty_run, target_path, "build")
    assert "ERROR=0" in printed
    assert "unit_test" in printed


def test_a_model_replaces_whatever_stands_at_its_place(empty_run: str, target_path: Path) -> None:
    """A view of other columns, with a view over it; a table where a view belongs; a view where a table belongs."""
    with psycopg.connect(empty_run) as connection:
        for statement in (
            "drop view build.stg_catalog__currencies cascade",
            "create view build.stg_catalog__currencies as select 1 as other",
            "create view build.view_over_it as select * from build.stg_catalog__currencies",
            "drop view build.stg_inbox__batches cascade",
            "create table build.stg_inbox__batches (other integer)",
            "drop table build.int_run_window cascade",
            "create view build.int_run_window as select 1 as other",
            "create view build.kept as select identifier_id from build.stg_inbox__identifiers",
        ):
            connection.execute(statement)
    models = ("stg_catalog__currencies", "stg_inbox__batches", "int_run_window", "stg_inbox__identifiers")
    run_dbt(empty_run, target_path, "run", "--select", *models)
    with psycopg.connect(empty_run) as connection:
        kinds: dict[str, str] = dict(
            connection.execute(
                """select relname, relkind::text from pg_class
                   where relnamespace = 'build'::regnamespace and relname = any(%s)""",
                [[*models, "view_over_it", "kept"]],
            ).fetchall()
        )
        others = connection.execute(
            """select count(*) from information_schema.columns
               where table_schema = 'build' and table_name = any(%s) and column_name = 'other'""",
            [list(models)],
        ).fetchone()
    assert kinds == {**dict.fromkeys(models, "v"), "int_run_window": "r", "kept": "v"}
    assert others == (0,)


def test_a_model_stops_when_another_run_has_taken_the_lane(empty_run: str, target_path: Path) -> None:
    with psycopg.connect(empty_run) as connection:
        connection.execute("update control.leases set token = token + 1 where lane = 'build'")
    with pytest.raises(DbtFailed, match="token superseded"):
        run_dbt(empty_run, target_path, "run", "--select", "int_tariffs", token=0)


def test_every_edge_has_the_unit_tests_that_the_list_names() -> None:
    listed = (PROJECT_ROOT / "tests" / "README.md").read_text().split("| edge | dbt unit tests |")[1].split("\n## ")[0]
    edges = [line.split("|")[1:3] for line in listed.splitlines() if line.startswith("| ") and "---" not in line]
    made = "".join(path.read_text() for path in (DBT_PROJECT / "models").rglob("_unit_tests*.yml"))
    missing = [
        (edge.strip(), name)
        for edge, names in edges
        for name in re.findall(r"`(\w+)`", names)
        if f"- name: {name}\n" not in made
    ]
    assert len(edges) == 8
    assert missing == []
