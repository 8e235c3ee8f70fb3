"""The sharing rules a second time, line by line in whole numbers, to compare the dbt models with.

Belongs here: shares of one line by recursion over items; positions by largest remainder, hop by hop. Written from the
rules, not from the SQL: no passes, no arrays, no windows.
Belongs elsewhere: filling the database (``settlement_fixture.py``), comparing (``test_waterfall_properties.py``).

Amounts are whole numbers of 10^-16 minor units, so nothing is ever rounded by accident.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.dbt.settlement_fixture import OPERATOR, Hop, Item

ONE = 10**16
LAST = 2**31


@dataclass(frozen=True)
class Line:
    """A charge line; seller None: the operator sells itself; chain: index of its chain, None without agreement."""

    line_key: str
    amount_minor: int
    quantity: str
    currency: str
    minor_units: int
    seller: str | None
    chain: int | None


@dataclass(frozen=True)
class PositionKey:
    """What makes a position: whose item gave whom how much in which currency."""

    hop_number: int
    agreement: tuple[str, str] | None
    item_id: str
    payer: str
    receiver: str
    currency: str


@dataclass(frozen=True)
class Share:
    """One share of one line; ``passed_on_from`` is the position the hop shares out, None for the first hop."""

    step_number: int
    position: PositionKey
    base: int
    amount: int
    passed_on_from: PositionKey | None


def cut(numerator: int, denominator: int) -> int:
    """The quotient cut towards zero."""
    quotient = abs(numerator) // denominator
    return quotient if numerator >= 0 else -quotient


def round_half_away(value: Fraction) -> int:
    """The nearest whole number, halves away from zero."""
    rounded = (abs(value) * 2 + 1) // 2
    return int(rounded if value >= 0 else -rounded)


def receiver_of(item: Item, seller: str | None, parents: Mapping[str, str]) -> str:
    """The party behind an item's receiver; roles start at the seller and climb."""
    role, *climbs = item.to.split(".")
    if role != "seller":
        return item.to
    party = seller or OPERATOR
    for _ in climbs:
        party = parents[party]
    return party


def shares_of(line: Line, hops: Sequence[Hop], parents: Mapping[str, str]) -> list[Share]:
    """All shares of a line, by recursion from the root agreement into the agreements that share its items."""
    step_numbers: dict[tuple[str, str], int] = {}
    for hop in hops:
        for item in hop.items:
            step_numbers[hop.agreement_id, item.item_id] = len(step_numbers) + 1
    shares: list[Share] = []

    def share_out(hop: Hop, base: int, hop_number: int, passed_on_from: PositionKey | None) -> None:
        amounts = amounts_of(hop, base, line)
        for item, amount in zip(hop.items, amounts, strict=True):
            receiver = receiver_of(item, line.seller, parents)
            position = PositionKey(
                hop_number, (hop.agreement_id, hop.version), item.item_id, hop.payer, receiver, line.currency
            )
            number = step_numbers[hop.agreement_id, item.item_id]
            shares.append(Share(number, position, base, amount, passed_on_from))
            for further in hops:
                if further.shares == (hop.agreement_id, item.item_id) and further.payer == receiver:
                    share_out(further, amount, hop_number + 1, position)

    share_out(hops[0], line.amount_minor * ONE, 1, None)
    return shares


def amounts_of(hop: Hop, base: int, line: Line) -> list[int]:
    """What each item of a hop gives; the last takes what is left."""
    given: dict[str, int] = {}
    for item in hop.items[:-1]:
        if item.per_unit is not None:
            exact = Fraction(item.per_unit) * Fraction(line.quantity) * line.minor_units * ONE
            assert exact.denominator == 1, "per-unit amounts fit into 16 decimals"
            given[item.item_id] = int(exact)
            continue
        if item.basis == "remaining":
            basis = base - sum(given.values())
        elif item.basis.startswith("item:"):
            basis = given[item.basis.removeprefix("item:")]
        else:
            basis = base
        percent = Fraction(item.percent or 0)
        given[item.item_id] = cut(basis * percent.numerator, percent.denominator * 100)
    return [*given.values(), base - sum(given.values())]


def split(total: int, parts: Sequence[int]) -> list[int]:
    """``total`` whole units over parts in units of 10^-16, largest remainder, ties to the earlier part."""
    sign = -1 if total < 0 else 1
    whole = [sign * part // ONE for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda i: (whole[i] * ONE - sign * parts[i], i))
    for index in by_remainder[: sign * total - sum(whole)]:
        whole[index] += 1
    assert sum(whole) == sign * total, "parts add up to the total"
    return [sign * unit for unit in whole]


def positions_of(
    shares: Sequence[Share], version_order: Mapping[tuple[str, str], int]
) -> dict[PositionKey, tuple[int, int]]:
    """Exact sum and whole minor units of every position with an agreement."""
    exact: dict[PositionKey, int] = defaultdict(int)
    parts: dict[object, dict[PositionKey, int]] = defaultdict(lambda: defaultdict(int))
    first_step: dict[tuple[object, PositionKey], int] = {}
    bases_by_hop: dict[int, set[object]] = defaultdict(set)
    for share in shares:
        position = share.position
        group = share.passed_on_from or (position.agreement, position.currency)
        exact[position] += share.amount
        parts[group][position] += share.amount
        bases_by_hop[position.hop_number].add(group)
        first_step[group, position] = min(first_step.get((group, position), LAST), share.step_number)

    minor: dict[PositionKey, int] = defaultdict(int)
    for hop_number in sorted(bases_by_hop):
        for group in bases_by_hop[hop_number]:
            keys = sorted(
                parts[group],
                key=lambda key: (first_step[group, key], key.receiver, version_order[key.agreement or ("", "")]),
            )
            amounts = [parts[group][key] for key in keys]
            if isinstance(group, PositionKey):
                total = minor[group]
                amounts.append(exact[group] - sum(amounts))
            else:
                assert sum(amounts) % ONE == 0, "first hops share out whole minor units"
                total = sum(amounts) // ONE
            for key, units in zip(keys, split(total, amounts), strict=False):
                minor[key] += units
    return {key: (exact[key], minor[key]) for key in exact}
