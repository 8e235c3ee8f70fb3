"""How one line of a quote came about: what was counted, the tariff, tier by tier, each adjustment, the rounding.

Belongs here: one charge line. Belongs elsewhere: the bill as a whole (``quote``), any arithmetic (dbt).
"""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from assets.catalog.book import Book
from assets.catalog.models.grammar import decimal_text

Row = dict[str, Any]
EVENTS_SHOWN = 8
_CYCLES = ("whole", "leading", "trailing", "inner")
_KINDS = {
    "whole": "a whole cycle",
    "leading": "the end of a cycle",
    "trailing": "the start of a cycle",
    "inner": "a part of a cycle",
    "events": "what single events add, limits and rounding of each",
    "free": "before the first or beyond the last tier",
    "billed_before": "what earlier bills charged",
}


def print_line(console: Console, book: Book, line: Row, quoted: Any) -> None:
    """One line with every step from what was counted to what is billed."""

    def say(text: str, *, markup: bool = False) -> None:
        console.print(f"    {text}", highlight=False, markup=markup)

    languages = book.valid_operator.languages
    name = _price_name(book, line, "en" if "en" in languages else languages[0])
    console.print(f"  [bold]{name}[/bold] ({line['price_id']}, {line['charge_kind']})", highlight=False)
    if line["charge_kind"] == "usage":
        covered = decimal_text(line["allowance_quantity"])
        say(
            f"counted: {line['event_count']} event(s), {decimal_text(line['billed_quantity'])} charged"
            + (f", {covered} covered by an allowance" if line["allowance_quantity"] else "")
        )
    elif line["period_factor"] != 1:
        say(f"part of the period: {decimal_text(line['period_factor'])}")
    version = _version_of(book, line)
    say(f"tariff: {_tariff_words(version.tariff) if version else line['tariff_model']}")
    _print_events(say, [event for event in quoted.events if _is_of(event, line)])
    parts = [part for part in quoted.parts if part["line_key"] == line["line_key"]]
    if len(parts) > 1 or any(part["part_kind"] in _CYCLES for part in parts):
        for part in parts:
            say(f"{_part_words(book, part, version)}: {decimal_text(part['amount_exact'])}")
    adjustments = [row for row in quoted.adjustments if row["line_key"] == line["line_key"]]
    for row in adjustments:
        say(f"adjustment {row['adjustment_id']} ({row['kind']}): {decimal_text(row['amount_exact'])}")
    say(f"exact: {decimal_text(line['amount_exact'])} {line['price_currency_code']}")
    if line["price_currency_code"] != line["currency_code"]:
        say(f"at {decimal_text(line['fx_rate'])} of {line['fx_date']} ({line['fx_source']})")
    amount = decimal_text(Decimal(line["amount_minor"]).scaleb(-line["minor_digits"]))
    say(f"rounded once: [bold]{amount} {line['currency_code']}[/bold]", markup=True)


def _is_of(event: Row, line: Row) -> bool:
    keys = ("price_version_id", "price_override_id", "product_number", "is_late")
    return line["charge_kind"] == "usage" and all(event[key] == line[key] for key in keys)


def _print_events(say: Any, events: list[Row]) -> None:
    """The first events by themselves where there are several."""
    if len(events) < 2:
        return
    for event in events[:EVENTS_SHOWN]:
        say(f"event at {event['event_at']:%Y-%m-%d %H:%M:%S}: {decimal_text(event['amount_exact'])}")
    if len(events) > EVENTS_SHOWN:
        say(f"and {len(events) - EVENTS_SHOWN} event(s) more")


def _part_words(book: Book, part: Row, version: Any) -> str:
    if part["part_kind"] == "tier":
        words = _tier_words(version, part["tier_number"])
        return f"tier {part['tier_number']}{words}, {decimal_text(part['quantity'])} of it"
    kind = str(part["part_kind"])
    words = _KINDS.get(kind, kind)
    if part["part_kind"] not in _CYCLES:
        return words
    zone = ZoneInfo(book.valid_operator.time_zone)
    days = (f"{part[name].astimezone(zone):%Y-%m-%d}" for name in ("covered_from", "covered_until"))
    return f"{words}, {' to '.join(days)}, {decimal_text(part['period_factor'])} of it"


def _tier_words(version: Any, number: int) -> str:
    tiers = getattr(version.tariff, "tiers", None) if version else None
    return f" ({_shown(_content(tiers[number - 1]))})" if tiers and number <= len(tiers) else ""


def _price_of(book: Book, line: Row) -> Any:
    for offering_id in (line["offering_id"], line["bundle_offering_id"]):
        if offering_id is not None:
            for price in book.offerings[offering_id].value.prices:
                if price.id == line["price_id"]:
                    return price
    return None


def _price_name(book: Book, line: Row, language: str) -> str:
    price = _price_of(book, line)
    return price.name[language] if price else line["price_id"]


def _version_of(book: Book, line: Row) -> Any:
    """The version of the price in force on the line's first day; None for a price that the book does not have."""
    price = _price_of(book, line)
    if price is None:
        return None
    day = line["covered_from"].astimezone(ZoneInfo(book.valid_operator.time_zone)).date()
    return next(
        entry for entry in reversed(price.versions) if entry.effective_from <= day or entry is price.versions[0]
    )


def _tariff_words(tariff: Any) -> str:
    """The tariff as the book writes it."""
    return _shown({"model": tariff.model} | _content(tariff))


def _content(model: Any) -> dict[str, Any]:
    return model.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "[" + "; ".join(_shown(entry) for entry in value) + "]"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(entry)}" for key, entry in value.items())
    return str(value)
