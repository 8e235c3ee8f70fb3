"""The short way for usage lines of the plain form: one grammar for the whole line, fields by their place.

Belongs here: which lines are plain, and what is still asked of their values, as SQL of DataFusion.
Belongs elsewhere: running it (``plain_blocks``); every other line, which goes the long way (``lines``, ``grammars``)
and is judged there.

The short way never rejects. A plain line has no fault, and no character that needs care (quote, backslash, escape), so
both ways encode it alike; any other line is judged as if this module did not exist. Nearly all lines are plain, and one
look at a line costs a fraction of a look at each of its fields.
"""
# ruff: noqa: S608 - SQL is put together from this package's names and literals; nothing of a file gets into it.

import json
import re
from dataclasses import dataclass
from datetime import datetime

from assets.ingestion.grammars import (
    INVISIBLE,
    MAXIMUM_ROW_BYTES,
    OFFSET,
    PHONE_NUMBER,
    TIME,
    decimal_pattern,
    event_window,
    literal,
    microseconds,
    typed,
    units_expression,
    value,
)
from assets.ingestion.layout import WHOLE_DIGITS, Field, Layout, split_header
from assets.ingestion.lines import JSON_NUMBER
from assets.ingestion.staging import RETURN, StagedFile

_KINDS = ("text", "code", "phone_number", "timestamp", "quantity")  # those of usage specifications
_LINE_BREAK = r"\n?"
_DIGITS = {"%Y": 4, "%m": 2, "%d": 2, "%H": 2, "%M": 2, "%S": 2}  # of the parts of an instant in a format
_SPACE = r"[ \t]*"
_RETURN = r"\x{FDD1}"  # ``staging.RETURN`` in a character class
_KEY_NEVER = re.compile(r'["\\\x00-\x1f]')


@dataclass(frozen=True)
class _Shape:
    """How the plain lines of a file look. ``places``: SQL for each field's text from `f`, the pieces of the line."""

    pattern: str
    delimiter: str
    places: dict[str, str]


def plain_query(layout: Layout, staged: StagedFile, positions: tuple[int, ...], received_at: datetime) -> str | None:
    """SQL giving line_number, line, v_*, t_*, is_plain of each line (``plain_blocks``); None when none can be plain."""
    if not all(_can_be_plain(entry) for entry in layout.fields):
        return None
    shape = _csv_shape(layout, staged, positions) if layout.file_format == "csv" else _json_shape(layout, staged)
    if shape is None:
        return None
    values = ", ".join(f"{place} as {value(layout.field(field_id))}" for field_id, place in shape.places.items())
    typed_values = "".join(
        f", {expression} as {typed(entry)}"
        for entry in layout.fields
        if (expression := _typed_expression(entry)) is not None
    )
    earliest, latest = (microseconds(instant) for instant in event_window(layout, received_at))
    # A line begins with its line break, and the first of a csv file says what its columns are.
    first_row = 1 if layout.file_format == "csv" else 0
    conditions = [
        f"line_number > {first_row}",
        f"octet_length(body) between 3 and {MAXIMUM_ROW_BYTES}",
        f"regexp_like(body, {literal(f'^(?:{_LINE_BREAK}{shape.pattern})$')})",
        *(condition for entry in layout.fields for condition in _conditions(layout, entry)),
        f"{typed(layout.field(layout.event_time))} between {earliest} and {latest}",
    ]
    body = "line"
    if staged.has_returns:
        body = f"case when ends_with(line, {literal(RETURN)}) then left(line, -1) else line end"
    return f"""
        with numbered as (select line_number, line, {body} as body from lines),
        split as (select *, string_to_array(body, {literal(shape.delimiter)}) as f from numbered),
        found as (select line_number, line, body, {values} from split),
        typed as (select *{typed_values} from found)
        select *, coalesce({" and ".join(conditions)}, false) as is_plain from typed"""


def _can_be_plain(entry: Field) -> bool:
    has_parts = entry.time_format is None or _format_pieces(entry.time_format) is not None
    return entry.kind in _KINDS and entry.pattern is None and has_parts


def _format_pieces(time_format: str) -> list[str] | None:
    """A format's parts and what stands between them; None unless it has each part that an instant needs, once."""
    pieces = re.findall(r"%.|[^%]+", time_format)
    parts = sorted(piece for piece in pieces if piece.startswith("%"))
    return pieces if parts == sorted(_DIGITS) else None


def _typed_expression(entry: Field) -> str | None:
    """SQL for the typed column of a text that has matched its grammar; null when it is no such value all the same."""
    text = value(entry)
    if entry.kind == "quantity":
        return units_expression(entry)
    if entry.kind != "timestamp":
        return None
    if entry.time_format is not None:
        text = f"{_standard_form(text, entry.time_format)} || {literal(entry.assume_offset or '')}"
    elif entry.assume_offset is not None:
        assumed = f"{text} || {literal(entry.assume_offset)}"
        text = f"case when regexp_like({text}, {literal(f'{OFFSET}$')}) then {text} else {assumed} end"
    # Nanoseconds since 1970, of instants from 1678 to 2261; others are null.
    return f"cast(try_cast({text} as timestamp) as bigint) / 1000"


def _standard_form(text: str, time_format: str) -> str:
    """SQL for an instant as ISO 8601 writes it, from a text of that format."""
    place, parts = 1, {}
    for piece in _format_pieces(time_format) or ():
        width = _DIGITS.get(piece, len(piece))
        parts[piece] = f"substr({text}, {place}, {width})"
        place += width
    year, month, day, hour, minute, second = (parts[part] for part in _DIGITS)
    return f"{year} || '-' || {month} || '-' || {day} || 'T' || {hour} || ':' || {minute} || ':' || {second}"


