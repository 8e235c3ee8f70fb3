"""The tables of tests/README.md that promise an agreement or a refusal name pages and tests that exist.

Belongs here: each row's phrase on its page, its tests by file, name and case; each agreement of a page in its tests.
Belongs elsewhere: the figures (the tests that the rows name), dbt unit tests by name (``dbt/test_unit_tests.py``).
"""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGES = TESTS.parent / "docs"
README = (TESTS / "README.md").read_text()
GALLERY, REFUSED = "| agreement | worked by hand | run by |", "| terms | refused by |"
LINK = re.compile(r"\[([^\]]+)\]\(\.\./docs/([\w/.-]+)\)")
TEST = re.compile(r"`([\w/]+\.py)::(\w+)(?:\[([^\]]+)\])?`")


def rows_of(text: str, heading: str) -> list[list[str]]:
    """The cells of each row of the table below a heading row."""
    below = text.split(heading, 1)[1].splitlines()[2:]
    end = next((number for number, line in enumerate(below) if not line.startswith("|")), len(below))
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in below[:end]]


def what_is_missing(entry: str, *cells: str) -> list[str]:
    """Phrases that are not on their page and tests that are not in their file."""
    wrong = []
    for phrase, page in LINK.findall(" ".join(cells)):
        path = PAGES / page
        if not path.exists() or phrase.strip("`") not in path.read_text():
            wrong.append(f"{entry}: {phrase} is not on {page}")
    for file, name, case in TEST.findall(" ".join(cells)):
        names, texts = _names_and_texts(TESTS / file)
        if name not in names or (case and case not in texts):
            wrong.append(f"{entry}: {file} has no {name}{f' with {case}' if case else ''}")
    return wrong


def _names_and_texts(path: Path) -> tuple[set[str], set[str]]:
    """The test functions of a file, and every text in it: a case is known by its first text."""
    nodes = list(ast.walk(ast.parse(path.read_text()))) if path.exists() else []
    names = {node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
    return names, {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


@pytest.mark.parametrize(("heading", "count"), [(GALLERY, 20), (REFUSED, 8)])
def test_every_row_names_a_page_and_tests_that_exist(heading: str, count: int) -> None:
    rows = rows_of(README, heading)
    assert len(rows) == count
    assert [wrong for row in rows for wrong in what_is_missing(*row)] == []
    assert [row[0] for row in rows if not TEST.search(row[-1])] == []
    assert [row[0] for row in rows if heading == GALLERY and not LINK.search(row[1])] == []


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        ("[`no-such`](../docs/agreements/gallery.md)", "x: `no-such` is not on agreements/gallery.md"),
        ("[A dispute](../docs/no-page.md)", "x: A dispute is not on no-page.md"),
        ("`dbt/sharing/test_gallery.py::test_it_went`", "x: dbt/sharing/test_gallery.py has no test_it_went"),
        ("`dbt/test_no_file.py::test_it`", "x: dbt/test_no_file.py has no test_it"),
        ("`unit/catalog/test_catalog_check.py::test_a_broken_book_is_reported_with[a case that went away]`",
         "x: unit/catalog/test_catalog_check.py has no test_a_broken_book_is_reported_with with a case that went away"),
    ],
)  # fmt: skip
def test_a_row_that_rots_is_found(cells: str, wrong: str) -> None:
    assert what_is_missing("x", cells) == [wrong]


@pytest.mark.parametrize(
    ("page", "module", "least"),
    [("gallery.md", "sharing/test_gallery.py", 24), ("settlement-runs.md", "settlement/test_settlement_runs.py", 20)],
)
def test_every_agreement_of_a_page_is_in_its_tests(page: str, module: str, least: int) -> None:
    table = (PAGES / "agreements" / page).read_text()
    first_cells = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    _, texts = _names_and_texts(TESTS / "dbt" / module)
    names = {name for cell in first_cells for name in re.findall(r"`([\w-]+)`", cell)}
    assert len(first_cells) >= least
    assert {name for name in names if not any(text.split(" ")[0] == name for text in texts)} == set()
