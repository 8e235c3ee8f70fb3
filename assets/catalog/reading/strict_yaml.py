"""Reads YAML so that a text means one thing only: no duplicate keys, aliases, tags or unquoted surprises.

Belongs here: bytes to plain dict, list, str, int and bool, with the line of every value; every fault is a problem.
Belongs elsewhere: what the fields mean (``models``).

YAML readers disagree on plain scalars: ``NO`` becomes false, ``1:30`` 90, ``010`` 8, ``1.10`` 1.1. So a plain scalar
is accepted only when it is ``true``, ``false``, a canonical whole number, or a word that no reader takes for anything
else.
"""

import io
import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from assets.catalog.reading.problems import Path, Problem, SourceFile, path_text, shown

SIZE_LIMIT_BYTES = 1_000_000
DEPTH_LIMIT = 20

_CANONICAL_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
_SURPRISES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i:y|n|yes|no|on|off|true|false)", re.ASCII), "some readers take it for true or false"),
    (re.compile(r"(?i:null|nil)|~", re.ASCII), "readers take it for an absent value"),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?", re.ASCII), "some readers count it in sixties"),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*", re.ASCII), "some readers turn it into a date"),
    (
        re.compile(r"[-+]?(\.[0-9_]+|[0-9][0-9_,]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?", re.ASCII),
        "readers turn it into another number",
    ),
    (re.compile(r"[-+]?0(x[0-9a-fA-F_]+|o[0-7_]+|b[01_]+)", re.ASCII), "readers turn it into another number"),
    (re.compile(r"[-+]?\.(?i:inf|nan)", re.ASCII), "readers turn it into a number that is not finite"),
    (re.compile(r"=|<<"), "it has a meaning of its own in YAML"),
)


