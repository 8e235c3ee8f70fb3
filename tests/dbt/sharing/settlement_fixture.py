"""Fills a migrated database with hand-made charges and agreements and builds the bill and settlement models on them.

Belongs here: rows of the catalogue, the inbox and the lane in the words of the domain; a stand-in for the charges that
rating makes; one dbt run of the bill and settlement models.
Belongs elsewhere: expected amounts (``test_*.py``), the independent calculation (``waterfall_reference.py``).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

from tests.dbt.dbt_runner import run_dbt

OPERATOR = "wisla"
BUILT_FOLDERS = (
    "path:models/staging",
    "path:models/intermediate/billing",
    "path:models/intermediate/revenue_share",
    "path:models/intermediate/settlement",
    "int_run_window",
    "int_account_windows",
    "path:models/marts/billing",
    "path:models/marts/settlement",
)
STAND_INS = """
    create table build.int_usage_parts (
        line_key uuid, part_number integer, part_kind text, tier_number integer, quantity numeric(38, 6),
        charged_until_quantity numeric(38, 6), amount_exact numeric(38, 16));
    create table build.int_charges_exact (
        line_key uuid, account_id text, product_id text, product_number integer, offering_id text,
        bundle_offering_id text, price_id text, price_version_id integer, price_override_id integer, charge_kind text,
        service_kind text, seller_party_id text, terms_id integer, tax_category text, legal_entity_id text,
        covered_from timestamptz, covered_until timestamptz, is_late boolean, event_count bigint,
        billed_quantity numeric(38, 6), allowance_quantity numeric(38, 6), period_factor numeric(18, 10),
        price_currency_code text, amount_exact numeric(38, 16));
    create table build.int_account_problems_rating (account_id text, reason_code text, detail text);
    create table build.fct_rated_usage (like published.fct_rated_usage);
    create table build.fct_suspended_usage (like published.fct_suspended_usage);
    create table build.int_billed_events (event_key uuid);
    create table build.int_fee_parts (
        product_number integer, price_version_id integer, price_override_id integer, span_from timestamptz,
        part_number integer, part_kind text, covered_from timestamptz, covered_until timestamptz,
        period_factor numeric(18, 10), price_currency_code text, amount_exact numeric(38, 16));
    create table build.int_usage_openings (
        product_number integer, price_version_id integer, amount_exact numeric(38, 16));
    create table build.int_counter_openings (
        product_number integer, price_version_id integer, price_override_id integer, billed text,
        billed_exact numeric(38, 16), is_recurring boolean);
    create table build.int_fee_credits (
        product_number integer, price_version_id integer, price_override_id integer, part_number integer,
        covered_from timestamptz, covered_until timestamptz, period_factor numeric(18, 10),
        amount_exact numeric(38, 16));
    create table build.int_money_draws (
        product_number integer, price_version_id integer, price_override_id integer, terms_id integer, is_late boolean,
        bucket_number integer, pass_number integer, paid_exact numeric(38, 16));
    create table build.int_buckets (bucket_number integer, offering_id text, allowance_id text);
    create table build.int_fees_exact (
        product_number integer, price_version_id integer, price_override_id integer, covered_from timestamptz,
        period_factor numeric(18, 10), factor_numerator numeric(38, 0), factor_divisor numeric(38, 0));
    create table build.int_line_carries (line_key uuid, carried_exact_minor numeric(38, 16));
    create table build.int_minimums_so_far (
        account_id text, product_id text, offering_id text, price_id text, is_due boolean,
        counted_before_exact numeric(38, 16));
    create table build.int_products_dated (
        product_number integer, offering_id text, agreement_id text, is_in_scope boolean);
    create table build.int_usage_suspended (like published.fct_suspended_usage);
    alter table build.int_usage_suspended add column account_id text;
    create table build.int_characteristic_groups (
        characteristic_set_id integer, characteristic_group_number integer, guided_to text);
    create table build.int_agreement_guides (
        characteristic_group_number integer, product_number integer, class_number integer, offering_id text,
        is_in_scope boolean, is_settled boolean, effective_from timestamptz, effective_until timestamptz);
    create table build.int_rating_rules (
        class_number integer, characteristic_group_number integer, terms_id integer, effective_from timestamptz,
        effective_until timestamptz);
    create table build.int_usage_charges (
        account_id text, product_id text, product_number integer, offering_id text, bundle_offering_id text,
        price_id text, price_version_id integer, price_override_id integer, charge_kind text, seller_party_id text,
        terms_id integer, covered_from timestamptz, covered_until timestamptz, is_late boolean, event_count bigint,
        billed_quantity numeric(38, 6), allowance_quantity numeric(38, 6), period_factor numeric(18, 10),
        price_currency_code text, amount_exact numeric(38, 16));
    create table build.int_guided_identifiers (
        identifier_id integer, product_number integer, class_number integer, is_in_scope boolean,
        effective_from timestamptz, effective_until timestamptz);
