"""Cases as they stand in a file: one JSON object a line, numbers as decimal text.

Belongs here: reading lines, the sources by the repository that a case names.
Belongs elsewhere: what a case means (``sources``).
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The repository that a case comes from, and whose words it speaks.
SOURCE_OF_REPOSITORY = {
    "getlago/lago-api": "lago",
    "openmeterio/openmeter": "openmeter",
    "killbill/killbill": "killbill",
    "cgrates/cgrates": "cgrates",
    "BillRun/system": "billrun",
    "flexprice/flexprice": "flexprice",
    "meteroid-oss/meteroid": "meteroid",
    "moneyphp/money": "allocate",
    "RubyMoney/money": "allocate",
    "Shopify/money": "allocate",
    "Rhymond/go-money": "allocate",
    "dinerojs/dinero.js": "allocate",
    "brick/money": "allocate",
    "formancehq/numscript": "allocate",
    "formancehq/ledger": "allocate",
    "martinlackner/apportionment": "allocate",
    "mercurjs/mercur": "allocate",
}


@dataclass(frozen=True)
class Case:
    """One case. ``origin`` is the peer's own test: path and name; ``place`` its file and line here, for messages."""

    id: str
    source: str
    model: str
    params: dict[str, Any]
    usage: Any
    expected: dict[str, Any]
    notes: str
    origin: str
    place: str

    @property
    def units(self) -> str:
        """In what the expected figures are counted, in the case's own words; empty when it does not say."""
        return str(self.expected.get("units", ""))


class BadCaseFile(ValueError):
    """A file that cannot be read as cases; the message says where and why."""


def read_cases(paths: Iterable[Path]) -> list[Case]:
    """All cases of all files, in order.

    Raises:
        BadCaseFile: a file is missing, a line is no case, or an id stands twice.
    """
    cases: list[Case] = []
    seen: dict[str, str] = {}
    for path in paths:
        for case in _cases_of(path):
            if case.id in seen:
                raise BadCaseFile(f"{case.place}: case {case.id} a second time, first at {seen[case.id]}")
            seen[case.id] = case.place
            cases.append(case)
    if not cases:
        raise BadCaseFile("no cases: name at least one file of JSON lines, one case a line")
    return cases


def _cases_of(path: Path) -> Iterator[Case]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise BadCaseFile(f"{path}: {error.strerror}; expected a file of JSON lines") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _case(line, path, f"{path.name}:{number}")


def _case(line: str, path: Path, place: str) -> Case:
    try:
        # A number that is not text would be read as a float and lose its digits.
        data = json.loads(line, parse_float=str, parse_int=str)
        return Case(
            id=data["id"],
            source=SOURCE_OF_REPOSITORY.get(data.get("source_repo", ""), path.stem),
            model=data["model"],
            params=data["params"],
            usage=data["usage"],
            expected=data["expected"],
            notes=data.get("notes") or "",
            origin=f"{data.get('source_path', '')} {data.get('source_test', '')}",
            place=place,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadCaseFile(f"{place}: no case ({type(error).__name__}: {error})") from error
