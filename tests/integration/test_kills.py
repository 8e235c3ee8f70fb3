"""Kills and rivals: one writer, the same digest, no gap in the numbers, whatever happens on the way."""

import signal

import pytest

from tests.pipeline import PERIOD

pytestmark = [pytest.mark.database, pytest.mark.slow]


def test_of_two_bill_runs_started_at_once_one_does_it_and_the_other_says_so(undisturbed):
    before = undisturbed.output_digest()
    rivals = [undisturbed.start("bill-run", PERIOD) for _ in range(2)]
    outputs = [rival.communicate(timeout=400)[0] for rival in rivals]
    codes = sorted(rival.returncode for rival in rivals)
    assert codes == [0, 3], "\n".join(outputs)
    loser = outputs[[rival.returncode for rival in rivals].index(3)]
    assert "LeaseHeld" in loser
    assert undisturbed.output_digest() == before


@pytest.mark.parametrize("point", ["after_open", "during_build", "before_publish"])
def test_a_bill_run_killed_anywhere_gives_the_same_digest_when_started_again(undisturbed, point):
    before = undisturbed.output_digest()
    killed = undisturbed.start("bill-run", PERIOD, APPORTION_FAILPOINT=point)
    killed.communicate(timeout=400)
    assert killed.returncode == -signal.SIGKILL
    undisturbed.run("bill-run", PERIOD)
    assert undisturbed.output_digest() == before


def test_posting_killed_before_its_commit_leaves_no_gap_in_the_numbers(undisturbed):
    killed = undisturbed.start("post", PERIOD, APPORTION_FAILPOINT="mid_post_before_commit")
    killed.communicate(timeout=400)
    assert killed.returncode == -signal.SIGKILL
    assert undisturbed.value("select count(*) from ledger.customer_bills") == 0
    undisturbed.run("post", PERIOD)
    assert undisturbed.value("select count(*) from ledger.customer_bills") > 250
    assert (
        undisturbed.query(
            "select series_id from ledger.customer_bills group by 1 having min(number) <> 1 or max(number) <> count(*)"
        )
        == []
    )
