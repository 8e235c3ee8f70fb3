"""Portions of portions, in numscript's words: a fee that is split further, what is kept, caps.

Each level splits the amount that it received: a portion that is split again is an agreement of its own, below the one
that gives it. What is kept stays with the payer of its level.
"""

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.conformance.fields import Fields, NotTranslated
from tests.conformance.readings import kept_minor, positions_minor
from tests.conformance.scenario import LONG_AGO, Scenario, fee, text
from tests.conformance.sources.cents import units_of_cents

_ROUNDING = "floor each portion, left-over units +1 to the first portions in order"
_PORTION = re.compile(r"(?P<percent>[0-9.]+)%|(?P<ratio>[0-9]+/[0-9]+)|(?P<rest>remaining)")
_CAP = re.compile(r"(?:,|:)? ?at most (?P<cap>[0-9.]+)(?: to (?P<to>\w+))?, rest kept")
# A percent of the book has ten decimals.
_PERCENT_DECIMALS = 10


@dataclass
class _Node:
    """One portion: of what, to whom, at most how much; or what it is split into."""

    percent: str | None
    label: str
    cap: str | None = None
    is_kept: bool = False
    parts: list["_Node"] = field(default_factory=list)


def translate(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """Fill in the scenario of a revenue share."""
    params.remark("rounding", known=lambda words: words == _ROUNDING)
    if "tree" in params:
        nodes = _Reader(str(params.take("tree"))).nodes()
    else:
        percent, cap = params.number("fee_percent"), params.number("fee_cap")
        nodes = [_Node(percent, "fees", cap=cap), _Node(None, "dest")]
    amount = usage.number("amount") or "0"
    scenario.sell(fee(units_of_cents(amount), kind="one_time"), start=scenario.after_start(1))
    leaves: list[str] = []
    _agree(scenario, "share", "operator", nodes, None, leaves)
    # Whom the parts go to; the order of the tree is theirs.
    expected.remark("names")
    expected.take("parts")
    scenario.read("parts", positions_minor([scenario.name(leaf) for leaf in leaves]))
    if "kept" in expected:
        expected.take("kept")
        scenario.read("kept", kept_minor())


def _agree(
    scenario: Scenario, name: str, payer: str, nodes: list[_Node], above: tuple[str, str] | None, leaves: list[str]
) -> None:
    """The agreement of one level, and those of the portions that are split further."""
    items: list[dict[str, Any]] = []
    parties = [payer]
    below: list[tuple[str, str, list[_Node]]] = []
    for number, node in enumerate(nodes):
        item_id = f"item-{number}"
        if node.is_kept:
            items.append({"id": item_id, "kept": True})
            continue
        party = _party(scenario, f"{name}-{number}")
        parties.append(party)
        if node.percent is None:
            items.append({"id": item_id, "remaining_to": party})
        else:
            # A portion is one of what the level received, not of what earlier ones left.
            entry = {"id": item_id, "to": party, "percent": node.percent}
            items.append(entry | ({"max": units_of_cents(node.cap)} if node.cap else {}))
        if node.parts:
            below.append((item_id, party, node.parts))
            _agree(scenario, f"{name}-{number}", party, node.parts, (scenario.name(name), item_id), leaves)
        else:
            leaves.append(f"{name}-{number}")
    if "remaining_to" not in items[-1] and "kept" not in items[-1]:
        items.append({"id": "kept", "kept": True})
    scenario.agreements[name] = {
        "id": scenario.name(name),
        "name": text(name),
        "payer": payer,
        "parties": parties,
        **({"associated_agreement": {"agreement": above[0], "item": above[1]}} if above else {}),
        "versions": [agreement_version(items, [] if above else [{"offering": scenario.name("plan")}])],
    }


def agreement_version(items: list[dict[str, Any]], covers: list[dict[str, str]]) -> dict[str, Any]:
    """Terms for ever: positions are cut, units left over go to the first ones."""
    return {
        "version": "1",
        "effective_from": LONG_AGO,
        "known_from": LONG_AGO,
        "covers": covers,
        "sharing": items,
        "split": {"left_over": "first_parts"},
        "settlement": {
            "currency": "USD", "fx_source": "ecb", "trigger": "billed", "due_days": "30", "document": "statement",
            "tax_category": "rate-0",
        },
    }  # fmt: skip


def _party(scenario: Scenario, name: str) -> str:
    party_id = scenario.name(name)
    scenario.record("parties", party_id=party_id)
    return party_id


class _Reader:
    """Reads ``15% fee { 20% sales tax; remaining merchant }`` from left to right."""

    def __init__(self, tree: str) -> None:
        self.rest = tree.strip()

    def nodes(self) -> list[_Node]:
        """Portions up to the end of the text or of the braces."""
        found = [self._node()]
        while self._eat(";"):
            found.append(self._node())
        return found

    def _eat(self, mark: str) -> bool:
        if not self.rest.startswith(mark):
            return False
        self.rest = self.rest[len(mark) :].lstrip()
        return True

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.rest)
        if found:
            self.rest = self.rest[found.end() :].lstrip()
        return found

    def _node(self) -> _Node:
        found = self._match(_PORTION)
        if not found:
            raise NotTranslated(f"unknown params.tree at {self.rest!r}")
        percent = found["percent"] or (percent_of(Fraction(found["ratio"])) if found["ratio"] else None)
        cap = self._match(_CAP)
        label = "" if cap else (self._match(re.compile(r"[A-Za-z0-9_ ]+")) or [""])[0].strip()
        cap = cap or self._match(_CAP)
        node = _Node(percent, label, cap=cap["cap"] if cap else None, is_kept=percent is None and label == "kept")
        if self._eat("{"):
            node.parts = self.nodes()
            if not self._eat("}"):
                raise NotTranslated(f"unknown params.tree at {self.rest!r}: no closing brace")
        if cap and not cap["to"] and percent is not None:
            # What is above the cap stays with the payer and is not handed on to what comes next.
            capped = _Node("100", label, cap=cap["cap"])
            return _Node(percent, label, parts=[capped, _Node(None, "kept", is_kept=True)])
        return node


def percent_of(ratio: Fraction) -> str:
    """A ratio as a percent, with as many decimals as the book has."""
    scale = 10**_PERCENT_DECIMALS
    units = ratio * 100 * scale
    digits = f"{units.numerator // units.denominator:0{_PERCENT_DECIMALS + 1}d}"
    text_of = f"{digits[:-_PERCENT_DECIMALS]}.{digits[-_PERCENT_DECIMALS:]}"
    return text_of.rstrip("0").rstrip(".")
