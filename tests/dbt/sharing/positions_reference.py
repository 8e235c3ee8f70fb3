"""Positions a second time: exact sums, and whole units split hop by hop by largest remainder.

Belongs here: what makes a position, the order of ties, what a position does not pass on.
Belongs elsewhere: shares of a line (``waterfall_reference.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.dbt.sharing.waterfall_reference import Line, Share, Sharing

LAST = 2**31


@dataclass(frozen=True)
class PositionKey:
    """What makes a position: whose item gave whom how much in which currency."""

    hop_number: int
    agreement: tuple[str, str]
    item_id: str
    payer: str
    receiver: str
    currency: str


def position_of(share: Share, line: Line) -> PositionKey:
    """The position that a share of a line belongs to."""
    hop = share.hop
    version = (hop.agreement, hop.version["version"])
    return PositionKey(hop.hop_number, version, share.item_id, hop.payer, share.receiver, line.currency)


def split(total: int, parts: Sequence[Fraction]) -> list[int]:
    """``total`` whole units over exact parts, largest remainder, ties to the earlier part."""
    sign = -1 if total < 0 else 1
    whole = [(sign * part).numerator // (sign * part).denominator for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda i: (whole[i] - sign * parts[i], i))
    for index in by_remainder[: sign * total - sum(whole)]:
        whole[index] += 1
    assert sum(whole) == sign * total, "parts add up to the total"
    return [sign * unit for unit in whole]


def positions_of(
    sharing: Sharing, version_order: Mapping[tuple[str, str], int]
) -> dict[PositionKey, tuple[Fraction, int]]:
    """Exact sum and whole minor units of every position."""
    exact: dict[PositionKey, Fraction] = defaultdict(Fraction)
    parts: dict[object, dict[PositionKey, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    first_step: dict[tuple[object, PositionKey], int] = {}
    bases_by_hop: dict[int, set[object]] = defaultdict(set)
    for line in sharing.lines:
        shares = sharing.shares_of(line)
        positions = {(share.hop.agreement, share.item_id): position_of(share, line) for share in shares}
        numbers = sharing.step_numbers(line)
        for share in shares:
            position = positions[share.hop.agreement, share.item_id]
            above = share.hop.above
            group: object = (position.agreement, position.currency)
            if above is not None and share.hop.above_item is not None:
                group = positions[above.agreement, share.hop.above_item["id"]]
            exact[position] += share.amount
            parts[group][position] += share.amount
            bases_by_hop[position.hop_number].add(group)
            number = numbers[share.hop.agreement, share.item_id]
            first_step[group, position] = min(first_step.get((group, position), LAST), number)

    minor: dict[PositionKey, int] = defaultdict(int)
    for hop_number in sorted(bases_by_hop):
        for group in bases_by_hop[hop_number]:
            keys = sorted(
                parts[group], key=lambda key: (first_step[group, key], key.receiver, version_order[key.agreement])
            )
            amounts = [parts[group][key] for key in keys]
            if isinstance(group, PositionKey):
                total = minor[group]
                amounts.append(exact[group] - sum(amounts))
            else:
                assert sum(amounts).denominator == 1, "first hops share out whole minor units"
                total = int(sum(amounts))
            for key, units in zip(keys, split(total, amounts), strict=False):
                minor[key] += units
    return {key: (exact[key], minor[key]) for key in exact}
