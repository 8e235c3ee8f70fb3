"""Random chains of agreements with lines, drawn by hypothesis, the same on every run.

Belongs here: what is drawn: every form of an item, roles, versions that change in mid-month, lines of either sign.
Belongs elsewhere: what they should give (``waterfall_reference.py``), comparing
(``test_waterfall_properties.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.dbt.sharing.sharing_fixture import agreement
from tests.dbt.sharing.waterfall_reference import OPERATOR

CURRENCIES = ("PLN", "EUR", "JPY", "KWD")
RATES = {"PLN": "4.2137", "JPY": "171.43", "KWD": "0.3371"}
PARENTS = {"kid": "reseller", "reseller": "master"}
PARTNERS = ["master", "reseller", "north", "south", "east", "west", "fox", "owl", "elk", "bee", "cod"]
CHANGE = "2026-01-16"
PAYMENT_CLASSES = ("royalty", "service")

percents = st.integers(0, 33 * 10**10).map(lambda units: format(Decimal(units).scaleb(-10), "f")) | st.sampled_from(
    ["0", "10", "20", "33.3333333333", "0.0000000001", "12.5"]
)
amounts = st.integers(0, 10**6).map(lambda units: format(Decimal(units).scaleb(-4), "f")) | st.sampled_from(
    ["0.01", "5"]
)


@dataclass(frozen=True)
class DrawnLine:
    """A line before it has a key: amount in minor units and quantity, both as whole numbers."""

    amount_minor: int
    quantity_micro: int
    currency: str
    seller: str | None
    customer: str
    product: str
    day: str


@dataclass
class Case:
    """A drawn chain, its root first, and the lines of the root."""

    agreements: list[dict[str, Any]]
    lines: list[DrawnLine]


@st.composite
def tiers(draw: st.DrawFn) -> dict[str, Any]:
    """One to three tiers of any measure, with percents or amounts per unit."""
    of = draw(st.sampled_from(["revenue", "quantity", "customers"]))
    field = "percent" if of == "revenue" or draw(st.booleans()) else "per_unit"
    value = percents if field == "percent" else amounts
    bounds = sorted(
        draw(st.sets(st.integers(1, {"revenue": 10**5, "quantity": 10**4, "customers": 3}[of]), max_size=2))
    )
    steps = [{"up_to": str(bound), field: draw(value)} for bound in bounds] + [{field: draw(value)}]
    over = draw(st.sampled_from(["month", "quarter", "year"]))
    return {
        "of": of,
        "mode": draw(st.sampled_from(["marginal", "whole_volume"])),
        "measured_over": over,
        "steps": steps,
    }


@st.composite
def items(draw: st.DrawFn, payer: str, with_roles: bool, is_deep: bool = False) -> list[dict[str, Any]]:
    """Up to three items and the rest, which goes to another party in a deep chain; percents stay below 100."""
    receivers = st.sampled_from([*PARTNERS, payer, *(["seller", "seller.parent"] if with_roles else [])])
    drawn: list[dict[str, Any]] = []
    for number in range(draw(st.integers(0, 3))):
        item: dict[str, Any] = {"id": f"i{number}", "to": draw(receivers)}
        kind = draw(st.sampled_from(["percent", "percent", "percent", "per_unit", "fixed", "tiers"]))
        if kind in ("percent", "tiers"):
            one = st.sampled_from(
                ["after_discount_ex_tax", "remaining", "list", *(f"item:{earlier['id']}" for earlier in drawn)]
            )
            choice = draw(st.sampled_from(["", "", "", "higher", "lower"]))
            item["basis"] = f"{choice} of {draw(one)} and {draw(one)}" if choice else draw(one)
        if kind == "fixed":
            per = draw(st.sampled_from(["line", "product", "customer", "period"]))
            item["fixed"] = {"amount": draw(amounts), "per": per}
        else:
            item[kind] = draw({"percent": percents, "per_unit": amounts, "tiers": tiers()}[kind])
        if draw(st.integers(0, 3)) == 0:
            item["max"] = draw(amounts)
        if draw(st.integers(0, 5)) == 0:
            item["min"] = "0.02"
            item["max"] = str(Decimal(item.get("max", "1")) + 1)
        if draw(st.integers(0, 4)) == 0:
            item["cost"] = True
        if draw(st.integers(0, 2)) == 0:
            item["currency"] = draw(st.sampled_from(CURRENCIES))
        drawn.append(item)
    if is_deep:
        others = [party for party in PARTNERS if party != payer]
        return [*drawn, {"id": "rest", "remaining_to": draw(st.sampled_from(others))}]
    last = {"id": "rest", "kept": True} if draw(st.booleans()) else {"id": "rest", "remaining_to": draw(receivers)}
    return [*drawn, last]


@st.composite
def settlement_terms(draw: st.DrawFn, payer: str, currency: str) -> dict[str, Any]:
    """Terms of a settlement: up to three agreement items, tax withheld or grossed up, retention, kind of document."""
    terms: dict[str, Any] = {
        "currency": currency,
        "document": draw(st.sampled_from(["statement", "self_billed"])),
        "tax_category": draw(st.sampled_from(["standard", "standard", "reduced"])),
        "due_days": str(draw(st.sampled_from([14, 30, 45]))),
    }
    receivers = st.sampled_from([party for party in PARTNERS if party != payer])
    # What is drawn depends on which modules are loaded (hypothesis takes constants from them): some amounts are usual.
    period_amounts = st.integers(0, 10**9).map(lambda units: format(Decimal(units).scaleb(-4), "f")) | st.sampled_from(
        ["100", "1234.56", "25000"]
    )
    drawn = []
    for number in range(draw(st.integers(0, 3)) if draw(st.booleans()) else 0):
        kind = draw(st.sampled_from(["minimum_guarantee", "cap", "recoupment", "fee"]))
        item = {"id": f"p{number}", "kind": kind, "to": draw(receivers), "amount": draw(period_amounts)}
        if kind in ("minimum_guarantee", "cap"):
            item["period"] = draw(st.sampled_from(["month", "year"]))
        if kind == "minimum_guarantee":
            item["true_up"] = draw(st.sampled_from(["each_period", "at_end"]))
        if kind == "recoupment":
            item["percent"] = draw(percents | st.sampled_from(["50", "100"]))
        if kind == "fee":
            item["direction"] = draw(st.sampled_from(["to_receiver", "from_receiver"]))
        drawn.append(item)
    if drawn:
        terms["items"] = drawn
    if draw(st.integers(0, 2)) == 0:
        borne_by = draw(st.sampled_from(["receiver", "payer"]))
        terms["withholding"] = {"payment_class": draw(st.sampled_from(PAYMENT_CLASSES)), "borne_by": borne_by}
    if draw(st.integers(0, 2)) == 0:
        terms["retention"] = {"percent": draw(percents | st.sampled_from(["5", "10", "50"])), "release_days": "90"}
    return terms


@st.composite
def chains(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A root agreement and up to seven more, each of which shares an item of one above."""
    with_roles = draw(st.booleans())
    currency = st.sampled_from(CURRENCIES)

    def terms(payer: str) -> dict[str, Any]:
        return {"settlement": draw(settlement_terms(payer, draw(currency)))}

    is_deep = draw(st.integers(0, 3)) == 0
    chain = [agreement("1", OPERATOR, draw(items(OPERATOR, with_roles, is_deep)), **terms(OPERATOR))]
    shared: set[tuple[str, str]] = set()
    for number in range(2, 2 + (7 if is_deep else draw(st.integers(0, 3)))):
        open_items = [
            (entry["id"], item["id"], "reseller" if receiver.startswith("seller") else receiver)
            for entry in (chain[-1:] if is_deep else chain)
            for item in entry["versions"][0]["sharing"]
            if (receiver := item.get("remaining_to") or item.get("to") or entry["payer"]) != entry["payer"]
            and (entry["id"], item["id"]) not in shared
        ]
        if not open_items:
            break
        above, item_id, payer = draw(st.sampled_from(open_items))
        shared.add((above, item_id))
        chain.append(
            agreement(str(number), payer, draw(items(payer, with_roles, is_deep)), (above, item_id), **terms(payer))
        )
    change = draw(st.sampled_from(["none", "root", "later"]))
    if change == "root":
        first = chain[0]["versions"][0]
        chain[0]["versions"] = [
            {**first, "effective_until": CHANGE}, {**first, "version": "2", "effective_from": CHANGE}
        ]  # fmt: skip
    elif change == "later" and len(chain) > 1:
        chain[-1]["versions"][0]["effective_from"] = CHANGE
    return chain


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A chain and lines of either sign in several currencies."""
    lines = st.builds(
        DrawnLine,
        amount_minor=st.integers(-(10**7), 10**9) | st.sampled_from([0, 1, -1, 100]),
        quantity_micro=st.integers(-(10**6), 10**10),
        currency=st.sampled_from(CURRENCIES),
        seller=st.sampled_from(["kid", "reseller"]),
        customer=st.sampled_from(["ann", "bob", "eve"]),
        product=st.sampled_from(["p1", "p2"]),
        day=st.sampled_from(["2026-01-01", "2026-01-15", "2026-01-16", "2026-01-20"]),
    )
    return Case(draw(chains()), draw(st.lists(lines, min_size=2, max_size=8)))


def collect_cases(count: int) -> list[Case]:
    """Random cases, each with agreement ids of its own, so that all fit into one book."""
    collected: list[Case] = []

    @settings(
        max_examples=count, derandomize=True, database=None, phases=[Phase.generate], deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(cases())
    def collect(case: Case) -> None:
        collected.append(case)

    collect()
    for number, case in enumerate(collected):
        for entry in case.agreements:
            entry["id"] = f"case{number}-{entry['id']}"
            if "associated_agreement" in entry:
                entry["associated_agreement"]["agreement"] = (
                    f"case{number}-{entry['associated_agreement']['agreement']}"
                )
    return collected
