"""The gallery of agreements: each is worked by hand in docs/agreements/gallery.md, and the models agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.dbt.sharing.settlement_fixture import OPERATOR, build
from tests.dbt.sharing.sharing_fixture import SharedRun, agreement

pytestmark = [pytest.mark.database, pytest.mark.slow]

KEPT = {"id": "own", "kept": True}
PARTNERS = ("north", "south", "east", "west", "fox")
DISCOUNTED, BORNE = 7, 8


def _tiers(mode: str, measured_over: str = "month") -> dict[str, Any]:
    steps = [{"up_to": "1000", "percent": "60"}, {"percent": "70"}]
    tiers = {"of": "revenue", "mode": mode, "measured_over": measured_over, "steps": steps}
    return {"id": "content", "to": "north", "tiers": tiers}


# A bill cycle that ended on 14 January is posted: 900.00 of the agreement `annual`.
_POSTED_BEFORE = """
    insert into control.bill_runs (lane, period_id, state, period_start, period_end, issue_date, book_id,
        sealed_batch_id, token, code_version)
    values ('build', '2025-12-c15', 'posted', '2025-12-14 23:00+00', '2026-01-14 23:00+00', '2026-01-15', 1, 1, 0,
        'test');
    insert into published.fct_applied_billing_rates (bill_run_id, period_id, line_key, account_id, product_id,
        product_number, offering_id, price_id, price_version_id, charge_kind, service_kind, tax_category,
        legal_entity_id, covered_from, covered_until, is_late, event_count, billed_quantity, allowance_quantity,
        period_factor, price_currency_code, amount_exact, fx_rate, currency_code, amount_minor, line_number, list_minor,
        before_discount_minor, is_tax_inclusive, tax_minor)
    select bill_run_id, period_id, md5('before')::uuid, 'x', 'x', 1, 'x', 'x', 1, 'recurring', 'x', 'standard',
        'wisla-pl', period_start, period_end, false, 0, 1, 0, 1, 'PLN', 900, 1, 'PLN', 90000, 1, 90000, 90000, false, 0
    from control.bill_runs where period_id = '2025-12-c15';
    insert into published.fct_revenue_shares (bill_run_id, line_key, hop_number, step_number, terms_id,
        agreement_version_id, agreement_id, item_id, payer_party_id, receiver_party_id, is_kept, currency_code,
        tax_category, base_exact, amount_exact, measured_exact)
    select bill_run_id, md5('before')::uuid, 1, steps.step_number, steps.terms_id, steps.agreement_version_id, 'annual',
        steps.item_id, steps.payer_party_id, steps.receiver_party_id, false, 'PLN', 'standard', 90000, 54000, 90000
    from control.bill_runs
    cross join catalog.agreement_steps as steps
    join catalog.agreements on steps.agreement_version_id = agreements.agreement_version_id
    where period_id = '2025-12-c15' and agreements.agreement_id = 'annual' and steps.item_id = 'content';
"""


def _chain(run: SharedRun) -> None:
    """Five hops, each by another model, settled in zloty, euro and yen."""
    west = {"of": "revenue", "mode": "whole_volume", "steps": [{"up_to": "100", "percent": "10"}, {"percent": "20"}]}
    run.agreements += [
        agreement("chain-1", OPERATOR, [{"id": "a", "to": "north", "percent": "50"}, KEPT]),
        agreement(
            "chain-2", "north", [{"id": "b", "to": "south", "fixed": {"amount": "100", "per": "line"}}, KEPT],
            ("chain-1", "a"), settlement={"currency": "EUR"},
        ),
        agreement(
            "chain-3", "south", [{"id": "c", "to": "east", "per_unit": "0.50"}, KEPT], ("chain-2", "b"),
            settlement={"currency": "JPY"},
        ),
        agreement("chain-4", "east", [{"id": "d", "to": "west", "tiers": west}, KEPT], ("chain-3", "c")),
        agreement(
            "chain-5", "west", [{"id": "e", "to": "fox", "percent": "80", "max": "4"}, KEPT], ("chain-4", "d"),
        ),
    ]  # fmt: skip
    run.line("1000.00", "chain-1", quantity="120")


def _cascade(run: SharedRun) -> None:
    """A distributor, its dealer and the dealer's agent: each passes a part of its commission on."""
    run.agreements += [
        agreement("cascade-1", OPERATOR, [{"id": "distributor", "to": "north", "percent": "20"}, KEPT]),
        agreement(
            "cascade-2", "north", [{"id": "dealer", "to": "south", "percent": "50"}, KEPT],
            ("cascade-1", "distributor"),
        ),
        agreement(
            "cascade-3", "south", [{"id": "agent", "to": "east", "percent": "40"}, KEPT], ("cascade-2", "dealer")
        ),
    ]  # fmt: skip
    run.line("100.00", "cascade-1")


