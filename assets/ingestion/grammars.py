"""The grammar of every field as SQL, in the order in which a row is judged.

Belongs here: conditions that reject a row, with code, found and expected; canonical forms of accepted values.
Belongs elsewhere: reading lines (``lines``), what a row becomes (``encoding``).

Every condition looks at text. Nothing is cast before a strict ASCII grammar has accepted it, so no library's idea of
a number (`1_000`, `NaN`, `１２`) ever decides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from assets.ingestion.layout import WHOLE_DIGITS, Field, Layout

# Later than received by more than this is a wrong clock, not an event.
AHEAD_OF_RECEIPT = timedelta(minutes=5)
MAXIMUM_ROW_BYTES = 1 << 16
FINEST_SCALE = 12  # the largest scale a usage specification can declare

# Control, format (bidirectional marks, zero width), line and paragraph separators: never visible, so never meant.
INVISIBLE = r"\p{Cc}\p{Cf}\p{Zl}\p{Zp}"
_DATE = r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}"  # PostgreSQL knows no year 0, and nothing so long ago is meant
TIME = _DATE + r"[T ][0-9]{2}:[0-9]{2}:[0-5][0-9](\.[0-9]{1,6})?"
OFFSET = r"(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
PHONE_NUMBER = r"[+]?[1-9][0-9]{1,14}"


@dataclass(frozen=True)
class Rule:
    """A reason to reject a row. ``condition`` and ``found`` are SQL, ``expected`` is a text."""

    condition: str
    code: str
    characteristic: str | None
    found: str
    expected: str


def literal(text: str) -> str:
    """A text as SQL literal, for DuckDB and PostgreSQL (standard strings)."""
    return "'" + text.replace("'", "''") + "'"


def name(identifier: str) -> str:
    """An identifier quoted for SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def value(entry: Field) -> str:
    """Column of the value's text; null when absent."""
    return name(f"v_{entry.id}")


def typed(entry: Field) -> str:
    """Column of the value as bigint: quantity in units, instant in microseconds since 1970 UTC; null when not valid."""
    return name(f"t_{entry.id}")


def typed_expression(entry: Field) -> str | None:
    """SQL for the typed column from the text column, or None for kinds that stay text."""
    text = value(entry)
    if entry.kind in ("quantity", "whole_number"):
        return f"case when {_is(text, decimal_pattern(entry))} then {units_expression(entry)} end"
    if entry.kind == "date":
        return f"case when {_is(text, _DATE)} then epoch_us(try_cast({text} as date)) end"
    if entry.kind != "timestamp":
        return None
    if entry.time_format is None:
        with_offset = f"case when {_is(text, TIME + OFFSET)} then epoch_us(try_cast({text} as timestamptz)) end"
        if entry.assume_offset is None:
            return with_offset
        assumed = f"epoch_us(try_cast({text} || {literal(entry.assume_offset)} as timestamptz))"
        return f"coalesce({with_offset}, case when {_is(text, TIME)} then {assumed} end)"
    parsed = f"try_strptime({text}, {literal(entry.time_format)})"
    if "%z" in entry.time_format:
        return f"epoch_us({parsed})"
    # Writing the instant back must give the same text: strptime alone also accepts shortened forms.
    same = f"strftime({parsed}, {literal(entry.time_format)}) = {text}"
    return f"case when {same} then epoch_us({parsed}) - {_offset_microseconds(entry)} end"


def units_expression(entry: Field) -> str:
    """SQL for the units of a number that has matched its grammar (also that of DataFusion)."""
    text = value(entry)
    # Digits and padded decimals side by side are the number of units: no decimal type and no rounding on the way.
    digits = f"split_part({text}, '.', 1)"
    if entry.scale:
        # A number without a point is only added to: most quantities are, and this takes a third of the time.
        zeros, decimals = literal("0" * entry.scale), f"rpad(split_part({text}, '.', 2), {entry.scale}, '0')"
        digits = f"case when contains({text}, '.') then {digits} || {decimals} else {text} || {zeros} end"
    return f"try_cast({digits} as bigint)"


def _offset_microseconds(entry: Field) -> int:
    if entry.assume_offset is None:
        raise ValueError(f"characteristic {entry.id}: a format without %z needs assume_offset")
    sign = -1 if entry.assume_offset.startswith("-") else 1
    hours, minutes = entry.assume_offset[1:].split(":")
    return sign * (int(hours) * 60 + int(minutes)) * 60_000_000


def _is(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {literal(pattern)})"


def decimal_pattern(entry: Field) -> str:
    """A quantity's or whole number's grammar as a regular expression."""
    fraction = rf"(\.[0-9]{{1,{entry.scale}}})?" if entry.scale else ""
    return rf"-?[0-9]{{1,{WHOLE_DIGITS}}}{fraction}"


def canonical(entry: Field) -> str:
    """SQL for the one spelling of an accepted value: equal content gives equal text, however the file wrote it."""
    if entry.kind == "quantity":
        # In units of 10^-12 whatever the scale: 12.50 and 12.5 agree, and so they do if the scale changes later.
        finest = "0" * (FINEST_SCALE - entry.scale)
        return f"case when {typed(entry)} = 0 then '0' else {typed(entry)}::varchar || {literal(finest)} end"
    if entry.kind in ("timestamp", "date", "whole_number"):
        return f"{typed(entry)}::varchar"
    if entry.kind == "phone_number":
        return f"case when starts_with({value(entry)}, '+') then substr({value(entry)}, 2) else {value(entry)} end"
    if entry.kind == "identifier":
        return f"regexp_replace({value(entry)}, '^\\+([0-9]+)$', '\\1')"
    return value(entry)