def _csv_shape(layout: Layout, staged: StagedFile, positions: tuple[int, ...]) -> _Shape | None:
    columns = split_header(staged.first_line, layout.delimiter)
    if max(positions) >= len(columns):
        return None
    character = _character(staged, layout.delimiter)
    fields = {position: entry for entry, position in zip(layout.fields, positions, strict=True)}
    patterns = [_pattern(layout, fields.get(position), character) for position in range(len(columns))]
    mark = re.escape(layout.delimiter)
    places = {entry.id: _or_null(layout, entry, f"f[{position + 2}]") for position, entry in fields.items()}
    return _Shape("".join(f"{mark}{pattern}" for pattern in patterns), layout.delimiter, places)


def _json_shape(layout: Layout, staged: StagedFile) -> _Shape | None:
    """Objects with the keys of the first line in its order, each a string there as here, or each a number."""
    try:
        pairs = json.loads(staged.first_line, object_pairs_hook=list, parse_int=_Number, parse_float=_Number)
    except (ValueError, RecursionError):
        return None
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
        return None
    fields = {entry.column: entry for entry in layout.fields}
    keys = [key for key, _ in pairs]
    is_known = set(keys) == fields.keys() or (layout.extra_columns_ignored and fields.keys() <= set(keys))
    if not is_known or len(set(keys)) < len(keys) or any(_KEY_NEVER.search(key) for key in keys):
        return None
    character = _character(staged, "\\")
    patterns, places, pieces = [], {}, 1
    for key, first in pairs:
        entry = fields.get(key)
        if type(first) is str:
            pattern, place = f'"{_pattern(layout, entry, character)}"', f"f[{pieces + 3}]"
            pieces += 4
        elif isinstance(first, _Number) and (entry is None or entry.kind in ("quantity", "text")):
            pattern, place = _number_pattern(entry), f"btrim(f[{pieces + 2}], ' \t:,}}')"
            pieces += 2
        else:
            return None
        patterns.append(f'{_SPACE}"{re.escape(key)}"{_SPACE}:{_SPACE}{pattern}{_SPACE}')
        if entry is not None:
            places[entry.id] = _or_null(layout, entry, place)
    return _Shape(rf",{_SPACE}\{{{','.join(patterns)}\}}{_SPACE}", '"', places)


def _or_null(layout: Layout, entry: Field, place: str) -> str:
    """A field's text, null where it says that there is no value. Where one must be, the grammar knows no empty text."""
    texts = {layout.null_text, ""} - ({""} if entry.required else set())
    for text in sorted(texts):
        place = f"nullif({place}, {literal(text)})"
    return place


class _Number(str):
    """A JSON number as it is written."""


def _character(staged: StagedFile, special: str) -> str:
    """A character class: visible, and none that ends a field or needs care."""
    above = r"\x{80}-\x{10FFFF}" if not staged.characters_above_ascii else _RETURN if staged.has_returns else ""
    return f'[^"{re.escape(special)}{INVISIBLE}{above}]'


def _pattern(layout: Layout, entry: Field | None, character: str) -> str:
    """A field's text within a line; with the text of an absent value where it may be absent."""
    if entry is None:
        return f"{character}*"
    patterns = {"quantity": decimal_pattern(entry), "phone_number": PHONE_NUMBER}
    pattern = patterns.get(entry.kind, f"{character}+")
    if entry.kind == "timestamp":
        pattern = f"{TIME}{OFFSET}{'' if entry.assume_offset is None else '?'}"
        if entry.time_format is not None:
            pieces = _format_pieces(entry.time_format) or ()
            # As in TIME: DataFusion would take a sixty-first second.
            pattern = "".join(
                "[0-5][0-9]" if p == "%S" else f"[0-9]{{{_DIGITS[p]}}}" if p in _DIGITS else re.escape(p)
                for p in pieces
            )
    elif entry.allowed is not None:
        pattern = "|".join(re.escape(word) for word in entry.allowed if _can_stand_plain(layout, word))
    if not entry.required and _can_stand_plain(layout, layout.null_text):
        pattern += f"|{re.escape(layout.null_text)}"
    return f"(?:{pattern})"


def _can_stand_plain(layout: Layout, word: str) -> bool:
    return not any(special in word for special in (layout.delimiter, '"', "\\", "\t"))


def _number_pattern(entry: Field | None) -> str:
    """A number of JSON, which has no zeros in front, within a quantity's grammar."""
    if entry is None or entry.kind == "text":
        return JSON_NUMBER
    fraction = rf"(?:\.[0-9]{{1,{entry.scale}}})?" if entry.scale else ""
    return rf"-?(?:0|[1-9][0-9]{{0,{WHOLE_DIGITS - 1}}}){fraction}"


def _conditions(layout: Layout, entry: Field) -> list[str]:
    """What the grammar of the line leaves open about a value."""
    text, found = value(entry), []
    if entry.required:
        found.append(f"{text} is not null")
    if entry.kind in ("text", "code") and entry.allowed is None:
        found.append(f"length({text}) <= {entry.max_length}")
    if entry.kind == "timestamp":
        found.append(f"{typed(entry)} is not null")
    if entry.kind == "quantity":
        low, high = entry.minimum_units, entry.maximum_units
        bounds = [f"{typed(entry)} >= {low}"] if low is not None else []
        bounds += [f"{typed(entry)} <= {high}"] if high is not None else []
        found.append(" and ".join(bounds) or f"{typed(entry)} is not null")
    return found if entry.required else [f"({text} is null or {condition})" for condition in found]
