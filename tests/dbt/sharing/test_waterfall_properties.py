"""Random chains of agreements: the dbt models and an independent calculation agree to the last digit."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import psycopg
import pytest

from tests.dbt.settlement.test_bills_and_settlements import PARTY_LINES
from tests.dbt.sharing.positions_reference import PositionKey, positions_of
from tests.dbt.sharing.random_agreements import (
    CURRENCIES,
    PARENTS,
    PARTNERS,
    PAYMENT_CLASSES,
    RATES,
    Case,
    collect_cases,
)
from tests.dbt.sharing.settlement_fixture import build
from tests.dbt.sharing.settlement_reference import Document, DocumentKey, Party, Settling, WithholdingRule
from tests.dbt.sharing.sharing_fixture import SharedRun
from tests.dbt.sharing.waterfall_reference import MINOR_DIGITS, OPERATOR, Line, Sharing, rate, round_half_away

pytestmark = [pytest.mark.database, pytest.mark.slow]

CHAIN_COUNT = 300
BILLED_ON = datetime.date(2026, 1, 31)
# Countries go round with the partners; one partner is no business, two have certificates of residence.
COUNTRIES = ("PL", "IE", "US")
PARTIES = {
    OPERATOR: Party("PL"),
    "kid": Party("PL"),
    **{
        name: Party(COUNTRIES[number % 3], "consumer" if name == "cod" else "business", name in ("south", "owl"))
        for number, name in enumerate(PARTNERS)
    },
}
TAXES = {
    (supplier, receiver, status, category): {"standard": "23", "reduced": "8.5"}[category]
    if supplier == receiver or status == "consumer"
    else "0"
    for supplier in COUNTRIES
    for receiver in COUNTRIES
    for status in ("business", "consumer")
    for category in ("standard", "reduced")
}
WITHHOLDING = {
    (name, payer, receiver): WithholdingRule(
        str(5 * (1 + COUNTRIES.index(payer)) + place), None if place == 1 else "2.5", payer == "PL" and place == 0
    )
    for place, name in enumerate(PAYMENT_CLASSES)
    for payer in COUNTRIES
    for receiver in COUNTRIES
}


@dataclass(frozen=True)
class Comparison:
    """What the database computed and what was expected."""

    connection: psycopg.Connection
    sharings: list[Sharing]
    version_order: dict[tuple[str, str], int]


@pytest.fixture(scope="module")
def comparison(database_url: str, target_path: Path) -> Iterator[Comparison]:
    drawn = collect_cases(CHAIN_COUNT)
    run = SharedRun()
    for party in ["kid", "ann", "bob", "eve", *PARTNERS]:
        known = PARTIES.get(party, Party("PL"))
        run.party(party, known.country, known.status, parent=PARENTS.get(party))
        if known.has_certificate:
            run.certificates.append((party, f"cert-{party}", "2025-06-01", "2026-12-31"))
    for (supplier, receiver, status, category), percent in TAXES.items():
        treatment = "standard" if percent != "0" else "reverse_charge"
        run.tax(supplier, receiver, percent, treatment, status=status, category=category)
    run.withholding += [
        (*situation, rule.rate, rule.certificate_rate, rule.is_rounded_to_major)
        for situation, rule in WITHHOLDING.items()
    ]
    for currency, per_euro in RATES.items():
        run.rate("2026-01-30", currency, per_euro)
    for customer in ("ann", "bob", "eve"):
        for currency in CURRENCIES:
            run.account(f"{customer}-{currency}", currency, customer)
    sharings = []
    for case in drawn:
        run.agreements += case.agreements
        lines = [_charge(run, case, number) for number, _ in enumerate(case.lines)]
        sharings.append(Sharing(case.agreements, lines, PARENTS, RATES, BILLED_ON))
    random.Random(7).shuffle(run.charges)
    order = sorted((entry for case in drawn for entry in case.agreements), key=lambda entry: entry["id"])
    versions = [(entry["id"], version["version"]) for entry in order for version in entry["versions"]]
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        run.fill(connection)
        build(database_url, target_path)
        yield Comparison(connection, sharings, {version: number for number, version in enumerate(versions)})


def _charge(run: SharedRun, case: Case, number: int) -> Line:
    drawn = case.lines[number]
    digits = MINOR_DIGITS[drawn.currency]
    quantity = str(Decimal(drawn.quantity_micro).scaleb(-6))
    root = case.agreements[0]["id"]
    key = run.line(
        str(Decimal(drawn.amount_minor).scaleb(-digits)), root, drawn.day, account=f"{drawn.customer}-{drawn.currency}",
        currency=drawn.currency, quantity=quantity, seller=drawn.seller, product=drawn.product,
    )  # fmt: skip
    return Line(
        key, drawn.amount_minor, quantity, drawn.currency, drawn.seller, root, drawn.customer, drawn.product,
        datetime.date.fromisoformat(drawn.day),
    )  # fmt: skip


def test_every_share_of_every_line_is_exactly_the_expected_one(comparison: Comparison) -> None:
    expected = {}
    for sharing in comparison.sharings:
        for line in sharing.lines:
            for share in sharing.shares_of(line):
                hop = share.hop
                expected[line.line_key, hop.agreement, share.item_id] = (
                    hop.hop_number, hop.payer, share.receiver, share.receiver == hop.payer,
                    sharing.base(line, hop), share.amount,
                )  # fmt: skip
    found = {
        (str(line_key), agreement, item): (hop, payer, receiver, is_kept, Fraction(base), Fraction(amount))
        for line_key, agreement, hop, item, payer, receiver, is_kept, base, amount in comparison.connection.execute(
            """select line_key, agreement_id, hop_number, item_id, payer_party_id, receiver_party_id, is_kept,
                   base_exact, amount_exact from build.fct_revenue_shares"""
        )
    }
    assert len(expected) > 20 * CHAIN_COUNT
    assert max(hop for hop, *_ in expected.values()) == 8
    different = [key for key in expected if found.get(key) != expected[key]]
    assert {key: (found.get(key), expected[key]) for key in different[:5]} == {}
    assert found.keys() == expected.keys()


def test_every_position_is_split_as_expected(comparison: Comparison) -> None:
    expected: dict[PositionKey, tuple[Fraction, int]] = {}
    for sharing in comparison.sharings:
        expected |= positions_of(sharing, comparison.version_order)
    found = {
        PositionKey(hop, (agreement, version), item, payer, receiver, currency): (Fraction(exact), minor)
        for hop, agreement, version, item, payer, receiver, currency, exact, minor in comparison.connection.execute(
            """select hop_number, positions.agreement_id, version, item_id, positions.payer_party_id,
                   receiver_party_id, currency_code, amount_exact, amount_minor
               from build.fct_positions as positions inner join catalog.agreements using (agreement_version_id)"""
        )
    }
    assert found == expected


def test_every_settled_amount_is_converted_once_from_the_exact_position(comparison: Comparison) -> None:
    checked = 0
    for currency, settlement_currency, is_kept, exact, minor, settled in comparison.connection.execute(
        """select currency_code, settlement_currency_code, is_kept, amount_exact, amount_minor, settlement_amount_minor
           from build.fct_positions"""
    ):
        if currency == settlement_currency:
            assert settled == minor
            continue
        assert not is_kept
        checked += 1
        digits = MINOR_DIGITS[settlement_currency] - MINOR_DIGITS[currency]
        converted = Fraction(exact) * rate(RATES, currency, settlement_currency) * Fraction(10) ** digits
        assert settled == round_half_away(converted)
    assert checked > 100


@pytest.fixture(scope="module")
def documents(comparison: Comparison) -> dict[DocumentKey, Document]:
    """The settlements expected of all chains together: two chains between the same parties share a document."""
    positions: dict[PositionKey, tuple[Fraction, int]] = {}
    for sharing in comparison.sharings:
        positions |= positions_of(sharing, comparison.version_order)
    agreements = [entry for sharing in comparison.sharings for entry in sharing.agreements]
    return Settling(agreements, PARTIES, RATES, TAXES, WITHHOLDING, BILLED_ON).documents_of(positions)


def test_every_item_of_every_settlement_is_the_expected_one(
    comparison: Comparison, documents: dict[DocumentKey, Document]
) -> None:
    expected = {
        (key, *item): amount for key, document in documents.items() for item, amount in document.items.items() if amount
    }
    found: dict[tuple, int] = {}
    for row in comparison.connection.execute(
        """select payer_party_id, receiver_party_id, currency_code, document_kind, tax_category, agreement_id,
               item_kind, item_id, sum(amount_minor)::bigint
           from build.int_position_items group by 1, 2, 3, 4, 5, 6, 7, 8 having sum(amount_minor) <> 0"""
    ):
        found[DocumentKey(*row[:5]), *row[5:8]] = row[8]
    different = [key for key in expected.keys() | found.keys() if found.get(key) != expected.get(key)]
    assert {key: (found.get(key), expected.get(key)) for key in different[:5]} == {}
    kinds = {kind for _, _, kind, _ in expected}
    assert kinds == {"share", "minimum_guarantee", "cap", "recoupment", "fee", "gross_up"}


def test_every_document_and_payment_is_the_expected_one(
    comparison: Comparison, documents: dict[DocumentKey, Document]
) -> None:
    expected = {
        key: (d.position, d.tax, d.position + d.tax, d.withheld, d.retained, d.payment, d.due_days)
        for key, d in documents.items()
    }
    found = {
        DocumentKey(*row[:5]): row[5:]
        for row in comparison.connection.execute(
            """select payer_party_id, receiver_party_id, currency_code, document_kind, tax_category, position_minor,
                   tax_minor, document_minor, withheld_minor, retained_minor, payment_minor,
                   due_date - date '2026-02-02'
               from build.fct_party_settlements"""
        )
    }
    different = [key for key in expected.keys() | found.keys() if found.get(key) != expected.get(key)]
    assert {key: (found.get(key), expected.get(key)) for key in different[:5]} == {}
    # Every step from a position to a payment happened somewhere, and credits too.
    assert (
        len(expected) > len(CURRENCIES) * len(PARTNERS)
        and min(document.position for document in documents.values()) < 0
    )
    for part in ("tax", "withheld", "retained"):
        assert sum(getattr(document, part) != 0 for document in documents.values()) > 10, part


def test_what_a_hop_pays_is_what_the_next_hop_shares_out(comparison: Comparison) -> None:
    """In whole minor units: the positions of a hop add up to the positions of the items that it shares."""
    rows = comparison.connection.execute(
        """select base_position_key, max(bases.amount_minor), sum(parts.amount_minor)::bigint, count(*)
           from build.int_positions_split as parts
           inner join build.fct_positions as bases on parts.base_position_key = bases.position_key
           group by 1"""
    ).fetchall()
    assert len(rows) > CHAIN_COUNT
    assert [row for row in rows if row[1] != row[2]] == []


def test_the_reconciliation_of_the_run_holds_and_looked_at_rows(comparison: Comparison) -> None:
    rows = comparison.connection.execute(
        "select check_name, is_equal, rows_looked_at from build.fct_reconciliation"
    ).fetchall()
    assert [row for row in rows if not row[1]] == []
    over_nothing = {name for name, _, looked_at in rows if looked_at == 0}
    assert over_nothing == {"usage_is_rated_or_suspended", "rated_usage_is_usage_charges", *PARTY_LINES}


def test_the_drawn_chains_are_as_long_and_as_mixed_as_promised(comparison: Comparison) -> None:
    hops = [share.hop for sharing in comparison.sharings for line in sharing.lines for share in sharing.shares_of(line)]
    parties = {OPERATOR, *PARTNERS}
    assert len(parties) == 12
    forms = {
        form for hop in hops for item in hop.version["sharing"] for form in item
        if form in ("percent", "per_unit", "fixed", "tiers", "min", "max", "cost", "kept", "remaining_to")
    }  # fmt: skip
    assert len(forms) == 9
