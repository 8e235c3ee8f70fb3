"""Checks of the tariffs of agreements: who pays whom, which usage they are for, and their prices like any other.

Belongs here: parties, covers, prices of a tariff against what it covers.
Belongs elsewhere: rules of prices (``offerings``, ``price_ties``, ``calendars``), settlement terms
(``settlement_terms``).
"""

from collections import Counter
from collections.abc import Iterator

from assets.catalog.book import Book
from assets.catalog.checks.offerings import check_condition, check_price
from assets.catalog.loading.party_tariffs import with_settings_of
from assets.catalog.models.agreement import Agreement
from assets.catalog.models.party_tariff import AgreementTariff, TariffCover
from assets.catalog.models.usage_price import UsagePrice
from assets.catalog.models.usage_specification import CodeCharacteristic
from assets.catalog.reading.problems import Path, Placed, Problem, listed, shown


def check_party_tariffs(book: Book) -> Iterator[Problem]:
    """Problems of the tariffs of every agreement."""
    for place in book.agreements.values():
        counts = Counter(tariff.id for tariff in place.value.tariffs)
        for entry in _tariffs_of(place):
            if counts[entry.value.id] > 1:
                found = f"the tariff {shown(entry.value.id)} {counts[entry.value.id]} times"
                yield entry.problem(("id",), found, "each tariff id once in an agreement", "Rename one.")
            yield from _check_parties(place, entry)
            for position, cover in enumerate(entry.value.covers):
                yield from _check_cover(book, entry, ("covers", position), cover)
            yield from _check_prices(book, entry)


def _tariffs_of(place: Placed[Agreement]) -> Iterator[Placed[AgreementTariff]]:
    """The tariffs of an agreement with their places, and its settings behind their own."""
    for position, tariff in enumerate(place.value.tariffs):
        yield Placed(with_settings_of(place.value, tariff), place.file, (*place.path, "tariffs", position))


def _check_parties(place: Placed[Agreement], entry: Placed[AgreementTariff]) -> Iterator[Problem]:
    tariff, agreement = entry.value, place.value
    for field, party in (("payer", tariff.payer), ("receiver", tariff.receiver)):
        if party not in agreement.parties:
            expected = f"one of parties: {listed(agreement.parties)}"
            yield entry.problem((field,), f"{field} {shown(party)}", expected, "Add it to parties.")
    if tariff.payer == tariff.receiver:
        found = f"{shown(tariff.payer)} as payer and receiver"
        yield entry.problem(("receiver",), found, "two parties", "Name who owes and who gets it.")


def _check_cover(book: Book, entry: Placed[AgreementTariff], path: Path, cover: TariffCover) -> Iterator[Problem]:
    if book.is_unknown("usage specification", cover.usage):
        expected = f"one of {listed(book.names('usage specification'))}"
        found = f"usage specification {shown(cover.usage)}"
        yield entry.problem((*path, "usage"), found, expected, "Correct it, or add a file below usage/.")
    specification = book.usage_specifications.get(cover.usage)
    if specification is None:
        return
    for name, condition in cover.where.items():
        yield from check_condition(book, entry, (*path, "where", name), name, condition, specification.value)
    if cover.identified_by is not None:
        name = cover.identified_by.characteristic
        characteristic = specification.value.characteristic(name)
        if not isinstance(characteristic, CodeCharacteristic) or characteristic.priced_by != "value":
            codes = listed(
                known.id
                for known in specification.value.priced_characteristics
                if isinstance(known, CodeCharacteristic) and known.priced_by == "value"
            )
            expected = f"a code that usage specification {cover.usage} prices by value: {codes}"
            where = (*path, "identified_by", "characteristic")
            yield entry.problem(
                where, f"characteristic {shown(name)}", expected, "Name one, or add priced_by: value to it."
            )
    # A tariff of a sharing item is for the lines that the item shares.
    if not cover.where and cover.identified_by is None and entry.value.settled:
        found = f"a cover of all {cover.usage} usage, whoever's it is"
        remedy = "Add where or identified_by: trunk, PLMN, direction, zone of the called number."
        yield entry.problem(path, found, "what tells the agreement's usage from others'", remedy)


def _check_prices(book: Book, entry: Placed[AgreementTariff]) -> Iterator[Problem]:
    counts = Counter(price.id for price in entry.value.prices)
    covered = {cover.usage for cover in entry.value.covers}
    for position, price in enumerate(entry.value.prices):
        path: Path = ("prices", position)
        if counts[price.id] > 1:
            found = f"the price {shown(price.id)} {counts[price.id]} times"
            remedy = "Rename it, or make it a version of the other."
            yield entry.problem((*path, "id"), found, "each price id once in a tariff", remedy)
        if price.usage not in covered:
            found, expected = f"usage {shown(price.usage)}", f"usage that the tariff covers: {listed(covered)}"
            yield entry.problem((*path, "usage"), found, expected, "Correct it, or cover it.")
        yield from _check_forms(entry, path, price)
        yield from check_price(book, entry, path, price)
    for usage in sorted(covered - {price.usage for price in entry.value.prices}):
        found = f"a cover of {usage} usage without a price for it"
        yield entry.problem(("prices",), found, "a price for all usage that is covered", "Add one.")


# What a price between partners cannot have, because nothing would honour it.
_RETAIL_ONLY = {
    "allowance": "Use free_quantity of the price.",
    "adjustments": "Write the net price, or a fee item of the settlement.",
    "combine": "Write one price.",
}


def _check_forms(entry: Placed[AgreementTariff], path: Path, price: UsagePrice) -> Iterator[Problem]:
    for field, remedy in _RETAIL_ONLY.items():
        if getattr(price, field):
            expected = "prices between partners without it: it belongs to products of customers"
            yield entry.problem((*path, field), f"{field} in a tariff of an agreement", expected, remedy)
    if price.tax_inclusive:
        found, expected = "tax_inclusive: true", "prices between partners without tax: the document adds it"
        yield entry.problem((*path, "tax_inclusive"), found, expected, "Write prices without tax.")