def _mid_month(run: SharedRun) -> None:
    """70 percent until the 15th, 72 from the 16th on."""
    changing = agreement("mid-month", OPERATOR, [{"id": "content", "to": "north", "percent": "70"}, KEPT])
    first = changing["versions"][0]
    later = [{"id": "content", "to": "north", "percent": "72"}, KEPT]
    changing["versions"] = [
        {**first, "effective_until": "2026-01-16"},
        {**first, "version": "2", "effective_from": "2026-01-16", "sharing": later},
    ]
    run.agreements.append(changing)
    run.line("100.00", "mid-month", "2026-01-10")
    run.line("100.00", "mid-month", "2026-01-20")


def _measured_and_limited(run: SharedRun) -> None:
    """Units, customers, costs first, bases of other items, credits, limits in another currency, left-over units."""

    def tiers(of: str, bound: str, first: str, then: str) -> dict[str, Any]:
        steps = [{"up_to": bound, "per_unit": first}, {"per_unit": then}]
        return {"id": "fee", "to": "north", "tiers": {"of": of, "mode": "marginal", "steps": steps}}

    recouped = {"id": "cost", "to": "north", "fixed": {"amount": "40", "per": "period"}}
    third = "33.3333333333"
    run.agreements += [
        agreement("per-unit", OPERATOR, [
            {"id": "fee", "to": "north", "per_unit": "0.02", "min": "0.50", "max": "2.00"}, KEPT]),
        agreement("recoup-first", OPERATOR, [
            recouped, {"id": "half", "to": "south", "basis": "remaining", "percent": "50"}, KEPT]),
        agreement("customers", OPERATOR, [tiers("customers", "2", "5", "3"), KEPT]),
        agreement("quantity", OPERATOR, [tiers("quantity", "1000", "0.02", "0.01"), KEPT]),
        agreement("item-basis", OPERATOR, [
            {"id": "margin", "to": "north", "percent": "20"},
            {"id": "bonus", "to": "south", "basis": "item:margin", "percent": "10"}, KEPT]),
        agreement("credit", OPERATOR, [{"id": "content", "to": "north", "percent": "70", "max": "50"}, KEPT]),
        agreement("euro-limit", OPERATOR, [
            {"id": "content", "to": "north", "percent": "50", "max": "1", "currency": "EUR"}, KEPT]),
        agreement("left-over", OPERATOR, [
            {"id": "one", "to": "north", "percent": third}, {"id": "two", "to": "south", "percent": third}, KEPT],
            split={"left_over": "first_parts"}),
    ]  # fmt: skip
    for quantity in ("10", "60", "200"):
        run.line("10.00", "per-unit", quantity=quantity)
    run.line("30.00", "recoup-first", "2026-01-01")
    run.line("50.00", "recoup-first", "2026-01-02")
    for customer in ("ann", "bob", "eve"):
        run.line("10.00", "customers", account=customer)
    run.line("20.00", "quantity", "2026-01-01", quantity="800")
    run.line("20.00", "quantity", "2026-01-02", quantity="400")
    run.line("100.00", "item-basis")
    run.line("100.00", "credit")
    run.line("-40.00", "credit")
    run.line("10.00", "euro-limit")
    run.line("1.00", "left-over")


