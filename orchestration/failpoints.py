"""Named points at which a test ends the process the hard way, to prove that a crash there loses and doubles nothing.

Belongs here: the names and the kill. Belongs elsewhere: what must hold afterwards (the kill tests).
Switched on by ``APPORTION_FAILPOINT=<name>`` in the environment of the process; without it a point costs one lookup.
"""

import os
import signal

VARIABLE = "APPORTION_FAILPOINT"

FAILPOINTS = frozenset(
    {
        "before_open_commit",
        "after_open",
        "during_build",
        "before_publish",
        "mid_publish_before_commit",
        "after_publish_commit",
        "mid_post_before_commit",
        "after_post_commit",
        "mid_pay_before_commit",
        "after_pay_commit",
        "mid_decide_before_commit",
        "after_handover_started",
        "after_handover_written",
        "mid_answer_before_commit",
        "mid_documents",
    }
)


def reach(name: str) -> None:
    """End this process with SIGKILL when ``name`` is the failpoint switched on.

    Raises:
        ValueError: ``name`` or the name in the environment is no failpoint; a misspelt kill test would prove nothing.
    """
    if name not in FAILPOINTS:
        raise ValueError(f"failpoint {name!r}: expected one of {', '.join(sorted(FAILPOINTS))}")
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return
    if wanted not in FAILPOINTS:
        raise ValueError(f"{VARIABLE}={wanted!r}: expected one of {', '.join(sorted(FAILPOINTS))}")
    if wanted == name:
        os.kill(os.getpid(), signal.SIGKILL)
