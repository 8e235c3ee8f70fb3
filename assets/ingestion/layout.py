"""What a feed's files look like, for usage and populations alike.

Belongs here: fields, their kinds and bounds; the header's check; usage specifications turned into layouts.
Belongs elsewhere: the SQL that checks a field (``grammars``), the built-in population layouts (``populations``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from assets.catalog.models.usage_specification import Characteristic, UsageSpecification
from assets.ingestion.refusal import FileRefused

FieldKind = Literal[
    "text", "code", "phone_number", "timestamp", "quantity", "date", "whole_number", "identifier", "json"
]

# Whole part of a decimal in a file: the grammar of design and reliability pages, [0-9]{1,12}.
WHOLE_DIGITS = 12


@dataclass(frozen=True)
class Field:
    """One column (csv) or key (jsonl). ``minimum_units`` and ``maximum_units`` count 10^-scale; None = no bound."""

    id: str
    column: str
    kind: FieldKind
    required: bool = True
    max_length: int = 200
    allowed: tuple[str, ...] | None = None
    pattern: str | None = None  # text and code: the whole value, as a regular expression (RE2)
    pattern_text: str = ""  # the pattern in words, for the reader of a rejection
    scale: int = 0
    minimum_units: int | None = None
    maximum_units: int | None = None
    time_format: str | None = None
    assume_offset: str | None = None
    is_trailing: bool = False  # csv: a header may end before this column; then it has no value in any row


@dataclass(frozen=True)
class Layout:
    """One feed: which fields its files hold and how they are written."""

    feed: str
    feed_kind: Literal["usage", "population"]
    name_pattern: str
    file_format: Literal["csv", "jsonl"]
    fields: tuple[Field, ...]
    delimiter: str = ","
    null_text: str = ""
    extra_columns_ignored: bool = False
    control_totals: tuple[str, ...] = ()  # quantities whose sums the manifest must state
    # Usage only.
    numbered_names: str | None = None  # file names with {number} and {month}; None: the feed's files have no number
    first_number: int = 1
    event_id: tuple[str, ...] = ()
    event_time: str = ""
    age_limit_days: int = 0
    served_by: str = ""
    identifier_kind: str = ""
    priced: tuple[tuple[str, int | None], ...] = ()  # characteristic, leading digits kept (None: the whole value)
    quantities: tuple[str, ...] = ()  # characteristic of slot 1, 2, 3; "" where a slot is not used
    # Populations only: the fields (from, until) of a half-open period.
    period: tuple[str, str] | None = None

    def field(self, field_id: str) -> Field:
        """The field of that id; KeyError when there is none."""
        for entry in self.fields:
            if entry.id == field_id:
                return entry
        raise KeyError(field_id)

    @property
    def mark(self) -> str:
        """The character put before every staged line; for csv the delimiter, so that each field has one before it."""
        return self.delimiter if self.file_format == "csv" else ","


def usage_layout(specification: UsageSpecification) -> Layout:
    """The layout of a usage specification's files."""
    must_have = {*specification.event_id, specification.event_time, specification.served_by.characteristic}
    must_have |= {entry.id for entry in specification.quantities if entry.slot == 1}
    slots = {entry.slot: entry.id for entry in specification.quantities}
    return Layout(
        feed=specification.id,
        feed_kind="usage",
        name_pattern=specification.file.name_pattern,
        file_format=specification.file.format,
        delimiter=specification.file.delimiter,
        null_text=specification.file.null_text,
        extra_columns_ignored=specification.file.extra_columns == "ignored",
        control_totals=tuple(specification.file.control_totals or ()),
        numbered_names=specification.file.numbering.names if specification.file.numbering else None,
        first_number=specification.file.numbering.first if specification.file.numbering else 1,
        fields=tuple(_usage_field(entry, entry.id in must_have) for entry in specification.characteristics),
        event_id=tuple(specification.event_id),
        event_time=specification.event_time,
        age_limit_days=specification.age_limit_days,
        served_by=specification.served_by.characteristic,
        identifier_kind=specification.served_by.identifier_kind,
        priced=tuple(
            (entry.id, entry.leading_digits if entry.type == "phone_number" else None)
            for entry in specification.priced_characteristics
        ),
        quantities=tuple(slots.get(slot, "") for slot in (1, 2, 3)),
    )


