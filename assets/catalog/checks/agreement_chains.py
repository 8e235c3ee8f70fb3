"""Checks of chains: agreements linked by ``associated_agreement``.

Belongs here: unknown links, cycles, depth, payers that do not get what they share.
Belongs elsewhere: single agreements (``agreements``), the resolution itself (``assets.catalog.chains``).
"""

from collections.abc import Iterator
from itertools import combinations

from assets.catalog.book import Book, spans_overlap
from assets.catalog.chains import RANK_LIMIT, STEP_LIMIT, hops_below, resolve_chains
from assets.catalog.models.agreement import Agreement, AgreementVersion
from assets.catalog.models.party import OPERATOR_ROLE, is_role
from assets.catalog.models.sharing import receiver_of
from assets.catalog.reading.problems import Path, Placed, Problem, listed, shown


def check_agreement_chains(book: Book) -> Iterator[Problem]:
    """Problems of the links between agreements."""
    for place in book.agreements.values():
        if place.value.associated_agreement is not None:
            yield from _check_link(book, place)
    yield from _check_cycles(book)
    yield from _check_siblings(book)


def check_ranks(book: Book) -> Iterator[Problem]:
    """Chains that need more ranks or steps than sharing has passes. The other checks must have passed."""
    reported: set[str] = set()
    for terms in resolve_chains(book):
        ranks = max(step.step_rank for step in terms.steps)
        passes = max(step.pass_number or number for number, step in enumerate(terms.steps, start=1))
        if (ranks <= RANK_LIMIT and passes <= STEP_LIMIT) or terms.agreement_id in reported:
            continue
        reported.add(terms.agreement_id)
        deepest = next(step for step in terms.steps if step.step_rank > RANK_LIMIT or step is terms.steps[-1])
        found = f"a chain below {terms.agreement_id} with {ranks} ranks and {passes} steps"
        expected = f"at most {RANK_LIMIT} ranks and {STEP_LIMIT} steps"
        remedy = "Shorten the chain, or base items on after_discount_ex_tax instead of each other."
        place = book.agreements[deepest.agreement_id]
        path: Path = ("associated_agreement",) if place.value.associated_agreement else ()
        yield place.problem(path, found, expected, remedy)


def _check_link(book: Book, place: Placed[Agreement]) -> Iterator[Problem]:
    agreement, link = place.value, place.value.hop_above
    if book.is_unknown("agreement", link.agreement):
        expected = f"one of {listed(book.names('agreement') - {agreement.id})}"
        found = f"agreement {shown(link.agreement)}"
        yield place.problem(("associated_agreement", "agreement"), found, expected, "Name the agreement above.")
    above = book.agreements.get(link.agreement)
    if above is None:
        return
    for version in above.value.versions:
        if not any(spans_overlap(version, own) for own in agreement.versions):
            continue
        items = {item.id: item for item in version.sharing}
        where = f"agreement {link.agreement} version {version.version}"
        if link.item not in items:
            found, expected = f"item {shown(link.item)}", f"an item of {where}: {listed(items)}"
            yield place.problem(("associated_agreement", "item"), found, expected, "Name an item that is there.")
            continue
        receiver = receiver_of(items[link.item], above.value.payer)
        if not _is_receiver(book, agreement.payer, receiver, version):
            found = f"payer {shown(agreement.payer)}"
            expected = f"the receiver of item {link.item} of {where}: {receiver}"
            remedy = "A hop shares what its payer got from the hop above."
            if is_role(receiver):
                remedy = f"Let the covers of that version say that it is always {agreement.payer}, or name the party."
            yield place.problem(("payer",), found, expected, remedy)


def _is_receiver(book: Book, payer: str, receiver: str, version: AgreementVersion) -> bool:
    if receiver == OPERATOR_ROLE:
        return book.operator is None or payer == book.operator.value.party
    if receiver == "content_provider":
        offerings = [book.offerings.get(cover.offering or "") for cover in version.covers]
        return bool(offerings) and all(
            offering is not None and offering.value.content_provider == payer for offering in offerings
        )
    if receiver == "seller":
        return bool(version.covers) and all(cover.seller == payer for cover in version.covers)
    return receiver == payer


def _check_cycles(book: Book) -> Iterator[Problem]:
    in_cycle: set[str] = set()
    for start in sorted(book.agreements):
        trail: list[str] = []
        current: str | None = start
        while current in book.agreements and current not in trail and current not in in_cycle:
            trail.append(current)
            link = book.agreements[current].value.associated_agreement
            current = link.agreement if link else None
        if current in trail:
            cycle = trail[trail.index(current) :]
            in_cycle |= set(cycle)
            found = f"the cycle {' -> '.join([*cycle, cycle[0]])}"
            remedy = "Remove associated_agreement from the one whose payer is the operator."
            place = book.agreements[cycle[0]]
            yield place.problem(("associated_agreement",), found, "a chain that ends at a root agreement", remedy)


def _check_siblings(book: Book) -> Iterator[Problem]:
    for hops in hops_below(book).values():
        for one, other in combinations(hops, 2):
            if one.hop_above.item != other.hop_above.item:
                continue
            if any(spans_overlap(version, another) for version in one.versions for another in other.versions):
                place = book.agreements[other.id]
                found = f"item {shown(other.hop_above.item)}, which agreement {one.id} shares at the same time"
                remedy = "Put the items of both into one agreement, or let one end before the other starts."
                yield place.problem(("associated_agreement", "item"), found, "one hop at a time for an item", remedy)
