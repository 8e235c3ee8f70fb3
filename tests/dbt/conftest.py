"""Fixtures of the dbt tests: where dbt keeps what it compiles, and a month of usage built once."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.dbt.dbt_runner import run_dbt
from tests.dbt.rating_fixture import RatedMonth, fill_month


@pytest.fixture(scope="session")
def target_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compiled SQL and the parse cache, shared by the session: a second dbt run starts in half the time."""
    return tmp_path_factory.mktemp("dbt-target")


@dataclass(frozen=True)
class BuiltMonth:
    database_url: str
    month: RatedMonth


@pytest.fixture(scope="session")
def rated_month(new_database: Callable[[], str], target_path: Path) -> BuiltMonth:
    """Twenty thousand events of 240 products, rated and made into charges by dbt on PostgreSQL."""
    url = new_database()
    with psycopg.connect(url) as connection:
        month = fill_month(connection, events=20_000, products=240)
    run_dbt(
        url,
        target_path,
        "run",
        "--select",
        "+int_charges_exact",
        "+int_usage_parts",
        "+fct_suspended_usage",
        "+int_account_problems_rating",
    )
    return BuiltMonth(url, month)