def _fill(run: SharedRun) -> None:
    percents = {"north": "40", "east": "30", "south": "20", "west": "10"}
    licence = {"id": "licence", "to": "south", "fixed": {"amount": "2", "per": "customer"}}
    run.agreements += [
        agreement("cents", OPERATOR, [
            {"id": "content", "to": "north", "percent": "70"}, {"id": "studio", "to": "south", "percent": "20"}, KEPT]),
        agreement("marginal", OPERATOR, [_tiers("marginal"), KEPT]),
        agreement("whole-volume", OPERATOR, [_tiers("whole_volume"), KEPT]),
        agreement("annual", OPERATOR, [_tiers("marginal", measured_over="year"), KEPT]),
        agreement("by-consumption", OPERATOR, [_tiers("marginal"), KEPT], settlement={"trigger": "consumed"}),
        agreement("consumed-marginal", OPERATOR, [_tiers("marginal"), KEPT], settlement={"trigger": "consumed"}),
        agreement("consumed-whole", OPERATOR, [_tiers("whole_volume"), KEPT], settlement={"trigger": "consumed"}),
        agreement("four-partners", OPERATOR, [
            *({"id": f"to-{party}", "to": party, "percent": percent} for party, percent in percents.items()), KEPT]),
        agreement("two-bases", OPERATOR, [
            {"id": "high", "to": "north", "basis": "higher of before_discount_ex_tax and remaining", "percent": "50"},
            {"id": "low", "to": "south", "basis": "lower of list and remaining", "percent": "10"}, KEPT]),
        agreement("per-customer", OPERATOR, [
            {"id": "handling", "to": "north", "fixed": {"amount": "0.10", "per": "line"}}, licence, KEPT]),
        agreement("limits", OPERATOR, [
            {"id": "content", "to": "north", "percent": "40", "max": "2.50"},
            {"id": "network", "to": "south", "per_unit": "0.05", "cost": True}, KEPT]),
        agreement("no-cost", OPERATOR, [
            {"id": "content", "to": "north", "percent": "40", "max": "2.50"},
            {"id": "network", "to": "south", "per_unit": "0.05"}, KEPT]),
        agreement("thirds", OPERATOR, [
            {"id": "one", "to": "north", "percent": "33.3333333333"},
            {"id": "two", "to": "south", "percent": "33.3333333333"}, KEPT]),
    ]  # fmt: skip
    for _ in range(1000):
        run.line("0.01", "cents")
    # In the year so far 900.00 were measured by a posted run; the rest of a December line is of December.
    run.line("200.00", "annual", "2026-01-20")
    run.line("800.00", "by-consumption", "2025-12-20")
    run.line("400.00", "by-consumption", "2026-01-20")
    for root in ("consumed-marginal", "consumed-whole"):
        run.line("500.00", root, "2025-12-20")
    for root in ("marginal", "whole-volume", "consumed-marginal", "consumed-whole"):
        run.line("800.00", root, "2026-01-01")
        run.line("400.00", root, "2026-01-20")
    run.line("100.00", "four-partners", price_version_id=BORNE)
    run.line("100.00", "two-bases", price_version_id=DISCOUNTED)
    run.line("1.50", "per-customer", "2026-01-01")
    run.line("9.00", "per-customer", "2026-01-02")
    run.line("10.00", "limits", quantity="200")
    run.line("10.00", "no-cost", quantity="200")
    run.line("1000", "thirds", account="yen", currency="JPY")
    run.line("1.001", "thirds", account="dinar", currency="KWD")
    _chain(run)
    _cascade(run)
    _mid_month(run)
    _measured_and_limited(run)


@pytest.fixture(scope="module")
def positions(database_url: str, target_path: Path) -> Iterator[dict[str, tuple[int, int]]]:
    """Minor units in the lines' and in the settlement currency, by ``agreement item currency``."""
    run = SharedRun()
    for party in ("customer", "ann", "bob", "eve", *PARTNERS):
        run.party(party)
    run.tax("PL", "PL", "23")
    run.rate("2026-01-30", "PLN", "4")
    run.rate("2026-01-30", "JPY", "160")
    run.rate("2026-01-30", "KWD", "0.32")
    run.account("a1")
    for customer in ("ann", "bob", "eve"):
        run.account(customer, party=customer)
    run.account("yen", "JPY")
    run.account("dinar", "KWD")
    _fill(run)
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        run.fill(connection)
        # Prices of the book with a discount of a tenth; nothing else of them matters here.
        connection.execute("set session_replication_role = replica")
        connection.execute(_POSTED_BEFORE)
        for price, bearer in ((DISCOUNTED, "everyone"), (BORNE, "east")):
            connection.execute(
                """insert into catalog.prices (price_version_id, book_id, offering_id, price_id, price_kind,
                       currency_code, is_tax_inclusive, effective_from, tariff_model, sort_order)
                   overriding system value
                   values (%s, 1, 'offering', 'fee' || %s::text, 'recurring', 'PLN', false, '2025-01-01', 'flat', 1)""",
                [price, price],
            )
            connection.execute(
                """insert into catalog.price_adjustments (price_version_id, adjustment_number, adjustment_id, kind,
                       percent, is_prorated, from_amount, borne_by)
                   values (%s, 1, 'spring', 'percent', 10, false, 0, %s)""",
                [price, bearer],
            )
        connection.commit()
        build(database_url, target_path)
        rows = connection.execute(
            """select agreement_id, item_id, currency_code, sum(amount_minor)::bigint,
                   sum(settlement_amount_minor)::bigint
               from build.fct_positions group by 1, 2, 3"""
        ).fetchall()
        yield {f"{name} {item} {currency}": (minor, settled) for name, item, currency, minor, settled in rows}


