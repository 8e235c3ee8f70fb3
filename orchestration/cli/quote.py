"""``apportion quote``: what a hypothetical usage would cost under an offering, step by step.

Belongs here: the bill as a whole. Belongs elsewhere: one line of it (``quote_line``), reading the words and running the
trial (``assets.quoting``).
"""

import tempfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console

from assets.catalog.book import Book
from assets.catalog.check import check_book
from assets.catalog.models.grammar import decimal_text
from assets.publishing.refusal import Refusal
from orchestration.cli.quote_line import print_line

DATABASE = "apportion_quote"


def quote_offering(
    console: Console,
    book_folder: Path,
    offering_id: str,
    said: Sequence[str],
    day: date,
    *,
    currency: str | None = None,
) -> int:
    """Print the quote; the exit code: 0, or 1 when something was said that cannot be priced."""
    from assets.quoting.hypothetical import UnclearUsage, parse_usage
    from assets.quoting.quote import Asked, quote
    from orchestration.dbt.trial import trial_database

    checked = check_book(book_folder)
    if checked.problems:
        raise Refusal("book_has_problems", f"{book_folder} has {len(checked.problems)} problem(s).", "Run check first.")
    book = checked.book
    if offering_id not in book.offerings:
        raise Refusal(
            "no_offering", f"found offering {offering_id!r}, expected one of {', '.join(sorted(book.offerings))}.", ""
        )
    try:
        usage = [parse_usage(text, book) for text in said]
    except UnclearUsage as problem:
        raise Refusal("unclear_usage", str(problem), "") from problem
    asked = Asked(offering_id, usage, day, currency or _currency(book, offering_id), _country(book, offering_id))
    with tempfile.TemporaryDirectory() as folder:
        quoted = quote(checked, asked, trial_database(DATABASE, fresh=False), Path(folder))
    return _print(console, book, asked, quoted)


def _currency(book: Book, offering_id: str) -> str:
    """The currency of the offering's first price, in which the customer is taken to be billed."""
    offering = book.offerings[offering_id].value
    return offering.prices[0].currency if offering.prices else book.valid_operator.home_currency


def _country(book: Book, offering_id: str) -> str:
    supplier = book.offerings[offering_id].value.supplier
    return next(entity.country for entity in book.valid_operator.legal_entities if entity.id == supplier)


def _print(console: Console, book: Book, asked: Any, quoted: Any) -> int:
    said = ", ".join(usage.said for usage in asked.usage) or "no usage"
    console.print(f"[bold]{asked.offering_id}[/bold] on {asked.day}: {said}", highlight=False)
    for row in quoted.suspended:
        console.print(f"  not priced: {row['reason_code']} {row.get('detail') or ''}", style="red", markup=False)
    if quoted.parked:
        console.print(
            f"  no bill: {quoted.parked['reason_code']} {quoted.parked['detail'] or ''}", style="red", markup=False
        )
    for line in quoted.lines:
        print_line(console, book, line, quoted)
    for bucket in quoted.buckets:
        there, used, rest = (
            decimal_text(Decimal(bucket[name]).scaleb(-bucket["quantity_scale"]))
            for name in ("granted_units", "used_units", "left_units")
        )
        console.print(f"  allowance {bucket['allowance_id']}: {there} granted, {used} used, {rest} left", markup=False)
    for tax in quoted.taxes:
        console.print(
            f"  tax {tax['tax_category']} {decimal_text(tax['tax_rate_percent'])} % of "
            f"{_money(tax['base_minor'], quoted)}: {_money(tax['tax_minor'], quoted)} {tax['currency_code']}",
            highlight=False,
        )
    if quoted.bill:
        bill = quoted.bill
        console.print(
            f"  net {_money(bill['net_minor'], quoted)}, tax {_money(bill['tax_minor'], quoted)}, "
            f"[bold]to pay {_money(bill['gross_minor'], quoted)} {bill['currency_code']}[/bold]",
            highlight=False,
        )
    return 1 if quoted.suspended or quoted.parked else 0


def _money(amount_minor: int, quoted: Any) -> str:
    digits = quoted.lines[0]["minor_digits"] if quoted.lines else 2
    return f"{Decimal(amount_minor).scaleb(-digits):f}"
