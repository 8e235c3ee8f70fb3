"""The small grammars of the book: identifiers, exact decimals, dates, codes and texts, each with its remedy.

Belongs here: how one scalar of the book is written and read.
Belongs elsewhere: file kinds (the other modules of this package), rules that look at two places (``checks``).
"""

import datetime
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, TypeVar
from zoneinfo import available_timezones

from babel import Locale, localedata
from babel.numbers import list_currencies
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer, Strict, WithJsonSchema
from pydantic_core import PydanticCustomError

IDENTIFIER_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,39}$"
_IDENTIFIER = re.compile(IDENTIFIER_PATTERN, re.ASCII)
_DATE = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", re.ASCII)
_WHOLE_NUMBER = re.compile(r"^(0|[1-9][0-9]{0,8})$", re.ASCII)

# Babel lists these as territories although no party can live there.
_NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"})


class BookModel(BaseModel):
    """Base of every part of the book: frozen, and a field that the format does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def wrong(expected: str, remedy: str = "") -> PydanticCustomError:
    """A value that breaks a grammar: what was expected and what to do; the place is added by the caller."""
    return PydanticCustomError("book", "expected {expected}", {"expected": expected, "remedy": remedy})


def _require_text(value: Any, expected: str) -> str:
    if isinstance(value, bool | int):
        raise wrong(expected, f'Write it in quotes: "{str(value).lower()}".')
    if not isinstance(value, str):
        raise wrong(expected, "")
    return value


def forbidden_character(text: str) -> str | None:
    """The first control, format or unassigned character of a text, as ``U+202E RIGHT-TO-LEFT OVERRIDE``, or None."""
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            return f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}"
    return None


def _text(value: Any) -> str:
    text = _require_text(value, "a text")
    if (character := forbidden_character(text)) is not None:
        raise wrong(
            f"visible characters only, without {character}", "Remove control, direction and invisible characters."
        )
    if not text.strip() or text != text.strip():
        raise wrong(
            "a text that is not empty and has no space at either end", "Write the text, or leave the field out."
        )
    if len(text) > 500:
        raise wrong(f"at most 500 characters, this text has {len(text)}", "Shorten the text.")
    return text


def _identifier(value: Any) -> str:
    expected = "an identifier: a-z, 0-9, '_' and '-', starting with a letter or digit, at most 40 characters"
    text = _require_text(value, expected)
    if not _IDENTIFIER.fullmatch(text):
        raise wrong(expected, "Choose a name of that form and use it wherever this one is referred to.")
    return text


def _whole_number(value: Any) -> int:
    expected = "a whole number of at most 9 digits, without sign, leading zero or separator"
    if isinstance(value, bool):
        raise wrong(expected, 'Write digits, for example "14".')
    if isinstance(value, int) and 0 <= value <= 999_999_999:
        return value
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value):
        return int(value)
    raise wrong(expected, 'Write digits only, for example "14".')


def _date(value: Any) -> datetime.date:
    if type(value) is datetime.date:
        return value
    expected = 'a date "YYYY-MM-DD" between 1990-01-01 and 2199-12-31'
    text = _require_text(value, expected)
    try:
        found = datetime.date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or not 1990 <= found.year <= 2199:
        raise wrong(expected, 'Write an existing day in quotes, for example "2026-01-01".')
    return found


def _decimal_reader(whole_digits: int, decimals: int, signed: bool) -> Callable[[Any], Decimal]:
    sign = "-?" if signed else ""
    pattern = re.compile(rf"^{sign}(0|[1-9][0-9]{{0,{whole_digits - 1}}})(\.[0-9]{{1,{decimals}}})?$", re.ASCII)
    expected = (
        f"an exact decimal in quotes: at most {whole_digits} digits, then at most {decimals} decimals after a point"
        + ("" if signed else ", not negative")
    )

    def read(value: Any) -> Decimal:
        if isinstance(value, Decimal):
            value = decimal_text(value)
        text = _require_text(value, expected)
        if not pattern.fullmatch(text):
            raise wrong(
                expected, 'Write digits and a point only, for example "0.19"; no exponent, comma or leading zero.'
            )
        # Trailing zeros mean nothing, so "25.00" and "25" are the same book.
        return Decimal(decimal_text(Decimal(text)))

    return read


def decimal_text(value: Decimal) -> str:
    """The one spelling of a decimal: no exponent, no trailing zeros, no minus zero."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def decimal_type(whole_digits: int, decimals: int, *, signed: bool = False) -> Any:
    """An exact decimal with bounded digits, read from text and written as text."""
    sign = "-?" if signed else ""
    pattern = rf"^{sign}(0|[1-9][0-9]{{0,{whole_digits - 1}}})(\.[0-9]{{1,{decimals}}})?$"
    return Annotated[
        Decimal,
        BeforeValidator(_decimal_reader(whole_digits, decimals, signed)),
        PlainSerializer(decimal_text, return_type=str, when_used="json"),
        WithJsonSchema({"title": f"decimal ({decimals})", "type": "string", "pattern": pattern}),
    ]


