"""Resolves agreements and their hops into ranked steps, once per span of time in which no version of a chain changes.

Belongs here: which hops hang below a root agreement on a day, the order and rank of their items.
Belongs elsewhere: judging chains (``checks.agreement_chains``), rows (``load``), computing shares (dbt).

A step's rank is larger than the rank of every step that it depends on: the item whose amount its hop shares, the item
that is its basis, and for ``remaining`` all earlier items of the hop. Shares are then computed rank by rank.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from assets.catalog.book import Book, is_in_force
from assets.catalog.models.agreement import Agreement, AgreementVersion
from assets.catalog.models.party import is_role
from assets.catalog.models.sharing import PercentItem, PerUnitItem, SharingItem

RANK_LIMIT = 24


@dataclass(frozen=True, slots=True)
class Step:
    """One item of one hop; columns of ``catalog.agreement_steps`` without the surrogate keys."""

    step_number: int
    step_rank: int
    hop_number: int
    agreement_id: str
    version: str
    item_id: str
    payer_party_id: str
    receiver_party_id: str | None
    receiver_role: str | None
    hop_base_step_number: int | None
    basis: str
    basis_step_number: int | None
    rule: str
    percent: Decimal | None
    unit_amount: Decimal | None
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """A root agreement version with all its hops in a half-open span of days."""

    agreement_id: str
    version: str
    effective_from: datetime.date
    effective_until: datetime.date | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Hop:
    agreement: Agreement
    version: AgreementVersion
    base: Step | None


def hops_below(book: Book) -> dict[str, list[Agreement]]:
    """Agreements by the id of the agreement above them, each list in order of id."""
    found: dict[str, list[Agreement]] = {}
    for identifier in sorted(book.agreements):
        agreement = book.agreements[identifier].value
        if agreement.associated_agreement is not None:
            found.setdefault(agreement.associated_agreement.agreement, []).append(agreement)
    return found


def resolve_chains(book: Book) -> Iterator[Terms]:
    """Terms of every root agreement version, in order of agreement and time.

    The agreements must have passed their checks. Ranks are not limited here.
    """
    below = hops_below(book)
    for identifier in sorted(book.agreements):
        root = book.agreements[identifier].value
        if root.associated_agreement is None:
            for version in sorted(root.versions, key=lambda entry: entry.effective_from):
                yield from _terms_of(below, root, version)


def _terms_of(below: dict[str, list[Agreement]], root: Agreement, version: AgreementVersion) -> Iterator[Terms]:
    changes = {version.effective_from}
    for agreement in _descendants(below, root):
        for entry in agreement.versions:
            changes |= {day for day in (entry.effective_from, entry.effective_until) if day is not None}
    starts = sorted(day for day in changes if is_in_force(day, version.effective_from, version.effective_until))
    for position, start in enumerate(starts):
        end = starts[position + 1] if position + 1 < len(starts) else version.effective_until
        yield Terms(root.id, version.version, start, end, tuple(_steps(below, root, version, start)))


def _descendants(below: dict[str, list[Agreement]], root: Agreement) -> Iterator[Agreement]:
    waiting = [root]
    while waiting:
        hops = below.get(waiting.pop().id, [])
        yield from hops
        waiting += hops


def _steps(
    below: dict[str, list[Agreement]], root: Agreement, version: AgreementVersion, day: datetime.date
) -> Iterator[Step]:
    """Steps of the chain on a day, hop by hop: the root first, then the hops that share its items, and so on."""
    waiting = [_Hop(root, version, None)]
    hop_number = step_number = 0
    while waiting:
        hop = waiting.pop(0)
        hop_number += 1
        steps = _steps_of_hop(hop, hop_number, step_number)
        step_number += len(steps)
        yield from steps
        for agreement in below.get(hop.agreement.id, []):
            in_force = [v for v in agreement.versions if is_in_force(day, v.effective_from, v.effective_until)]
            shared = [step for step in steps if step.item_id == agreement.hop_above.item]
            if in_force and shared:
                waiting.append(_Hop(agreement, in_force[0], shared[0]))


def _steps_of_hop(hop: _Hop, hop_number: int, steps_before: int) -> list[Step]:
    lowest_rank = hop.base.step_rank + 1 if hop.base else 1
    steps: list[Step] = []
    for position, item in enumerate(hop.version.sharing):
        basis, basis_step = _basis_of(item, steps)
        rank = lowest_rank
        if basis_step is not None:
            rank = basis_step.step_rank + 1
        elif basis == "remaining":
            rank = max((step.step_rank + 1 for step in steps), default=lowest_rank)
        receiver = item.to if isinstance(item, PercentItem | PerUnitItem) else item.remaining_to
        steps.append(
            Step(
                step_number=steps_before + position + 1,
                step_rank=rank,
                hop_number=hop_number,
                agreement_id=hop.agreement.id,
                version=hop.version.version,
                item_id=item.id,
                payer_party_id=hop.agreement.payer,
                receiver_party_id=None if is_role(receiver) else receiver,
                receiver_role=receiver if is_role(receiver) else None,
                hop_base_step_number=hop.base.step_number if hop.base else None,
                basis=basis,
                basis_step_number=basis_step.step_number if basis_step else None,
                rule=_rule_of(item),
                percent=item.percent if isinstance(item, PercentItem) else None,
                unit_amount=item.per_unit if isinstance(item, PerUnitItem) else None,
                is_kept=receiver == hop.agreement.payer,
            )
        )
    return steps


def _basis_of(item: SharingItem, earlier: list[Step]) -> tuple[str, Step | None]:
    if isinstance(item, PerUnitItem):
        return "quantity", None
    if not isinstance(item, PercentItem):
        return "remaining", None
    if item.basis.startswith("item:"):
        name = item.basis.removeprefix("item:")
        return "item", next(step for step in earlier if step.item_id == name)
    return item.basis, None


def _rule_of(item: SharingItem) -> str:
    if isinstance(item, PercentItem):
        return "percent"
    return "per_unit" if isinstance(item, PerUnitItem) else "remaining"
