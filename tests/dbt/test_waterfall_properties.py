"""Random chains of agreements: the dbt models and an independent calculation agree to the last digit."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.dbt.settlement_fixture import OPERATOR, Hop, Item, Settlement, build
from tests.dbt.waterfall_reference import ONE, Line, PositionKey, Share, positions_of, round_half_away, shares_of

pytestmark = [pytest.mark.database, pytest.mark.slow]

CHAIN_COUNT = 300
MINOR_DIGITS = {"PLN": 2, "EUR": 2, "JPY": 0, "KWD": 3}
RATES = {"PLN": "4.2137", "JPY": "171.43", "KWD": "0.3371"}
PARENTS = {"kid": "reseller", "reseller": "master"}
PARTNERS = ["north", "south", "east", "west", "master", "reseller"]

percents = st.integers(0, 33 * 10**10).map(lambda units: str(Decimal(units).scaleb(-10))) | st.sampled_from(
    ["0", "10", "20", "33.3333333333", "0.0000000001", "12.5"]
)
unit_amounts = st.integers(0, 10**9).map(lambda units: str(Decimal(units).scaleb(-10)))


@dataclass(frozen=True)
class DrawnLine:
    """A line before it has a key: amount in minor units and quantity, both as whole numbers."""

    amount_minor: int
    quantity_micro: int
    currency: str
    seller: str | None
    is_before_next_agreement: bool


@dataclass
class Case:
    """A drawn chain; ``versions`` are the chains in force one after the other, which share agreement versions."""

    versions: list[tuple[Hop, ...]]
    lines: list[DrawnLine] = field(default_factory=list)


@st.composite
def items(draw: st.DrawFn, payer: str, with_roles: bool) -> tuple[Item, ...]:
    """Up to three items and the rest; percents of the base never exceed 99 together."""
    receivers = st.sampled_from([*PARTNERS, payer, *(["seller", "seller.parent"] if with_roles else [])])
    drawn: list[Item] = []
    for number in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(["percent", "percent", "remaining", "item", "per_unit"]))
        earlier = [item.item_id for item in drawn]
        item_id = f"i{number}"
        if kind == "per_unit":
            drawn.append(Item(item_id, draw(receivers), per_unit=draw(unit_amounts), basis="quantity"))
        elif kind == "item" and earlier:
            drawn.append(Item(item_id, draw(receivers), draw(percents), basis=f"item:{draw(st.sampled_from(earlier))}"))
        else:
            basis = "remaining" if kind == "remaining" else "after_discount_ex_tax"
            drawn.append(Item(item_id, draw(receivers), draw(percents), basis=basis))
    return (*drawn, Item("rest", draw(receivers)))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A root agreement, up to three more that share items above them, and lines of either sign."""
    with_roles = draw(st.booleans())
    currency = st.sampled_from(list(MINOR_DIGITS))
    chain = [Hop("1", OPERATOR, draw(items(OPERATOR, with_roles)), currency=draw(currency))]
    shared: set[tuple[str, str]] = set()
    for number in range(2, 2 + draw(st.integers(0, 3))):
        open_items = [
            (hop.agreement_id, item.item_id, "reseller" if item.to.startswith("seller") else item.to)
            for hop in chain
            for item in hop.items
            if item.to != hop.payer and (hop.agreement_id, item.item_id) not in shared
        ]
        if not open_items:
            break
        agreement_id, item_id, payer = draw(st.sampled_from(open_items))
        shared.add((agreement_id, item_id))
        share_out = draw(items(payer, with_roles))
        chain.append(Hop(str(number), payer, share_out, shares=(agreement_id, item_id), currency=draw(currency)))
    versions = [tuple(chain)]
    change = draw(st.sampled_from(["none", "root", "later"]))
    if change == "root":
        versions.append((Hop(chain[0].agreement_id, OPERATOR, chain[0].items, version="2"), *chain[1:]))
    elif change == "later":
        versions.append((chain[0],))
    lines = st.builds(
        DrawnLine,
        amount_minor=st.integers(-(10**7), 10**9) | st.sampled_from([0, 1, -1, 100]),
        quantity_micro=st.integers(-(10**6), 10**10),
        currency=currency,
        seller=st.sampled_from(["kid", "reseller"]),
        is_before_next_agreement=st.booleans(),
    )
    return Case(versions, draw(st.lists(lines, min_size=2, max_size=8)))


