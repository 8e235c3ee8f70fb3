"""What population layouts are put together from: ids, texts, codes, days, instants and periods.

Belongs here: fields in the shapes that populations share, and a population with its table's columns.
Belongs elsewhere: the populations themselves (``registry`` lists them).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from assets.ingestion.layout import Field, Layout

ID = r"[A-Za-z0-9_-]{1,40}"
ID_TEXT = "1 to 40 letters, digits, '_' or '-'"
# What a field of a kind becomes in a column of its name; a quantity's precision is its column's own.
_CASTS = {"text": "", "code": "", "identifier": "", "date": "::date", "timestamp": "::timestamptz",
          "whole_number": "::integer"}  # fmt: skip


@dataclass(frozen=True)
class Population:
    """A population feed and its table. ``columns``: column -> SQL over the delivered text columns, keys first.

    ``key`` are fields of the file; ``table_key`` the table's columns, where several feeds share it.
    """

    layout: Layout
    table: str
    key: tuple[str, ...]
    columns: dict[str, str]
    table_key: tuple[str, ...] = ()


def population(
    fields: Layout,
    table: str,
    key: tuple[str, ...],
    *,
    columns: Mapping[str, str] | None = None,
    without: Collection[str] = (),
) -> Population:
    """A population whose fields become columns of the same name and the type of their kind.

    ``columns`` are those that take more than that, as SQL; ``without`` are fields that have no column of their own.
    """
    stated = dict(columns or {})
    cast = {
        field.id: field.id + _CASTS[field.kind]
        for field in fields.fields
        if field.id not in stated and field.id not in without
    }
    return Population(fields, table, key, cast | stated)


def text(
    field_id: str, *, required: bool = True, max_length: int = 200, pattern: str | None = None, words: str = ""
) -> Field:
    """A text, perhaps of a pattern that ``words`` puts in words."""
    return Field(
        field_id, field_id, "text", required=required, max_length=max_length, pattern=pattern, pattern_text=words
    )


def identifier(field_id: str, *, required: bool = True) -> Field:
    """An id of a record or of a part of the book."""
    return text(field_id, required=required, pattern=ID, words=ID_TEXT)


def currency(field_id: str = "currency_code", *, required: bool = True, such_as: str = "PLN") -> Field:
    """A currency."""
    return text(field_id, required=required, pattern=r"[A-Z]{3}", words=f"an ISO 4217 code such as {such_as}")


def code(field_id: str, *allowed: str, required: bool = True) -> Field:
    """One of a few words."""
    return Field(field_id, field_id, "code", required=required, allowed=allowed)


def quantity(
    field_id: str,
    scale: int,
    *,
    required: bool = True,
    minimum_units: int | None = None,
    maximum_units: int | None = None,
) -> Field:
    """A decimal of at most ``scale`` decimals; bounds count in 10^-scale."""
    return Field(
        field_id, field_id, "quantity",
        required=required, scale=scale, minimum_units=minimum_units, maximum_units=maximum_units,
    )  # fmt: skip


def whole_number(field_id: str, minimum: int, maximum: int, *, required: bool = True) -> Field:
    """A whole number within bounds."""
    return Field(field_id, field_id, "whole_number", required=required, minimum_units=minimum, maximum_units=maximum)


def date(field_id: str, *, required: bool = True) -> Field:
    """A day."""
    return Field(field_id, field_id, "date", required=required)


def instant(field_id: str, *, required: bool = True) -> Field:
    """An instant with its offset."""
    return Field(field_id, field_id, "timestamp", required=required)


def effective() -> tuple[Field, Field]:
    """From an instant on, until another or for good."""
    return instant("effective_from"), instant("effective_until", required=False)


def layout(
    feed: str,
    *fields: Field,
    file_format: Literal["csv", "jsonl"] = "csv",
    period: bool | tuple[str, str] = False,
) -> Layout:
    """The layout of a feed whose files are named after it."""
    return Layout(
        feed=feed,
        feed_kind="population",
        name_pattern=f"{feed}_*.{file_format}*",
        file_format=file_format,
        fields=fields,
        period=("effective_from", "effective_until") if period is True else period or None,
    )
