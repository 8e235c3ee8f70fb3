"""Checks of sharing items whose amount is a tariff's, and of the tariffs that are there for them.

Belongs here: that the tariff is the agreement's own, is owed by that item only, between the same parties, and prices
each event of a line by itself.
Belongs elsewhere: tariffs as such (``party_tariffs``), the rest of the waterfall (``waterfall``).
"""

from collections.abc import Iterator

from assets.catalog.book import Book
from assets.catalog.chains import hops_below
from assets.catalog.models.agreement import Agreement, AgreementVersion
from assets.catalog.models.party import is_role
from assets.catalog.models.party_tariff import AgreementTariff
from assets.catalog.models.sharing import TariffItem
from assets.catalog.reading.problems import Path, Placed, Problem, listed, shown


def check_tariff_items(book: Book) -> Iterator[Problem]:
    """Problems of items with ``tariff``, of tariffs with ``settled: false``, and of terms that are known too late."""
    for place in book.agreements.values():
        for position, version in enumerate(place.value.versions):
            for number, item in enumerate(version.sharing):
                if isinstance(item, TariffItem):
                    path: Path = ("versions", position, "sharing", number)
                    yield from _check_item(place, path, version, item)
        yield from _check_tariffs(book, place)
    yield from _check_known_in_time(book)


def _check_item(place: Placed[Agreement], path: Path, version: AgreementVersion, item: TariffItem) -> Iterator[Problem]:
    agreement = place.value
    tariff = next((entry for entry in agreement.tariffs if entry.id == item.tariff), None)
    if tariff is None:
        names = [entry.id for entry in agreement.tariffs]
        expected = f"one of {listed(names)}" if names else "a tariff of this agreement, but it has none"
        remedy = "Name it, or add it to tariffs with settled: false."
        yield place.problem((*path, "tariff"), f"tariff {shown(item.tariff)}", expected, remedy)
        return
    if tariff.settled:
        found = f"tariff {shown(tariff.id)}, which is settled by itself"
        remedy = "Write settled: false in the tariff; else its usage would be owed twice."
        yield place.problem((*path, "tariff"), found, "a tariff with settled: false", remedy)
    if tariff.payer != agreement.payer or (not is_role(item.to) and item.to != tariff.receiver):
        found = f"{shown(item.to)} gets what {shown(tariff.payer)} owes {shown(tariff.receiver)} by the tariff"
        expected = f"a tariff that {agreement.payer} owes {item.to}"
        yield place.problem((*path, "to"), found, expected, "Let item and tariff name the same two parties.")
    for position, price in enumerate(tariff.prices):
        first = min(entry.effective_from for entry in price.versions)
        if first > version.effective_from:
            where = ("tariffs", agreement.tariffs.index(tariff), "prices", position, "versions")
            found = f"prices from {first}, while the item is in force from {version.effective_from}"
            expected = "a price on every day of the item: usage without one has no amount"
            yield place.problem(where, found, expected, "Begin the price earlier, or the version later.")


def _check_tariffs(book: Book, place: Placed[Agreement]) -> Iterator[Problem]:
    named = {item.tariff for v in place.value.versions for item in v.sharing if isinstance(item, TariffItem)}
    for position, tariff in enumerate(place.value.tariffs):
        if tariff.settled:
            continue
        path: Path = ("tariffs", position)
        if tariff.id not in named:
            found, expected = "settled: false, and no sharing item with this tariff", "an item that owes what it rates"
            remedy = "Add an item with tariff: " + tariff.id + ", or remove settled: false."
            yield place.problem((*path, "settled"), found, expected, remedy)
        yield from _check_events_by_themselves(place, path, tariff)
        yield from _check_usage(book, place, path, tariff)


def _check_events_by_themselves(place: Placed[Agreement], path: Path, tariff: AgreementTariff) -> Iterator[Problem]:
    for number, price in enumerate(tariff.prices):
        if price.counter != "event":
            found = f"counter {price.counter} in the tariff of a sharing item"
            expected = "counter event: what others have used must not change what a line costs"
            remedy = "Write counter: event; for tiers over a month use an item with tiers of quantity."
            yield place.problem((*path, "prices", number, "counter"), found, expected, remedy)


def _check_usage(book: Book, place: Placed[Agreement], path: Path, tariff: AgreementTariff) -> Iterator[Problem]:
    for number, cover in enumerate(tariff.covers):
        where = (*path, "covers", number)
        specification = book.usage_specifications.get(cover.usage)
        if specification is not None and specification.value.guided_to == "agreement":
            found = f"usage {shown(cover.usage)}, which is guided to agreements alone"
            remedy = "Leave settled: false out, or guide the usage to a product."
            yield place.problem((*where, "usage"), found, "usage that customers have lines for", remedy)
        priced = [
            price
            for price in tariff.prices
            if price.usage == cover.usage
            and all(name in cover.where and cover.where[name] == rule for name, rule in price.where.items())
        ]
        if not priced:
            found = f"no price for all {cover.usage} usage of this cover"
            remedy = "Add a price without where, or with the cover's own where: what is not priced has no amount."
            yield place.problem(where, found, "a price that holds for everything the cover covers", remedy)


def _check_known_in_time(book: Book) -> Iterator[Problem]:
    """Lines are shared once more under terms known later; what a tariff asks for them was rated with the bill."""
    below = hops_below(book)
    for place in book.agreements.values():
        if place.value.associated_agreement is not None:
            continue
        chain, waiting = [], [place.value]
        while waiting:
            agreement = waiting.pop()
            # A cycle is a problem of its own.
            if agreement not in chain:
                chain.append(agreement)
                waiting += below.get(agreement.id, [])
        if not any(isinstance(item, TariffItem) for a in chain for v in a.versions for item in v.sharing):
            continue
        for agreement in chain:
            for position, version in enumerate(agreement.versions):
                if version.known_from > version.effective_from:
                    found = (
                        f"terms effective from {version.effective_from}, known from {version.known_from}, in a chain "
                        "with an item by tariff"
                    )
                    expected = "terms that are known when they begin: tariffs rate usage with its bill, not afterwards"
                    where = ("versions", position, "known_from")
                    remedy = "Let a new version begin later, and adjust the difference by hand."
                    yield book.agreements[agreement.id].problem(where, found, expected, remedy)
