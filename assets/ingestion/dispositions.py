"""What becomes of well-formed usage rows: accepted, duplicate or conflict, as a function of the set of rows.

Belongs here: one event in several rows, within a batch and against older batches; raw lines of what is not accepted.
Belongs elsewhere: rows that are not well formed (``grammars``).

Equal content under one event key: one row is accepted, the others are duplicates. Different contents under one event
key: all its rows are conflicts, those accepted earlier included. So the order of arrival decides nothing.
"""
# ruff: noqa: S608 - SQL is put together from this package's names and literals; nothing of a file gets into it.

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import duckdb
import psycopg

from assets.ingestion.grammars import literal
from assets.ingestion.lines import raw_text, read_lines
from assets.ingestion.loading import fetch_relation, leaf_table, send_relation
from assets.ingestion.picking import pick_lines
from assets.ingestion.staging import RETURN, StagedFile
from assets.rows import first_value

# So many lines of one file are held in Python at once; of more, DuckDB reads the file again.
FEW_LINES = 10_000
DISPOSITION_COLUMNS = (
    "(file_id, line_number, disposition, reason_code, characteristic, found, expected, raw_line, event_key,"
    " content_hash, decided_in_batch_id)"
)


def older_batches(connection: psycopg.Connection, batch_id: int, since: datetime) -> list[int]:
    """Every batch before this one that holds an event at or after ``since``, the end of the longest age limit."""
    return [
        number
        for (number,) in connection.execute(
            "select batch_id from inbox.batches where batch_id < %s and events_until >= %s order by 1",
            (batch_id, since),
        )
    ]


def find_older_rows(
    session: duckdb.DuckDBPyConnection,
    connection: psycopg.Connection,
    scratch: Path,
    batch_id: int,
    batches: Iterable[int],
) -> None:
    """Fills the session table `older` with rows of these earlier batches that carry an event key of this batch.

    One set-based join; PostgreSQL takes the leaves' indexes for a small batch and a hash join for a large one.
    """
    numbers = ", ".join(map(str, batches)) or "null"
    fetch_relation(
        session,
        connection,
        scratch,
        f"""select o.event_key, o.content_hash, o.batch_id, o.file_id, o.line_number,
            exists (select from inbox.row_dispositions d where d.file_id = o.file_id
                and d.line_number = o.line_number and d.disposition = 'conflict') as is_conflict,
            not exists (select from inbox.row_dispositions d where d.file_id = o.file_id
                and d.line_number = o.line_number) as is_accepted
        from inbox.usage_rows o
        where o.batch_id in ({numbers})
            and o.event_key in (select event_key from {leaf_table(batch_id).as_string(connection)})""",
        "older",
        {
            "event_key": "uuid",
            "content_hash": "uuid",
            "batch_id": "integer",
            "file_id": "integer",
            "line_number": "integer",
            "is_conflict": "boolean",
            "is_accepted": "boolean",
        },
    )


def find_repeated(session: duckdb.DuckDBPyConnection) -> None:
    """Fills the session table `repeated` with the event keys that several rows of this batch carry."""
    session.execute(
        "create or replace table repeated as select event_key from usage group by event_key having count(*) > 1"
    )


def decide(session: duckdb.DuckDBPyConnection) -> None:
    """Decides every event key that more than one row carries, by `repeated` and `older`; fills the table `decided`.

    `decided`: file_id, line_number, disposition, reason_code, found, expected, event_key, content_hash, quantity_units.
    """
    session.execute("insert into repeated select distinct event_key from older anti join repeated using (event_key)")
    session.execute(
        """create or replace table candidates as
        select u.event_key, u.content_hash, u.file_id, u.line_number, u.quantity_units, f.content_sha256,
            false as is_older, false as is_conflict, false as is_accepted
        from usage u semi join repeated using (event_key) join batch_files f using (file_id)
        union all
        select event_key, content_hash, file_id, line_number, null, null, true, is_conflict, is_accepted
        from older"""
    )
    session.execute(
        """create or replace table decided as
        with judged as (
            select *, min(content_hash) over same_event <> max(content_hash) over same_event as is_contested,
                row_number() over in_order as place,
                first_value('file ' || file_id || ', line ' || line_number) over in_order as first_place
            from candidates
            window same_event as (partition by event_key),
                -- The row accepted earlier, else the smallest content position of this batch.
                in_order as (
                    partition by event_key order by is_accepted desc, is_older desc, content_sha256, line_number)
        )
        select file_id, line_number, event_key, content_hash, quantity_units, is_older,
            case when is_contested then 'conflict' else 'duplicate' end as disposition,
            case when is_contested then 'other_content_same_event' else 'same_content_same_event' end as reason_code,
            case when is_contested then 'different contents under one event id; one more is in ' || first_place
                else 'the event is already in ' || first_place end as found,
            case when is_contested then 'one content per event id: a correction needs an event id of its own'
                else 'each event once' end as expected
        from judged
        where (is_contested and not is_conflict) or (not is_contested and not is_older and place > 1)"""
    )


def keep_raw_lines(session: duckdb.DuckDBPyConnection, stage: Callable[[int], StagedFile | None]) -> None:
    """Moves `decided` rows to `dispositions` with the line as it stood in its file.

    ``stage`` gives the staged file of a file id, or None when the store no longer has it; then the line is left out.
    """
    few: dict[int, StagedFile] = {}
    counts = session.execute("select file_id, count(*) from decided group by file_id order by 1").fetchall()
    for file_id, count in counts:
        staged = stage(file_id)
        if staged is None:
            _move_decided(session, f"where d.file_id = {file_id}", "null")
        elif count <= FEW_LINES:
            few[file_id] = staged
        else:
            read_lines(session, staged)
            _move_decided(session, f"join lines l on l.rowid + 1 = d.line_number where d.file_id = {file_id}", _RAW)
    if few:
        pick_lines(session, few, "decided")
        _move_decided(session, "join picked l using (file_id, line_number)", _RAW)


_RAW = raw_text(f"(case when ends_with(l.line, {literal(RETURN)}) then left(l.line, -1) else l.line end)")


def _move_decided(session: duckdb.DuckDBPyConnection, among: str, raw_line: str) -> None:
    session.execute(
        f"""insert into dispositions
        select d.file_id, d.line_number, d.disposition, d.reason_code, null, d.found, d.expected, {raw_line},
            d.event_key, d.content_hash
        from decided d {among}"""
    )


def send_dispositions(
    session: duckdb.DuckDBPyConnection, connection: psycopg.Connection, scratch: Path, batch_id: int
) -> None:
    """Writes the session's `dispositions` to inbox.row_dispositions as decisions of this batch."""
    if first_value(session.execute("select count(*) from dispositions")):
        send_relation(
            session,
            connection,
            scratch,
            f"select *, {batch_id} from dispositions order by file_id, line_number",
            "inbox.row_dispositions",
            DISPOSITION_COLUMNS,
        )
