"""The lease on a lane: one writer at a time, and an old writer's late write is refused.

Belongs here: taking, checking and giving back a lease.
Belongs elsewhere: which process keeps it for how long (``orchestration.leases``); the check inside a writer's transaction
is the SQL function ``control.assert_token``.

A session advisory lock held by a dedicated connection says whether the holder lives: it goes with the process. The lock
alone protects nothing after a kill, because the statement may run on; so taking over ends the sessions of the old token
and raises the token, and every write of record checks the token in its own transaction.
"""

from dataclasses import dataclass, field

import psycopg

from orchestration.database.connection import application_name, database_url

LOCK_CLASS = 7_260_642


class LeaseHeld(RuntimeError):
    """Another live process works in the lane."""


@dataclass
class Lease:
    """The right to write in one lane, as long as nobody takes over."""

    lane: str
    token: int
    holder: str
    _session: psycopg.Connection = field(repr=False)

    def release(self) -> None:
        """Give the lane back; the token stays, so that whatever still runs with it stays valid until the next taker."""
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
    """
    session = psycopg.connect(url or database_url(), autocommit=True, application_name=f"apportion:{lane}:lease")
    try:
        row = session.execute("select token, holder, period_id, taken_at from control.leases where lane = %s", [lane]).fetchone()
        if row is None:
            raise ValueError(f"there is no lane {lane!r}")
        locked = session.execute("select pg_try_advisory_lock(%s, hashtext(%s))", [LOCK_CLASS, lane]).fetchone()[0]
        if not locked:
            raise LeaseHeld(
                f"LeaseHeld: lane {lane} is at work for {row[2]} since {row[3]:%Y-%m-%d %H:%M:%S %Z} (run {row[1]}). "
                "Wait for it, or end it in the Dagster UI, then start again."
            )
        token = row[0]
        session.execute(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity"
            " where datname = current_database() and application_name = %s and pid <> pg_backend_pid()",
            [application_name(lane, token)],
        )
        token = session.execute(
            "update control.leases set token = token + 1, holder = %s, period_id = %s, taken_at = now()"
            " where lane = %s returning token",
            [holder, period_id, lane],
        ).fetchone()[0]
    except BaseException:
        session.close()
        raise
    return Lease(lane=lane, token=token, holder=holder, _session=session)