def collect_cases(count: int) -> list[Case]:
    """Random cases drawn by hypothesis, the same on every run."""
    collected: list[Case] = []

    @settings(
        max_examples=count, derandomize=True, database=None, phases=[Phase.generate], deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(cases())
    def collect(case: Case) -> None:
        collected.append(case)

    collect()
    return [named(f"case{number}", case) for number, case in enumerate(collected)]


def named(name: str, case: Case) -> Case:
    """The case with agreement ids of its own, so that all cases fit into one book."""
    versions = [
        tuple(
            replace(
                hop,
                agreement_id=f"{name}-{hop.agreement_id}",
                shares=hop.shares and (f"{name}-{hop.shares[0]}", hop.shares[1]),
            )
            for hop in version
        )
        for version in case.versions
    ]
    return Case(versions, case.lines)


@dataclass(frozen=True)
class Comparison:
    """What the database computed and what was expected."""

    connection: psycopg.Connection
    lines: list[Line]
    shares: dict[str, list[Share]]
    version_order: dict[tuple[str, str], int]


@pytest.fixture(scope="module")
def comparison(database_url: str, target_path: Path) -> Iterator[Comparison]:
    drawn = collect_cases(CHAIN_COUNT)
    run = Settlement()
    for party in ["customer", "kid", *PARTNERS]:
        run.party(party, parent=PARENTS.get(party))
    run.tax("PL", "PL", "23")
    for currency, rate in RATES.items():
        run.rate("2026-01-30", currency, rate)
    for currency in MINOR_DIGITS:
        run.account(f"account-{currency}", currency)
    lines: list[Line] = []
    chains: list[tuple[Hop, ...]] = []
    for case in drawn:
        terms = []
        for version in case.versions:
            chains.append(version)
            terms.append(run.agreement(*version))
        lines.extend(_charge(run, line, terms) for line in case.lines)
    shuffled = random.Random(7)
    shuffled.shuffle(run.charges)
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        run.fill(connection)
        build(database_url, target_path)
        version_order: dict[tuple[str, str], int] = {}
        for chain in chains:
            for hop in chain:
                version_order.setdefault((hop.agreement_id, hop.version), len(version_order))
        shares = {
            line.line_key: shares_of(line, chains[line.chain], PARENTS) for line in lines if line.chain is not None
        }
        yield Comparison(connection, lines, shares, version_order)


def _charge(run: Settlement, drawn: DrawnLine, terms: list[int]) -> Line:
    digits = MINOR_DIGITS[drawn.currency]
    quantity = str(Decimal(drawn.quantity_micro).scaleb(-6))
    terms_id = terms[-1] if drawn.is_before_next_agreement else terms[0]
    line_key = run.charge(
        str(Decimal(drawn.amount_minor).scaleb(-digits)), f"account-{drawn.currency}", terms_id, drawn.currency,
        quantity, drawn.seller,
    )  # fmt: skip
    return Line(line_key, drawn.amount_minor, quantity, drawn.currency, 10**digits, drawn.seller, terms_id - 1)


def test_every_share_of_every_line_is_exactly_the_expected_one(comparison: Comparison) -> None:
    expected = {
        (key, share.step_number): (
            share.position.hop_number, share.position.item_id, share.position.payer, share.position.receiver,
            share.position.payer == share.position.receiver, share.base, share.amount,
        )
        for key, shares in comparison.shares.items()
        for share in shares
    }  # fmt: skip
    found = {
        (str(line_key), step_number): (hop, item, payer, receiver, is_kept, int(base * ONE), int(amount * ONE))
        for line_key, step_number, hop, item, payer, receiver, is_kept, base, amount in comparison.connection.execute(
            """select line_key, step_number, hop_number, item_id, payer_party_id, receiver_party_id, is_kept,
                   base_exact, amount_exact from build.fct_revenue_shares"""
        )
    }
    assert len(comparison.lines) > CHAIN_COUNT
    assert max(hop for hop, *_ in expected.values()) >= 3
    assert found == expected


def test_every_position_is_split_as_expected(comparison: Comparison) -> None:
    every_share = [share for shares in comparison.shares.values() for share in shares]
    expected = positions_of(every_share, comparison.version_order)
    found = {
        PositionKey(hop, (agreement, version), item, payer, receiver, currency): (int(exact * ONE), minor)
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
        quotient = Fraction(RATES.get(settlement_currency, "1")) / Fraction(RATES.get(currency, "1"))
        rate = Fraction(round_half_away(quotient * 10**10), 10**10)
        digits = MINOR_DIGITS[settlement_currency] - MINOR_DIGITS[currency]
        assert settled == round_half_away(Fraction(exact) * rate * Fraction(10) ** digits)
    assert checked > 100


def test_the_reconciliation_of_the_run_holds_and_looked_at_rows(comparison: Comparison) -> None:
    rows = comparison.connection.execute(
        "select check_name, is_equal, rows_looked_at from build.fct_reconciliation"
    ).fetchall()
    assert [row for row in rows if not row[1]] == []
    over_nothing = {name for name, _, looked_at in rows if looked_at == 0}
    assert over_nothing == {"usage_is_rated_or_suspended", "rated_usage_is_usage_charges"}
