"""The one way in which a stage of record says no.

Belongs here: the exception. Belongs elsewhere: rows that cannot be billed (they are parked, not raised) and the
Dagster failure it becomes (``orchestration.failures``).
"""


class Refusal(RuntimeError):
    """A rerun with the same state cannot help; nothing was written.

    ``code`` is stable, for callers and tests; ``what`` says what was refused and what was found, ``remedy`` what to do.
    """

    def __init__(self, code: str, what: str, remedy: str) -> None:
        super().__init__(f"{what} {remedy}")
        self.code = code
        self.what = what
        self.remedy = remedy
