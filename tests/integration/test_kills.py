"""Kills and rivals: one writer, the same digest, no gap in the numbers, whatever happens on the way."""

import signal

import pytest

from tests.conftest import CUSTOMERS
from tests.pipeline import PERIOD, Pipeline

pytestmark = [pytest.mark.database, pytest.mark.slow]


@pytest.fixture(scope="module")
def billed(small_month) -> Pipeline:
    """A small month, taken in and billed without anything going wrong."""
    return small_month("billed")


def test_of_two_bill_runs_started_at_once_one_does_it_and_the_other_says_so(billed):
    before = billed.output_digest()
    rivals = [billed.start("bill-run", PERIOD) for _ in range(2)]
    outputs = [rival.communicate(timeout=400)[0] for rival in rivals]
    codes = sorted(rival.returncode for rival in rivals)
    assert codes == [0, 3], "\n".join(outputs)
    loser = outputs[[rival.returncode for rival in rivals].index(3)]
    assert "LeaseHeld" in loser
    assert billed.output_digest() == before


def test_a_bill_run_killed_at_one_point_after_the_other_gives_the_same_digest_in_the_end(billed):
    """Each start meets what the one before it left half done."""
    before = billed.output_digest()
    for point in ("after_open", "during_build", "before_publish"):
        killed = billed.start("bill-run", PERIOD, APPORTION_FAILPOINT=point)
        killed.communicate(timeout=400)
        assert killed.returncode == -signal.SIGKILL, point
    billed.run("bill-run", PERIOD)
    assert billed.output_digest() == before


def test_posting_killed_before_its_commit_leaves_no_gap_in_the_numbers(billed):
    killed = billed.start("post", PERIOD, APPORTION_FAILPOINT="mid_post_before_commit")
    killed.communicate(timeout=400)
    assert killed.returncode == -signal.SIGKILL
    assert billed.value("select count(*) from ledger.customer_bills") == 0
    billed.run("post", PERIOD)
    assert billed.value("select count(*) from ledger.customer_bills") > CUSTOMERS * 0.8
    assert (
        billed.query(
            "select series_id from ledger.customer_bills group by 1 having min(number) <> 1 or max(number) <> count(*)"
        )
        == []
    )