"""


@dataclass(frozen=True)
class Item:
    """One item of a sharing model: who gets it and by which rule. Numbers are exact decimals as text."""

    item_id: str
    to: str
    percent: str | None = None
    per_unit: str | None = None
    basis: str = "after_discount_ex_tax"


@dataclass(frozen=True)
class Hop:
    """One agreement of a chain; ``shares`` names the item of the hop before that its payer passes on.

    The last item takes the rest. A receiver called ``seller``, ``seller.parent`` ... is a role.
    """

    agreement_id: str
    payer: str
    items: Sequence[Item]
    version: str = "1"
    shares: tuple[str, str] | None = None
    currency: str = "PLN"
    document_kind: str = "self_billed"
    tax_category: str = "standard"
    # Guarantees, caps, advances, fees: (kind, receiver, amount, period, true_up, percent, is_taken_off), in order.
    period_items: Sequence[tuple[Any, ...]] = ()
    payment_class: str | None = None
    is_grossed_up: bool = False
    retention: tuple[str, int] | None = None


@dataclass
class Settlement:
    """Rows of one run: period 2026-01-c01 of operator ``wisla`` (Poland, PLN), issued on Monday 2026-02-02."""

    issue_date: str = "2026-02-02"
    parties: list[tuple[Any, ...]] = field(default_factory=list)
    accounts: list[tuple[Any, ...]] = field(default_factory=list)
    charges: list[tuple[Any, ...]] = field(default_factory=list)
    taxes: list[tuple[Any, ...]] = field(default_factory=list)
    rates: list[tuple[Any, ...]] = field(default_factory=list)
    terms: list[Sequence[Hop]] = field(default_factory=list)
    # (class, payer country, receiver country, rate, rate with certificate, rounded to major units)
    withholding: list[tuple[Any, ...]] = field(default_factory=list)
    # (id, agreement, receiver, currency, minor, requested by, approved by)
    adjustments: list[tuple[Any, ...]] = field(default_factory=list)
    certificates: list[tuple[Any, ...]] = field(default_factory=list)

    def party(self, party_id: str, country: str = "PL", status: str = "business", parent: str | None = None) -> None:
        """A party known since 2025."""
        self.parties.append((party_id, country, status, parent))

    def account(self, account_id: str, currency: str = "PLN", party: str = "customer") -> None:
        """An account in scope of the run."""
        self.accounts.append((account_id, currency, party))

    def tax(
        self, supplier: str, receiver: str, rate: str, treatment: str = "standard", status: str = "*",
        category: str = "standard",
    ) -> None:  # fmt: skip
        """A tax rule in force since 2025."""
        self.taxes.append((supplier, receiver, status, category, treatment, rate))

    def rate(self, day: str, currency: str, rate: str) -> None:
        """1 EUR = ``rate`` of a currency, published by source ``ecb`` on a day."""
        self.rates.append((day, currency, rate))

    def agreement(self, *hops: Hop) -> int:
        """A chain of agreements; returns the id of its terms."""
        self.terms.append(hops)
        return len(self.terms)

    def charge(
        self, amount: str, account: str = "a1", terms: int | None = None, currency: str = "PLN", quantity: str = "1",
        seller: str | None = None, covered_from: str = "2026-01-01T00:00:00+01:00", category: str = "standard",
        price_version_id: int = 1, product: str = "product", offering: str = "offering", entity: str = "wisla-pl",
    ) -> str:  # fmt: skip
        """A charge of an exact amount in major units; returns its line key."""
        line_key = str(uuid.UUID(int=len(self.charges) + 1))
        self.charges.append(
            (
                line_key, account, product, 1, offering, None, "fee", price_version_id, None, "recurring", "voice",
                seller, terms, category, entity, covered_from, "2026-02-01T00:00:00+01:00", False, 0,
                Decimal(quantity), Decimal(0), Decimal(1), currency, Decimal(amount),
            )
        )  # fmt: skip
        return line_key

    def fill(self, connection: psycopg.Connection) -> None:
        """Write every row; commits."""
        with connection.cursor() as cursor:
            cursor.execute(STAND_INS)
            self._fill_catalog(cursor)
            self._fill_inbox_and_lane(cursor)
            self._fill_agreements(cursor)
            width = len(self.charges[0]) if self.charges else 0
            with cursor.copy("copy build.int_charges_exact from stdin") as copy:
                for charge in self.charges:
                    assert len(charge) == width
                    copy.write_row(charge)
        connection.commit()

    def _fill_catalog(self, cursor: psycopg.Cursor) -> None:
        definition = {"operator": {"party": OPERATOR, "fx": {"source": "ecb"}}}
        cursor.execute(
            """insert into catalog.book_versions
                   (book_digest, operator_party_id, time_zone, home_currency, definition)
               values (repeat('0', 64), %s, 'Europe/Warsaw', 'PLN', %s)""",
            [OPERATOR, json.dumps(definition)],
        )
        cursor.execute(
            """insert into catalog.currencies values ('PLN', 2), ('EUR', 2), ('USD', 2), ('JPY', 0), ('KWD', 3)
               on conflict do nothing"""
        )
        cursor.execute(
            """insert into catalog.legal_entities values
                   (1, 'wisla-pl', %s, 'Wisla', 'PL', 'PL5261040828', 'PLN', null, '{Warszawa}', 'WT')""",
            [OPERATOR],
        )
        cursor.executemany(
            """insert into catalog.tax_rules (book_id, supplier_country_code, receiver_country_code, receiver_status,
                   tax_category, treatment, rate_percent, effective_from)
               values (1, %s, %s, %s, %s, %s, %s, '2025-01-01')""",
            self.taxes,
        )
        cursor.executemany(
            "insert into catalog.withholding_rules values (1, %s, %s, %s, %s, %s, %s, '2025-01-01', null)",
            self.withholding,
        )
        cursor.executemany("insert into catalog.fx_rates values ('ecb', %s, 'EUR', %s, %s)", self.rates)

    def _fill_inbox_and_lane(self, cursor: psycopg.Cursor) -> None:
        cursor.execute("insert into inbox.batches default values")
        cursor.execute(
            """insert into inbox.files (batch_id, feed, feed_kind, file_name, content_sha256, size_bytes,
                   state, received_at)
               values (1, 'parties', 'population', 'p.csv', 'x', 1, 'loaded', now())"""
        )
        cursor.executemany(
            """insert into inbox.parties values (%s, '2025-01-01', 'organization', 'Name', %s, null, %s, 'pl', %s,
                   'PL61109010140000071219812874', '{Street}', 1, 1)""",
            self.parties,
        )
        cursor.executemany("insert into inbox.tax_certificates values (%s, %s, %s, %s, 1, 1)", self.certificates)
        cursor.executemany(
            "insert into inbox.adjustments values (%s, '2026-01-15', %s, %s, %s, %s, 'by mail', %s, %s, 1, 1)",
            self.adjustments,
        )
        cursor.executemany(
            "insert into inbox.billing_accounts values (%s, '2025-01-01', %s, %s, 'pl', 'c01', 14, 1, 1)",
            [(account, party, currency) for account, currency, party in self.accounts],
        )
        cursor.execute(
            """insert into control.bill_runs (lane, period_id, state, period_start, period_end, issue_date, book_id,
                   sealed_batch_id, token, code_version)
               values ('build', '2026-01-c01', 'open', '2026-01-01T00:00+01', '2026-02-01T00:00+01', %s,
                   1, 1, 0, 'test')""",
            [self.issue_date],
        )
        cursor.execute(
            """insert into build.run_inputs
               select bill_run_id, period_id, period_start, period_end, issue_date, book_id, sealed_batch_id,
                   'Europe/Warsaw', 'PLN' from control.bill_runs"""
        )
        cursor.executemany(
            """insert into build.run_scope
               select bill_run_id, %s, %s, period_id, period_start, period_end from control.bill_runs""",
            [(account, number) for number, (account, _, _) in enumerate(self.accounts, start=1)],
        )

    def _fill_agreements(self, cursor: psycopg.Cursor) -> None:
        version_ids: dict[tuple[str, str], int] = {}
        steps: list[tuple[Any, ...]] = []
        for terms_id, hops in enumerate(self.terms, start=1):
            for hop in hops:
                if (hop.agreement_id, hop.version) not in version_ids:
                    version_ids[hop.agreement_id, hop.version] = _insert_agreement(cursor, hop)
            root = version_ids[hops[0].agreement_id, hops[0].version]
            cursor.execute(
                """insert into catalog.agreement_terms (book_id, root_agreement_version_id, effective_from)
                   values (1, %s, '2025-01-01')""",
                [root],
            )
            steps.extend(steps_of(terms_id, hops, version_ids))
        cursor.executemany(
            """insert into catalog.agreement_steps (terms_id, step_number, step_rank, hop_number, agreement_version_id,
                   item_id, payer_party_id, receiver_party_id, receiver_role, hop_base_step_number, basis,
                   basis_step_number, rule, percent, unit_amount, is_kept)
               values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            steps,
        )


