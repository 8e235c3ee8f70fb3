"""The per-event models give the same rows on DuckDB as on PostgreSQL, to the last digit.

The small rule tables are resolved in PostgreSQL and handed over, as they would be to Spark; the same dbt models then
run unchanged on the other engine.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import psycopg
import pytest
from psycopg import sql

from tests.dbt.conftest import BuiltMonth
from tests.dbt.dbt_runner import run_dbt

pytest.importorskip("dbt.adapters.duckdb", reason="dbt-duckdb is in the development extra")
pytestmark = [pytest.mark.database, pytest.mark.slow]

HANDED_OVER = (
    "stg_catalog__usage_specifications",
    "stg_catalog__agreement_tariff_covers",
    "stg_catalog__agreement_tariffs",
    "stg_catalog__agreement_steps",
    "int_agreement_guides",
    "int_run_window",
    "stg_inbox__usage_rows",
    "stg_inbox__excluded_rows",
    "int_billed_events",
    "int_guided_identifiers",
    "int_characteristic_groups",
    "int_rating_rules",
    "int_price_overrides_in_force",
    "int_rating_segments",
    "int_event_rules",
    "int_clock_spans",
    "int_split_events",
    "int_counter_openings",
    "int_counter_spans",
    "int_late_counters",
    "int_usage_positions",
    "int_bucket_draws",
)
GUIDED = ("int_usage_guided_1", "int_usage_guided_2", "int_usage_guided", "int_usage_changes", "int_usage_measured")
RATING = ("int_usage_rated_1", "int_usage_rated_2", "fct_rated_usage")
PER_EVENT_MODELS = (
    "int_usage_guided_products",
    "int_usage_of_agreements",
    "int_usage_guided_agreements",
    "int_usage_guided_1",
    "int_usage_guided_2",
    "int_usage_guided",
    "int_usage_measured",
    *RATING,
    "int_usage_lines",
)
RATED = """
    select cast(event_key as text), file_id, line_number, event_at, product_number,
        price_version_id, price_override_id, terms_id, is_late, quantity_units, allowance_units,
        cast(amount_exact as text)
    from build.fct_rated_usage order by 1
"""
# Suspended events among them: those without product or price are in the first share.
GUIDED_EVENTS = "select cast(event_key as text), quantity_units, is_late from build.int_usage_guided order by 1"
LINES = """
    select product_number, price_version_id, price_override_id, terms_id, is_late, first_event_at, event_count,
        cast(quantity_units as text), cast(allowance_units as text), cast(amount_exact as text)
    from build.int_usage_lines order by 1, 2, 3 nulls first, 4 nulls first, 5
