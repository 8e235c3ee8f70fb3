"""The landing folder: which files are complete, what their senders declared, whose feed they belong to.

Belongs here: names, manifests, order of reading, clearing up after the commit.
Belongs elsewhere: contents (``staging``, ``lines``), registration (``ingest``).
"""

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

from assets.ingestion.layout import Layout
from assets.ingestion.refusal import FileRefused, NotYetComplete
from assets.ingestion.store import FileVersion, version_of

MANIFEST_SUFFIX = ".manifest.json"
UNFINISHED_SUFFIXES = (".tmp", ".part")
MAXIMUM_MANIFEST_BYTES = 65_536
# What Linux allows; the longest of the names that belong to a file is its manifest's.
MAXIMUM_NAME_BYTES = 255 - len(MANIFEST_SUFFIX)
FOLDERS_OF_THE_INBOX = ("taken", "refused")
# A content that does not match its manifest may still be on its way; after this long it is not.
PATIENCE = timedelta(minutes=15)
AHEAD_OF_CLOCK = timedelta(minutes=5)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # so that an age limit can be taken from it


@dataclass(frozen=True)
class Waiting:
    """A name of the landing folder that was left alone, and why."""

    file_name: str
    reason: str


@dataclass(frozen=True)
class Manifest:
    """What the sender says about a file. ``rows`` counts data rows, without the header; ``totals`` are sums as text."""

    rows: int
    sha256: str
    sent_at: datetime
    totals: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Landed:
    """A complete file and the layouts whose pattern its name fits (one, when all is well)."""

    path: Path
    layouts: tuple[Layout, ...]

    @property
    def file_name(self) -> str:
        return self.path.name

    @property
    def size_bytes(self) -> int:
        """Its size by now; 0 when somebody has taken it away."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0


def look_at(inbox_folder: Path, layouts: Sequence[Layout]) -> tuple[list[Landed], list[Waiting]]:
    """Complete files in reading order (that of the layouts, populations first; then names), and those left alone."""
    landed, waiting = [], []
    if not inbox_folder.is_dir():
        waiting.append(Waiting(str(inbox_folder), "there is no such folder"))
    names = sorted(inbox_folder.iterdir(), key=lambda path: path.name) if inbox_folder.is_dir() else []
    files = {path.name for path in names}
    for path in names:
        fault = _fault_of_name(path.name)
        if fault is not None:
            shown = "".join(character if character.isprintable() else "\ufffd" for character in path.name)
            waiting.append(Waiting(shown, fault))
        elif path.is_symlink() or not path.is_file():
            if not path.is_dir():
                waiting.append(Waiting(path.name, "not a regular file"))
            elif path.name not in FOLDERS_OF_THE_INBOX:
                waiting.append(Waiting(path.name, "a folder; put its files into the inbox itself"))
        elif path.name.startswith(".") or path.name.endswith(UNFINISHED_SUFFIXES):
            waiting.append(Waiting(path.name, "its name says that it is not finished"))
        elif path.name.endswith(MANIFEST_SUFFIX):
            if path.name.removesuffix(MANIFEST_SUFFIX) not in files:
                waiting.append(Waiting(path.name, "the file of this manifest has not landed"))
        else:
            landed.append(Landed(path, matching_layouts(path.name, layouts)))
    order = {layout.feed: number for number, layout in enumerate(layouts)}
    landed.sort(key=lambda entry: (order[entry.layouts[0].feed] if entry.layouts else len(order), entry.file_name))
    return landed, waiting


def _fault_of_name(file_name: str) -> str | None:
    """Why nothing can be kept under a name, in words that say what to do; None when it can."""
    if not file_name.isprintable():
        return "its name has characters that cannot be shown, or is not UTF-8; rename it"
    if len(os.fsencode(file_name)) > MAXIMUM_NAME_BYTES:
        return f"its name has more than {MAXIMUM_NAME_BYTES} bytes; rename it"
    return None


def matching_layouts(file_name: str, layouts: Sequence[Layout]) -> tuple[Layout, ...]:
    """Layouts whose name pattern fits the name, with or without its .gz."""
    plain = file_name.removesuffix(".gz")
    return tuple(
        layout
        for layout in layouts
        if fnmatchcase(file_name, layout.name_pattern) or fnmatchcase(plain, layout.name_pattern)
    )


def only_layout(landed: Landed) -> Layout:
    """The one layout of a file; raises FileRefused when its name fits none or several."""
    if len(landed.layouts) == 1:
        return landed.layouts[0]
    if not landed.layouts:
        raise FileRefused(
            "a name that no feed knows",
            "a name that fits the pattern of a usage specification or population",
            "rename the file, or add a usage specification with a fitting `name_pattern`",
        )
    feeds = ", ".join(layout.feed for layout in landed.layouts)
    raise FileRefused(f"a name that fits several feeds: {feeds}", "one feed per name", "make the patterns disjoint")


def read_manifest(path: Path, now: datetime) -> Manifest | None:
    """The manifest beside a file, or None; raises FileRefused when it cannot be used, NotYetComplete when not read."""
    manifest = path.with_name(path.name + MANIFEST_SUFFIX)
    if manifest.is_symlink() or not manifest.is_file():
        return None
    remedy = f"send {manifest.name} again"
    expected = (
        '{"rows": whole number, "sha256": 64 hex digits, "sent_at": ISO 8601 time with offset}, and if the feed has '
        'control totals "totals": {"quantity": "decimal as text"}'
    )
    try:
        with manifest.open("rb") as reader:
            text = reader.read(MAXIMUM_MANIFEST_BYTES + 1)
        if len(text) > MAXIMUM_MANIFEST_BYTES:
            raise ValueError("too long")
        found = json.loads(text.decode(), object_pairs_hook=_each_key_once, parse_constant=_no_constant)
        sent_at = datetime.fromisoformat(found["sent_at"])
        well_formed = (
            found.keys() - {"totals"} == {"rows", "sha256", "sent_at"}
            and _are_totals(found.get("totals", {}))
            and type(found["rows"]) is int
            and found["rows"] >= 0
            and re.fullmatch("[0-9a-f]{64}", found["sha256"]) is not None
            and sent_at.tzinfo is not None
        )
    except OSError as error:
        raise NotYetComplete(f"its manifest cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FileRefused("a manifest that cannot be read", expected, remedy) from error
    if not well_formed:
        raise FileRefused("a manifest of another form", expected, remedy)
    if sent_at > now + AHEAD_OF_CLOCK:
        raise FileRefused(f"a manifest sent at {sent_at.isoformat()}, in the future", "a time in the past", remedy)
    if sent_at < EARLIEST:
        raise FileRefused(f"a manifest sent at {sent_at.isoformat()}", f"a time after {EARLIEST.isoformat()}", remedy)
    return Manifest(found["rows"], found["sha256"], sent_at, found.get("totals", {}))


def _are_totals(totals: object) -> bool:
    return isinstance(totals, dict) and all(
        isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}([.][0-9]{1,12})?", value) for value in totals.values()
    )


def check_content(manifest: Manifest, content_sha256: str, now: datetime) -> None:
    """Raises NotYetComplete, later FileRefused, when the bytes are not those the sender declared."""
    if manifest.sha256 == content_sha256:
        return
    if now - manifest.sent_at < PATIENCE:
        raise NotYetComplete("the bytes are not yet those of its manifest")
    raise FileRefused(
        f"content with sha256 {content_sha256}",
        f"sha256 {manifest.sha256} as in the manifest",
        "send file and manifest again under a new name",
    )


def _each_key_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key twice")
    return dict(pairs)


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON number")


@dataclass(frozen=True)
class Registered:
    """A file that was registered: what became of it, and the ``version`` (``store``) of it that was read."""

    file_name: str
    version: FileVersion
    state: str
    reason: str | None


def clear_landing(inbox_folder: Path, files: Iterable[Registered]) -> None:
    """Moves files out of the way once their registration is committed.

    Loaded files and duplicates go to `taken/`, refused ones to `refused/` with their reason beside them. Nothing is
    deleted. What was written since it was read stays, and is new at the next intake. Call it after the commit only:
    before it, a crash would hide files that were never registered.
    """
    for file in files:
        source = inbox_folder / file.file_name
        if not source.is_file() or version_of(source.stat()) != file.version:
            continue
        target_folder = inbox_folder / ("refused" if file.state == "refused" else "taken")
        target_folder.mkdir(exist_ok=True)
        for path in (source, source.with_name(file.file_name + MANIFEST_SUFFIX)):
            if path.is_file():
                path.replace(target_folder / path.name)
        if file.reason is not None and file.state == "refused":
            (target_folder / f"{file.file_name}.reason.txt").write_text(file.reason + "\n", encoding="utf-8")
