"""A problem of the book as a value, and a source file that knows the line of every value.

Belongs here: how a problem is stored and printed, the map from a path such as ``offerings[0].id`` to its line.
Belongs elsewhere: finding problems (``reading``, ``csv_files``, ``parse``, ``checks``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, TypeVar

Path = tuple[str | int, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong with the book: where, what was found, what was expected, what to do."""

    file: str
    line: int
    path: str
    found: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        """One line, like a compiler's: ``offerings/mobile.yaml:23: prices[1].where: found ..., expected ...``."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        path = f"{self.path}: " if self.path else ""
        remedy = f" Remedy: {self.remedy}" if self.remedy else ""
        return f"{place}: {path}found {self.found}, expected {self.expected}.{remedy}"


def path_text(path: Path) -> str:
    """``("prices", 1, "where")`` as ``prices[1].where``. The row number of a CSV file is left out: the line says it."""
    text = ""
    for part in path[1:] if path and isinstance(path[0], int) else path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            # A key is whatever stood in the file: a message stays one line.
            name = part if part.isprintable() else ascii(part)[1:-1]
            text += f".{name}" if text else name
    return text


def shown(value: Any) -> str:
    """A value as an error message shows it: text in quotes, at most 60 characters, nothing invisible."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, Decimal):
        value = str(value)
    text = ascii(value) if any(not character.isprintable() for character in str(value)) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def listed(values: Any, limit: int = 12) -> str:
    """Expected values as a message lists them: sorted, comma separated, cut after ``limit``."""
    ordered = sorted(str(value) for value in values)
    if not ordered:
        return "none, since nothing of the kind is defined"
    return ", ".join(ordered[:limit]) + (f" and {len(ordered) - limit} more" if len(ordered) > limit else "")


@dataclass(frozen=True)
class SourceFile:
    """A parsed file of the book: plain data, the line of every path, and the paths with problems of reading."""

    name: str
    data: Any
    lines: Mapping[Path, int] = field(repr=False)
    reported: frozenset[Path] = frozenset()

    def line_of(self, path: Path) -> int:
        """The line of the value at the path, or of the nearest value around it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1

    def problem(self, path: Path, found: str, expected: str, remedy: str) -> Problem:
        """A problem at a path of this file."""
        return Problem(self.name, self.line_of(path), path_text(path), found, expected, remedy)


@dataclass(frozen=True)
class Placed(Generic[T]):
    """A validated part of the book together with the place where it is written."""

    value: T
    file: SourceFile
    path: Path

    def problem(self, below: Path, found: str, expected: str, remedy: str) -> Problem:
        """A problem at a path below this part."""
        return self.file.problem(self.path + below, found, expected, remedy)
