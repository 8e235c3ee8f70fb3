"""The sharing rules a second time, in fractions and by recursion, to compare the dbt models with.

Belongs here: amounts of every item of every line from the agreements as the book writes them. Written from the rules,
not from the SQL: no passes, no arrays, no windows; an item asks for what it needs.
Belongs elsewhere: positions (``positions_reference.py``), filling the database (``sharing_fixture.py``).

Amounts are fractions of minor units; a share is cut to 16 decimals where the rules say so.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

OPERATOR = "wisla"
MINOR_DIGITS = {"PLN": 2, "EUR": 2, "JPY": 0, "KWD": 3}


@dataclass(frozen=True)
class Line:
    """A charge line of an account; seller None: the operator sells itself; agreement None: nobody else has a part."""

    line_key: str
    amount_minor: int
    quantity: str
    currency: str
    seller: str | None
    agreement: str | None
    customer: str
    product: str
    consumed_on: datetime.date
    list_minor: int | None = None
    before_discount_minor: int | None = None


@dataclass(frozen=True)
class Hop:
    """One agreement version that takes part in a line; it shares what an item of the hop above gave, or the line."""

    hop_number: int
    agreement: str
    version: dict[str, Any]
    payer: str
    above: Hop | None = None
    above_item: dict[str, Any] | None = None


@dataclass(frozen=True)
class Share:
    """What one item of a hop gives of a line."""

    hop: Hop
    item_id: str
    receiver: str
    amount: Fraction


def cut(value: Fraction) -> Fraction:
    """The value without what follows the 16th decimal."""
    scaled = abs(value) * 10**16
    whole = Fraction(scaled.numerator // scaled.denominator, 10**16)
    return whole if value >= 0 else -whole


def round_half_away(value: Fraction) -> int:
    """The nearest whole number, halves away from zero."""
    rounded = (abs(value) * 2 + 1) // 2
    return int(rounded if value >= 0 else -rounded)


def rate(per_euro: Mapping[str, str], source: str, target: str) -> Fraction:
    """1 ``source`` in ``target``, rounded to 10 decimals, as published over the euro."""
    if source == target:
        return Fraction(1)
    crossed = Fraction(per_euro.get(target, "1")) / Fraction(per_euro.get(source, "1"))
    return Fraction(round_half_away(crossed * 10**10), 10**10)


@dataclass
class Sharing:
    """Agreements as dictionaries of the book, the lines that they share, and who is whose parent."""

    agreements: Sequence[dict[str, Any]]
    lines: Sequence[Line]
    parents: Mapping[str, str]
    per_euro: Mapping[str, str]
    billed_on: datetime.date
    _amounts: dict[tuple[str, str, str], Fraction] = field(default_factory=dict)
    _groups: dict[Any, list[tuple[Line, Hop]]] = field(default_factory=dict)

    def shares_of(self, line: Line) -> list[Share]:
        """All shares of a line."""
        return [
            Share(hop, item["id"], self.receiver(item, hop, line), self.amount(line, hop, item))
            for hop in self.hops_of(line)
            for item in hop.version["sharing"]
        ]

    # Hops

    def hops_of(self, line: Line) -> list[Hop]:
        """The hops that take part in a line, from the root down."""
        if line.agreement is None:
            return []
        root = self._by_id[line.agreement]
        version = self._in_force(root, line)
        assert version is not None, "a line has a root agreement in force"
        waiting = [Hop(1, root["id"], version, root["payer"])]
        found: list[Hop] = []
        while waiting:
            hop = waiting.pop(0)
            found.append(hop)
            for below in self._below.get(hop.agreement, []):
                shared = below["associated_agreement"]["item"]
                item = next((i for i in hop.version["sharing"] if i["id"] == shared), None)
                own = self._in_force(below, line)
                if item is None or own is None or self.receiver(item, hop, line) != below["payer"]:
                    continue
                waiting.append(Hop(hop.hop_number + 1, below["id"], own, below["payer"], hop, item))
        return found

    def step_numbers(self, line: Line) -> dict[tuple[str, str], int]:
        """Numbers of all items of the chain in force, whether their hop takes part in the line or not."""
        numbers: dict[tuple[str, str], int] = {}
        waiting = [self._by_id[line.agreement]] if line.agreement else []
        while waiting:
            agreement = waiting.pop(0)
            version = self._in_force(agreement, line)
            assert version is not None
            for item in version["sharing"]:
                numbers[agreement["id"], item["id"]] = len(numbers) + 1
            waiting += [
                below
                for below in self._below.get(agreement["id"], [])
                if self._in_force(below, line) and (agreement["id"], below["associated_agreement"]["item"]) in numbers
            ]
        return numbers

    def base(self, line: Line, hop: Hop) -> Fraction:
        """What a hop shares out of a line."""
        if hop.above is None or hop.above_item is None:
            return Fraction(line.amount_minor)
        return self.amount(line, hop.above, hop.above_item)

    @cached_property
    def _by_id(self) -> dict[str, dict[str, Any]]:
        return {agreement["id"]: agreement for agreement in self.agreements}

    @cached_property
    def _below(self) -> dict[str, list[dict[str, Any]]]:
        below: dict[str, list[dict[str, Any]]] = {}
        for agreement in sorted(self.agreements, key=lambda entry: entry["id"]):
            if "associated_agreement" in agreement:
                below.setdefault(agreement["associated_agreement"]["agreement"], []).append(agreement)
        return below

    def _in_force(self, agreement: dict[str, Any], line: Line) -> dict[str, Any] | None:
        day = line.consumed_on.isoformat()
        for version in agreement["versions"]:
            if version["effective_from"] <= day and day < version.get("effective_until", "9999"):
                return version
        return None

    def receiver(self, item: dict[str, Any], hop: Hop, line: Line) -> str:
        """The party behind an item's receiver; roles start at the seller and climb."""
        name = hop.payer if "kept" in item else item.get("remaining_to") or item["to"]
        role, *climbs = name.split(".")
        if role == "operator":
            return OPERATOR
        if role != "seller":
            return name
        party = line.seller or OPERATOR
        for _ in climbs:
            party = self.parents[party]
        return party

    # Amounts

    def amount(self, line: Line, hop: Hop, item: dict[str, Any]) -> Fraction:
        """What an item gives of a line, exact."""
        key = (line.line_key, hop.agreement, item["id"])
        if key not in self._amounts:
            self._amounts[key] = self._limited(line, hop, item)
        return self._amounts[key]

    def left(self, line: Line, hop: Hop, item: dict[str, Any]) -> Fraction:
        """What the items before this one have left of the hop's base."""
        left = self.base(line, hop)
        for earlier in hop.version["sharing"]:
            if earlier["id"] == item["id"]:
                break
            left -= self.amount(line, hop, earlier)
        return left

    def _limited(self, line: Line, hop: Hop, item: dict[str, Any]) -> Fraction:
        left = self.left(line, hop, item)
        if "remaining_to" in item or "kept" in item:
            return left
        amount, factor = self._raw(line, hop, item), self._line_units(line, item)
        # A credit is limited as the charge that it takes back.
        turn = -1 if self.base(line, hop) < 0 else 1
        size = turn * amount
        size = min(size, cut(Fraction(item["max"]) * factor)) if "max" in item else size
        size = max(size, cut(Fraction(item["min"]) * factor)) if "min" in item else size
        return turn * (size if item.get("cost") else min(size, max(turn * left, Fraction(0))))

    def _direction(self, line: Line, hop: Hop, item: dict[str, Any]) -> int:
        base = self.base(line, hop)
        if base < 0:
            return -1
        return 1 if base > 0 or item.get("cost") else 0

    def _raw(self, line: Line, hop: Hop, item: dict[str, Any]) -> Fraction:
        if "percent" in item:
            return cut(self.basis(line, hop, item) * Fraction(item["percent"]) / 100)
        if "per_unit" in item:
            return cut(Fraction(item["per_unit"]) * self._line_units(line, item) * Fraction(line.quantity))
        if "tiers" in item:
            return cut(self._tiers(line, hop, item))
        fixed = Fraction(item["fixed"]["amount"]) * self._line_units(line, item)
        if item["fixed"]["per"] == "line":
            return cut(fixed * self._direction(line, hop, item))
        return cut(self._fixed_once(line, hop, item, fixed))

    def basis(self, line: Line, hop: Hop, item: dict[str, Any]) -> Fraction:
        """What a percent is taken of; on a credit the higher of two is the larger credit."""
        words = item.get("basis", "after_discount_ex_tax").split(" ")
        if len(words) == 1:
            return self._one_basis(words[0], line, hop, item)
        values = [self._one_basis(words[index], line, hop, item) for index in (2, 4)]
        return max(values) if (words[0] == "higher") == (self.base(line, hop) >= 0) else min(values)

    def _one_basis(self, name: str, line: Line, hop: Hop, item: dict[str, Any]) -> Fraction:
        if name.startswith("item:"):
            earlier = next(i for i in hop.version["sharing"] if i["id"] == name.removeprefix("item:"))
            return self.amount(line, hop, earlier)
        if name == "remaining":
            return self.left(line, hop, item)
        if name == "list":
            return Fraction(line.amount_minor if line.list_minor is None else line.list_minor)
        if name == "before_discount_ex_tax":
            return Fraction(line.amount_minor if line.before_discount_minor is None else line.before_discount_minor)
        return self.base(line, hop)

    def _line_units(self, line: Line, item: dict[str, Any]) -> Fraction:
        """Minor units of the line's currency in one major unit of the item's."""
        own = item.get("currency", line.currency)
        return rate(self.per_euro, own, line.currency) * 10 ** MINOR_DIGITS[line.currency]

    # Amounts that depend on the other lines of a period

    def _group(self, line: Line, hop: Hop, item: dict[str, Any]) -> list[tuple[Line, Hop]]:
        """The lines measured together with this one, in their fixed order."""
        key = self._group_key(line, hop, item)
        if key not in self._groups:
            members = [
                (other, other_hop)
                for other in self.lines
                for other_hop in self.hops_of(other)
                if other_hop.agreement == hop.agreement
                and other_hop.version is hop.version
                and self._group_key(other, other_hop, item) == key
            ]
            self._groups[key] = sorted(members, key=lambda member: (member[0].consumed_on, member[0].line_key))
        return self._groups[key]

    def _group_key(self, line: Line, hop: Hop, item: dict[str, Any]) -> tuple[Any, ...]:
        over = (item.get("tiers") or item["fixed"]).get("measured_over", "month")
        day = line.consumed_on if hop.version["settlement"]["trigger"] == "consumed" else self.billed_on
        months = {"month": 1, "quarter": 3, "year": 12}[over]
        period = (day.year, (day.month - 1) // months)
        receiver = self.receiver(item, hop, line)
        return (
            hop.agreement,
            hop.version["version"],
            item["id"],
            receiver,
            item.get("currency", line.currency),
            period,
        )

    def _tiers(self, line: Line, hop: Hop, item: dict[str, Any]) -> Fraction:
        tiers = item["tiers"]
        unit = tiers["steps"][0].get("per_unit") is not None
        bound = 10 ** MINOR_DIGITS[item.get("currency", line.currency)] if tiers["of"] == "revenue" else 1
        spans: list[tuple[Fraction | None, Fraction]] = []
        for step in tiers["steps"]:
            value = (
                Fraction(step["per_unit"]) * self._line_units(line, item) if unit else Fraction(step["percent"]) / 100
            )
            spans.append((Fraction(step["up_to"]) * bound if "up_to" in step else None, value))
        before, after, total, counts = self._place(line, hop, item)
        basis = None if unit else self.basis(line, hop, item)
        if tiers["mode"] == "whole_volume":
            return _rate_at(spans, total) * (counts if basis is None else basis)
        if basis is None:
            return _integral(spans, after) - _integral(spans, before) if counts else Fraction(0)
        if after == before:
            return _rate_at(spans, after) * basis
        return basis * (_integral(spans, after) - _integral(spans, before)) / (after - before)

    def _place(self, line: Line, hop: Hop, item: dict[str, Any]) -> tuple[Fraction, Fraction, Fraction, Fraction]:
        """Measured before and after this line and in all, and what the line itself counts."""
        of = item["tiers"]["of"]
        group = self._group(line, hop, item)
        if of == "customers":
            starts: dict[str, datetime.date] = {}
            for other, _ in group:
                starts[other.customer] = min(starts.get(other.customer, other.consumed_on), other.consumed_on)
            ranked = sorted(starts, key=lambda customer: (starts[customer], customer))
            place = Fraction(ranked.index(line.customer) + 1)
            first = next(other for other, _ in group if other.customer == line.customer)
            return place - 1, place, Fraction(len(ranked)), Fraction(first.line_key == line.line_key)
        before = after = total = own = Fraction(0)
        for other, other_hop in group:
            counts = Fraction(other.quantity)
            if of == "revenue":
                target = item.get("currency", other.currency)
                factor = rate(self.per_euro, other.currency, target) * Fraction(10) ** (
                    MINOR_DIGITS[target] - MINOR_DIGITS[other.currency]
                )
                counts = cut(self.basis(other, other_hop, item) * factor)
            if other.line_key == line.line_key:
                before, after, own = total, total + counts, counts
            total += counts
        return before, after, total, own

    def _fixed_once(self, line: Line, hop: Hop, item: dict[str, Any], fixed: Fraction) -> Fraction:
        per = item["fixed"]["per"]
        mates = [
            (other, other_hop)
            for other, other_hop in self._group(line, hop, item)
            if per == "period" or getattr(other, per) == getattr(line, per)
        ]
        if item.get("cost"):
            return fixed * self._direction(line, hop, item) if mates[0][0].line_key == line.line_key else Fraction(0)
        reached = Fraction(0)
        for other, other_hop in mates:
            given = min(fixed, reached)
            if self.base(other, other_hop) >= 0:
                reached += max(self.left(other, other_hop, item), Fraction(0))
            if other.line_key == line.line_key:
                return min(fixed, reached) - given
        raise AssertionError("a line is in its own group")


def _rate_at(spans: Sequence[tuple[Fraction | None, Fraction]], place: Fraction) -> Fraction:
    return next(value for bound, value in spans if bound is None or place <= bound)


def _integral(spans: Sequence[tuple[Fraction | None, Fraction]], place: Fraction) -> Fraction:
    """What the tiers give from nothing up to a place; below nothing the first tier counts."""
    total, lower = Fraction(0), Fraction(0)
    for position, (bound, value) in enumerate(spans):
        upper = place if bound is None else min(place, bound)
        if position == 0 or upper > lower:
            total += (upper - lower) * value
        lower = bound if bound is not None else lower
    return total
