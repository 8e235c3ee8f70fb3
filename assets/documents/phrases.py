"""What a template may say about a document in one language: the filters, each a small exact form of words.

Belongs here: values of the model -> escaped text of one language, with left-to-right islands in Arabic.
Belongs elsewhere: number and date forms (``assets.money``), the order of things on a page (``templates``).
"""

import gettext
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from typing import Protocol

from markupsafe import Markup, escape

from assets import money
from assets.documents import words
from assets.documents.document import (
    AgreementPositions,
    BillDocument,
    ChargeLine,
    Conversion,
    CreditBalance,
    LineAdjustment,
    PositionLine,
    ProductCharges,
    ServiceTotal,
    TaxLine,
)
from assets.documents.fonts import TEMPLATES, drawable_characters
from assets.money import Money

RIGHT_TO_LEFT = frozenset({"ar"})
# Below the minor unit: at a rate of a thousand they still move the converted amount by less than its rounding.
_DECIMALS_TO_CONVERT = 4
_NOTE_SEPARATOR = Markup(" · ")
_INVISIBLE_BUT_HARMLESS = frozenset("\n\t\u00ad\u200c\u200d\u200e\u200f")
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


class Spanned(Protocol):
    """Anything with a first and a last day, both inclusive."""

    @property
    def first_day(self) -> date: ...

    @property
    def last_day(self) -> date: ...


class UnknownWordError(KeyError):
    """A code of the book has no text in the documents."""


