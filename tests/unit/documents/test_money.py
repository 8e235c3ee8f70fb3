"""Money is exact and reads the same in every language: one value, one printed form, parsed back to the same value."""

from datetime import date
from decimal import Decimal

import pytest
from babel.numbers import parse_decimal
from hypothesis import given
from hypothesis import strategies as st

from assets.money import (
    LOCALE_BY_LANGUAGE,
    Money,
    format_amount,
    format_date,
    format_duration,
    format_exact,
    format_money,
    format_percent,
    format_shortened,
    known_language,
    locale_of,
    major_units,
    minor_digits,
)

LANGUAGES = sorted(LOCALE_BY_LANGUAGE)


@pytest.mark.parametrize(
    ("money", "language", "expected"),
    [
        (Money(123456789, "PLN"), "pl", "1\u00a0234\u00a0567,89\u00a0PLN"),
        (Money(123456789, "EUR"), "en", "1,234,567.89\u00a0EUR"),
        (Money(123456789, "EUR"), "de", "1.234.567,89\u00a0EUR"),
        (Money(5, "UAH"), "uk", "0,05\u00a0UAH"),
        (Money(123450, "JPY"), "en", "123,450\u00a0JPY"),
        (Money(1234567, "KWD"), "en", "1,234.567\u00a0KWD"),
        (Money(0, "PLN"), "pl", "0,00\u00a0PLN"),
    ],
)
def test_money_has_the_digits_of_its_currency_and_the_signs_of_its_language(money, language, expected):
    assert format_money(money, language) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("16.1290322580645161", "16,129032…"),
        ("-0.0000009999999999", "-0,000000…"),
        ("33.9037000000000000", "33,9037"),
        ("20", "20,00"),
        ("1234.1234560", "1.234,123456"),
    ],
)
def test_digits_that_nobody_reads_give_way_to_an_ellipsis(number, expected):
    assert format_shortened(Decimal(number), "de", 2, 6) == expected


def test_arabic_amounts_use_latin_digits():
    assert format_money(Money(-123456, "AED"), "ar").strip("\u200e").endswith("1,234.56\u00a0AED")


@given(st.integers(-(10**17), 10**17), st.sampled_from(["PLN", "JPY", "KWD", "EUR"]), st.sampled_from(LANGUAGES))
def test_every_printed_amount_parses_back_to_the_same_minor_units(minor, currency, language):
    printed = format_amount(Money(minor, currency), language).replace("\u200e", "")
    assert parse_decimal(printed, locale=locale_of(language)) == major_units(Money(minor, currency))
    assert int(major_units(Money(minor, currency)).scaleb(minor_digits(currency))) == minor


@pytest.mark.parametrize("minor", [1.0, Decimal(1), "1", True, None])
def test_money_is_refused_when_it_is_not_a_whole_number_of_minor_units(minor):
    with pytest.raises(TypeError):
        Money(minor, "PLN")


@pytest.mark.parametrize("code", ["pln", "PL", "PLNX", "ŻŁÓ", ""])
def test_money_is_refused_without_a_currency_code(code):
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, code)


def test_exact_numbers_keep_all_their_decimals_and_lose_only_trailing_zeros():
    assert format_exact(Decimal("0.2349237672"), "en") == "0.2349237672"
    assert format_exact(Decimal("1900.250000"), "pl") == "1\u00a0900,25"
    assert format_exact(Decimal("100000.000000"), "en") == "100,000"
    assert format_exact(Decimal("0E-10"), "en", 2) == "0.00"
    assert format_exact(Decimal("12345678901234567890.1234567890123456"), "en").endswith("890.1234567890123456")


def test_a_number_that_would_need_rounding_is_refused():
    with pytest.raises(ValueError, match="without rounding"):
        format_exact(Decimal("0.12345678901234567"), "en")
    with pytest.raises(ValueError, match="finite"):
        format_exact(Decimal("NaN"), "en")


def test_dates_percentages_and_durations_are_unambiguous():
    day = date(2026, 11, 1)
    assert {language: format_date(day, language) for language in LANGUAGES} == {
        "ar": "2026-11-01", "de": "01.11.2026", "en": "1 Nov 2026", "pl": "01.11.2026", "uk": "01.11.2026",
    }  # fmt: skip
    assert format_percent(Decimal("23.0000"), "pl") == "23\u00a0%"
    assert format_percent(Decimal("8.5000"), "en") == "8.5%"
    assert format_duration(Decimal("5400.000000")) == "1:30:00"
    assert format_duration(Decimal("360012.500000")) == "100:00:12.5"


def test_an_unknown_language_falls_back_to_its_base_and_then_to_english():
    assert [known_language(code) for code in ("de-AT", "uk_UA", "fr", "")] == ["de", "uk", "en", "en"]