@lru_cache(maxsize=1)
def known_currencies() -> frozenset[str]:
    """ISO 4217 codes, past and present, as Babel knows them."""
    return frozenset(code for code in list_currencies() if re.fullmatch(r"^[A-Z]{3}$", code))


@lru_cache(maxsize=1)
def known_countries() -> frozenset[str]:
    """ISO 3166 two-letter codes of territories in which a party can live."""
    territories = [str(code) for code in Locale.parse("en").territories]
    return frozenset(
        str(code) for code in territories if re.fullmatch(r"^[A-Z]{2}$", code) and code not in _NOT_COUNTRIES
    )


def _known(kind: str, is_known: Callable[[str], bool], remedy: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        text = _require_text(value, kind)
        if not is_known(text):
            raise wrong(kind, remedy)
        return text

    return check


def matching(pattern: str, expected: str, remedy: str) -> BeforeValidator:
    """A validator for text of one ASCII pattern, with the message to give otherwise."""
    compiled = re.compile(pattern, re.ASCII)

    def check(value: Any) -> str:
        text = _require_text(value, expected)
        if not compiled.fullmatch(text):
            raise wrong(expected, remedy)
        return text

    return BeforeValidator(check)


_T = TypeVar("_T")


def _unique(values: list[_T]) -> list[_T]:
    repeated = [value for position, value in enumerate(values) if value in values[:position]]
    if repeated:
        raise wrong(f"each value once, {repeated[0]!r} stands there twice", "Remove the second one.")
    return values


def _is_language(text: str) -> bool:
    return bool(re.fullmatch(r"^[a-z]{2,3}$", text, re.ASCII)) and localedata.exists(text)


Identifier = Annotated[
    str, BeforeValidator(_identifier), WithJsonSchema({"title": "id", "type": "string", "pattern": IDENTIFIER_PATTERN})
]
Text = Annotated[
    str, BeforeValidator(_text), WithJsonSchema({"title": "text", "type": "string", "minLength": 1, "maxLength": 500})
]
WholeNumber = Annotated[
    int,
    BeforeValidator(_whole_number),
    WithJsonSchema(
        {
            "title": "whole number",
            "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^(0|[1-9][0-9]{0,8})$"}],
        }
    ),
]
Date = Annotated[
    datetime.date,
    BeforeValidator(_date),
    WithJsonSchema({"title": "date", "type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
]
Price = decimal_type(8, 10)
SettlementAmount = decimal_type(12, 4)
Quantity = decimal_type(12, 6)
SignedQuantity = decimal_type(18, 18, signed=True)
Percent = decimal_type(3, 10)
CurrencyCode = Annotated[
    str,
    BeforeValidator(
        _known("an ISO 4217 currency code", lambda t: t in known_currencies(), "Use three capital letters, as in PLN.")
    ),
    WithJsonSchema({"title": "currency", "type": "string", "pattern": "^[A-Z]{3}$"}),
]
CountryCode = Annotated[
    str,
    BeforeValidator(
        _known("an ISO 3166 country code", lambda t: t in known_countries(), "Use two capital letters, as in PL.")
    ),
    WithJsonSchema({"title": "country", "type": "string", "pattern": "^[A-Z]{2}$"}),
]
LanguageCode = Annotated[
    str,
    BeforeValidator(_known("a language code", _is_language, 'Use the ISO 639 code, as in pl; "no" needs quotes.')),
    WithJsonSchema({"title": "language", "type": "string", "pattern": "^[a-z]{2,3}$"}),
]
TimeZone = Annotated[
    str,
    BeforeValidator(
        _known("a time zone of the IANA database", lambda t: t in available_timezones(), "For example Europe/Warsaw.")
    ),
    WithJsonSchema({"title": "time zone", "type": "string"}),
]
BillCycle = Annotated[
    str,
    BeforeValidator(
        _known(
            "a bill cycle c01 to c31, the day of the month on which a period starts",
            lambda t: bool(re.fullmatch(r"^c(0[1-9]|[12][0-9]|3[01])$", t, re.ASCII)),
            "A month without the day has the cycle's day at its end.",
        )
    ),
    WithJsonSchema({"title": "bill cycle", "type": "string", "pattern": "^c(0[1-9]|[12][0-9]|3[01])$"}),
]
Texts = dict[LanguageCode, Text]
Unique = AfterValidator(_unique)
# Only true and false: pydantic's own reading would take "yes" and 1 as well.
Flag = Annotated[bool, Strict()]
