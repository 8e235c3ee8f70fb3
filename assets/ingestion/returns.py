"""What goes back to the sender of a feed: each refused file and each row that was not accepted, with the reason.

Belongs here: the return report as a file, as RAP does it for TAP. Belongs elsewhere: judging rows (``lines``,
``grammars``), files (``ingest``), what is suspended later for want of an agreement or price (dbt).
"""

import csv
from pathlib import Path

import psycopg

from assets.publishing.refusal import Refusal

COLUMNS = (
    "file_name", "sequence_number", "line_number", "returned", "reason_code", "field", "found", "expected", "record",
)  # fmt: skip
_RETURNED = """
    select file_name, sequence_number, line_number, disposition, reason_code, characteristic, found, expected, raw_line
    from inbox.row_dispositions join inbox.files using (file_id)
    where feed = %(feed)s and disposition in ('rejected', 'conflict')
    union all
    select file_name, sequence_number, 0, 'whole file', 'refused', null, reason, null, null
    from inbox.files where feed = %(feed)s and state = 'refused'
    order by 1, 3
"""


def write_return_report(connection: psycopg.Connection, feed: str, target: Path) -> int:
    """Write everything of a feed that was not accepted to ``target``, as CSV; how many entries it has.

    Raises:
        Refusal: ``no_feed``, no file of a feed of that name ever came.
    """
    if connection.execute("select from inbox.files where feed = %s limit 1", [feed]).fetchone() is None:
        known = ", ".join(name for (name,) in connection.execute("select distinct feed from inbox.files order by 1"))
        raise Refusal("no_feed", f"no file of feed {feed} ever came.", f"Take one of: {known or 'none so far'}.")
    rows = connection.execute(_RETURNED, {"feed": feed}).fetchall()
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    part.replace(target)
    return len(rows)
