"""Finds the files of a book, reads them and validates each part on its own, so one broken part hides no other.

Belongs here: the folder's layout, files to validated parts.
Belongs elsewhere: the shape of a part (``models``), rules between parts (``checks``).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from assets.catalog.book import Book, Kind, ZoneList
from assets.catalog.models.agreement import Agreement
from assets.catalog.models.calendar import Calendar
from assets.catalog.models.fx import FxSource
from assets.catalog.models.grammar import IDENTIFIER_PATTERN
from assets.catalog.models.offering import Offering
from assets.catalog.models.operator import Operator
from assets.catalog.models.tax import OPTIONAL_TAX_COLUMNS, TAX_COLUMNS, TaxRow
from assets.catalog.models.usage_specification import UsageSpecification
from assets.catalog.models.zone import ZONE_COLUMNS, ZoneRow
from assets.catalog.reading.csv_files import read_csv
from assets.catalog.reading.problems import Placed, Problem, SourceFile, listed, shown
from assets.catalog.reading.strict_yaml import read_yaml
from assets.catalog.reading.validation import validate

FILE_LIMIT = 5_000
_BYTES_LIMIT = 8_000_000
_SINGLE_FILES: dict[str, Kind] = {"operator.yaml": "operator", "fx.yaml": "FX source", "taxes.csv": "tax category"}
LAYOUT = (
    "operator.yaml, fx.yaml, taxes.csv, usage/*.yaml, offerings/*.yaml, agreements/*.yaml, calendars/*.yaml, "
    "zones/*.csv"
)


@dataclass
class _Reading:
    """The book and the problems while files are read."""

    book: Book = field(default_factory=Book)
    problems: list[Problem] = field(default_factory=list)

    def mention(self, kind: Kind, name: Any) -> None:
        if isinstance(name, str):
            self.book.mentioned.setdefault(kind, set()).add(name)


def parse_book(folder: FilePath) -> tuple[Book, list[Problem]]:
    """Read all files of a book folder.

    Returns:
        Everything that could be validated, and all problems of single files. Nothing is raised for what is in the
        folder, or for a folder that is not there.
    """
    reading = _Reading()
    readers: dict[Kind, Callable[[_Reading, str, bytes], None]] = {
        "operator": _read_operator,
        "usage specification": _read_usage_specification,
        "offering": _read_offerings,
        "agreement": _read_agreements,
        "FX source": _read_fx_sources,
        "calendar": _read_calendars,
        "zone list": _read_zone_list,
        "tax category": _read_taxes,
    }
    found_kinds: set[Kind] = set()
    for file_path, name, kind in _files(folder, reading):
        found_kinds.add(kind)
        try:
            if file_path.stat().st_size > _BYTES_LIMIT:
                raise OSError(f"larger than {_BYTES_LIMIT} bytes")
            content = file_path.read_bytes()
        except OSError as error:
            reading.problems.append(
                Problem(name, 0, "", f"a file that cannot be read ({error})", "a readable file", "")
            )
            reading.book.incomplete.add(kind)
            continue
        readers[kind](reading, name, content)
    if folder.is_dir():
        _require_files(reading, found_kinds)
    return reading.book, reading.problems


def _files(folder: FilePath, reading: _Reading) -> Iterator[tuple[FilePath, str, Kind]]:
    if not folder.is_dir():
        found = "a file" if folder.exists() else "no such folder"
        reading.problems.append(Problem(str(folder), 0, "", found, f"a book folder with {LAYOUT}", "Correct the path."))
        return
    paths = sorted(path for path in folder.rglob("*") if not _is_hidden(path.relative_to(folder)))
    if len(paths) > FILE_LIMIT:
        found = f"{len(paths)} files"
        reading.problems.append(Problem(str(folder), 0, "", found, f"at most {FILE_LIMIT}", "Is it the book's folder?"))
        return
    for path in paths:
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or path.suffix.lower() not in (".yaml", ".yml", ".csv", ".json"):
            continue
        kind = _kind_of(name)
        if not path.is_file():
            reading.problems.append(Problem(name, 0, "", "something that is not a file", "a file", "Replace it."))
        elif kind is None:
            found = "a file that belongs to no kind"
            reading.problems.append(Problem(name, 0, "", found, f"one of {LAYOUT}", "Move, rename or remove the file."))
        else:
            yield path, name, kind


def _is_hidden(path: FilePath) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _kind_of(name: str) -> Kind | None:
    folders: dict[tuple[str, str], Kind] = {
        ("usage", "yaml"): "usage specification",
        ("offerings", "yaml"): "offering",
        ("agreements", "yaml"): "agreement",
        ("calendars", "yaml"): "calendar",
        ("zones", "csv"): "zone list",
    }
    if name in _SINGLE_FILES:
        return _SINGLE_FILES[name]
    match = re.fullmatch(r"([a-z]+)/[^/]+\.([a-z]+)", name)
    return folders.get((match[1], match[2])) if match else None


def _require_files(reading: _Reading, found_kinds: set[Kind]) -> None:
    for name, kind in _SINGLE_FILES.items():
        if kind not in found_kinds:
            reading.book.incomplete.add(kind)
            reading.problems.append(Problem(name, 0, "", "no such file", "the file", f"The book needs a {name}."))


def _yaml_part(reading: _Reading, name: str, content: bytes, kind: Kind, key: str) -> tuple[SourceFile, Any] | None:
    """The value below the only key of a file, or None after reporting what is wrong."""
    file, problems = read_yaml(name, content)
    reading.problems += problems
    if file is None:
        reading.book.incomplete.add(kind)
        return None
    if not isinstance(file.data, dict) or key not in file.data:
        found = shown(file.data) if not isinstance(file.data, dict) else f"the fields {listed(file.data)}"
        reading.problems.append(file.problem((), found, f"the field {key}", f"Start the file with {key}:"))
        reading.book.incomplete.add(kind)
        return None
    reading.problems += [
        file.problem((other,), f"the unknown field {shown(other)}", f"only {key}", "Correct or remove it.")
        for other in file.data
        if other != key
    ]
    return file, file.data[key]


def _read_operator(reading: _Reading, name: str, content: bytes) -> None:
    if (part := _yaml_part(reading, name, content, "operator", "operator")) is None:
        return
    file, data = part
    placed, problems = validate(Operator, file, ("operator",), data)
    reading.problems += problems
    reading.book.operator = placed
    if placed is None:
        reading.book.incomplete.add("operator")


def _read_usage_specification(reading: _Reading, name: str, content: bytes) -> None:
    part = _yaml_part(reading, name, content, "usage specification", "usage_specification")
    if part is not None:
        file, data = part
        target = reading.book.usage_specifications
        _keep(reading, "usage specification", UsageSpecification, file, ("usage_specification",), data, target)


def _read_offerings(reading: _Reading, name: str, content: bytes) -> None:
    _read_list(reading, name, content, "offering", "offerings", Offering, reading.book.offerings)


def _read_agreements(reading: _Reading, name: str, content: bytes) -> None:
    _read_list(reading, name, content, "agreement", "agreements", Agreement, reading.book.agreements)


def _read_calendars(reading: _Reading, name: str, content: bytes) -> None:
    _read_list(reading, name, content, "calendar", "calendars", Calendar, reading.book.calendars)


def _read_fx_sources(reading: _Reading, name: str, content: bytes) -> None:
    _read_list(reading, name, content, "FX source", "fx_sources", FxSource, reading.book.fx_sources)


def _read_list(
    reading: _Reading,
    name: str,
    content: bytes,
    kind: Kind,
    key: str,
    annotation: Any,
    target: dict[str, Placed[Any]],
) -> None:
    if (part := _yaml_part(reading, name, content, kind, key)) is None:
        return
    file, data = part
    if not isinstance(data, list) or not data:
        reading.problems.append(file.problem((key,), shown(data), "a list with at least one entry", ""))
        reading.book.incomplete.add(kind)
        return
    for position, item in enumerate(data):
        _keep(reading, kind, annotation, file, (key, position), item, target)


def _keep(
    reading: _Reading,
    kind: Kind,
    annotation: Any,
    file: SourceFile,
    path: tuple[str | int, ...],
    data: Any,
    target: dict[str, Placed[Any]],
) -> None:
    placed, problems = validate(annotation, file, path, data)
    reading.problems += problems
    identifier = data.get("id") if isinstance(data, dict) else None
    if isinstance(identifier, str) and identifier in reading.book.mentioned.get(kind, set()):
        first = target.get(identifier)
        place = f" (first in {first.file.name}:{first.file.line_of(first.path)})" if first else ""
        found = f"the {kind} {shown(identifier)} a second time{place}"
        reading.problems.append(file.problem((*path, "id"), found, "each id once in the book", "Rename or remove one."))
        return
    if identifier is None:
        # Without an id nobody can tell which references meant this part.
        reading.book.incomplete.add(kind)
    reading.mention(kind, identifier)
    if placed is not None:
        target[placed.value.id] = placed


def _read_zone_list(reading: _Reading, name: str, content: bytes) -> None:
    list_name = FilePath(name).stem
    if not re.fullmatch(IDENTIFIER_PATTERN, list_name, re.ASCII):
        found = f"a zone list named {shown(list_name)}"
        expected = "a file name of a-z, 0-9, '_' and '-', at most 40 characters"
        reading.problems.append(Problem(name, 0, "", found, expected, "Rename the file."))
    reading.mention("zone list", list_name)
    file, problems = read_csv(name, content, ZONE_COLUMNS)
    reading.problems += problems
    if file is None:
        reading.book.incomplete.add("zone list")
        return
    rows: list[Placed[ZoneRow]] = []
    for position, row in enumerate(file.data):
        placed, problems = validate(ZoneRow, file, (position,), row)
        reading.problems += problems
        if placed is not None:
            rows.append(placed)
    if len(rows) < len(file.data) or problems:
        reading.book.incomplete.add("zone list")
    if file.data == []:
        reading.problems.append(file.problem((), "no rows", "at least one zone", "Add rows or remove the file."))
    reading.book.zone_lists[list_name] = ZoneList(list_name, file, rows)


def _read_taxes(reading: _Reading, name: str, content: bytes) -> None:
    file, problems = read_csv(name, content, TAX_COLUMNS, OPTIONAL_TAX_COLUMNS)
    reading.problems += problems
    if file is None:
        reading.book.incomplete.add("tax category")
        return
    for position, row in enumerate(file.data):
        reading.mention("tax category", row.get("tax_category"))
        placed, problems = validate(TaxRow, file, (position,), row)
        reading.problems += problems
        if placed is not None:
            reading.book.taxes.append(placed)