@dataclass
class _Builder:
    """Turns the parser's events into plain data; keeps lines and problems."""

    name: str
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    reported: set[Path] = field(default_factory=set)

    def report(self, line: int, path: Path, found: str, expected: str, remedy: str) -> None:
        self.reported.add(path)
        self.problems.append(Problem(self.name, line, path_text(path), found, expected, remedy))

    def build(self, events: Any, event: Any, path: Path) -> Any:
        line = event.start_mark.line + 1
        self.lines.setdefault(path, line)
        if isinstance(event, AliasEvent):
            self.report(
                line, path, f"the alias *{event.anchor}", "the value itself", "Write the value out; no aliases."
            )
            return None
        self._refuse_anchor_and_tag(event, line, path)
        if len(path) > DEPTH_LIMIT:
            raise _Stop(
                Problem(self.name, line, path_text(path[:4]), "deeper nesting", f"at most {DEPTH_LIMIT} levels", "")
            )
        if isinstance(event, ScalarEvent):
            return self._scalar(event, line, path)
        if isinstance(event, SequenceStartEvent):
            values: list[Any] = []
            while not isinstance(item := next(events), SequenceEndEvent):
                values.append(self.build(events, item, (*path, len(values))))
            return values
        return self._mapping(events, path)

    def _mapping(self, events: Any, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(key_event := next(events), MappingEndEvent):
            line = key_event.start_mark.line + 1
            if not isinstance(key_event, ScalarEvent):
                # The whole key has to be consumed before the value can be read.
                self.build(events, key_event, (*path, "?"))
                self.report(
                    line, path, "a key that is not a word", "a word as key", "Write a field name of the format."
                )
                self.build(events, next(events), (*path, "?"))
                continue
            self._refuse_anchor_and_tag(key_event, line, path)
            key = self._scalar(key_event, line, path)
            if not isinstance(key, str):
                self.report(
                    line, path, f"the key {shown(key)}", "a text as key", f'Write it in quotes: "{key_event.value}".'
                )
                key = key_event.value
            if key in found:
                self.report(
                    line,
                    (*path, key),
                    f"the key {shown(key)} a second time (first on line {self.lines.get((*path, key), line)})",
                    "each key once",
                    "Remove one of them; YAML readers silently keep the last.",
                )
                self.build(events, next(events), (*path, key))
                continue
            self.lines[(*path, key)] = line
            found[key] = self.build(events, next(events), (*path, key))
        return found

    def _refuse_anchor_and_tag(self, event: Any, line: int, path: Path) -> None:
        if getattr(event, "anchor", None):
            self.report(line, path, f"the anchor &{event.anchor}", "a plain value", "Remove the anchor.")
        if getattr(event, "tag", None):
            self.report(line, path, f"the tag {shown(str(event.tag))}", "a value without tag", "Remove the tag.")

    def _scalar(self, event: ScalarEvent, line: int, path: Path) -> Any:
        value: str = event.value
        if event.style is not None:
            return value
        if value in ("true", "false"):
            return value == "true"
        if _CANONICAL_INTEGER.fullmatch(value) and value != "-0":
            return int(value)
        if value == "":
            # The parser places an absent value behind its key, often on the next line.
            line = self.lines.get(path, line)
            self.report(
                line, path, "no value", "a value", 'Write the value, or leave the field out; "" is an empty text.'
            )
            return None
        for pattern, reason in _SURPRISES:
            if pattern.fullmatch(value):
                self.report(
                    line, path, f"{value} without quotes", f"a text in quotes, because {reason}", f'Write "{value}".'
                )
                return value
        return value


class _Stop(Exception):
    """Ends the reading of one file; never reaches callers."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def decode(name: str, content: bytes, size_limit: int = SIZE_LIMIT_BYTES) -> str | Problem:
    """UTF-8 text of a file of the book, or what is wrong with the bytes."""
    if len(content) > size_limit:
        return Problem(name, 0, "", f"{len(content)} bytes", f"at most {size_limit} bytes", "Split the file.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"a byte that is not UTF-8 (0x{content[error.start]:02x})"
        return Problem(name, line, "", found, "UTF-8 text", "Save the file as UTF-8.")
    if not text.strip():
        return Problem(name, 1, "", "an empty file", "the file's content", "Fill the file or remove it.")
    return text


def read_yaml(name: str, content: bytes) -> tuple[SourceFile | None, list[Problem]]:
    """Parse one file.

    Returns:
        The file's data with lines, or None when its structure cannot be read, and every problem found on the way.
        Nothing is raised, whatever the bytes.
    """
    text = decode(name, content)
    if isinstance(text, Problem):
        return None, [text]
    builder = _Builder(name)
    try:
        data = _read_document(builder, text)
    except _Stop as stop:
        return None, [*builder.problems, stop.problem]
    except MarkedYAMLError as error:
        return None, [*builder.problems, _syntax_problem(name, error)]
    except YAMLError as error:
        detail = f"text that is not YAML ({' '.join(str(error).split())[:120]})"
        return None, [*builder.problems, Problem(name, 1, "", detail, "YAML", "Remove unprintable characters.")]
    except Exception as error:
        # The parser's own faults on hostile input (an escape beyond Unicode, for one) are faults of the file, and
        # the promise to callers is: never a traceback.
        detail = f"text that the YAML parser cannot take ({type(error).__name__})"
        return None, [*builder.problems, Problem(name, 1, "", detail, "YAML", "Check escapes and special characters.")]
    return (
        None if data is _NOTHING else SourceFile(name, data, builder.lines, frozenset(builder.reported))
    ), builder.problems


def _syntax_problem(name: str, error: MarkedYAMLError) -> Problem:
    mark, began = error.problem_mark or error.context_mark, error.context_mark
    detail = " ".join(str(error.problem or error.context or "unreadable").split())
    if began is not None and mark is not began:
        detail += f", in what began on line {began.line + 1}"
    found = f"text that is not YAML ({detail})"
    return Problem(
        name, mark.line + 1 if mark else 1, "", found, "YAML", "Correct the indentation, brackets or quotes."
    )


_NOTHING = object()


def _read_document(builder: _Builder, text: str) -> Any:
    events = YAML(typ="safe", pure=True).parse(io.StringIO(text))
    data: Any = _NOTHING
    for event in events:
        if isinstance(event, DocumentStartEvent):
            line = event.start_mark.line + 1
            if event.version or getattr(event, "tags", None):
                builder.report(line, (), "a YAML directive", "none", "Remove the line that starts with %.")
            if data is not _NOTHING:
                builder.report(line, (), "a second document", "one document a file", "Remove the line ---.")
                break
        elif isinstance(event, MappingStartEvent | SequenceStartEvent | ScalarEvent | AliasEvent):
            data = builder.build(events, event, ())
    if data is _NOTHING:
        builder.report(1, (), "no content", "the file's content", "Fill the file or remove it.")
    return data
