"""The lease a running process holds on its lane.

Belongs here: one lease per process and Dagster run, taken by the first asset that writes and kept until the run ends.
Belongs elsewhere: how a lease fences old writers (``orchestration.database.lease``).

A step that runs in a process of its own (a re-execution from failure, a multiprocess executor) takes the lease anew,
which raises the token and ends what an earlier process left behind.
"""

from orchestration.database.lease import Lease, take_lease

_held: dict[tuple[str, str], Lease] = {}


def held_lease(run_id: str, lane: str, period_id: str) -> Lease:
    """The lease of this run on ``lane``; takes it when this process does not hold it yet.

    Raises:
        LeaseHeld: another live process works in this lane; the message says which.
    """
    key = (run_id, lane)
    if key not in _held:
        _held[key] = take_lease(lane, holder=run_id, period_id=period_id)
    return _held[key]


def release_leases(run_id: str) -> None:
    """Give back what ``run_id`` holds in this process; harmless when it holds nothing."""
    for key in [key for key in _held if key[0] == run_id]:
        _held.pop(key).release()
