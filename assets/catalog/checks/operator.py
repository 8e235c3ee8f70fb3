"""Checks of the operator, its legal entities, and of names in every language.

Belongs here: currencies, numbering series, IBANs and tax numbers, FX sources, missing translations.
Belongs elsewhere: what offerings and agreements refer to (their own modules).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException
from stdnum.eu import vat

from assets.catalog.book import Book, spans_overlap
from assets.catalog.models.operator import LegalEntity, Operator
from assets.catalog.reading.problems import Path, Placed, Problem, listed, shown


def check_operator(book: Book) -> Iterator[Problem]:
    """Problems of ``operator.yaml`` and ``fx.yaml``."""
    for source in book.fx_sources.values():
        if source.value.package is not None and source.value.base_currency != "EUR":
            found, expected = shown(source.value.base_currency), "EUR, the base of the ECB's rates"
            yield source.problem(("base_currency",), found, expected, "Write EUR.")
    if book.operator is None:
        return
    operator, place = book.operator.value, book.operator
    if operator.home_currency not in operator.currencies:
        expected = f"one of currencies: {listed(operator.currencies)}"
        yield place.problem(("home_currency",), shown(operator.home_currency), expected, "Add it to currencies.")
    if book.is_unknown("FX source", operator.fx.source):
        expected = f"one of {listed(book.names('FX source'))}"
        yield place.problem(
            ("fx", "source"), f"FX source {shown(operator.fx.source)}", expected, "Define it in fx.yaml."
        )
    yield from _check_withholding(place, operator)
    if operator.split is not None and operator.split.left_over_to is not None:
        expected = "it in the agreement whose item it is"
        yield place.problem(("split", "left_over_to"), "left_over_to of the operator", expected, "Write it there.")
    seen: dict[tuple[str, str], int] = {}
    for position, entity in enumerate(operator.legal_entities):
        path: Path = ("legal_entities", position)
        for field, value in (("id", entity.id), ("bill_series_prefix", entity.bill_series_prefix)):
            if (field, value) in seen:
                found = f"{shown(value)} a second time"
                yield place.problem((*path, field), found, f"a {field} of its own", "Choose another one.")
            seen[(field, value)] = position
        if entity.currency not in operator.currencies:
            expected = f"one of currencies: {listed(operator.currencies)}"
            yield place.problem((*path, "currency"), shown(entity.currency), expected, "Add it to currencies.")
        if entity.bank_account is not None and not _is_iban(entity.bank_account):
            remedy = "Check the digits; an IBAN has a check sum."
            yield place.problem((*path, "bank_account"), shown(entity.bank_account), "a valid IBAN", remedy)
        yield from _check_payment_accounts(place, path, operator, entity)
        if entity.country in _EU_COUNTRIES and not vat.is_valid(entity.tax_number):
            expected = f"a valid VAT number of {entity.country} with its prefix"
            yield place.problem((*path, "tax_number"), shown(entity.tax_number), expected, "Check the digits.")


def _check_withholding(place: Placed[Operator], operator: Operator) -> Iterator[Problem]:
    """One rule at a time for a class of payment and two countries."""
    rules = operator.withholding
    for position, rule in enumerate(rules):
        for other in rules[:position]:
            names = ("payment_class", "payer_country", "receiver_country")
            if all(getattr(rule, name) == getattr(other, name) for name in names) and spans_overlap(rule, other):
                found = f"a second rule for {rule.payment_class} from {rule.payer_country} to {rule.receiver_country}"
                remedy = "End the earlier rule with effective_until on the day on which the later one starts."
                yield place.problem(("withholding", position), found, "one rule at a time", remedy)


def _check_payment_accounts(
    place: Placed[Operator], path: Path, operator: Operator, entity: LegalEntity
) -> Iterator[Problem]:
    counts = Counter(account.currency for account in entity.payment_accounts)
    for position, account in enumerate(entity.payment_accounts):
        where = (*path, "payment_accounts", position)
        if account.currency not in operator.currencies:
            expected = f"one of currencies: {listed(operator.currencies)}"
            yield place.problem((*where, "currency"), shown(account.currency), expected, "Add it to currencies.")
        if counts[account.currency] > 1:
            found = f"{shown(account.currency)} {counts[account.currency]} times"
            yield place.problem((*where, "currency"), found, "one account per currency", "Keep the one that pays.")
        if not _is_iban(account.iban):
            remedy = "Check the digits; an IBAN has a check sum."
            yield place.problem((*where, "iban"), shown(account.iban), "a valid IBAN", remedy)


_EU_COUNTRIES = frozenset(code.upper() for code in vat.MEMBER_STATES)


def _is_iban(text: str) -> bool:
    try:
        IBAN(text)
    except (SchwiftyException, ValueError):
        return False
    return True


def check_services(book: Book) -> Iterator[Problem]:
    """Services that the operator names twice, or names none of while it names others: a bill would show an id."""
    if book.operator is None or not book.operator.value.services:
        return
    counts = Counter(service.id for service in book.operator.value.services)
    for position, service in enumerate(book.operator.value.services):
        if counts[service.id] > 1:
            found = f"the service {shown(service.id)} {counts[service.id]} times"
            yield book.operator.problem(("services", position, "id"), found, "each service once", "Keep one.")
    for place in book.offerings.values():
        if place.value.service not in counts:
            expected = f"one of services: {listed(sorted(counts))}"
            remedy = "Add its name to services of operator.yaml."
            yield place.problem(("service",), f"service {shown(place.value.service)} without name", expected, remedy)


def check_translations(book: Book) -> Iterator[Problem]:
    """Names that lack a text in one of the operator's languages."""
    for place, path, texts in _names(book):
        missing = [language for language in book.languages if language not in texts]
        if missing:
            found = f"no text in {', '.join(missing)}"
            expected = f"a text in each language of the operator: {', '.join(book.languages)}"
            yield place.problem(path, found, expected, "Add the missing translation.")


def _names(book: Book) -> Iterable[tuple[Placed, Path, Mapping[str, str]]]:
    named: list[Placed] = [*book.usage_specifications.values(), *book.agreements.values(), *book.offerings.values()]
    for place in named:
        yield place, ("name",), place.value.name
    if book.operator is not None:
        for position, tax in enumerate(book.operator.value.taxes):
            yield book.operator, ("taxes", position, "name"), tax.name
        for position, service in enumerate(book.operator.value.services):
            yield book.operator, ("services", position, "name"), service.name
    for offering in book.offerings.values():
        for number, entry in enumerate(offering.value.adjustments):
            yield offering, ("adjustments", number, "name"), entry.name
        for position, price in enumerate(offering.value.prices):
            yield offering, ("prices", position, "name"), price.name
            for number, entry in enumerate(price.adjustments):
                yield offering, ("prices", position, "adjustments", number, "name"), entry.name
    for tariff in book.party_tariffs:
        yield tariff, ("name",), tariff.value.name
        for position, price in enumerate(tariff.value.prices):
            yield tariff, ("prices", position, "name"), price.name
    for simple in book.simple_offerings:
        for position, allowance in enumerate(simple.value.allowances):
            if allowance.name is not None:
                yield simple, ("allowances", position, "name"), allowance.name
