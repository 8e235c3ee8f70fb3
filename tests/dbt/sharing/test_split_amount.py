"""Splitting whole amounts: hand-made cases of every method, and the peers' own, through the real macro."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from math import gcd, lcm
from pathlib import Path

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dbt.dbt_runner import PROJECT_ROOT, run_dbt

pytestmark = [pytest.mark.database]

PEER_CASES = PROJECT_ROOT.parent / "shared" / "cases" / "allocate.jsonl"
SPLIT = """
select case_number, split_minor, left_over_minor
from {{ split_amounts(
    'cases', 'total', 'case_number', 'part_number', weight='weight', method='method', negatives='negatives',
    step='step', zero_weights='zero_weights'
) }} as split
order by case_number, part_number
"""
METHOD_OF_PEERS = {
    "floor, left-over units to the largest fractions (ties: first in order)": ("largest_remainder", "floor"),
    "floor, left-over units to the share nearest the next whole unit (default strategy)": ("largest_remainder",),
    "floor (towards zero), left-over steps to the largest fractions (ties: first)": ("largest_remainder",),
    "largest_remainder": ("largest_remainder",),
    "same result for: largest_remainder, dhondt, saintelague, modified_saintelague, huntington, adams, dean": (
        "largest_remainder",
    ),
    "floor, left-over units left to right": ("first_parts",),
    "floor each portion, left-over units +1 to the first portions in order": ("first_parts",),
    "equal split, left-over units to the first parts": ("first_parts",),
    "equal parts, left-over steps to the first parts": ("first_parts",),
    "truncate towards zero, left-over units (with the sign of the amount) to the first parts in order": (
        "first_parts",
    ),
    "floor (towards zero), left-over steps to the first parts with a non-zero weight": ("first_parts",),
    "in proportion to the maxima, never above them; what does not fit is dropped": ("first_parts",),
    "floor, left-over units right to left": ("last_parts",),
    "floor, left-over units to the largest weights first (ties: first); zero weights get nothing": ("largest_weights",),
    "floor (towards zero), left-over steps to the largest weights (ties: first)": ("largest_weights",),
    "floor (towards zero), left-over returned as an extra last part": ("separate",),
    "equal parts, left-over as an extra last part": ("separate",),
    "only whole blocks of sum(weights) steps are shared out (weights reduced to lowest integers), rest as an extra "
    "last part": ("whole_blocks",),
    "from the last part to the first: truncate(remaining x weight / remaining weights)": ("carry_from_last",),
    "dhondt": ("dhondt",),
    "saintelague": ("sainte_lague",),
    "modified_saintelague": ("modified_sainte_lague",),
    "huntington": ("huntington_hill",),
    "adams": ("adams",),
    "dean": ("dean",),
}  # fmt: skip


class Splitter:
    """The macro, compiled once; every call splits one batch of cases with it."""

    def __init__(self, connection: psycopg.Connection, sql: str) -> None:
        self.connection = connection
        self.sql = sql

    def __call__(self, *cases: tuple[int, Sequence[int], str, str, int, str]) -> list[tuple[list[int], int]]:
        """Parts and what is left over of each case: total, weights, method, negatives, step, zero weights."""
        rows = [
            (number, part, total, weight, *rest)
            for number, (total, weights, *rest) in enumerate(cases)
            for part, weight in enumerate(weights)
        ]
        self.connection.execute("truncate cases")
        with self.connection.cursor().copy("copy cases from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        found: list[tuple[list[int], int]] = [([], 0) for _ in cases]
        for number, minor, left_over in self.connection.execute(self.sql):
            found[number] = ([*found[number][0], minor], left_over)
        return found


@pytest.fixture(scope="module")
def split(new_database: Callable[[], str], target_path: Path) -> Iterator[Splitter]:
    url = new_database()
    sql = run_dbt(url, target_path, "--quiet", "compile", "--inline", SPLIT)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            """create temporary table cases (case_number integer, part_number integer, total bigint, weight numeric,
                   method text, negatives text, step integer, zero_weights text)"""
        )
        yield Splitter(connection, sql)


def _case(
    total: int, weights: Sequence[int], method: str, negatives: str = "mirrored", step: int = 1, zero: str = "nothing"
):
    return (total, weights, method, negatives, step, zero)


@pytest.mark.parametrize(
    ("case", "parts", "left_over"),
    [
        # 10.00 in thirds: 333.33 each, cut alike; the cent goes to the first, or with ties last to the last.
        (_case(1000, [1, 1, 1], "largest_remainder"), [334, 333, 333], 0),
        (_case(1000, [1, 1, 1], "largest_remainder_ties_last"), [333, 333, 334], 0),
        # 5 at 1:2:5 is 0.625, 1.25, 3.125: the first was cut the most, though it is the smallest.
        (_case(5, [1, 2, 5], "largest_remainder"), [1, 1, 3], 0),
        (_case(5, [1, 2, 5], "last_parts"), [0, 1, 4], 0),
        (_case(1000, [1, 1, 1], "first_part"), [334, 333, 333], 0),
        (_case(-1001, [1, 1, 1], "first_part"), [-335, -333, -333], 0),
        (_case(10001, [1, 1, 1], "first_part", step=5), [3341, 3330, 3330], 0),
        (_case(5, [1, 2, 5], "largest_weights"), [0, 1, 4], 0),
        (_case(5, [1, 2, 5], "separate"), [0, 1, 3], 1),
        # 2.5 and 1.5: cut towards zero to -2 and -1, the first takes the rest; towards minus infinity to -3 and -2, and
        # one comes back.
        (_case(-4, [5, 3], "first_parts"), [-3, -1], 0),
        (_case(-4, [5, 3], "first_parts", "floor"), [-2, -2], 0),
        # 100.00 francs in coins of 5: 33.30 each, two coins over. The odd centime of 100.01 goes to the first part.
        (_case(10000, [1, 1, 1], "first_parts", step=5), [3335, 3335, 3330], 0),
        (_case(10001, [1, 1, 1], "first_parts", step=5), [3336, 3335, 3330], 0),
        (_case(10001, [1, 1, 1], "separate", step=5), [3330, 3330, 3330], 11),
        # A weight of 0 stands first and gets nothing, unless it may take part.
        (_case(5, [0, 1, 1], "first_parts"), [0, 3, 2], 0),
        (_case(5, [0, 1, 1], "first_parts", zero="take_part"), [1, 2, 2], 0),
        # 10 at 1:2:1 from the last: 10 x 1/4 = 2, then 8 x 2/3 = 5, the first takes 3.
        (_case(10, [1, 2, 1], "carry_from_last"), [3, 5, 2], 0),
        (_case(-10, [1, 2, 1], "carry_from_last"), [-3, -5, -2], 0),
        # Whole blocks of 6 only: 16 blocks of 100.
        (_case(100, [2, 3, 1], "whole_blocks"), [32, 48, 16], 4),
        # All weights 0: nobody gets anything and nothing disappears.
        (_case(7, [0, 0], "largest_remainder"), [0, 0], 7),
        (_case(7, [0, 0], "carry_from_last"), [0, 0], 7),
        (_case(0, [1, 1], "largest_remainder"), [0, 0], 0),
        # Seats: 52 is one more than the 51.17 of the exact share, which largest remainder never does.
        (_case(100, [5117, 4400, 162, 161, 160], "dhondt"), [52, 45, 1, 1, 1], 0),
        (_case(100, [5117, 4400, 162, 161, 160], "sainte_lague"), [51, 43, 2, 2, 2], 0),
        (_case(-100, [5117, 4400, 162, 161, 160], "dhondt"), [-52, -45, -1, -1, -1], 0),
        # A tie, 1 / 333,333,333,334 on both sides, goes to the first.
        (_case(10**12 + 1, [1, 2], "dhondt"), [333333333334, 666666666667], 0),
    ],
)  # fmt: skip
def test_each_method_splits_as_worked_by_hand(split: Splitter, case, parts, left_over) -> None:
    assert split(case) == [(parts, left_over)]


def _peer_case(case: dict) -> tuple[tuple, list[int], int]:
    """A peer's case as arguments of the macro: weights as lowest whole numbers, an extra last part as left over."""
    params = case["params"]
    weights = [Fraction(weight) for weight in params.get("weights") or params["maxima"]]
    scale = lcm(*(weight.denominator for weight in weights))
    whole = [int(weight * scale) for weight in weights]
    lowest = [weight // gcd(*whole) for weight in whole]
    method, *negatives = METHOD_OF_PEERS[params["method"].split("; fractional")[0]]
    total = int(case["usage"]["amount"])
    if "maxima" in params:
        total = min(total, sum(whole))
    step = int(params["unit"].split("cash step ")[1]) if "cash step" in params.get("unit", "") else 1
    parts = [int(part) for part in case["expected"]["parts"]]
    left_over = parts.pop() if method in ("separate", "whole_blocks") else 0
    zero = "take_part" if method == "first_parts" and "non-zero" not in params["method"] else "nothing"
    return (total, lowest, method, *(negatives or ["mirrored"]), step, zero), parts, left_over


@pytest.mark.skipif(not PEER_CASES.exists(), reason="the peers' cases are not beside this checkout")
def test_the_allocations_of_peers_come_out_to_the_unit(split: Splitter) -> None:
    cases = [json.loads(line) for line in PEER_CASES.read_text(encoding="utf-8").splitlines()]
    whole = [case for case in cases if case["model"] == "allocate" and "no rounding" not in case["params"]["method"]]
    assert len(whole) > 90
    arguments = [_peer_case(case) for case in whole]
    found = split(*(argument for argument, _, _ in arguments))
    wrong = [
        f"{case['id']}: {parts} + {left_over}, expected {expected} + {expected_left_over}"
        for case, (parts, left_over), (_, expected, expected_left_over) in zip(whole, found, arguments, strict=True)
        if (parts, left_over) != (expected, expected_left_over)
    ]
    assert wrong == []


METHODS_THAT_SPLIT_ALL = (
    "largest_remainder", "largest_remainder_ties_last", "first_parts", "last_parts", "largest_weights",
    "carry_from_last", "dhondt", "sainte_lague", "modified_sainte_lague", "huntington_hill", "adams", "dean",
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(-(10**7), 10**7),
            st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any),
            st.sampled_from(METHODS_THAT_SPLIT_ALL),
            st.sampled_from(["mirrored", "floor"]),
            st.sampled_from([1, 1, 5]),
            st.sampled_from(["nothing", "take_part"]),
        ),
        min_size=20,
        max_size=60,
    )
)
def test_nothing_is_lost_and_no_part_is_far_from_its_share(split: Splitter, cases) -> None:
    for (total, weights, method, _, step, _), (parts, left_over) in zip(cases, split(*cases), strict=True):
        assert (sum(parts), left_over) == (total, 0), (total, weights, method, parts)
        if method in METHODS_THAT_SPLIT_ALL[:5]:
            # One step, and for the part ranked first what is less than a step.
            assert all(
                abs(part - Fraction(total * weight, sum(weights))) < 2 * step
                for part, weight in zip(parts, weights, strict=True)
            )