@lru_cache(maxsize=16)
def catalogue(language: str) -> gettext.NullTranslations:
    """The texts of one language, compiled in memory from ``templates/locale/<language>.po``; English is the source."""
    if language == money.FALLBACK_LANGUAGE:
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (TEMPLATES / "locale" / f"{language}.po").open("rb") as handle:
        compiled = BytesIO()
        write_mo(compiled, read_po(handle, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@lru_cache(maxsize=1)
def _printable() -> frozenset[str]:
    drawable = (
        character for character in drawable_characters() if unicodedata.category(character) not in _REFUSED_CATEGORIES
    )
    return frozenset(drawable) | _INVISIBLE_BUT_HARMLESS


class Printable:
    """Makes text printable: what no bundled font can draw, or nobody could see, becomes its code point: ``[U+1F600]``.

    Every expression of a template passes through; ``replaced`` collects what was found, so that it can be reported.
    A page is never silently short of a character, and never shows a box in its place.
    """

    def __init__(self) -> None:
        self.replaced: set[str] = set()

    def __call__(self, value: object) -> object:
        if not isinstance(value, str) or _printable().issuperset(value):
            return value
        strange = set(value) - _printable()
        self.replaced |= strange
        shown = (f"[U+{ord(character):04X}]" if character in strange else character for character in value)
        return type(value)("".join(shown))


class Phrases:
    """The filters of one language. Methods with a leading underscore stay inside."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.is_right_to_left = language in RIGHT_TO_LEFT
        self.texts = catalogue(language)

    def filters(self) -> dict[str, Callable]:
        """All filters by the name templates use."""
        return {name: getattr(self, name) for name in FILTERS}

    def translated(self, text: str) -> str:
        """One text of the catalogue."""
        return self.texts.gettext(text)

    def counted(self, singular: str, plural: str, number: int) -> Markup:
        """A text with ``%(count)s`` in the plural form of the number."""
        return Markup(escape(self.texts.ngettext(singular, plural, number))) % {"count": self.count(number)}

    def code(self, text: object) -> Markup:
        """A number, id, phone, account or date: read from left to right in every language."""
        return Markup('<bdi dir="ltr">{}</bdi>').format(text) if self.is_right_to_left else escape(text)

    def isolated(self, text: str) -> Markup:
        """A name in whatever script: its direction and that of what stands beside it do not mix."""
        strong = (unicodedata.bidirectional(character) for character in text)
        first_strong = next((kind for kind in strong if kind in ("L", "R", "AL")), "L")
        has_foreign_letters = any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)
        if not (self.is_right_to_left or has_foreign_letters):
            return escape(text)
        # The direction is written out: WeasyPrint takes a bdi without dir to go its surroundings' way.
        return Markup('<bdi dir="{}">{}</bdi>').format("ltr" if first_strong == "L" else "rtl", text)

    def money(self, amount: Money) -> Markup:
        """Amount with currency."""
        return self.code(money.format_money(amount, self.language))

    def amount(self, amount: Money) -> Markup:
        """Amount under a heading that names the currency."""
        return self.code(money.format_amount(amount, self.language))

    def exact_money(self, number: Decimal, currency_code: str) -> Markup:
        """An unrounded amount in major units, with all its decimals, at least those of the currency."""
        digits = money.minor_digits(currency_code)
        return self.code(f"{money.format_exact(number, self.language, digits)}\u00a0{currency_code}")

    def count(self, number: int) -> Markup:
        """A whole number."""
        return self.code(money.format_exact(Decimal(number), self.language))

    def date(self, day: date) -> Markup:
        """A date."""
        return self.code(money.format_date(day, self.language))

    def period(self, spanned: Spanned) -> Markup:
        """From ``first_day`` to ``last_day``, both inclusive; one date when they are the same."""
        first, last = (money.format_date(day, self.language) for day in (spanned.first_day, spanned.last_day))
        return self.code(first if first == last else f"{first} – {last}")

    def bank_account(self, account: str) -> Markup:
        """A bank account in groups of four, as on a payment form."""
        compact = account.replace(" ", "")
        return self.code("\u00a0".join(compact[start : start + 4] for start in range(0, len(compact), 4)))

    def rate_sentence(self, rate: Conversion) -> Markup:
        """``1 USD = 3.6412 PLN``, never broken over two lines."""
        number = money.format_exact(rate.rate, self.language)
        return self.code(f"1\u00a0{rate.from_currency}\u00a0=\u00a0{number}\u00a0{rate.to_currency}")

    def css_percent(self, permille: int) -> str:
        """The length of a bar: 435 -> ``43.5%``."""
        return f"{permille // 10}.{permille % 10}%"

    def service_name(self, service: ServiceTotal) -> Markup:
        """A service as the book calls it; one that it has no name for is shown by its id."""
        return self.isolated(service.name or service.service_kind.replace("-", " ").capitalize())

    def tax_label(self, line: TaxLine) -> Markup:
        """The tax where it is not VAT, the treatment, and the category where it is not the ordinary one."""
        treatment = escape(self.translated(_known(words.TREATMENTS, line.treatment, "tax treatment")))
        if line.tax_name:
            treatment = self.isolated(line.tax_name) + _NOTE_SEPARATOR + treatment
        if line.tax_category == "standard":
            return treatment
        known = words.TAX_CATEGORIES.get(line.tax_category)
        category = escape(self.translated(known)) if known else self.isolated(line.tax_category.replace("_", " "))
        return treatment + _NOTE_SEPARATOR + category

    def tax_rate(self, line: TaxLine) -> Markup:
        """The rate, or a dash where no rate applies."""
        if line.treatment not in words.RATED_TREATMENTS:
            return Markup("–")
        return self.code(money.format_percent(line.rate_percent, self.language))

    def tax_word(self, taxes: Iterable[TaxLine]) -> Markup:
        """VAT, or tax where another one is on the document."""
        return escape(self.translated(words.TAX if any(line.tax_name for line in taxes) else words.VAT))

    def home_currency(self, taxes: Iterable[TaxLine]) -> str:
        """The supplier's currency in which the tax is repeated; empty when it is the document's own."""
        return next((line.home_tax.currency_code for line in taxes if line.home_tax is not None), "")

    def mention(self, key: str) -> Markup:
        """The legal sentence of a mention key."""
        return escape(self.translated(_known(words.MENTIONS, key, "legal mention")))

    def issued_by(self, bill: BillDocument) -> Markup:
        """Who writes the invoice of another supplier, and by which mandate."""
        text = Markup(escape(self.translated(words.ISSUED_BY)))
        return text % {"issuer": self.isolated(bill.issuer_name or ""), "mandate": self.code(bill.mandate or "-")}

    def notes(self, line: ChargeLine, bill: BillDocument) -> Markup:
        """What a reader must know about a charge beside its name, in one line; empty when there is nothing."""
        notes = []
        if (line.first_day, line.last_day) != (bill.first_day, bill.last_day):
            notes.append(self.period(line))
        if line.charge_kind == "usage" and line.event_count:
            notes.append(self.records_counted(line.event_count))
        if line.is_late:
            notes.append(escape(self.translated("Usage from an earlier period, billed now")))
        if line.seller_name:
            notes.append(self._with_name("Sold by %(name)s", line.seller_name))
        if line.is_personal_price:
            notes.append(escape(self.translated("Your individual price")))
        if line.charge_kind == "recurring" and line.period_factor < 1:
            notes.append(escape(self.translated("For the days in use")))
        if line.charge_kind == "minimum":
            notes.append(escape(self.translated("What is missing to the agreed minimum")))
        if line.gross is not None:
            notes.append(self._with_amount("Price with tax: %(amount)s", line.gross))
        if line.before_discount is not None and line.adjustments:
            notes.append(self._with_amount("Before discounts: %(amount)s", line.before_discount))
            notes += [
                Markup("{}: {}").format(self._adjustment_name(entry), self.money(entry.amount))
                for entry in line.adjustments
            ]
        return _NOTE_SEPARATOR.join(notes)

    def quantity(self, number: Decimal, unit: str) -> Markup:
        """A quantity with its unit; seconds as a duration."""
        return self._quantity(number, unit)

    def credit_name(self, credit: CreditBalance) -> Markup:
        """The kind of a coupon or credit, its name, and its percent if it has one."""
        shown = self._of_kind(credit.kind, credit.name)
        if credit.percent is None:
            return shown
        return shown + _NOTE_SEPARATOR + self.code(money.format_percent(credit.percent, self.language))

    def _adjustment_name(self, adjustment: LineAdjustment) -> Markup:
        return self._of_kind(adjustment.kind, adjustment.name) if adjustment.kind else self.isolated(adjustment.name)

    def _of_kind(self, kind: str, name: str) -> Markup:
        word = escape(self.translated(_known(words.CREDIT_KINDS, kind, "kind of credit")))
        return word + " " + self.isolated(name)

    def original_amount(self, line: ChargeLine) -> Markup:
        """The charge in the currency of its price, before conversion, with decimals enough to convert it again.

        A month's part of a price has as many as the column holds; the exact amount is in ``lines.csv``.
        """
        if line.price_amount is None or line.conversion is None:
            raise ValueError("a charge without conversion has no other amount")
        currency = line.conversion.from_currency
        digits = money.minor_digits(currency)
        number = money.format_shortened(line.price_amount, self.language, digits, digits + _DECIMALS_TO_CONVERT)
        return self.code(f"{number}\u00a0{currency}")

    def conversions(self, groups: Iterable[ProductCharges | AgreementPositions]) -> list[Conversion]:
        """Every rate that the lines of products or agreements were converted at, once each, by currency."""
        return _by_currency(line.conversion for group in groups for line in group.lines)

    def home_conversions(self, taxes: Iterable[TaxLine]) -> list[Conversion]:
        """Every rate that taxes are repeated at in the supplier's currency, once each."""
        return _by_currency(line.home_conversion for line in taxes)

    def is_one_of_several(self, rate: Conversion, rates: Iterable[Conversion]) -> bool:
        """Whether the document has other rates of the same two currencies as well: a line must say which is its."""
        currencies = (rate.from_currency, rate.to_currency)
        return any(other != rate and (other.from_currency, other.to_currency) == currencies for other in rates)

    def charged_quantity(self, line: ChargeLine) -> Markup:
        """What was charged for after the allowance; empty for charges without a quantity."""
        return self._quantity(line.quantity, line.unit) if line.charge_kind == "usage" else Markup("")

    def allowance_used(self, line: ChargeLine) -> Markup:
        """What an allowance covered; empty when nothing."""
        return self._quantity(line.allowance, line.unit) if line.allowance else Markup("")

    def term(self, line: PositionLine) -> Markup:
        """The rule of an agreement item in words."""
        text = Markup(escape(self.translated(_known(words.RULES, (line.rule, line.basis), "sharing rule"))))
        values = {}
        if line.percent is not None:
            values["percent"] = self.code(money.format_percent(line.percent, self.language))
        if line.unit_amount is not None:
            values["amount"] = self.exact_money(line.unit_amount, line.unit_currency_code)
        return text % values

    def lines_counted(self, number: int) -> Markup:
        """How many charge lines an amount is made of."""
        return self.counted("%(count)s charge line", "%(count)s charge lines", number)

    def records_counted(self, number: int) -> Markup:
        """How many usage records an amount is made of."""
        return self.counted("%(count)s usage record", "%(count)s usage records", number)

    def _with_amount(self, text: str, amount: Money) -> Markup:
        return Markup(escape(self.translated(text))) % {"amount": self.money(amount)}

    def _with_name(self, text: str, name: str) -> Markup:
        return Markup(escape(self.translated(text))) % {"name": self.isolated(name)}

    def _quantity(self, quantity: Decimal, unit: str) -> Markup:
        if unit == "s" and quantity >= 0:
            return self.code(money.format_duration(quantity))
        number = money.format_exact(quantity, self.language)
        if unit in ("", "1"):
            return self.code(number)
        known = words.UNITS.get(unit)
        if known is None:
            return self.code(f"{number} {unit}")
        return self.code(number) + " " + escape(self.translated(known))


FILTERS = (
    "code", "isolated", "money", "amount", "exact_money", "count", "date", "period", "bank_account", "rate_sentence",
    "css_percent", "service_name", "tax_label", "tax_rate", "tax_word", "home_currency", "notes", "original_amount",
    "conversions", "home_conversions", "is_one_of_several", "charged_quantity", "allowance_used", "quantity",
    "credit_name", "term", "lines_counted", "records_counted", "issued_by",
)  # fmt: skip


def _by_currency(rates: Iterable[Conversion | None]) -> list[Conversion]:
    used = {rate for rate in rates if rate is not None}
    return sorted(used, key=lambda rate: (rate.from_currency, rate.to_currency, rate.rate_date, rate.source_name))


def _known(table: dict, key: object, what: str) -> str:
    if key not in table:
        names = ", ".join(sorted(str(known) for known in table))
        raise UnknownWordError(
            f"{what} {key!r} has no text in the documents: expected one of {names}. Add it to words.py."
        )
    return table[key]
