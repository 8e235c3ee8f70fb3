"""Files that are whole or absent, under names that cannot leave their folder.

Belongs here: names from document numbers, durable writes, one writer per folder, the manifest of what was written.
Belongs elsewhere: what is written (``pdf``, ``pages``, ``exports``).
"""

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

# Prefixes, party ids and years joined by slashes, as posting makes numbers. No dot is allowed in a part, so turning
# slashes into dots keeps two numbers apart and cannot climb.
_DOCUMENT_NUMBER = re.compile(r"[A-Za-z0-9_-]{1,40}(/[A-Za-z0-9_-]{1,40}){0,5}", re.ASCII)
_SUFFIXES = ("pdf", "html")


class UnsafeNameError(ValueError):
    """A document number that is no file name."""


class FolderInUseError(RuntimeError):
    """Another renderer is writing to the folder."""


@dataclass(frozen=True, slots=True)
class Printed:
    """One line of a manifest: a document, its files' hashes, its pages, and characters shown as code points."""

    number: str
    document_key: str
    file_name: str
    pdf_sha256: str
    html_sha256: str
    page_count: int
    replaced_characters: list[str]


def file_stem(document_number: str) -> str:
    """``WT/2026/17`` -> ``WT.2026.17``.

    Raises:
        UnsafeNameError: anything but letters, digits, ``_``, ``-`` in parts joined by ``/``.
    """
    if not _DOCUMENT_NUMBER.fullmatch(document_number):
        raise UnsafeNameError(
            f"document number {document_number!r} cannot be a file name: expected letters, digits, '_', '-' in parts "
            "joined by '/'. Correct the series prefix in operator.yaml."
        )
    return document_number.replace("/", ".")


def document_path(folder: Path, document_number: str, suffix: str) -> Path:
    """Where a document's file goes: directly in ``folder``, wherever the folder really is.

    Raises:
        UnsafeNameError: the number or the suffix would lead elsewhere.
    """
    if suffix not in _SUFFIXES:
        raise UnsafeNameError(f"suffix {suffix!r}: expected one of {', '.join(_SUFFIXES)}")
    root = folder.resolve()
    path = root / f"{file_stem(document_number)}.{suffix}"
    if path.parent != root:
        raise UnsafeNameError(f"document number {document_number!r} leads out of its folder")
    return path


def write_durably(path: Path, content: bytes) -> str:
    """Write beside, sync, rename: a reader sees the whole file or none, also after a power cut. Returns its SHA-256.

    The rename itself is durable after ``sync_folder``.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return hashlib.sha256(content).hexdigest()


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold the folder for this process, and clear what a killed writer left half-written.

    Raises:
        FolderInUseError: somebody else holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUseError(f"{folder} is being written by another process; wait for it to end") from None
        for leftover in folder.glob(".*.tmp"):
            leftover.unlink(missing_ok=True)
        yield


class Manifest:
    """What was printed, one JSON line per document, appended when its files are durable.

    A document that is in the manifest and whose files still have those hashes is not printed again: what was issued
    stays as it was, whatever happens to templates later.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._whole_bytes = 0  # up to the end of the last whole line
        self.entries: dict[str, Printed] = {}
        for line in self._whole_lines():
            entry = Printed(**json.loads(line))
            self.entries[entry.document_key] = entry

    def _whole_lines(self) -> list[bytes]:
        """Lines that were written to their end; of a last one somebody may be writing the rest."""
        if not self.path.exists():
            return []
        content = self.path.read_bytes()
        self._whole_bytes = content.rfind(b"\n") + 1
        return content[: self._whole_bytes].splitlines()

    def append(self, entries: list[Printed]) -> None:
        """Record documents, durably; a torn last line of a killed writer is cut off. For the folder's writer only."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as handle:
            handle.truncate(self._whole_bytes)
            for entry in entries:
                handle.write(json.dumps(asdict(entry), ensure_ascii=False, sort_keys=True).encode() + b"\n")
                self.entries[entry.document_key] = entry
            handle.flush()
            os.fsync(handle.fileno())
            self._whole_bytes = handle.tell()
        sync_folder(self.path.parent)

    def is_intact(self, document_key: str, folder: Path) -> bool:
        """Whether both files of a document are there with the hashes of the manifest."""
        entry = self.entries.get(document_key)
        if entry is None:
            return False
        return all(
            _sha256(document_path(folder, entry.number, suffix)) == expected
            for suffix, expected in (("pdf", entry.pdf_sha256), ("html", entry.html_sha256))
        )

    def sha256(self) -> str:
        """One digest over all hashes, in the order of document keys: the same documents give the same digest."""
        lines = (f"{key} {entry.pdf_sha256} {entry.html_sha256}\n" for key, entry in sorted(self.entries.items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def _sha256(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None
