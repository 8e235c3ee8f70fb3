"""Checks of allowances: ids, what draws from them, how many usage can draw from.

Belongs here: references to other offerings' prices, one unit per allowance, the number of passes.
Belongs elsewhere: a price's own allowance (``offerings``), the shape of an allowance (``models.allowance``).
"""

from collections import Counter
from collections.abc import Iterator

from assets.catalog.book import Book
from assets.catalog.loading.allowances import PASS_LIMIT, drawn_allowances, money_allowances, pass_numbers
from assets.catalog.models.allowance import Allowance
from assets.catalog.models.offering import SimpleOffering
from assets.catalog.models.usage_price import UsagePrice
from assets.catalog.models.usage_specification import QuantityCharacteristic
from assets.catalog.reading.problems import Path, Placed, Problem, listed, shown


def check_allowances(book: Book) -> Iterator[Problem]:
    """Problems of every allowance."""
    passes = pass_numbers(book)
    measured = _measured(book)
    for place in book.simple_offerings:
        counts = Counter(allowance.id for allowance in place.value.allowances)
        for position, allowance in enumerate(place.value.allowances):
            path: Path = ("allowances", position)
            key = (place.value.id, allowance.id)
            if counts[allowance.id] > 1:
                found = f"the allowance {shown(allowance.id)} {counts[allowance.id]} times"
                yield place.problem((*path, "id"), found, "each allowance id once in an offering", "Rename one.")
            if (allowance.quantity is None) == (allowance.amount is None):
                found = "quantity and amount" if allowance.quantity else "neither quantity nor amount"
                yield place.problem(path, found, "one of them", "An allowance is of usage or of money.")
            if len(measured.get(key, set())) > 1:
                found = f"an allowance of {listed(measured[key])}"
                expected = "prices that measure the same" if allowance.amount is None else "prices of one currency"
                yield place.problem(path, found, expected, "Make one allowance for each.")
            if allowance.amount is not None:
                yield from _check_money(book, place, path, key, allowance)
            if passes.get(key, 1) > PASS_LIMIT:
                found = f"the allowance {shown(allowance.id)} as number {passes[key]} that some usage draws from"
                expected = f"at most {PASS_LIMIT} allowances one after the other"
                yield place.problem(path, found, expected, "Let fewer allowances cover the same usage.")
            for entry, covered in enumerate(allowance.covers):
                yield from _check_covered(book, place, (*path, "covers", entry), covered.offering, covered.price)


def _check_money(
    book: Book, place: Placed[SimpleOffering], path: Path, key: tuple[str, str], allowance: Allowance
) -> Iterator[Problem]:
    """Money is on the bill by name, and pays for usage whose lines are what their events cost."""
    if allowance.name is None:
        expected = "a name: lines say what was paid from it"
        yield place.problem(path, "an allowance of money without name", expected, "Add name in every language.")
    for offering_id, price_id in sorted(price for price, keys in drawn_allowances(book).items() if key in keys):
        found_price = _usage_prices(book).get((offering_id, price_id))
        if found_price is not None and found_price.billed != "delta":
            found = f"money for {offering_id}/{price_id}, which is billed: {found_price.billed}"
            remedy = "Bill it as delta, or give a quantity."
            yield place.problem(path, found, "prices whose lines are the sum of their events", remedy)


def _usage_prices(book: Book) -> dict[tuple[str, str], UsagePrice]:
    return {
        (place.value.id, price.id): price
        for place in book.simple_offerings
        for price in place.value.prices
        if isinstance(price, UsagePrice)
    }


def _check_covered(
    book: Book, place: Placed[SimpleOffering], path: Path, offering_id: str, price_id: str
) -> Iterator[Problem]:
    if book.is_unknown("offering", offering_id):
        expected = f"one of {listed(entry.value.id for entry in book.simple_offerings)}"
        found = f"offering {shown(offering_id)}"
        yield place.problem((*path, "offering"), found, expected, "Correct it, or define the offering.")
        return
    offering = getattr(book.offerings.get(offering_id), "value", None)
    if offering is None:
        return
    usage = {price.id for price in offering.prices if isinstance(price, UsagePrice)}
    if price_id not in usage:
        found, expected = f"price {shown(price_id)}", f"a usage price of {offering_id}: {listed(usage)}"
        yield place.problem((*path, "price"), found, expected, "Correct it, or leave the entry out.")


def _measured(book: Book) -> dict[tuple[str, str], set[str]]:
    """What each allowance is measured in, as the prices that draw from it say: unit and decimals, or the currency."""
    prices, in_money = _usage_prices(book), money_allowances(book)
    measured: dict[tuple[str, str], set[str]] = {}
    for key, allowances in drawn_allowances(book).items():
        if (price := prices.get(key)) is None:
            continue
        for allowance in allowances:
            measured.setdefault(allowance, set()).add(
                price.currency if allowance in in_money else _measure(book, price)
            )
    return measured


def _measure(book: Book, price: UsagePrice) -> str:
    specification = book.usage_specifications.get(price.usage)
    quantity = specification.value.characteristic(price.measure.characteristic or "") if specification else None
    if not isinstance(quantity, QuantityCharacteristic):
        return f"{price.usage}.{price.measure.characteristic or 'count'}"
    return f"{price.measure.characteristic} in {quantity.unit} with {quantity.scale} decimals"
