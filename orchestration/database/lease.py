"""The lease on a lane: one writer at a time, and an old writer's late write is refused.

Belongs here: taking, checking and giving back a lease.
Belongs elsewhere: which process keeps it for how long (``orchestration.leases``); the check inside a writer's
transaction is the SQL function ``control.assert_token``.

A session advisory lock held by a dedicated connection says whether the holder lives: it goes with the process. The lock
alone protects nothing after a kill, because the statement may run on; so taking over ends the sessions of the old token
and raises the token, and every write of record checks the token in its own transaction.
"""

import time
from dataclasses import dataclass, field

import psycopg

from orchestration.database.connection import application_name, database_url

LOCK_CLASS = 7_260_642
TAKE_OVER_SECONDS = 60
ROW_WAIT = "2s"
# How long a taker who lost waits for the winner's name to be written down.
NAME_SECONDS = 2


class LeaseHeld(RuntimeError):
    """Another live process works in the lane."""


class LeaseSuperseded(RuntimeError):
    """Another run has taken the lane over; whatever this one still wants to write is refused."""


class TakeOverFailed(RuntimeError):
    """What the earlier holder left running could not be ended."""


@dataclass
class Lease:
    """The right to write in one lane, as long as nobody takes over."""

    lane: str
    token: int
    holder: str
    _session: psycopg.Connection = field(repr=False)

    def check(self, connection: psycopg.Connection) -> None:
        """Keep the lease from being taken over until the transaction of ``connection`` ends.

        Raises:
            LeaseSuperseded: another run has taken over already.
        """
        row = connection.execute(
            "select token, holder, taken_at from control.leases where lane = %s for share", [self.lane]
        ).fetchone()
        if row is None or row[0] != self.token:
            found = "nothing" if row is None else f"token {row[0]}, run {row[1]} since {row[2]}"
            raise LeaseSuperseded(
                f"token superseded: lane {self.lane}: found {found}, expected token {self.token} of run {self.holder}."
                " Nothing was written; let the newer run finish, or start again."
            )

    def release(self) -> None:
        """Give the lane back; the token stays, so that what still runs with it is valid until the next taker."""
        self._session.close()

    def __enter__(self) -> "Lease":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.release()


def take_lease(lane: str, *, holder: str, period_id: str, url: str | None = None) -> Lease:
    """Become the writer of ``lane``.

    Ends what an earlier holder left behind (its database sessions), then raises the token.

    Raises:
        LeaseHeld: a live process holds the lane; the message says which and since when.
        TakeOverFailed: sessions of an earlier holder do not end.
        ValueError: there is no such lane.
    """
    session = psycopg.connect(
        url or database_url(),
        autocommit=True,
        application_name=f"apportion:{lane}:lease",
        # The session is idle for as long as the run lasts: no server's setting may end it, no firewall forget it.
        options="-c idle_session_timeout=0 -c timezone=UTC",
        keepalives_idle=60,
    )
    try:
        if session.execute("select 1 from control.leases where lane = %s", [lane]).fetchone() is None:
            raise ValueError(f"there is no lane {lane!r}")
        if not _scalar(session, "select pg_try_advisory_lock(%s, hashtext(%s))", LOCK_CLASS, lane):
            raise LeaseHeld(_who_holds(session, lane))
        token = _take_over(session, lane, holder, period_id)
    except BaseException:
        session.close()
        raise
    return Lease(lane=lane, token=token, holder=holder, _session=session)


def _scalar(session: psycopg.Connection, statement: str, *parameters: object) -> object:
    row = session.execute(statement, parameters).fetchone()
    assert row is not None
    return row[0]


def _take_over(session: psycopg.Connection, lane: str, holder: str, period_id: str) -> int:
    """End the sessions of earlier tokens and raise the token; returns the new one.

    An orphan may open a new session between the two steps and lock the lease row: then both are done again. Once the
    token is raised, whatever comes later is refused by the database.
    """
    deadline = time.monotonic() + TAKE_OVER_SECONDS
    while True:
        _end_sessions(session, lane)
        try:
            with session.transaction():
                session.execute(f"set local lock_timeout = '{ROW_WAIT}'")
                token = _scalar(
                    session,
                    "update control.leases set token = token + 1, holder = %s, period_id = %s, taken_at = now()"
                    " where lane = %s returning token",
                    holder, period_id, lane,
                )  # fmt: skip
        except psycopg.errors.LockNotAvailable as problem:
            if time.monotonic() > deadline:
                raise TakeOverFailed(
                    f"lane {lane}: a session still holds the lease row after {TAKE_OVER_SECONDS} s. Find it in"
                    " pg_stat_activity, end it with pg_terminate_backend(pid), start again."
                ) from problem
            continue
        assert isinstance(token, int)
        # One that had connected before the token was raised and has not asked yet.
        _end_sessions(session, lane, keep=application_name(lane, token))
        return token


def _end_sessions(session: psycopg.Connection, lane: str, keep: str = "") -> None:
    """End the sessions of every token of ``lane``; they are all left-overs, as the lock is ours."""
    ended = session.execute(
        "select pid, pg_terminate_backend(pid, 10000) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
        " and application_name ~ %s and application_name <> %s",
        [f"^apportion:{lane}:[0-9]+$", keep],
    ).fetchall()
    alive = [pid for pid, is_ended in ended if not is_ended]
    if alive and _scalar(session, "select count(*) from pg_stat_activity where pid = any(%s)", alive):
        raise TakeOverFailed(
            f"lane {lane}: sessions {alive} of an earlier run do not end. Their server processes hang; "
            "restart the server (make stop, then start again)."
        )


def _who_holds(session: psycopg.Connection, lane: str) -> str:
    """Why the lane is refused, naming the holder; waits a moment for one that has only just begun."""
    deadline = time.monotonic() + NAME_SECONDS
    locked_since = _scalar(
        session,
        "select max(activity.backend_start) from pg_locks join pg_stat_activity activity using (pid)"
        " where locktype = 'advisory' and granted"
        " and classid = %s and objid::bigint = hashtext(%s)::bigint & 4294967295"
        " and database = (select oid from pg_database where datname = current_database())",
        LOCK_CLASS, lane,
    )  # fmt: skip
    while True:
        row = session.execute(
            "select holder, period_id, taken_at, taken_at >= %s from control.leases where lane = %s",
            [locked_since, lane],
        ).fetchone()
        assert row is not None
        if row[3] or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    holder, period_id, taken_at, _ = row
    since = f"{taken_at:%Y-%m-%d %H:%M:%S %Z}" if taken_at else "a moment ago"
    return (
        f"LeaseHeld: lane {lane} is at work for {period_id} since {since} (run {holder}). "
        "Wait for it, or end it in the Dagster UI, then start again."
    )
