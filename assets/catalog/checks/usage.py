"""Checks of usage specifications: references between their characteristics, storage slots, bounds.

Belongs here: rules inside one usage specification, and file names that two specifications would share.
Belongs elsewhere: prices that refer to characteristics (``offerings``).
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from assets.catalog.book import Book
from assets.catalog.models.usage_specification import (
    CodeCharacteristic,
    DetailCharacteristic,
    PhoneNumberCharacteristic,
    TextCharacteristic,
    TimestampCharacteristic,
    UsageSpecification,
)
from assets.catalog.reading.problems import Placed, Problem, listed, shown

# A quantity is stored as bigint units of 10^-scale.
_LARGEST_UNITS = Decimal(10) ** 18
# An identifier's place in PostgreSQL's index has 2,704 bytes; a character takes up to four.
_LONGEST_IDENTIFIER = 500
# Parts of an instant that every reader of usage files knows. A day and an hour say when, the rest may be left out.
_FORMAT_PARTS = frozenset("YymbBdHIpMSfz%")


def check_usage_specifications(book: Book) -> Iterator[Problem]:
    """Problems of every usage specification."""
    patterns: dict[str, str] = {}
    for place in book.usage_specifications.values():
        specification = place.value
        yield from _check_references(place)
        yield from _check_uniqueness(place)
        yield from _check_times(place)
        yield from _check_quantities(place)
        yield from _check_numbering(place)
        yield from _check_control_totals(place)
        pattern = specification.file.name_pattern
        if pattern in patterns:
            found = f"{shown(pattern)}, which {patterns[pattern]} has as well"
            remedy = "Give the files of each specification a name of their own."
            yield place.problem(("file", "name_pattern"), found, "a file name pattern of its own", remedy)
        patterns[pattern] = specification.id


def _check_control_totals(place: Placed[UsageSpecification]) -> Iterator[Problem]:
    quantities = {entry.id for entry in place.value.quantities}
    for position, name in enumerate(place.value.file.control_totals or ()):
        if name not in quantities:
            expected = f"a quantity: {listed(quantities)}"
            path = ("file", "control_totals", position)
            yield place.problem(path, f"characteristic {shown(name)}", expected, "Name a quantity.")


def _check_references(place: Placed[UsageSpecification]) -> Iterator[Problem]:
    specification = place.value
    names = listed((entry.id for entry in specification.characteristics), limit=40)
    for position, identifier in enumerate(specification.event_id):
        found = specification.characteristic(identifier)
        if found is None or isinstance(found, DetailCharacteristic):
            described = f"characteristic {shown(identifier)}"
            yield place.problem(("event_id", position), described, f"one of {names}", "Name a characteristic.")
        elif not found.required:
            described = f"{shown(identifier)}, which may be absent"
            remedy = "Remove required: false there."
            yield place.problem(("event_id", position), described, "a required characteristic", remedy)
    time = specification.characteristic(specification.event_time)
    if not isinstance(time, TimestampCharacteristic) or not time.required:
        times = (entry.id for entry in specification.characteristics if isinstance(entry, TimestampCharacteristic))
        expected = f"a required timestamp: {listed(times)}"
        yield place.problem(("event_time",), shown(specification.event_time), expected, "Name a timestamp.")
    served = specification.characteristic(specification.served_by.characteristic)
    suitable = (TextCharacteristic, CodeCharacteristic, PhoneNumberCharacteristic)
    if not isinstance(served, suitable) or not served.required:
        found_text = f"characteristic {shown(specification.served_by.characteristic)}"
        expected = f"a required text, code or phone number among {names}"
        yield place.problem(("served_by", "characteristic"), found_text, expected, "Name who used the service.")
    elif isinstance(served, TextCharacteristic) and served.max_length > _LONGEST_IDENTIFIER:
        path = ("characteristics", specification.characteristics.index(served), "max_length")
        found_text, expected = f"{served.max_length} for an identifier", f"at most {_LONGEST_IDENTIFIER}"
        yield place.problem(path, found_text, expected, "Enter the length that its longest identifiers have.")


def _check_times(place: Placed[UsageSpecification]) -> Iterator[Problem]:
    for position, entry in enumerate(place.value.characteristics):
        if not isinstance(entry, TimestampCharacteristic) or entry.format is None:
            continue
        path = ("characteristics", position, "format")
        parts = re.findall(r"%(.?)", entry.format)
        unknown = [part for part in parts if part not in _FORMAT_PARTS]
        if unknown:
            expected = f"parts among {', '.join(f'%{part}' for part in sorted(_FORMAT_PARTS))}"
            yield place.problem(path, shown(f"%{unknown[0]}"), expected, "Write the format as its files write times.")
        elif not all(set(parts) & set(wanted) for wanted in ("Yy", "mbB", "d", "HI")):
            expected = "a year, a month, a day and an hour: %Y, %m, %d, %H"
            yield place.problem(path, shown(entry.format), expected, "Write the format as its files write times.")
        elif "z" not in parts and entry.assume_offset is None:
            remedy = "Add assume_offset, or %z where the files say it."
            yield place.problem(path, f"{shown(entry.format)} without an offset", "assume_offset or %z", remedy)


def _check_uniqueness(place: Placed[UsageSpecification]) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for position, entry in enumerate(place.value.characteristics):
        for field, value in (("id", entry.id), ("column", entry.column)):
            if (field, value) in seen:
                path = ("characteristics", position, field)
                yield place.problem(
                    path, f"{shown(value)} a second time", f"each {field} once", "Rename or remove one."
                )
            seen.add((field, value))


def _check_numbering(place: Placed[UsageSpecification]) -> Iterator[Problem]:
    numbering = place.value.file.numbering
    if numbering is None:
        return
    path, names = ("file", "numbering"), numbering.names
    rest = names.replace("{number}", "", 1).replace("{month}", "", 1)
    if "{number}" not in names or "{" in rest or "}" in rest:
        expected = "{number} once, and {month} at most once"
        yield place.problem((*path, "names"), shown(names), expected, "Write the name as its files are called.")
    if numbering.files_per_month is not None and "{month}" not in names:
        found = "files_per_month for numbers that never start again"
        remedy = "Put {month} into names, or remove files_per_month."
        yield place.problem((*path, "files_per_month"), found, "names with {month}", remedy)


def _check_quantities(place: Placed[UsageSpecification]) -> Iterator[Problem]:
    slots = [quantity.slot for quantity in place.value.quantities]
    if sorted(set(slots)) != list(range(1, len(slots) + 1)):
        found = f"the slots {', '.join(str(slot) for slot in slots)}" if slots else "no quantity"
        expected = "quantities in slots 1, 2, 3 without gap or repetition"
        yield place.problem(("characteristics",), found, expected, "Number the quantities from slot: 1.")
    for position, entry in enumerate(place.value.characteristics):
        path = ("characteristics", position)
        if entry.type != "quantity":
            continue
        if entry.minimum > entry.maximum:
            expected = f"at least the minimum {entry.minimum}"
            yield place.problem((*path, "maximum"), shown(str(entry.maximum)), expected, "Swap or correct the bounds.")
        for field, bound in (("minimum", entry.minimum), ("maximum", entry.maximum)):
            if abs(bound).scaleb(entry.scale) >= _LARGEST_UNITS:
                found = f"{bound} with {entry.scale} decimals"
                remedy = "Choose narrower bounds or a smaller scale."
                yield place.problem((*path, field), found, "a bound that fits 18 digits with its scale", remedy)
            elif bound != bound.quantize(Decimal(1).scaleb(-entry.scale)):
                expected = f"at most {entry.scale} decimals, the scale"
                yield place.problem((*path, field), shown(str(bound)), expected, "Shorten it or enlarge scale.")
