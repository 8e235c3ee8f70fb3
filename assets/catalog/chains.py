"""Resolves agreements and their hops into ranked steps, once per span of time in which no version of a chain changes.

Belongs here: which hops hang below a root agreement on a day, the order and rank of their items.
Belongs elsewhere: judging chains (``checks.agreement_chains``), an item's amount (``item_rules``), rows (``loading``),
computing shares (dbt).

A step's rank is larger than the rank of every step that it depends on: the item whose amount its hop shares, the items
that are its bases, and for ``remaining`` all earlier items of the hop. Shares are computed one step after the other.
"""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assets.catalog.book import Book, is_in_force
from assets.catalog.item_rules import ItemRule, rule_of
from assets.catalog.models.agreement import Agreement, AgreementVersion
from assets.catalog.models.party import OPERATOR_ROLE, is_role
from assets.catalog.models.sharing import bases_of, choice_of, receiver_of

RANK_LIMIT = 24
# As many passes over the lines are written out when the models are compiled: var max_share_steps.
STEP_LIMIT = 96


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
    bases: tuple["Basis", ...]
    basis_choice: str | None
    rule: ItemRule
    is_kept: bool
    pass_number: int | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What a step is taken of; the number of a step for ``item``."""

    basis: str
    step_number: int | None = None


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
    operator: str


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
    below, operator = hops_below(book), book.valid_operator.party
    for identifier in sorted(book.agreements):
        root = book.agreements[identifier].value
        if root.associated_agreement is None:
            # An agreement of tariffs shares nothing.
            shared = [version for version in root.versions if version.sharing]
            versions = sorted(shared, key=lambda entry: entry.effective_from)
            agreements = [root, *_descendants(below, root)]
            yield from _aligned(
                agreements, [t for version in versions for t in _terms_of(below, operator, root, version)]
            )


def _terms_of(
    below: dict[str, list[Agreement]], operator: str, root: Agreement, version: AgreementVersion
) -> Iterator[Terms]:
    changes = {version.effective_from}
    for agreement in _descendants(below, root):
        for entry in agreement.versions:
            changes |= {day for day in (entry.effective_from, entry.effective_until) if day is not None}
    starts = sorted(day for day in changes if is_in_force(day, version.effective_from, version.effective_until))
    for position, start in enumerate(starts):
        end = starts[position + 1] if position + 1 < len(starts) else version.effective_until
        yield Terms(root.id, version.version, start, end, tuple(_steps(below, operator, root, version, start)))


def _descendants(below: dict[str, list[Agreement]], root: Agreement) -> Iterator[Agreement]:
    """All hops below a root, in the order in which ``_steps`` meets them."""
    waiting = [root]
    while waiting:
        hops = below.get(waiting.pop(0).id, [])
        yield from hops
        waiting += hops


def _steps(
    below: dict[str, list[Agreement]], operator: str, root: Agreement, version: AgreementVersion, day: datetime.date
) -> Iterator[Step]:
    """Steps of the chain on a day, hop by hop: the root first, then the hops that share its items, and so on."""
    waiting = [_Hop(root, version, None, operator)]
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
                waiting.append(_Hop(agreement, in_force[0], shared[0], operator))


def _steps_of_hop(hop: _Hop, hop_number: int, steps_before: int) -> list[Step]:
    lowest_rank = hop.base.step_rank + 1 if hop.base else 1
    steps: list[Step] = []
    for position, item in enumerate(hop.version.sharing):
        named = receiver_of(item, hop.agreement.payer)
        # The operator is the same for every line, so its party is known here, whatever the party is called.
        receiver = hop.operator if named == OPERATOR_ROLE else named
        is_looked_up = is_role(named) and named != OPERATOR_ROLE
        bases = tuple(_basis_of(basis, steps) for basis in bases_of(item))
        ranks = {step.step_number: step.step_rank for step in steps}
        needed = [ranks[basis.step_number] for basis in bases if basis.step_number is not None]
        if any(basis.basis == "remaining" for basis in bases):
            needed += list(ranks.values())
        steps.append(
            Step(
                step_number=steps_before + position + 1,
                step_rank=max((rank + 1 for rank in needed), default=lowest_rank),
                hop_number=hop_number,
                agreement_id=hop.agreement.id,
                version=hop.version.version,
                item_id=item.id,
                payer_party_id=hop.agreement.payer,
                receiver_party_id=None if is_looked_up else receiver,
                receiver_role=receiver if is_looked_up else None,
                hop_base_step_number=hop.base.step_number if hop.base else None,
                bases=bases,
                basis_choice=choice_of(item),
                rule=rule_of(item),
                is_kept=receiver == hop.agreement.payer,
            )
        )
    return steps


def _basis_of(basis: str, earlier: Sequence[Step]) -> Basis:
    if basis.startswith("item:"):
        name = basis.removeprefix("item:")
        return Basis("item", next(step.step_number for step in earlier if step.item_id == name))
    return Basis(basis)


def _aligned(agreements: Sequence[Agreement], chain: list[Terms]) -> list[Terms]:
    """The terms of one root agreement, with pass numbers where an item is measured over a period.

    Such an item needs all of its lines in one pass, whatever the other agreements of the chain were at their time; so
    its step is moved back to where the longest way to it ends, in all terms alike. Chains without such items are left
    to be numbered per line. ``agreements`` stand in the order of their steps, see ``_descendants``.
    """
    measured = {_key(step) for terms in chain for step in terms.steps if step.rule.is_measured}
    if not measured:
        return chain
    numbers = [list(range(1, len(terms.steps) + 1)) for terms in chain]
    for key in _items_in_order(agreements):
        if key not in measured:
            continue
        places = [
            (row, column)
            for row, terms in enumerate(chain)
            for column, step in enumerate(terms.steps)
            if _key(step) == key
        ]
        latest = max((numbers[row][column] for row, column in places), default=0)
        while not has_measured_items(latest):
            latest += 1
        for row, column in places:
            shift = latest - numbers[row][column]
            numbers[row][column:] = [number + shift for number in numbers[row][column:]]
    return [
        replace(terms, steps=tuple(replace(step, pass_number=n) for step, n in zip(terms.steps, row, strict=True)))
        for terms, row in zip(chain, numbers, strict=True)
    ]


def has_measured_items(pass_number: int) -> bool:
    """Whether a pass computes what is measured over a period, as macro ``has_measured_steps`` says."""
    return pass_number <= 8 or pass_number % 8 == 0


def _key(step: Step) -> tuple[str, str, str]:
    return step.agreement_id, step.version, step.item_id


def _items_in_order(agreements: Sequence[Agreement]) -> Iterator[tuple[str, str, str]]:
    for agreement in agreements:
        for version in sorted(agreement.versions, key=lambda entry: entry.effective_from):
            yield from ((agreement.id, version.version, item.id) for item in version.sharing)
