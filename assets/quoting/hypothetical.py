"""Usage as people say it, ``voice=120min,zone=DE``, as a row of the usage file that its specification describes.

Belongs here: the grammar of one ``--usage``, units, a number that lies in a zone.
Belongs elsewhere: the specifications (``assets.catalog.models.usage_specification``), writing files (``quote``).

    voice=120min              one event; the unit is converted into the specification's
    voice=10x12min            ten events
    voice=120min,zone=eu      a called number in zone eu of the book's zone lists
    voice=120min,zone=DE      a German number, whatever zone the book puts it into
    data=5GB,network=roaming  a characteristic by its name
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from assets.catalog.book import Book
from assets.catalog.models.usage_specification import (
    CodeCharacteristic,
    DetailCharacteristic,
    PhoneNumberCharacteristic,
    QuantityCharacteristic,
    TextCharacteristic,
    TimestampCharacteristic,
    UsageSpecification,
)
from assets.catalog.phone_prefixes import is_region, region_prefixes
from assets.catalog.reading.problems import listed

_AMOUNT = re.compile(r"(?:(?P<times>[1-9][0-9]{0,3})x)?(?P<number>-?[0-9]+(?:\.[0-9]+)?)(?P<unit>[A-Za-z]*)")
# How many of the first unit make one of the second; what is not here is said in the specification's own unit.
_SECONDS = {"s": 1, "sec": 1, "min": 60, "h": 3600}
_BYTES = {"KB": 1, "MB": 1024, "GB": 1024 * 1024, "TB": 1024 * 1024 * 1024}
# Digits behind a prefix, so that a number is as long as a real one.
_NUMBER_LENGTH = 11


class UnclearUsage(ValueError):
    """What was said cannot be made a usage row; the message says what was found, what was expected and what to do."""


@dataclass(frozen=True, slots=True)
class HypotheticalUsage:
    """Rows to write for one ``--usage``: ``values`` by column, without event id, instant and user."""

    said: str
    specification: UsageSpecification
    times: int
    values: Mapping[str, str] = field(default_factory=dict)


def parse_usage(said: str, book: Book) -> HypotheticalUsage:
    """One ``--usage`` of the command line.

    Raises:
        UnclearUsage: an unknown specification, characteristic, unit or zone, or a characteristic that has to be said.
    """
    first, *others = said.split(",")
    name, _, amount = first.partition("=")
    place = book.usage_specifications.get(name)
    if place is None:
        raise UnclearUsage(
            f"found usage {name!r}, expected one of {listed(book.usage_specifications)}. "
            "Say for example --usage voice=120min"
        )
    specification = place.value
    times, quantity = _quantity(amount, specification)
    found = {}
    for other in others:
        key, separator, value = other.partition("=")
        if not separator or not value:
            raise UnclearUsage(f"found {other!r}, expected characteristic=value, as in zone=DE")
        found[key] = value
    values = {specification.quantities[0].column: quantity}
    values |= _characteristics(specification, book, found)
    return HypotheticalUsage(said, specification, times, values)


def _quantity(amount: str, specification: UsageSpecification) -> tuple[int, str]:
    slot: QuantityCharacteristic = specification.quantities[0]
    found = _AMOUNT.fullmatch(amount)
    if not found:
        raise UnclearUsage(f"found {amount!r}, expected a number with a unit, as in 120{slot.unit} or 10x12{slot.unit}")
    number, unit = Decimal(found["number"]), found["unit"] or slot.unit
    if unit != slot.unit:
        for table in (_SECONDS, _BYTES):
            if unit in table and slot.unit in table:
                number = number * table[unit] / table[slot.unit]
                break
        else:
            raise UnclearUsage(f"found the unit {unit!r}, expected {slot.unit}, in which {specification.id} is counted")
    return int(found["times"] or 1), format(number, "f")


def _characteristics(specification: UsageSpecification, book: Book, said: dict[str, str]) -> dict[str, str]:
    """Columns of what was said, and of what the file requires besides."""
    values: dict[str, str] = {}
    left = dict(said)
    for entry in specification.characteristics:
        if entry.id in (*specification.event_id, specification.event_time, specification.served_by.characteristic):
            continue
        if entry.id in left:
            values[entry.column] = left.pop(entry.id)
        elif getattr(entry, "priced_by", None) == "zone" and "zone" in left:
            values[entry.column] = _value_in_zone(left.pop("zone"), book)
        elif entry.required and not isinstance(entry, QuantityCharacteristic):
            values[entry.column] = _usual_value(entry, specification)
    if left:
        known = [entry.id for entry in specification.characteristics]
        raise UnclearUsage(f"found {listed(left)}, expected a characteristic of {specification.id}: {listed(known)}")
    return values


def _usual_value(entry: object, specification: UsageSpecification) -> str:
    """What a characteristic is when nothing is said: the first of the values that the book lists."""
    if isinstance(entry, CodeCharacteristic) and entry.allowed:
        return entry.allowed[0]
    if isinstance(entry, TextCharacteristic | DetailCharacteristic):
        return "quote"
    remedy = "zone=NAME, " if getattr(entry, "priced_by", None) == "zone" else ""
    name = getattr(entry, "id", "?")
    raise UnclearUsage(f"{specification.id} needs {name}: say {remedy}{name}=VALUE")


def _value_in_zone(zone: str, book: Book) -> str:
    """A number or code that lies in a zone of some list, or in a country."""
    for zone_list in book.zone_lists.values():
        for prefix, name in sorted(zone_list.zone_by_prefix.items()):
            if name == zone:
                return _as_number(prefix) if prefix.isdigit() else prefix
    if is_region(zone):
        return _as_number(region_prefixes(zone)[0])
    zones = {name for zone_list in book.zone_lists.values() for name in zone_list.zones}
    raise UnclearUsage(f"found zone {zone!r}, expected one of {listed(zones)}, or a country such as DE")


def _as_number(prefix: str) -> str:
    return prefix + "0" * max(0, _NUMBER_LENGTH - len(prefix))


def user_value(specification: UsageSpecification, number: int) -> str:
    """Who used it, as its characteristic is written: a phone number, or a word."""
    entry = specification.characteristic(specification.served_by.characteristic)
    return f"9990{number:08d}" if isinstance(entry, PhoneNumberCharacteristic) else f"quote-{number}"


def instant_format(specification: UsageSpecification) -> str | None:
    """The strptime format of the event's time; None for ISO 8601."""
    entry = specification.characteristic(specification.event_time)
    return entry.format if isinstance(entry, TimestampCharacteristic) else None
