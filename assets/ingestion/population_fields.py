"""What population layouts are put together from: ids, texts, codes, days and instants.

Belongs here: fields in the shapes that populations share, and the type of a population.
Belongs elsewhere: the populations themselves (``populations``, ``account_credits``).
"""

from dataclasses import dataclass
from typing import Literal

from assets.ingestion.layout import Field, Layout

ID = r"[A-Za-z0-9_-]{1,40}"
ID_TEXT = "1 to 40 letters, digits, '_' or '-'"


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


def code(field_id: str, *allowed: str, required: bool = True) -> Field:
    """One of a few words."""
    return Field(field_id, field_id, "code", required=required, allowed=allowed)


def date(field_id: str) -> Field:
    """A day."""
    return Field(field_id, field_id, "date")


def instant(field_id: str, *, required: bool = True) -> Field:
    """An instant with its offset."""
    return Field(field_id, field_id, "timestamp", required=required)


def layout(
    feed: str,
    *fields: Field,
    file_format: Literal["csv", "jsonl"] = "csv",
    suffix: str = "csv*",
    period: bool | tuple[str, str] = False,
) -> Layout:
    """The layout of a feed whose files are named after it."""
    return Layout(
        feed=feed,
        feed_kind="population",
        name_pattern=f"{feed}_*.{suffix}",
        file_format=file_format,
        fields=fields,
        period=("effective_from", "effective_until") if period is True else period or None,
    )
