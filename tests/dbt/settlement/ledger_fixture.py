"""Posted bill runs by hand, and settlement runs over them as the product does them: open, dbt, door, publish, post.

Belongs here: agreements with a settlement calendar, posted bills with lines and shares, payments of customers; one
settlement run. Belongs elsewhere: expected amounts (``test_settlement_runs.py``), sharing (``settlement_fixture``).
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg

from assets.posting.post import post
from assets.publishing.bill_runs import BillRun
from assets.publishing.publish import publish
from assets.publishing.settlement_opening import open_settlement_run
from assets.quality.checks import Rule, ValueCheck
from assets.quality.gates import check_lines_before_posting
from assets.quality.settlements_before_posting import DOOR
from orchestration.database.lease import take_lease
from orchestration.dbt.assets import SETTLEMENT_MODELS
from tests.dbt.dbt_runner import run_dbt

OPERATOR = "wisla"
_WARSAW = ZoneInfo("Europe/Warsaw")


@dataclass(frozen=True)
class Version:
    """One version of an agreement between the operator and one partner, who gets ``percent`` of each line."""

    agreement_id: str
    percent: str = "70"
    version: str = "1"
    cycle: str = "month"
    trigger: str = "billed"
    effective_from: str = "2025-01-01"
    effective_until: str | None = None
    known_from: str = "2025-01-01"
    allocation: str = "pro_rata"
    bad_debt: str = "everyone"
    # Guarantees, caps, advances, fees: (kind, amount, period, true_up, percent, is_taken_off), in order.
    items: tuple[tuple[object, ...], ...] = ()
    # Whole-volume tiers of the revenue of a year instead of ``percent`` for all: (from, until, percent).
    tiers: tuple[tuple[object, ...], ...] = ()

    @property
    def partner(self) -> str:
        """The partner's party id."""
        return f"p-{self.agreement_id}"


