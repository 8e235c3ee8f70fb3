"""The landing folder: which files are complete, what their senders declared, whose feed they belong to.

Belongs here: names, manifests, order of reading, clearing up after the commit.
Belongs elsewhere: contents (``staging``, ``lines``), registration (``ingest``).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

from assets.ingestion.layout import Layout
from assets.ingestion.refusal import FileRefused, NotYetComplete

MANIFEST_SUFFIX = ".manifest.json"
UNFINISHED_SUFFIXES = (".tmp", ".part")
MAXIMUM_MANIFEST_BYTES = 65_536
# A content that does not match its manifest may still be on its way; after this long it is not.
PATIENCE = timedelta(minutes=15)
AHEAD_OF_CLOCK = timedelta(minutes=5)


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


def look_at(inbox_folder: Path, layouts: Sequence[Layout]) -> tuple[list[Landed], list[Waiting]]:
    """Complete files in reading order (that of the layouts, populations first; then names), and those left alone."""
    landed, waiting = [], []
    names = sorted(inbox_folder.iterdir(), key=lambda path: path.name) if inbox_folder.is_dir() else []
    files = {path.name for path in names}
    for path in names:
        if path.is_symlink() or not path.is_file():
            if not path.is_dir():
                waiting.append(Waiting(path.name, "not a regular file"))
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
    """The manifest beside a file, or None; raises FileRefused when it cannot be used."""
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
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FileRefused("a manifest that cannot be read", expected, remedy) from error
    if not well_formed:
        raise FileRefused("a manifest of another form", expected, remedy)
    if sent_at > now + AHEAD_OF_CLOCK:
        raise FileRefused(f"a manifest sent at {sent_at.isoformat()}, in the future", "a time in the past", remedy)
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


def clear_landing(inbox_folder: Path, states: dict[str, tuple[str, str | None]]) -> None:
    """Moves files out of the way once their registration is committed; ``states``: name -> (state, reason).

    Loaded files and duplicates go to `taken/`, refused ones to `refused/` with their reason beside them. Nothing is
    deleted. Call it after the commit only: before it, a crash would hide files that were never registered.
    """
    for file_name, (state, reason) in states.items():
        source = inbox_folder / file_name
        target_folder = inbox_folder / ("refused" if state == "refused" else "taken")
        target_folder.mkdir(exist_ok=True)
        for path in (source, source.with_name(file_name + MANIFEST_SUFFIX)):
            if path.is_file():
                path.replace(target_folder / path.name)
        if reason is not None and state == "refused":
            (target_folder / f"{file_name}.reason.txt").write_text(reason + "\n", encoding="utf-8")
