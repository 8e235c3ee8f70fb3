"""Failure classes, so that a retry is a decision and not a habit.

Belongs here: failures that cross stages. Belongs elsewhere: bad rows and book problems, which are values, not failures.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from assets.publishing.refusal import Refusal


class PermanentFailure(dg.Failure):
    """A rerun with the same input cannot help: the book, the input or a gate must change first."""

    def __init__(self, description: str, metadata: dict | None = None) -> None:
        super().__init__(description=description, metadata=metadata, allow_retries=False)


@contextmanager
def refusals_are_permanent() -> Iterator[None]:
    """Around the work of an asset or a check: a stage's refusal fails the step, says what to do, and is not retried."""
    try:
        yield
    except Refusal as refusal:
        raise PermanentFailure(str(refusal), metadata={"refusal": refusal.code, "remedy": refusal.remedy}) from refusal