@dataclass
class Ledger:
    """A database with a book, posted bill runs and payments; ``settle`` closes a settlement period in it."""

    url: str
    target_path: Path
    book_id: int = 0
    terms: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    bills: int = 0
    found: dict[str, set[str]] = field(default_factory=dict)

    def connect(self) -> psycopg.Connection:
        """A connection that commits at the end of its block."""
        return psycopg.connect(self.url)

    def prepare(self, *versions: Version) -> None:
        """The populations, and the first book."""
        with self.connect() as connection:
            connection.execute(
                """insert into inbox.batches default values;
                   insert into catalog.currencies values ('PLN', 2), ('EUR', 2) on conflict do nothing;
                   insert into inbox.files (batch_id, feed, feed_kind, file_name, content_sha256, size_bytes, state,
                       received_at)
                   values (1, 'payments', 'population', 'payments_1.csv', 'x', 1, 'loaded', now())"""
            )
            for party in ("customer", *sorted({version.partner for version in versions})):
                connection.execute(
                    """insert into inbox.parties (party_id, effective_from, party_kind, name, country_code, tax_status,
                           language_code, bank_account, address_lines, file_id, line_number)
                       values (%s, '2025-01-01', 'organization', 'Name', 'PL', 'business', 'pl',
                           'PL61109010140000071219812874', '{Street}', 1, 1)""",
                    [party],
                )
        self.load_book(*versions)

    def load_book(self, *versions: Version) -> None:
        """A book version that knows these agreement versions, each root agreement with terms of its own."""
        with self.connect() as connection:
            definition = {"operator": {"party": OPERATOR, "fx": {"source": "ecb"}}}
            self.book_id = connection.execute(
                """insert into catalog.book_versions (book_digest, operator_party_id, time_zone, home_currency,
                       definition)
                   values (md5(random()::text) || md5(random()::text), %s, 'Europe/Warsaw', 'PLN', %s)
                   returning book_id""",
                [OPERATOR, json.dumps(definition)],
            ).fetchone()[0]
            connection.execute(
                """insert into catalog.legal_entities values
                       (%s, 'wisla-pl', %s, 'Wisla', 'PL', 'PL5261040828', 'PLN', null, '{Warszawa}', 'WT')""",
                [self.book_id, OPERATOR],
            )
            connection.execute(
                """insert into catalog.tax_rules (book_id, supplier_country_code, receiver_country_code,
                       receiver_status, tax_category, treatment, rate_percent, effective_from)
                   values (%s, 'PL', 'PL', '*', 'standard', 'standard', 23, '2025-01-01')""",
                [self.book_id],
            )
            for version in versions:
                self._insert(connection, version)

    def _insert(self, connection: psycopg.Connection, version: Version) -> None:
        version_id = connection.execute(
            """insert into catalog.agreements (book_id, agreement_id, version, effective_from, effective_until,
                   known_from, payer_party_id, settlement_currency_code, fx_source, settlement_cycle,
                   settlement_trigger,
                   payment_allocation, bad_debt_borne_by, due_days, document_kind, tax_category, definition)
               values (%s, %s, %s, %s::timestamp at time zone 'Europe/Warsaw',
                   %s::timestamp at time zone 'Europe/Warsaw', %s, %s, 'PLN', 'ecb', %s, %s, %s, %s, 30, 'statement',
                   'standard', '{}')
               returning agreement_version_id""",
            [self.book_id, version.agreement_id, version.version, version.effective_from, version.effective_until,
             version.known_from, OPERATOR, version.cycle, version.trigger, version.allocation, version.bad_debt],
        ).fetchone()[0]  # fmt: skip
        for number, (kind, amount, period, true_up, percent, is_taken_off) in enumerate(version.items, 1):
            connection.execute(
                "insert into catalog.agreement_items values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    version_id,
                    number,
                    f"item-{number}",
                    kind,
                    version.partner,
                    amount,
                    period,
                    true_up,
                    percent,
                    is_taken_off,
                ],
            )
        terms_id = connection.execute(
            """insert into catalog.agreement_terms (book_id, root_agreement_version_id, effective_from, effective_until)
               values (%s, %s, %s::timestamp at time zone 'Europe/Warsaw', %s::timestamp at time zone 'Europe/Warsaw')
               returning terms_id""",
            [self.book_id, version_id, version.effective_from, version.effective_until],
        ).fetchone()[0]
        for number, item, receiver, rule in (
            (1, "content", version.partner, "tiers" if version.tiers else "percent"),
            (2, "kept", OPERATOR, "remaining"),
        ):
            connection.execute(
                """insert into catalog.agreement_steps (terms_id, step_number, step_rank, hop_number,
                       agreement_version_id, item_id, payer_party_id, receiver_party_id, basis, rule, percent, is_kept,
                       tier_mode, tier_of, measured_over)
                   values (%s, %s, %s, 1, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
                [terms_id, number, number, version_id, item, OPERATOR, receiver,
                 "after_discount_ex_tax" if number == 1 else "remaining", rule,
                 version.percent if rule == "percent" else None, number == 2,
                 *(("whole_volume", "revenue", "year") if rule == "tiers" else (None, None, None))],
            )  # fmt: skip
        for number, tier in enumerate(version.tiers, 1):
            connection.execute(
                "insert into catalog.agreement_tiers values (%s, 'content', %s, %s, %s, %s)",
                [version_id, number, *tier],
            )
        self.terms[version.agreement_id, version.version] = (version_id, terms_id)

    def post_bills(self, period_id: str, *bills: list[tuple[Version, int, str]]) -> list[str]:
        """A posted bill run with a bill per list of (version, minor units, first local day); returns bill numbers."""
        year, month, day = int(period_id[:4]), int(period_id[5:7]), int(period_id[-2:])
        start, end = (
            datetime(year, month, day, tzinfo=_WARSAW),
            datetime(year + month // 12, month % 12 + 1, day, tzinfo=_WARSAW),
        )
        with self.connect() as connection:
            run_id = connection.execute(
                """insert into control.bill_runs (lane, period_id, state, period_start, period_end, issue_date, book_id,
                       sealed_batch_id, input_digest, output_digest, token, code_version)
                   values ('build', %s, 'published', %s, %s, %s, %s, 1, 'x', 'x', 0, 'test') returning bill_run_id""",
                [period_id, start.astimezone(UTC), end.astimezone(UTC), end.date(), self.book_id],
            ).fetchone()[0]
            connection.execute(
                "insert into ledger.number_series values ('B/wisla-pl/2026', 'WT/2026', 0) on conflict do nothing"
            )
            numbers = [self._bill(connection, run_id, period_id, lines) for lines in bills]
            connection.execute(
                "update control.bill_runs set state = 'posted', posted_at = now() where bill_run_id = %s", [run_id]
            )
        return numbers

    def _bill(
        self, connection: psycopg.Connection, run_id: int, period_id: str, lines: list[tuple[Version, int, str]]
    ) -> str:
        self.bills += 1
        bill_key, number = uuid.uuid4(), f"WT/2026/{self.bills:06d}"
        net = sum(amount for _, amount, _ in lines)
        connection.execute(
            """insert into ledger.customer_bills (bill_key, bill_run_id, series_id, number, bill_number, period_id,
                   account_id, party_id, legal_entity_id, language_code, currency_code, customer, issue_date, due_date,
                   line_count,
                   net_minor, tax_minor, gross_minor)
               select %s, bill_run_id, 'B/wisla-pl/2026', %s, %s, period_id, %s, 'customer', 'wisla-pl', 'pl', 'PLN',
                   '{}', issue_date, issue_date + 14, %s, %s, %s, %s
               from control.bill_runs where bill_run_id = %s""",
            [
                bill_key,
                self.bills,
                number,
                f"A-{self.bills}",
                len(lines),
                net,
                net * 23 // 100,
                net + net * 23 // 100,
                run_id,
            ],
        )
        for position, (version, amount, first_day) in enumerate(lines, 1):
            line_key = uuid.uuid4()
            version_id, terms_id = self.terms[version.agreement_id, version.version]
            covered_from = datetime.fromisoformat(first_day).replace(tzinfo=_WARSAW)
            connection.execute(
                """insert into published.fct_applied_billing_rates (bill_run_id, period_id, line_key, account_id,
                       product_id, product_number, offering_id, price_id, price_version_id, charge_kind, service_kind,
                       terms_id, tax_category, legal_entity_id, covered_from, covered_until, is_late, event_count,
                       billed_quantity, allowance_quantity, period_factor, price_currency_code, amount_exact, fx_rate,
                       currency_code,
                       amount_minor, line_number, list_minor, before_discount_minor, is_tax_inclusive, tax_minor)
                   values (%s, %s, %s, %s, %s, 1, 'video', 'fee', 1, 'recurring', 'video', %s, 'standard', 'wisla-pl',
                       %s, %s, false, 0, 1, 0, 1, 'PLN', %s, 1, 'PLN', %s, %s, %s, %s, false, 0)""",
                [run_id, period_id, line_key, f"A-{self.bills}", f"P-{self.bills}", terms_id, covered_from,
                 covered_from.replace(hour=12), Decimal(amount) / 100, amount, position, amount, amount],
            )  # fmt: skip
            connection.execute(
                "insert into ledger.posted_lines values (%s, %s, %s, %s, 'PLN')", [line_key, run_id, bill_key, amount]
            )
            share = Decimal(amount) * Decimal(version.percent) / 100
            for step, item, receiver, part in (
                (1, "content", version.partner, share),
                (2, "kept", OPERATOR, amount - share),
            ):
                connection.execute(
                    """insert into published.fct_revenue_shares (bill_run_id, line_key, hop_number, step_number,
                           terms_id, agreement_version_id, agreement_id, item_id, payer_party_id, receiver_party_id,
                           is_kept,
                           currency_code, tax_category, base_exact, amount_exact, measured_exact)
                       values (%s, %s, 1, %s, %s, %s, %s, %s, %s, %s, %s, 'PLN', 'standard', %s, %s, %s)""",
                    [run_id, line_key, step, terms_id, version_id, version.agreement_id, item, OPERATOR, receiver,
                     receiver == OPERATOR, amount, part, amount if version.tiers and step == 1 else None],
                )  # fmt: skip
        return number

    def receive(
        self, bill_number: str | None, received_on: str, amount: int, kind: str = "payment", account: str | None = None
    ) -> None:
        """A record of the payments feed."""
        with self.connect() as connection:
            connection.execute(
                """insert into inbox.customer_payments
                   select 'pay-' || count(*), %s, %s, %s, %s, 'PLN', %s, 1, 1 from inbox.customer_payments""",
                [received_on, kind, bill_number, account, amount],
            )

    def correct(
        self, correction_id: str, agreement_id: str | None, day: str, amount: int, approved_by: str = "boris"
    ) -> None:
        """A correction of the first posted line that an agreement shares, or of no line."""
        with self.connect() as connection:
            line = connection.execute(
                """select line_key from published.fct_revenue_shares
                   where agreement_id = %s order by bill_run_id limit 1""",
                [agreement_id],
            ).fetchone()
            connection.execute(
                """insert into inbox.line_corrections values (%s, %s, %s, 'PLN', %s, 'CN/1', 'wrong price', 'ana', %s,
                       1, 1)""",
                [correction_id, day, line[0] if line else uuid.uuid4(), amount, approved_by],
            )

    def settle(self, period_id: str, *, close: bool = True, issue_date: date | None = None) -> BillRun:
        """One settlement run from opening to posting; with the door's failed checks in the message when it is shut."""
        with take_lease("settle", holder="test", period_id=period_id, url=self.url) as lease:
            with psycopg.connect(self.url, options=f"-c apportion.token={lease.token}") as connection:
                run = open_settlement_run(
                    connection, period_id=period_id, issue_date=issue_date, token=lease.token, code_version="test"
                )
            if run.nothing_to_do:
                return run
            run_dbt(
                self.url, self.target_path / "settle", "--quiet", "run", "--select", *SETTLEMENT_MODELS.split(),
                token=lease.token, environment={"APPORTION_LANE": "settle"},
            )  # fmt: skip
            with psycopg.connect(self.url) as connection:
                outcome = check_lines_before_posting(connection, run)
                assert outcome.passed, outcome.failed_checks()
            with psycopg.connect(self.url, options=f"-c apportion.token={lease.token}") as connection:
                publish(connection, run)
                if close:
                    post(connection, run.bill_run_id, lease.token)
        return run

    def close(self, run: BillRun) -> None:
        """Post a draft that was left open."""
        with (
            take_lease("settle", holder="test", period_id=run.period_id, url=self.url) as lease,
            psycopg.connect(self.url, options=f"-c apportion.token={lease.token}") as connection,
        ):
            post(connection, run.bill_run_id, lease.token)

    def failing_rules(self, run: BillRun, fault: str = "select 1") -> set[str]:
        """Names of the door's checks that fail once ``fault`` was planted into the lane; all is undone afterwards."""
        failing = set()
        with psycopg.connect(self.url) as connection:
            connection.execute("set session_replication_role = replica")
            connection.execute(fault)
            for relation in DOOR.relations:
                query = relation.query.replace("$schema", "settle").replace("$bill_run_id", str(run.bill_run_id))
                for check in relation.checks:
                    rows = f"select 1 from ({query}) as looked_at"  # noqa: S608  a query of the door
                    wrong = f"{rows} where not coalesce(({_condition(check)}), false) limit 1"
                    if connection.execute(wrong).fetchone():
                        failing.add(check.name)
            connection.rollback()
        return failing


def _condition(check: ValueCheck | Rule) -> str:
    if isinstance(check, Rule):
        return check.condition
    column = check.arguments["column"]
    if "regex" in check.arguments:
        return f"{column} ~ '{check.arguments['regex']}'"
    if "value_set" in check.arguments:
        return f"{column} = any ('{{{','.join(check.arguments['value_set'])}}}')"
    return f"{column} between {check.arguments['min_value']} and {check.arguments['max_value']}"
