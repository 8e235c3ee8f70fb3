"""What one intake did, file by file.

Belongs here: the report's shape and its sums. Belongs elsewhere: showing it (command line, Dagster metadata).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from assets.ingestion.landing import Registered, Waiting, clear_landing
from assets.ingestion.numbering import FileNumber
from assets.ingestion.store import FileVersion

# (what is done, bytes done, bytes in all); called between files and steps, never per row.
Progress = Callable[[str, int, int], None]


@dataclass
class FileOutcome:
    """One delivered file. Rows read = accepted + duplicate + conflict + rejected; all 0 unless loaded."""

    file_name: str
    feed: str
    feed_kind: Literal["usage", "population", "unknown"]
    state: Literal["loaded", "duplicate", "refused"]
    content_sha256: str
    size_bytes: int
    version: FileVersion  # of the file in the landing folder, as it was read
    reason: str | None = None
    number: FileNumber | None = None  # of a numbered feed
    file_id: int | None = None  # null: the same delivery was registered before and is still in the landing folder
    rows_read: int = 0
    rows_accepted: int = 0
    rows_duplicate: int = 0
    rows_conflict: int = 0
    rows_rejected: int = 0
    quantity_units_accepted: int = 0


@dataclass
class IngestReport:
    """The account of one intake. ``batch_id`` is None when nothing new had landed."""

    batch_id: int | None = None
    files: list[FileOutcome] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    # Rows of older batches that became conflicts because of this batch.
    older_rows_in_conflict: int = 0

    @property
    def left_alone(self) -> list[str]:
        """Everything in the landing folder that was not read, and why; but for hidden names, which nobody delivers."""
        return [f"{entry.file_name}: {entry.reason}" for entry in self.waiting if not entry.file_name.startswith(".")]

    def _count(self, state: str) -> int:
        return sum(1 for entry in self.files if entry.state == state)

    def _rows(self, column: str) -> int:
        return sum(getattr(entry, column) for entry in self.files)

    @property
    def files_loaded(self) -> int:
        return self._count("loaded")

    @property
    def files_duplicate(self) -> int:
        return self._count("duplicate")

    @property
    def files_refused(self) -> int:
        return self._count("refused")

    @property
    def rows_read(self) -> int:
        return self._rows("rows_read")

    @property
    def rows_accepted(self) -> int:
        return self._rows("rows_accepted")

    @property
    def rows_duplicate(self) -> int:
        return self._rows("rows_duplicate")

    @property
    def rows_conflict(self) -> int:
        return self._rows("rows_conflict")

    @property
    def rows_rejected(self) -> int:
        return self._rows("rows_rejected")

    def clear_landing(self, inbox_folder: Path) -> None:
        """Moves the registered files to `taken/` and `refused/` inside the landing folder; after the commit only."""
        clear_landing(
            inbox_folder,
            [Registered(entry.file_name, entry.version, entry.state, entry.reason) for entry in self.files],
        )
