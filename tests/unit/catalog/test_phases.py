# ruff: noqa: E501  cases read best on one line
"""Phases: in an order that ends, of offerings that are there, and fees for leaving early only where there is a term."""

from pathlib import Path

import pytest

from assets.catalog.check import check_book
from tests.unit.catalog.books import VALID_BOOK, write_book

LINE = VALID_BOOK["offerings/line.yaml"]
TERM = '- {id: term, kind: fixed_term, lasts: {count: "12", unit: month}}'
OPEN = "- {id: open, kind: evergreen}"


def report(folder: Path, line: str) -> str:
    return check_book(write_book(folder / "book", {**VALID_BOOK, "offerings/line.yaml": line})).report()


def test_a_term_and_then_an_open_end_is_sound(tmp_path: Path) -> None:
    assert report(tmp_path, LINE) == ""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (TERM, "- {id: term, kind: trial}", "found no length, and a phase after it that would never begin"),
        (f"{TERM}\n      {OPEN}", "- {id: term, kind: fixed_term}", "found no length, expected lasts"),
        (OPEN, "- {id: term, kind: evergreen}", "found the phase 'term' 2 times"),
        (OPEN, "- {id: open, kind: evergreen, lasts: {count: \"1\", unit: day}}", "found an evergreen phase with an end"),
        (OPEN, "- {id: open, kind: evergreen, offering: linee}", "found offering 'linee'"),
        (TERM, "- {id: term, kind: discount, lasts: {count: \"12\", unit: month}}", "found a fee for leaving a fixed term"),
        (TERM, "- {id: term, kind: fixed_term, lasts: {count: \"0\", unit: month}}", "lasts.count"),
        ("method: up, decimals", "method: sideways, decimals", "found 'sideways'"),
        ("at: line", "at: bill", "found 'bill'"),
    ],
)  # fmt: skip
def test_a_wrong_phase_is_told_with_file_and_line(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in LINE
    found = report(tmp_path, LINE.replace(old, new))
    assert problem in found, found
    assert "line.yaml:" in found


def test_an_offering_with_phases_is_no_phase_of_another(tmp_path: Path) -> None:
    other = LINE.replace("id: line\n", "id: other\n").replace(OPEN, "- {id: open, kind: evergreen, offering: line}")
    files = {**VALID_BOOK, "offerings/other.yaml": other}
    found = check_book(write_book(tmp_path / "book", files)).report()
    assert "which has phases itself" in found
