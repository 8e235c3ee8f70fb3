"""One writer at a time in a lane, and an old writer's late write is refused."""

import psycopg
import pytest

from orchestration.database.connection import connect
from orchestration.database.lease import LeaseHeld, take_lease

pytestmark = pytest.mark.database


def test_a_second_taker_is_told_who_is_at_work(database_url):
    with (
        take_lease("build", holder="run-1", period_id="2026-10-c01", url=database_url),
        pytest.raises(LeaseHeld, match=r"build is at work for 2026-10-c01 .* run-1"),
    ):
        take_lease("build", holder="run-2", period_id="2026-10-c01", url=database_url)


def test_lanes_do_not_wait_for_each_other(database_url):
    with (
        take_lease("build", holder="run-1", period_id="2026-10-c01", url=database_url),
        take_lease("whatif", holder="run-2", period_id="2026-10-c01", url=database_url),
    ):
        pass


def test_taking_over_ends_the_sessions_that_were_left_behind(database_url):
    first = take_lease("build", holder="run-1", period_id="2026-10-c01", url=database_url)
    with connect(database_url, token=first.token) as orphan:
        orphan.execute("select control.assert_token('build')")
        orphan.commit()
        first.release()  # the run's process is gone; its dbt process works on
        with take_lease("build", holder="run-2", period_id="2026-10-c01", url=database_url):
            with pytest.raises(psycopg.OperationalError):
                orphan.execute("select 1")
            orphan.close()


def test_a_write_with_an_old_token_is_refused(database_url):
    first = take_lease("build", holder="run-1", period_id="2026-10-c01", url=database_url)
    first.release()
    with take_lease("build", holder="run-2", period_id="2026-10-c01", url=database_url) as second:
        with (
            pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="token superseded"),
            connect(database_url, token=first.token) as late,
        ):
            late.execute("select control.assert_token('build')")
        with connect(database_url, token=second.token) as current:
            assert current.execute("select control.assert_token('build')").fetchone() == (second.token,)


def test_a_writer_without_a_token_is_refused(connection):
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="no lease"):
        connection.execute("select control.assert_token('build')")