def _insert_agreement(cursor: psycopg.Cursor, hop: Hop) -> int:
    version_id = cursor.execute(
        """insert into catalog.agreements (book_id, agreement_id, version, effective_from, known_from, payer_party_id,
               settlement_currency_code, fx_source, settlement_trigger, due_days, document_kind, tax_category,
               definition, payment_class, is_grossed_up, retention_percent, retention_days)
           values (1, %s, %s, '2025-01-01', '2025-01-01', %s, %s, 'ecb', 'billed', 30, %s, %s, '{}', %s, %s, %s, %s)
           returning agreement_version_id""",
        [hop.agreement_id, hop.version, hop.payer, hop.currency, hop.document_kind, hop.tax_category,
         hop.payment_class, hop.is_grossed_up, *(hop.retention or (None, None))],
    ).fetchone()[0]  # fmt: skip
    cursor.executemany(
        """insert into catalog.agreement_items (agreement_version_id, item_number, item_id, item_kind,
               receiver_party_id, amount, measurement_period, true_up, percent, is_taken_off)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        [(version_id, number, item[0], *item) for number, item in enumerate(hop.period_items, 1)],
    )
    return version_id


def steps_of(
    terms_id: int, hops: Sequence[Hop], version_ids: Mapping[tuple[str, str], int]
) -> Iterable[tuple[Any, ...]]:
    """The rows of catalog.agreement_steps for a chain: the last item of a hop takes the rest."""
    number_of: dict[tuple[str, str], int] = {}
    hop_number_of: dict[str, int] = {}
    number = 0
    for hop in hops:
        hop_number_of[hop.agreement_id] = 1 if hop.shares is None else hop_number_of[hop.shares[0]] + 1
        base = None if hop.shares is None else number_of[hop.shares]
        for position, item in enumerate(hop.items, start=1):
            number += 1
            number_of[hop.agreement_id, item.item_id] = number
            is_last = position == len(hop.items)
            is_role = item.to.split(".")[0] == "seller"
            basis_step = number_of[hop.agreement_id, item.basis[5:]] if item.basis.startswith("item:") else None
            rule = "remaining" if is_last else "percent" if item.percent is not None else "per_unit"
            yield (
                terms_id, number, min(number, 24), hop_number_of[hop.agreement_id],
                version_ids[hop.agreement_id, hop.version], item.item_id, hop.payer,
                None if is_role else item.to, item.to if is_role else None, base,
                "remaining" if is_last else "quantity" if rule == "per_unit" else item.basis.split(":")[0],
                basis_step, rule, item.percent if rule == "percent" else None,
                item.per_unit if rule == "per_unit" else None, item.to == hop.payer,
            )  # fmt: skip


def build(database_url: str, target_path: Path, select: Sequence[str] = BUILT_FOLDERS) -> None:
    """One dbt build of the bill and settlement models with their data tests; raises with dbt's own words."""
    run_dbt(
        database_url, target_path, "--quiet", "build", "--exclude-resource-type", "unit_test",
        "--indirect-selection", "cautious", "--select", *select,
    )  # fmt: skip
