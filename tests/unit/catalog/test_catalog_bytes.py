"""Whatever bytes stand in a book's files: a list of problems, never a traceback."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.catalog.check import check_book
from assets.catalog.reading.strict_yaml import read_yaml
from tests.unit.catalog.books import VALID_BOOK, write_book

_YAML_PIECES = [
    "{",
    "}",
    "[",
    "]",
    ": ",
    "- ",
    "\n",
    "\n  ",
    "?",
    "&a ",
    "*a",
    "!x ",
    "'",
    '"',
    "\\",
    "|",
    ">",
    "%",
    "#",
    ",",
]


@st.composite
def mutated_books(draw) -> dict[str, bytes]:
    """The valid book with one file changed: bytes replaced, a piece inserted, a span removed or doubled."""
    name = draw(st.sampled_from(sorted(VALID_BOOK)))
    content = VALID_BOOK[name].encode()
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        length = draw(st.integers(0, 40))
        piece = draw(
            st.one_of(
                st.binary(max_size=8),
                st.sampled_from(_YAML_PIECES).map(str.encode),
                st.text(max_size=4).map(lambda text: text.encode("utf-8", "surrogatepass")),
                st.just(content[start : start + length] * 2),
            )
        )
        content = content[:start] + piece + content[start + length :]
    return {**{other: text.encode() for other, text in VALID_BOOK.items()}, name: content}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated_books())
def test_a_mutated_book_never_raises_and_has_a_digest_exactly_when_it_has_no_problem(files):
    with tempfile.TemporaryDirectory() as folder:
        checked = check_book(write_book(Path(folder), files))
    assert (checked.digest is None) == bool(checked.problems)
    assert all("\n" not in str(problem) for problem in checked.problems)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([*_YAML_PIECES, "a", "b", "1", "yes", "é", "\x85", "\u2028"]), max_size=30).map("".join)
)
def test_any_yaml_text_gives_data_or_a_problem(text):
    file, problems = read_yaml("x.yaml", text.encode())
    assert file is not None or problems
