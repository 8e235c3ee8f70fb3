"""Failure classes, so that a retry is a decision and not a habit.

Belongs here: failures that cross stages. Belongs elsewhere: bad rows and book problems, which are values, not failures.
"""

import dagster as dg


class PermanentFailure(dg.Failure):
    """A rerun with the same input cannot help: the book, the input or a gate must change first."""

    def __init__(self, description: str, metadata: dict | None = None) -> None:
        super().__init__(description=description, metadata=metadata, allow_retries=False)
