"""One writer at a time in a lane, and an old writer's late write is refused."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from orchestration.database.connection import connect
from orchestration.database.lease import Lease, LeaseHeld, LeaseSuperseded, take_lease

pytestmark = pytest.mark.database

PERIOD = "2026-10-c01"
# A run as the operating system sees it: takes the lease, says so, and would work for ever.
HOLDER = """
import sys, time
from orchestration.database.lease import take_lease
lease = take_lease("build", holder="killed-run", period_id="2026-10-c01", url=sys.argv[1])
print(lease.token, flush=True)
time.sleep(600)
"""
# What a killed run leaves behind: a process of its own that goes on writing with the old token.
ORPHAN = """
import sys, time
from orchestration.database.connection import connect
with connect(sys.argv[1], token=int(sys.argv[2])) as connection:
    connection.execute("select control.assert_token('build')")
    connection.execute("insert into public.written values ('orphan')")
    print("wrote", flush=True)
    time.sleep(600)
"""


def take(url: str, holder: str = "run-1", lane: str = "build") -> Lease:
    return take_lease(lane, holder=holder, period_id=PERIOD, url=url)


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen]]:
    """Processes to end after the test."""
    processes: list[subprocess.Popen] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def run_beside(started: list[subprocess.Popen], program: str, *arguments: str) -> str:
    """Start ``program`` in a process of its own; returns its first line."""
    process = subprocess.Popen([sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True)
    started.append(process)
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_second_taker_is_told_who_is_at_work(database_url):
    with take(database_url), pytest.raises(LeaseHeld, match=r"build is at work for 2026-10-c01 since 20.* run-1"):
        take(database_url, "run-2")


def test_lanes_do_not_wait_for_each_other(database_url):
    with take(database_url), take(database_url, "run-2", lane="whatif"):
        pass


def test_a_lane_that_does_not_exist_is_refused(database_url):
    with pytest.raises(ValueError, match="no lane 'bulid'"):
        take(database_url, lane="bulid")


def test_of_two_takers_at_once_one_works_and_the_other_learns_its_name(database_url):
    def attempt(holder: str) -> Lease | str:
        try:
            return take(database_url, holder, lane="conformance")
        except LeaseHeld as refusal:
            return str(refusal)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(attempt, ("run-a", "run-b")))
    (winner,) = [answer for answer in answers if isinstance(answer, Lease)]
    (refusal,) = [answer for answer in answers if isinstance(answer, str)]
    winner.release()
    assert f"run {winner.holder}" in refusal


def test_a_killed_holder_frees_the_lane_and_the_token_goes_up(database_url, started):
    token = int(run_beside(started, HOLDER, database_url))
    with pytest.raises(LeaseHeld, match="killed-run"):
        take(database_url, "run-2")
    os.kill(started[0].pid, signal.SIGKILL)
    started[0].wait()
    with take(database_url, "run-2") as lease:
        assert lease.token == token + 1


def test_taking_over_ends_an_orphan_in_the_middle_of_its_transaction(database_url, started):
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("create table if not exists public.written (who text)")
    first = take(database_url)
    assert run_beside(started, ORPHAN, database_url, str(first.token)) == "wrote"
    first.release()  # the run's process is gone; what it started holds the lease row and works on
    with take(database_url, "run-2") as second, psycopg.connect(database_url) as connection:
        assert second.token > first.token
        assert connection.execute("select count(*) from public.written").fetchone() == (0,)
        left = connection.execute(
            "select count(*) from pg_stat_activity where application_name = %s", [f"apportion:build:{first.token}"]
        )
        assert left.fetchone() == (0,)


def test_taking_over_ends_idle_sessions_that_were_left_behind(database_url):
    first = take(database_url)
    with connect(database_url, token=first.token) as orphan:
        orphan.execute("select control.assert_token('build')")
        orphan.commit()
        first.release()
        with take(database_url, "run-2"):
            with pytest.raises(psycopg.OperationalError):
                orphan.execute("select 1")
            orphan.close()


def test_sessions_of_other_lanes_and_of_people_live_on(database_url):
    with (
        take(database_url, lane="whatif") as other,
        connect(database_url, token=other.token, lane="whatif") as neighbour,
        connect(database_url) as person,
        take(database_url, "run-2"),
    ):
        assert neighbour.execute("select 1").fetchone() == (1,)
        assert person.execute("select 1").fetchone() == (1,)


def test_a_write_with_an_old_token_is_refused(database_url):
    first = take(database_url)
    first.release()
    with take(database_url, "run-2") as second:
        with (
            pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="token superseded"),
            connect(database_url, token=first.token) as late,
        ):
            late.execute("select control.assert_token('build')")
        with connect(database_url, token=second.token) as current:
            assert current.execute("select control.assert_token('build')").fetchone() == (second.token,)


def test_a_superseded_lease_says_who_took_over(database_url, connection):
    first = take(database_url)
    first.check(connection)
    connection.rollback()
    first.release()
    with take(database_url, "run-2") as second:
        with pytest.raises(
            LeaseSuperseded, match=rf"found token {second.token}, run run-2 .*, expected token {first.token}"
        ):
            first.check(connection)
        second.check(connection)


def test_a_writer_without_a_token_is_refused(connection):
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="no lease"):
        connection.execute("select control.assert_token('build')")


def test_a_token_never_goes_back(database_url, connection):
    take(database_url).release()
    with pytest.raises(psycopg.errors.RestrictViolation, match="never goes back"):
        connection.execute("update control.leases set token = token - 1 where lane = 'build'")
