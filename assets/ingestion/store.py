"""The file store: every delivered file kept whole, named by the SHA-256 of its bytes as they were delivered.

Belongs here: copying in (temporary name, fsync, rename) and finding again.
Belongs elsewhere: what is inside a file (``staging``), which files were delivered (``inbox.files``).
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

# A processor's cache holds a chunk and what is made of it.
CHUNK_BYTES = 1 << 18
_INCOMING = ".incoming-"


# Number of the file, size, time of the last change: others once somebody writes, or puts another file in its place.
FileVersion = tuple[int, int, int]


def version_of(status: os.stat_result) -> FileVersion:
    """Which state of a file this is, without a look at its bytes."""
    return status.st_ino, status.st_size, status.st_mtime_ns


@dataclass(frozen=True)
class StoredFile:
    """A file of the store. ``path`` is relative to the store folder, ``source_version`` is that of what was copied."""

    content_sha256: str
    size_bytes: int
    path: str
    source_version: FileVersion


def remove_unfinished_copies(store_folder: Path) -> None:
    """Removes what killed copying left; nobody may be copying meanwhile."""
    for left in store_folder.glob(f"{_INCOMING}*"):
        left.unlink(missing_ok=True)


def stored_path(content_sha256: str) -> str:
    """Place of a content in the store, relative to the store folder."""
    return f"{content_sha256[:2]}/{content_sha256}"


def copy_into_store(source: Path, store_folder: Path) -> StoredFile:
    """Copies a file into the store and returns its hash and place; the same content is kept once.

    The copy becomes visible under its final name only when it is complete and on disk, so a crash leaves at most a
    temporary file that nothing refers to.
    """
    store_folder.mkdir(parents=True, exist_ok=True)
    digest, size_bytes = hashlib.sha256(), 0
    # A symbolic link could point outside the landing folder, so it is never followed.
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as reader:
        source_version = version_of(os.fstat(descriptor))
        handle, temporary = tempfile.mkstemp(dir=store_folder, prefix=_INCOMING)
        try:
            with os.fdopen(handle, "wb") as writer:
                while chunk := reader.read(CHUNK_BYTES):
                    digest.update(chunk)
                    size_bytes += len(chunk)
                    writer.write(chunk)
                writer.flush()
                os.fsync(writer.fileno())
            content_sha256 = digest.hexdigest()
            target = store_folder / stored_path(content_sha256)
            if not _is_complete(target, size_bytes):
                target.parent.mkdir(parents=True, exist_ok=True)
                Path(temporary).replace(target)
                _fsync_folder(target.parent)
        finally:
            Path(temporary).unlink(missing_ok=True)
    return StoredFile(content_sha256, size_bytes, stored_path(content_sha256), source_version)


def _is_complete(target: Path, size_bytes: int) -> bool:
    return target.is_file() and target.stat().st_size == size_bytes


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