@pytest.mark.parametrize(
    ("position", "minor"),
    [
        ("cents content PLN", 700), ("cents studio PLN", 200), ("cents own PLN", 100),
        ("marginal content PLN", 74000), ("marginal own PLN", 46000),
        ("annual content PLN", 13000), ("annual own PLN", 7000),
        ("by-consumption content PLN", 72000), ("by-consumption own PLN", 48000),
        ("consumed-marginal content PLN", 104000), ("consumed-marginal own PLN", 66000),
        ("consumed-whole content PLN", 114000), ("consumed-whole own PLN", 56000),
        ("whole-volume content PLN", 84000), ("whole-volume own PLN", 36000),
        ("four-partners to-north PLN", 4000), ("four-partners to-east PLN", 3000), ("four-partners to-south PLN", 2000),
        ("four-partners to-west PLN", 1000), ("four-partners discount PLN", -1000), ("four-partners own PLN", 0),
        ("two-bases high PLN", 5000), ("two-bases low PLN", 400), ("two-bases own PLN", 3600),
        ("per-customer handling PLN", 20), ("per-customer licence PLN", 200), ("per-customer own PLN", 830),
        ("limits content PLN", 250), ("limits network PLN", 1000), ("limits own PLN", -250),
        ("no-cost network PLN", 750), ("no-cost own PLN", 0),
        ("thirds one JPY", 333), ("thirds two JPY", 333), ("thirds own JPY", 334),
        ("thirds one KWD", 334), ("thirds two KWD", 333), ("thirds own KWD", 334),
        ("cascade-1 distributor PLN", 2000), ("cascade-2 dealer PLN", 1000), ("cascade-3 agent PLN", 400),
        ("cascade-1 own PLN", 8000), ("cascade-2 own PLN", 1000), ("cascade-3 own PLN", 600),
        ("mid-month content PLN", 14200), ("mid-month own PLN", 5800),
        ("per-unit fee PLN", 370), ("per-unit own PLN", 2630),
        ("recoup-first cost PLN", 4000), ("recoup-first half PLN", 2000), ("recoup-first own PLN", 2000),
        ("customers fee PLN", 1300), ("customers own PLN", 1700),
        ("quantity fee PLN", 2200), ("quantity own PLN", 1800),
        ("item-basis margin PLN", 2000), ("item-basis bonus PLN", 200), ("item-basis own PLN", 7800),
        ("credit content PLN", 2200), ("credit own PLN", 3800),
        ("euro-limit content PLN", 400), ("euro-limit own PLN", 600),
        ("left-over one PLN", 34), ("left-over two PLN", 33), ("left-over own PLN", 33),
        ("chain-1 a PLN", 50000), ("chain-2 own PLN", 40000), ("chain-3 own PLN", 4000), ("chain-4 d PLN", 600),
        ("chain-4 own PLN", 5400), ("chain-5 e PLN", 400), ("chain-5 own PLN", 200),
    ],
)  # fmt: skip
def test_a_position_is_the_one_worked_by_hand(positions: dict[str, tuple[int, int]], position: str, minor: int) -> None:
    assert positions[position][0] == minor


def test_the_chain_settles_in_three_currencies(positions: dict[str, tuple[int, int]]) -> None:
    """100.00 zloty are 25.00 euro at 4, and 60.00 zloty 2,400 yen at 160 yen for 4 zloty."""
    assert positions["chain-1 a PLN"] == (50000, 50000)
    assert positions["chain-2 b PLN"] == (10000, 2500)
    assert positions["chain-3 c PLN"] == (6000, 2400)


def test_a_cost_beyond_the_revenue_is_reported(positions: dict[str, tuple[int, int]], database_url: str) -> None:
    """Only `limits` owes a cost that the line does not bring: 2.50 of a line of 10.00."""
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        rows = connection.execute(
            "select agreement_id, bearer_party_id, line_count, base_exact, margin_exact from build.int_negative_margins"
        ).fetchall()
    assert rows == [("limits", OPERATOR, 1, 1000, -250)]
