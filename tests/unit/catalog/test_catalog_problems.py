"""A problem is one readable line, whatever stands in the book."""

from assets.catalog.reading.problems import path_text


def test_a_key_with_a_line_break_is_shown_escaped_so_that_a_problem_stays_one_line():
    assert path_text(("offerings", 0, "e\neffective_from")) == "offerings[0].e\\neffective_from"
    assert path_text(("offerings", 0, "nazwa_główna")) == "offerings[0].nazwa_główna"
