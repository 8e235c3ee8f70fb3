"""Money, dates and quantities as people read them.

Belongs here: the exact Money value and its printed forms in the languages of the documents.
Belongs elsewhere: every calculation (dbt models), texts (``templates/locale``), page layout (``templates``).

Digits are Latin in every language, Arabic too: amounts, dates, account and tax numbers must compare character for
character with bank transfers and with the same document in another language.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Context, Decimal, localcontext
from functools import lru_cache

from babel import Locale
from babel.dates import format_date as babel_format_date
from babel.numbers import NumberPattern, get_currency_precision, parse_pattern

FALLBACK_LANGUAGE = "en"
LOCALE_BY_LANGUAGE = {"pl": "pl_PL", "en": "en_GB", "de": "de_DE", "uk": "uk_UA", "ar": "ar"}
# Numeric where that is the custom and cannot be misread; English months as words (1/11 has two readings); Arabic in ISO
# form, which stays readable inside a left-to-right island.
_DATE_PATTERNS = {"pl": "dd.MM.yyyy", "en": "d MMM yyyy", "de": "dd.MM.yyyy", "uk": "dd.MM.yyyy", "ar": "yyyy-MM-dd"}
# Wide enough for any column of the database; a number that did not fit would raise, never be rounded.
_EXACT = Context(prec=60)
_MAXIMUM_DECIMALS = 16


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency's minor unit: ``Money(1250, "PLN")`` is 12.50 PLN, ``Money(1250, "JPY")`` is 1,250 yen.

    Raises:
        TypeError: ``minor`` is no int (floats, decimals and bools are refused).
        ValueError: the code is not three capital letters.
    """

    minor: int
    currency_code: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"Money: minor is {type(self.minor).__name__}, expected int (whole minor units)")
        code = self.currency_code
        if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
            raise ValueError(f"Money: currency {code!r}, expected an ISO 4217 code such as PLN")


def minor_digits(currency_code: str) -> int:
    """Decimals of a currency: 2 for PLN, 0 for JPY, 3 for KWD."""
    return get_currency_precision(currency_code)


def major_units(money: Money) -> Decimal:
    """The exact amount in major units: Money(1250, "PLN") -> Decimal("12.50"). A shift of the point, no arithmetic."""
    return Decimal(money.minor).scaleb(-minor_digits(money.currency_code), _EXACT)


def known_language(language_code: str) -> str:
    """The language a document is printed in: the code itself, its base language (``de-AT`` -> ``de``), else English."""
    base = language_code.replace("_", "-").split("-")[0].lower()
    return base if base in LOCALE_BY_LANGUAGE else FALLBACK_LANGUAGE


@lru_cache(maxsize=16)
def locale_of(language_code: str) -> Locale:
    """Babel's locale for a document language."""
    return Locale.parse(LOCALE_BY_LANGUAGE[known_language(language_code)])


@lru_cache(maxsize=128)
def _pattern(language_code: str, minimum_decimals: int, maximum_decimals: int) -> NumberPattern:
    pattern = parse_pattern(locale_of(language_code).decimal_formats[None].pattern)
    pattern.frac_prec = (minimum_decimals, maximum_decimals)
    return pattern


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"cannot print {number}: expected a finite number")
    return exponent


def _format_exact(number: Decimal, language_code: str, minimum_decimals: int, maximum_decimals: int) -> str:
    if -_exponent(number) > maximum_decimals:
        raise ValueError(f"cannot print {number} with {maximum_decimals} decimals without rounding it")
    pattern = _pattern(language_code, minimum_decimals, maximum_decimals)
    with localcontext(_EXACT):
        return pattern.apply(number, locale_of(language_code), decimal_quantization=False)


def format_amount(money: Money, language_code: str) -> str:
    """The amount without its currency, for columns whose head names it: ``1 234,50``."""
    digits = minor_digits(money.currency_code)
    return _format_exact(major_units(money), language_code, digits, digits)


def format_money(money: Money, language_code: str) -> str:
    """The amount and its ISO code, joined by a no-break space, in this order in every language: ``1 234,50 PLN``."""
    return f"{format_amount(money, language_code)}\u00a0{money.currency_code}"


def format_exact(number: Decimal, language_code: str, minimum_decimals: int = 0) -> str:
    """A quantity, rate or percentage with all the decimals it has and no trailing zeros, at most 16 decimals."""
    shortened = number.normalize(_EXACT)
    if _exponent(shortened) > 0:
        shortened = shortened.quantize(Decimal(1), context=_EXACT)
    return _format_exact(shortened, language_code, minimum_decimals, _MAXIMUM_DECIMALS)


def format_shortened(number: Decimal, language_code: str, minimum_decimals: int, maximum_decimals: int) -> str:
    """As ``format_exact``, with an ellipsis where digits beyond ``maximum_decimals`` follow; nothing is rounded."""
    cut = number.quantize(Decimal(1).scaleb(-maximum_decimals), ROUND_DOWN, _EXACT)
    if cut == number:
        return format_exact(number, language_code, minimum_decimals)
    return f"{_format_exact(cut, language_code, maximum_decimals, maximum_decimals)}…"


def format_percent(percent: Decimal, language_code: str) -> str:
    """A percentage given in percent: ``Decimal("23.0000")`` -> ``23 %`` (no-break), ``23%`` in English."""
    number = format_exact(percent, language_code)
    return f"{number}%" if known_language(language_code) in ("en", "ar") else f"{number}\u00a0%"


def format_date(day: date, language_code: str) -> str:
    """A date, unambiguous in its language: ``01.11.2026``, ``1 Nov 2026``, ``2026-11-01`` in Arabic."""
    return babel_format_date(day, _DATE_PATTERNS[known_language(language_code)], locale=locale_of(language_code))


def format_duration(seconds: Decimal) -> str:
    """Seconds as hours, minutes, seconds: ``Decimal(5400)`` -> ``1:30:00``; fractions stay: ``0:00:12.5``."""
    whole = int(seconds)
    fraction = format(seconds.normalize(_EXACT) % 1, "f").removeprefix("0") if seconds != whole else ""
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}{fraction}"