def rules(layout: Layout, received_at: datetime) -> list[Rule]:
    """All reasons to reject a row of a layout whose line could be split into fields, first reason first."""
    found: list[Rule] = []
    for entry in layout.fields:
        found += _field_rules(entry)
    if layout.event_time:
        found += _window_rules(layout, received_at)
    if layout.period is not None:
        start, end = (layout.field(field_id) for field_id in layout.period)
        condition = f"{typed(end)} <= {typed(start)}"
        found.append(Rule(condition, "empty_period", end.id, value(end), f"an instant after {start.id}"))
    return found


def _field_rules(entry: Field) -> list[Rule]:
    text = value(entry)
    found = []
    if entry.required:
        found.append(Rule(f"{text} is null", "missing_value", entry.id, "'no value'", "a value"))

    def rule(condition: str, code: str, expected: str) -> None:
        found.append(Rule(condition, code, entry.id, text, expected))

    if entry.kind in ("quantity", "whole_number"):
        _number_rules(entry, rule)
    elif entry.kind == "timestamp":
        if entry.time_format is None and entry.assume_offset is None:
            condition = f"case when {typed(entry)} is null then {_is(text, TIME)} end"
            rule(condition, "missing_offset", "an ISO 8601 time with its offset, such as +01:00 or Z")
        expected = entry.time_format or "an ISO 8601 time with offset, such as 2026-11-24T08:15:00+01:00"
        rule(f"{text} is not null and {typed(entry)} is null", "bad_timestamp", expected)
    elif entry.kind == "date":
        rule(f"{text} is not null and {typed(entry)} is null", "bad_date", "a date YYYY-MM-DD")
    elif entry.kind == "phone_number":
        expected = "a phone number in international form: 2 to 15 digits, a plus sign before them or not"
        rule(f"not {_is(text, PHONE_NUMBER)}", "bad_phone_number", expected)
    elif entry.kind != "json":
        if entry.allowed is not None:
            allowed = ", ".join(literal(word) for word in entry.allowed)
            rule(
                f"{text} not in ({allowed})", "unknown_code", entry.pattern_text or "one of " + ", ".join(entry.allowed)
            )
        else:
            rule(f"length({text}) > {entry.max_length}", "too_long", f"at most {entry.max_length} characters")
            rule(
                f"regexp_matches({text}, {literal(f'[{INVISIBLE}]')})",
                "control_character",
                "visible characters only, without control and format characters",
            )
        if entry.pattern is not None:
            rule(f"not {_is(text, entry.pattern)}", "bad_value", entry.pattern_text)
    return found


def _number_rules(entry: Field, rule: Callable[[str, str, str], None]) -> None:
    text, units = value(entry), typed(entry)
    decimals = f" and at most {entry.scale} decimals after a point" if entry.scale else ""
    rule(
        # `case` tries the grammar again only where it can have failed; `and` would run it for every row.
        f"case when {units} is null then not {_is(text, decimal_pattern(entry))} end",
        "bad_decimal",
        f"ASCII digits, at most {WHOLE_DIGITS}{decimals}; no exponent, separator or plus sign",
    )
    # Units that do not fit 64 bits are beyond any bound, in the direction of the sign.
    low, high = entry.minimum_units, entry.maximum_units
    below = f" or {units} < {low}" if low is not None else ""
    above = f" or {units} > {high}" if high is not None else ""
    expected_low = _decimal_text(low, entry.scale) if low is not None else "a smaller amount of decimals"
    expected_high = _decimal_text(high, entry.scale) if high is not None else "a number that fits 64 bits"
    negative, missing = f"starts_with({text}, '-')", f"{text} is not null and {units} is null"
    rule(f"({missing} and {negative}){below}", "below_minimum", f"at least {expected_low}")
    rule(f"({missing} and not {negative}){above}", "above_maximum", f"at most {expected_high}")


def _decimal_text(units: int, scale: int) -> str:
    digits = str(abs(units)).rjust(scale + 1, "0")
    whole, decimals = (digits[:-scale], digits[-scale:].rstrip("0")) if scale else (digits, "")
    return ("-" if units < 0 else "") + whole + (f".{decimals}" if decimals else "")


def event_window(layout: Layout, received_at: datetime) -> tuple[datetime, datetime]:
    """The first and the last instant at which an event can have been; both are inside."""
    return received_at - timedelta(days=layout.age_limit_days), received_at + AHEAD_OF_RECEIPT


def _window_rules(layout: Layout, received_at: datetime) -> list[Rule]:
    entry = layout.field(layout.event_time)
    earliest, latest = event_window(layout, received_at)
    return [
        Rule(
            f"{typed(entry)} > {microseconds(latest)}",
            "after_receipt",
            entry.id,
            value(entry),
            f"not later than {latest.isoformat()}",
        ),
        Rule(
            f"{typed(entry)} < {microseconds(earliest)}",
            "older_than_age_limit",
            entry.id,
            value(entry),
            f"not earlier than {earliest.isoformat()}, {layout.age_limit_days} days before receipt",
        ),
    ]


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970 UTC, exactly; the instant must know its offset."""
    since = instant - datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
