"""``apportion quote``: what a hypothetical usage would cost under an offering, step by step.

Belongs here: saying what the trial came to. Belongs elsewhere: reading the words and running the trial
(``assets.quoting``).
"""

import tempfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from assets.catalog.book import Book
from assets.catalog.check import check_book
from assets.catalog.models.grammar import decimal_text
from assets.publishing.refusal import Refusal

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
    from orchestration.trial import trial_database

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
        _print_line(console, book, line, [event for event in quoted.events if _is_of(event, line)])
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


def _is_of(event: dict[str, Any], line: dict[str, Any]) -> bool:
    keys = ("price_version_id", "price_override_id", "product_number", "is_late")
    return line["charge_kind"] == "usage" and all(event[key] == line[key] for key in keys)


def _print_line(console: Console, book: Book, line: dict[str, Any], events: list[dict[str, Any]]) -> None:
    languages = book.valid_operator.languages
    name = _price_name(book, line, "en" if "en" in languages else languages[0])
    console.print(f"  [bold]{name}[/bold] ({line['price_id']}, {line['charge_kind']})", highlight=False)
    if line["charge_kind"] == "usage":
        console.print(
            f"    counted: {line['event_count']} event(s), {decimal_text(line['billed_quantity'])} charged"
            + (
                f", {decimal_text(line['allowance_quantity'])} covered by an allowance"
                if line["allowance_quantity"]
                else ""
            ),
            highlight=False,
        )
    elif line["period_factor"] != 1:
        console.print(f"    part of the period: {decimal_text(line['period_factor'])}", highlight=False)
    console.print(f"    tariff: {_tariff_words(book, line)}", highlight=False, markup=False)
    if len(events) > 1:
        for event in events:
            console.print(
                f"    event at {event['event_at']:%Y-%m-%d %H:%M:%S}: {decimal_text(event['amount_exact'])}",
                highlight=False,
            )
    console.print(f"    exact: {decimal_text(line['amount_exact'])} {line['price_currency_code']}", highlight=False)
    if line["price_currency_code"] != line["currency_code"]:
        console.print(
            f"    at {decimal_text(line['fx_rate'])} of {line['fx_date']} ({line['fx_source']})", highlight=False
        )
    amount = decimal_text(Decimal(line["amount_minor"]).scaleb(-line["minor_digits"]))
    console.print(f"    rounded once: [bold]{amount} {line['currency_code']}[/bold]", highlight=False)


def _price_of(book: Book, line: dict[str, Any]) -> Any:
    for offering_id in (line["offering_id"], line["bundle_offering_id"]):
        if offering_id is not None:
            for price in book.offerings[offering_id].value.prices:
                if price.id == line["price_id"]:
                    return price
    return None


def _price_name(book: Book, line: dict[str, Any], language: str) -> str:
    price = _price_of(book, line)
    return price.name[language] if price else line["price_id"]


def _tariff_words(book: Book, line: dict[str, Any]) -> str:
    """The tariff as the book writes it, in force on the line's first day."""
    price = _price_of(book, line)
    if price is None:
        return line["tariff_model"]
    day = line["covered_from"].astimezone(ZoneInfo(book.valid_operator.time_zone)).date()
    version = next(
        entry for entry in reversed(price.versions) if entry.effective_from <= day or entry is price.versions[0]
    )
    content = version.tariff.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)
    return ", ".join(f"{key} {_shown(value)}" for key, value in ({"model": version.tariff.model} | content).items())


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "[" + "; ".join(_shown(entry) for entry in value) + "]"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(entry)}" for key, entry in value.items())
    return str(value)


def _money(amount_minor: int, quoted: Any) -> str:
    digits = quoted.lines[0]["minor_digits"] if quoted.lines else 2
    return f"{Decimal(amount_minor).scaleb(-digits):f}"
