"""A few customers, what they have, use and are offered, as rows of an example of ``compiled_models``.

Belongs here: a book that is checked and loaded like any other, and the rows that ingestion would leave in the inbox.
Belongs elsewhere: inventing it (the property tests), reading files (tests of ingestion).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from unittest.mock import patch

import psycopg

from assets.catalog.loading.load import load_book
from assets.publishing.periods import local_midnight
from tests.conformance.cases import Case
from tests.conformance.operator_book import assemble
from tests.conformance.scenario import Scenario
from tests.dbt.compiled_models import Example

UNIT = 10**6
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Account:
    """A billing account, and the half-open window in which it is billed: days of its time zone."""

    account_id: str
    window: tuple[date, date]
    time_zone: str = "UTC"
    group: str | None = None


@dataclass(frozen=True)
class Product:
    """What an account has. Several of the same id are one product whose offering changes."""

    product_id: str
    account_id: str
    offering_id: str
    effective_from: datetime = LONG_AGO
    effective_until: datetime | None = None


@dataclass(frozen=True)
class Use:
    """One metered event, and where it stood in which file."""

    name: str
    product_id: str
    at: datetime
    units: int
    file_and_line: tuple[int, int] = (1, 1)

    @property
    def key(self) -> str:
        """Its key in the models."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, self.name))


@dataclass
class World:
    """An offering is a mapping as the book writes it. ``print`` of a world is enough to see why an example fails."""

    offerings: list[dict[str, Any]]
    accounts: list[Account]
    products: list[Product]
    usage: list[Use] = field(default_factory=list)
    bill_run_id: int = 1

    def fill(self, example: Example) -> None:
        """Check and load the book, and write the rows that populations and usage files leave."""
        connection = example.connection
        _load(connection, self.offerings)
        with connection.cursor() as cursor:
            cursor.execute(
                """insert into inbox.batches (batch_id, events_from, events_until) overriding system value
                   values (1, '2000-01-01', '2100-01-01');
                   insert into inbox.files (file_id, batch_id, feed, feed_kind, file_name, content_sha256, size_bytes,
                       state, received_at) overriding system value
                   select n, 1, 'metered', 'usage', 'metered_' || n, n, 1, 'loaded', now()
                   from generate_series(1, 9) n"""
            )
            self._fill_run(cursor)
            self._fill_populations(cursor)
            if self.usage:
                self._fill_usage(cursor)

    def go_on(self, example: Example, window: tuple[date, date], usage: list[Use]) -> None:
        """Post what has been built, as far as buckets remember it, and open the next period with the usage that came.

        Usage that is billed is out of the way, as a posted run has it (``int_billed_events``).
        """
        with example.connection.cursor() as cursor:
            cursor.execute(
                """insert into published.fct_bucket_balances select * from build.fct_bucket_balances;
                   insert into control.bill_runs (bill_run_id, lane, period_id, state, period_start, period_end,
                       issue_date, book_id, sealed_batch_id, token, code_version) overriding system value
                   select bill_run_id, 'build', period_id, 'posted', period_start, period_end, issue_date, book_id, 1,
                       0, 'test' from build.run_inputs;
                   delete from build.run_inputs; delete from build.run_scope; delete from inbox.usage_rows"""
            )
            self.accounts = [replace(account, window=window) for account in self.accounts]
            self.usage, self.bill_run_id = usage, self.bill_run_id + 1
            self._fill_run(cursor)
            if usage:
                self._fill_usage(cursor)

    def _fill_run(self, cursor: psycopg.Cursor) -> None:
        windows = [tuple(local_midnight(day, one.time_zone) for day in one.window) for one in self.accounts]
        start, end = min(first for first, _ in windows), max(end for _, end in windows)
        period_id = f"{start:%Y-%m}-c01"
        cursor.execute(
            "insert into build.run_inputs (bill_run_id, period_id, period_start, period_end, issue_date, book_id,"
            " sealed_batch_id, time_zone, home_currency_code) select %s, %s, %s, %s, %s, max(book_id), 1, 'UTC', 'USD'"
            " from catalog.book_versions",
            [self.bill_run_id, period_id, start, end, end.date()],
        )
        cursor.executemany(
            "insert into build.run_scope values (%s, %s, %s, %s, %s, %s, %s)",
            [
                (self.bill_run_id, account.account_id, number, period_id, *window, account.time_zone)
                for number, (account, window) in enumerate(zip(self.accounts, windows, strict=True), start=1)
            ],
        )

    def _fill_populations(self, cursor: psycopg.Cursor) -> None:
        cursor.executemany(
            "insert into inbox.billing_accounts"
            " values (%s, '2000-01-01', 'customer', 'USD', 'en', 'c01', 14, 1, 1, %s)",
            [(account.account_id, account.time_zone) for account in self.accounts],
        )
        cursor.executemany(
            "insert into inbox.account_groups values (%s, '2000-01-01', null, %s, 1, 1)",
            [(account.account_id, account.group) for account in self.accounts if account.group],
        )
        cursor.executemany(
            "insert into inbox.products values (%s, %s, %s, %s, %s, null, 1, 1)",
            [
                (one.product_id, one.effective_from, one.effective_until, one.account_id, one.offering_id)
                for one in self.products
            ],
        )
        for product_id in sorted({product.product_id for product in self.products}):
            cursor.execute("insert into inbox.product_identifiers values ('case', %s, '2000-01-01', null, %s, 1, 1)",
                           [product_id, product_id])  # fmt: skip
            cursor.execute(
                "insert into inbox.identifiers (identifier_kind, identifier) values ('case', %s)", [product_id]
            )

    def _fill_usage(self, cursor: psycopg.Cursor) -> None:
        cursor.execute(
            """insert into inbox.characteristic_sets (usage_specification_id, set_key, characteristics)
               select usage_specification_id, gen_random_uuid(), '{}' from catalog.usage_specifications
               where usage_specification_code = 'metered'
               returning usage_specification_id, characteristic_set_id"""
        )
        ((specification_id, set_id),) = cursor.fetchall()
        identifiers = dict(cursor.execute("select identifier, identifier_id from inbox.identifiers").fetchall())
        cursor.executemany(
            """insert into inbox.usage_rows (batch_id, file_id, line_number, usage_specification_id, event_key,
                   content_hash, event_at, identifier_id, characteristic_set_id, quantity_units)
               values (1, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            [
                (*use.file_and_line, specification_id, use.key, use.key, use.at, identifiers[use.product_id], set_id,
                 use.units)
                for use in self.usage
            ],
        )  # fmt: skip


def offering(offering_id: str, *prices: dict, **more: Any) -> dict:
    """An offering as the book writes it."""
    return {
        "id": offering_id, "kind": "simple", "service": "conformance", "name": {"en": offering_id},
        "tax_category": "rate-0", "supplier": "operator", "effective_from": "2020-01-01", "prices": list(prices),
        **more,
    }  # fmt: skip


def _load(connection: psycopg.Connection, offerings: Sequence[dict[str, Any]]) -> None:
    case = Case("example", "random", "", {}, None, {}, "", "", "")
    scenario = Scenario(case, 1)
    scenario.offerings = {offering["id"]: offering for offering in offerings}
    checked, problems = assemble([scenario])
    assert not problems, problems
    # The rates of a bank are the same in every example.
    with patch("assets.catalog.loading.load.ecb_rates", return_value=[]):
        load_book(connection, checked)