"""


@pytest.fixture(scope="module")
def duckdb_file(rated_month: BuiltMonth, target_path: Path) -> Iterator[Path]:
    """A DuckDB file with the handed-over tables and the per-event models built on them by dbt."""
    path = target_path / "engines.duckdb"
    with (
        psycopg.connect(rated_month.database_url, options="-c timezone=UTC") as postgres,
        duckdb.connect(str(path)) as other,
    ):
        other.execute("create schema build")
        for table in HANDED_OVER:
            _hand_over(postgres, other, table, target_path)
    run_dbt(
        rated_month.database_url,
        target_path / "duckdb",
        *("run", "--target", "duckdb", "--select", *PER_EVENT_MODELS),
        environment={"APPORTION_DUCKDB_PATH": str(path)},
    )
    yield path


def _hand_over(postgres: psycopg.Connection, other: duckdb.DuckDBPyConnection, table: str, folder: Path) -> None:
    columns = postgres.execute(
        """select attname, case when typcategory = 'A' then 'text' else format_type(atttypid, atttypmod) end
           from pg_attribute inner join pg_type on pg_type.oid = atttypid
           where attrelid = %s::regclass and attnum > 0 order by attnum""",
        [f"build.{table}"],
    ).fetchall()
    names = sql.SQL(", ").join(sql.Identifier(name) for name, _ in columns)
    query = sql.SQL("copy (select {} from {}) to stdout with (format csv)").format(
        names, sql.Identifier("build", table)
    )
    file = folder / f"{table}.csv"
    with file.open("wb") as target, postgres.cursor().copy(query) as rows:
        target.writelines(rows)
    definition = ", ".join(f"{name} {data_type}" for name, data_type in columns)
    other.execute(f"create table build.{table} ({definition})")
    if file.stat().st_size:
        other.execute(f"copy build.{table} from '{file}' (format csv, header false)")


def test_every_rated_event_is_equal_on_both_engines(rated_month: BuiltMonth, duckdb_file: Path) -> None:
    with (
        psycopg.connect(rated_month.database_url, options="-c timezone=UTC") as postgres,
        duckdb.connect(str(duckdb_file)) as other,
    ):
        expected = postgres.execute(RATED).fetchall()
        found = other.execute(RATED).fetchall()
    assert len(expected) > 18_000
    differing = [(one, two) for one, two in zip(expected, found, strict=True) if one != two]
    assert not differing, f"{len(differing)} events differ (PostgreSQL, DuckDB), first: {differing[:3]}"


def test_every_usage_line_is_equal_on_both_engines(rated_month: BuiltMonth, duckdb_file: Path) -> None:
    with (
        psycopg.connect(rated_month.database_url, options="-c timezone=UTC") as postgres,
        duckdb.connect(str(duckdb_file)) as other,
    ):
        assert other.execute(LINES).fetchall() == postgres.execute(LINES).fetchall()


def test_shares_and_short_figures_change_no_digit(rated_month: BuiltMonth, target_path: Path) -> None:
    """Both halves in one, and every figure as a decimal: the same rows. Afterwards the tables are as before."""
    with psycopg.connect(rated_month.database_url, options="-c timezone=UTC") as connection:
        expected = connection.execute(RATED).fetchall()
        guided = connection.execute(GUIDED_EVENTS).fetchall()
        assert None in {quantity for _, quantity, _ in guided}, "an event cannot be rated"
        shares = connection.execute("select count(*) from build.int_usage_rated_2").fetchone()
        assert shares is not None and 0 < shares[0] < len(expected), "both shares have something to do"
        divided = connection.execute(
            """select product_number, price_version_id from build.fct_rated_usage
               group by product_number, price_version_id having count(distinct share_number) > 1"""
        ).fetchall()
        assert not divided, f"a counter is in both shares: product and price {divided[:3]}"
        for table in ("int_guided_identifiers", "int_agreement_guides", "int_rating_segments"):
            names = sql.Identifier("build", f"kept_{table}"), sql.Identifier("build", table)
            connection.execute(sql.SQL("create table {} as table {}").format(*names))
        connection.execute("update build.int_guided_identifiers set share_number = 1")
        connection.execute("update build.int_agreement_guides set share_number = 1")
        connection.execute("update build.int_rating_segments set short_delta_units = -1")
    run_dbt(rated_month.database_url, target_path, "run", "--select", *GUIDED, *RATING)
    with psycopg.connect(rated_month.database_url, options="-c timezone=UTC") as connection:
        found = connection.execute(RATED).fetchall()
        assert connection.execute(GUIDED_EVENTS).fetchall() == guided
        for table in ("int_guided_identifiers", "int_agreement_guides", "int_rating_segments"):
            names = sql.Identifier("build", table), sql.Identifier("build", f"kept_{table}")
            connection.execute(sql.SQL("truncate {}").format(names[0]))
            connection.execute(sql.SQL("insert into {} table {}").format(*names))
            connection.execute(sql.SQL("drop table {}").format(names[1]))
    assert found == expected


@pytest.mark.parametrize(
    ("rule", "view"),
    [
        ("update catalog.usage_specification_versions set guided_to = 'agreement'", "int_usage_guided_products"),
        ("insert into build.int_usage_positions default values", "int_usage_measured"),
        ("insert into build.int_counter_openings default values", "int_usage_measured"),
    ],
)
def test_rules_that_come_after_a_view_left_them_out_empty_it(rated_month: BuiltMonth, rule: str, view: str) -> None:
    """The month has none of them, so no lookup was built; a price that needs one must not be missed in silence."""
    count = sql.SQL("select count(*) from {}").format(sql.Identifier("build", view))
    with psycopg.connect(rated_month.database_url) as connection:
        (before,) = connection.execute(count).fetchone() or (0,)
        connection.execute(rule.encode())
        (after,) = connection.execute(count).fetchone() or (0,)
        connection.rollback()
    assert before > 0
    assert after == 0
