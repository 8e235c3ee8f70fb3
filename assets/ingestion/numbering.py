"""Numbered files: whether each number of a feed came once, and who answers for one that never came.

Belongs here: the number in a file's name, a number that came twice, numbers that are missing, accepting a hole by name.
Belongs elsewhere: the same bytes again (``registration``), which months have how many files (the book), the check that
lets no period out with a hole (``assets.quality.lines_before_posting``).

Three cases that look alike: a *missing* number has no loaded file; a *repeated* one comes again (the same bytes are a
duplicate, other bytes are refused); a *corrected* one was refused before and comes again under a new name.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import psycopg

from assets.ingestion.layout import Layout
from assets.ingestion.refusal import FileRefused
from assets.posting.audit_chain import append_entry
from assets.publishing.refusal import Refusal
from assets.rows import first_value

ENDLESS = ""  # the series of a feed whose numbers never start again
# So many numbers can be missing before a file. Each of them is shown until it comes or somebody answers for it.
MOST_MISSING = 100_000
_PLACEHOLDERS = {
    "{month}": r"(?P<series>[0-9]{4}-(?:0[1-9]|1[0-2]))",
    "{number}": r"(?<![0-9])(?P<number>[0-9]{1,9})(?![0-9])",
    "*": ".*?",
}


@dataclass(frozen=True, slots=True)
class FileNumber:
    """Where a file stands in its feed: the month as ``YYYY-MM``, or "" when numbers never start again; the number."""

    series: str
    number: int

    def __str__(self) -> str:
        return f"number {self.number} of {self.series}" if self.series else f"number {self.number}"


@dataclass(frozen=True, slots=True)
class MissingFile:
    """A number without a loaded file; ``refused_file_name`` came under it and could not be loaded."""

    feed: str
    series: str
    number: int
    refused_file_name: str | None

    def __str__(self) -> str:
        refused = f" ({self.refused_file_name} was refused)" if self.refused_file_name else ""
        return f"{self.feed} {FileNumber(self.series, self.number)}{refused}"


@lru_cache(maxsize=64)
def _name_pattern(names: str) -> re.Pattern[str]:
    pieces = re.split(r"(\{month\}|\{number\}|\*)", names)
    return re.compile("".join(_PLACEHOLDERS.get(piece, re.escape(piece)) for piece in pieces))


def file_number(names: str, file_name: str) -> FileNumber:
    """The number that a name carries, with or without its .gz.

    Raises:
        FileRefused: it carries none.
    """
    for name in (file_name, file_name.removesuffix(".gz")):
        if found := _name_pattern(names).fullmatch(name):
            return FileNumber(found.groupdict().get("series") or ENDLESS, int(found["number"]))
    raise FileRefused(
        "a name without the number of the file",
        f"a name like {names}",
        "send the file under a name with the next number of its feed",
    )


def refuse_repeated_number(connection: psycopg.Connection, feed: str, number: FileNumber) -> None:
    """Raises FileRefused when other content was loaded under this number."""
    row = connection.execute(
        """select file_id, file_name from inbox.files
        where state = 'loaded' and feed = %s and series = %s and sequence_number = %s""",
        (feed, number.series, number.number),
    ).fetchone()
    if row is not None:
        raise FileRefused(
            f"{number} of {feed} a second time, with other content than file {row[0]} ({row[1]})",
            "each number once",
            "ask the sender which of the two is right; rows to add or to correct come under the next number",
        )


def refuse_distant_number(connection: psycopg.Connection, layout: Layout, number: FileNumber) -> None:
    """Raises FileRefused when so many numbers would be missing before this one that its name must be wrong."""
    last_number = first_value(
        connection.execute(
            """select coalesce(max(sequence_number), 0) from inbox.files
            where state = 'loaded' and feed = %s and series = %s""",
            (layout.feed, number.series),
        )
    )
    next_number = max(last_number + 1, layout.first_number)
    if number.number > next_number + MOST_MISSING:
        raise FileRefused(
            f"{number} of {layout.feed}, before which {number.number - next_number} numbers are missing",
            f"number {next_number}, or one at most {MOST_MISSING} later",
            "correct the number in the name, or `first` in the numbering of the usage specification",
        )


def missing_files(connection: psycopg.Connection) -> list[MissingFile]:
    """Numbers of the current book's numbered feeds that never came and that nobody accepts, in all months that did."""
    rows = connection.execute(
        """
        select expected.feed, expected.series, expected.sequence_number, expected.refused_file_name
        from (
            select min(nullif(series, '')) as first_month, max(nullif(series, '')) as last_month from inbox.files
            where state = 'loaded'
        ) as months
        cross join lateral inbox.expected_files(
            catalog.current_book(), months.first_month, months.last_month,
            months.last_month, (select max(batch_id) from inbox.batches)) as expected
        where expected.file_id is null and expected.accepted_by is null
        order by 1, 2, 3
        """
    )
    return [MissingFile(*row) for row in rows]


def accept_missing_file(connection: psycopg.Connection, missing: MissingFile, *, accepted_by: str, reason: str) -> None:
    """Record that a named person lets periods out without this file. The act is for ever and in the audit chain.

    The file may still come: its usage is then late usage.

    Raises:
        Refusal: ``no_name``, ``not_missing``.
    """
    if not accepted_by.strip() or not reason.strip():
        raise Refusal("no_name", f"{missing}: nobody's name, or no reason.", "Say who accepts the hole, and why.")
    if missing not in {MissingFile(each.feed, each.series, each.number, None) for each in missing_files(connection)}:
        raise Refusal(
            "not_missing",
            f"{missing} is not missing, or was accepted before.",
            "Look at the missing files that `apportion ingest` prints.",
        )
    connection.execute(
        """insert into inbox.accepted_missing_files (feed, series, sequence_number, accepted_by, reason)
        values (%s, %s, %s, %s, %s)""",
        (missing.feed, missing.series, missing.number, accepted_by.strip(), reason.strip()),
    )
    append_entry(
        connection,
        "missing_file_accepted",
        {
            "feed": missing.feed,
            "series": missing.series,
            "number": missing.number,
            "accepted_by": accepted_by.strip(),
            "reason": reason.strip(),
        },
    )