def _usage_field(entry: Characteristic, must_have: bool) -> Field:
    text = Field(entry.id, entry.column, "text", required=entry.required or must_have)
    if entry.type == "quantity":
        return replace(
            text,
            kind="quantity",
            scale=entry.scale,
            minimum_units=_units(entry.minimum, entry.scale),
            maximum_units=_units(entry.maximum, entry.scale),
        )
    if entry.type == "timestamp":
        return replace(text, kind="timestamp", time_format=entry.format, assume_offset=entry.assume_offset)
    if entry.type == "phone_number":
        return replace(text, kind="phone_number")
    if entry.type == "code":
        return replace(
            text,
            kind="code",
            max_length=entry.max_length,
            allowed=tuple(entry.allowed) if entry.allowed is not None else None,
        )
    return replace(text, max_length=entry.max_length)


def _units(bound: Decimal, scale: int) -> int:
    """A bound as a whole number of 10^-scale units; a bound finer than the scale cannot be compared exactly."""
    units = bound.scaleb(scale)
    if units != units.to_integral_value():
        raise ValueError(f"the bound {bound} has more decimals than the scale {scale} of its quantity")
    return int(units)


def header_positions(layout: Layout, first_line: str) -> tuple[int, ...]:
    """Position (0-based) of each of the layout's fields in a csv header; raises FileRefused when it does not match."""
    expected = [entry.column for entry in layout.fields]
    found = split_header(first_line, layout.delimiter)
    if len(set(found)) != len(found):
        twice = next(name for name in found if found.count(name) > 1)
        raise FileRefused(f"the column {twice!r} twice in the header", "each column once", "remove one of the two")
    if not layout.extra_columns_ignored:
        # Positions beyond the fields of a row have no value.
        if found != expected and not (
            found == expected[: len(found)] and all(entry.is_trailing for entry in layout.fields[len(found) :])
        ):
            raise FileRefused(*_header_difference(found, expected))
        return tuple(range(len(expected)))
    missing = [name for name in expected if name not in found]
    if missing:
        raise FileRefused(
            f"no column {missing[0]!r} in the header",
            f"the columns {', '.join(expected)}",
            "add the column, or change `column` in the usage specification",
        )
    return tuple(found.index(name) for name in expected)


def _header_difference(found: Sequence[str], expected: Sequence[str]) -> tuple[str, str, str]:
    remedy = "send the columns in this order and spelling, or change the usage specification"
    expected_text = f"the header {','.join(expected)}"
    for position, name in enumerate(expected):
        if position >= len(found):
            return f"no column {position + 1} ({name!r}) in the header", expected_text, remedy
        if found[position] != name:
            return f"{found[position][:80]!r} as column {position + 1} of the header", expected_text, remedy
    return f"the further column {found[len(expected)][:80]!r} in the header", expected_text, remedy


def split_header(first_line: str, delimiter: str) -> list[str]:
    """The names of a csv header by the same rules as the rows: RFC 4180, a quote only around a whole field."""
    names, rest = [], first_line.removesuffix("\r")
    if "\r" in rest:  # else rows would be told as names of columns
        raise FileRefused(
            "a carriage return within the header line", "lines that end with a line feed", "export the file again"
        )
    while True:
        if rest.startswith('"'):
            end = 1
            while (end := rest.find('"', end)) >= 0 and rest[end + 1 : end + 2] == '"':
                end += 2
            after = rest[end + 1 : end + 2]
            if end < 0 or (after and after != delimiter):
                break
            names.append(rest[1:end].replace('""', '"'))
            rest, ended = rest[end + 2 :], not after
        else:
            name, separator, rest = rest.partition(delimiter)
            if '"' in name:
                break
            names.append(name)
            ended = not separator
        if ended:
            return names
    raise FileRefused("a stray quote in the header", "a header by RFC 4180", "quote whole fields only, or none")
