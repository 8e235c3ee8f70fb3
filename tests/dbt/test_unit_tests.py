"""dbt's own unit tests and a build of every model on a run without usage."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.dbt.dbt_runner import DbtFailed, run_dbt
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


def test_a_model_stops_when_another_run_has_taken_the_lane(empty_run: str, target_path: Path) -> None:
    with psycopg.connect(empty_run) as connection:
        connection.execute("update control.leases set token = token + 1 where lane = 'build'")
    with pytest.raises(DbtFailed, match="token superseded"):
        run_dbt(empty_run, target_path, "run", "--select", "int_tariffs", token=0)
