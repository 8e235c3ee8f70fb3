"""Population records into their tables: set-based, same content = duplicate, a later delivery replaces.

Belongs here: population files from parsed rows to their tables.
Belongs elsewhere: layouts (the modules beside it), field grammars (``assets.ingestion.grammars``).
"""
# ruff: noqa: S608 - SQL is put together from this package's names and literals; nothing of a file gets into it.

from collections.abc import Sequence
from pathlib import Path

import duckdb
import psycopg

from assets.ingestion.encoding import SEPARATOR
from assets.ingestion.grammars import canonical, literal, value
from assets.ingestion.loading import fetch_relation, send_relation
from assets.ingestion.populations.fields import Population
from assets.ingestion.populations.tariffs import TIERS
from assets.rows import first_value

# So many rows are enough to be loaded; a large file is loaded with the small ones before it, and then the next begin.
ROWS_PER_GROUP = 100_000


class RecordLoad:
    """Population files of one intake on their way into their tables, all in the connection's transaction.

    Files are taken one after another and loaded together: what DuckDB and PostgreSQL are asked costs more than the rows
    of a small file.
    """

    def __init__(
        self,
        session: duckdb.DuckDBPyConnection,
        connection: psycopg.Connection,
        scratch: Path,
    ) -> None:
        self._session, self._connection, self._scratch = session, connection, scratch
        self._places: list[str] = []  # the columns in which the fields of every feed stand, by their place
        self._taken: list[tuple[Population, int]] = []
        self._rows = 0

    @property
    def is_full(self) -> bool:
        """Whether the rows that were taken should be loaded before the next file."""
        return self._rows >= ROWS_PER_GROUP

    def take(self, population: Population, file_id: int) -> int:
        """Takes over the good rows of the session's `parsed`; returns their number."""
        fields = population.layout.fields
        self._make_places(len(fields))
        parts = ", ".join(f"{literal(entry.id + '=')} || ({canonical(entry)})" for entry in fields)
        key_parts = ", ".join(canonical(population.layout.field(entry)) for entry in population.key)
        places = ", ".join(self._places[: len(fields)])
        kept = self._session.execute(
            f"""insert into records (file_id, line_number, record_key, content, {places})
            select {file_id}, line_number, concat_ws({SEPARATOR}, {key_parts}), concat_ws({SEPARATOR}, {parts}),
                {", ".join(map(value, fields))}
            from parsed where rule is null"""
        )
        rows = first_value(kept)
        self._taken.append((population, file_id))
        self._rows += rows
        return rows

    def _make_places(self, number: int) -> None:
        """The table `records`, with a column for each of so many fields: one that no file needs would cost memory."""
        if not self._taken:
            self._session.execute(
                "create table records (file_id integer, line_number integer, record_key varchar, content varchar)"
            )
        for place in range(len(self._places), number):
            self._places.append(f"f{place}")
            self._session.execute(f"alter table records add column f{place} varchar")

    def load(self) -> None:
        """Loads what was taken; rows that are not accepted stay in the table `decided`.

        Within one file, equal records under one key are duplicates and different ones conflicts: nothing says which of
        two lines is right. Across files the later delivery replaces the record, since these are master data.
        """
        _decide_within_files(self._session)
        self._send()
        known = sum(_upsert(self._connection, population, file_id, self._places) for population, file_id in self._taken)
        if known:
            fetch_relation(
                self._session,
                self._connection,
                self._scratch,
                "select file_id, line_number from known_records",
                "known",
                {"file_id": "integer", "line_number": "integer"},
            )
            self._session.execute(
                """insert into decided select file_id, line_number, null, null, null, false, 'duplicate',
                    'same_content_same_key', 'the record is already there', 'a record that is new or changed'
                from known"""
            )
        self._connection.execute("drop table delivered_records, known_records")
        self._session.execute("drop table records")
        self._places, self._taken, self._rows = [], [], 0

    def _send(self) -> None:
        """Fills PostgreSQL's `delivered_records`, and makes `known_records`: of them those that bring nothing new."""
        places = ", ".join(self._places)
        columns = ", ".join(f"{place} text" for place in self._places)
        self._connection.execute(
            f"""create temp table delivered_records (file_id integer, line_number integer, {columns}) on commit drop;
            create temp table known_records (file_id integer, line_number integer) on commit drop"""
        )
        send_relation(
            self._session,
            self._connection,
            self._scratch,
            f"select file_id, line_number, {places} from records anti join decided using (file_id, line_number)",
            "delivered_records",
        )
        self._connection.execute("analyze delivered_records (file_id)")


def _decide_within_files(session: duckdb.DuckDBPyConnection) -> None:
    session.execute(
        """create or replace table decided as
        with repeated as (
            select file_id, line_number,
                min(content) over same_key <> max(content) over same_key as is_contested,
                row_number() over (partition by file_id, record_key order by line_number) as place,
                min(line_number) over same_key as first_line
            from records
            semi join (select file_id, record_key from records group by all having count(*) > 1)
                using (file_id, record_key)
            window same_key as (partition by file_id, record_key)
        )
        select file_id, line_number, null::uuid as event_key, null::uuid as content_hash,
            null::bigint as quantity_units, false as is_older,
            case when is_contested then 'conflict' else 'duplicate' end as disposition,
            case when is_contested then 'other_content_same_key' else 'same_content_same_key' end as reason_code,
            'the same key as in line ' || first_line as found, 'each key once per file' as expected
        from repeated where is_contested or place > 1"""
    )


def _upsert(connection: psycopg.Connection, population: Population, file_id: int, places: Sequence[str]) -> int:
    """A file's rows of `delivered_records` to their table; those with nothing new go to `known_records`. Their number.

    In one statement: it compares with what was there before it began.
    """
    table, columns, key = population.table, list(population.columns), population.table_key or population.key
    has_tiers = table == "inbox.price_overrides"
    named = ", ".join(f"{place} as {entry.id}" for place, entry in zip(places, population.layout.fields, strict=False))
    delivered_text = f"select line_number, {named} from delivered_records where file_id = {file_id}"
    typed = ", ".join(f"{expression} as {column}" for column, expression in population.columns.items())
    same_tiers = ""
    if has_tiers:
        connection.execute(
            f"create temp table delivered_tiers on commit drop as with delivered_text as ({delivered_text}) {TIERS}"
        )
        connection.execute("create index on delivered_tiers (line_number)")
        new = _tiers("delivered_tiers", "line_number = d.line_number")
        old = _tiers("inbox.price_override_tiers", "price_override_id = t.price_override_id")
        same_tiers = f"and {new} = {old}"
    changes = ", ".join(
        f"{column} = excluded.{column}" for column in [*columns, "file_id", "line_number"] if column not in key
    )
    # One left join tells all: rows that are looked up among others would take a plan from a guess at their number.
    known = connection.execute(
        f"""with delivered_text as ({delivered_text}),
        delivered as materialized (select line_number, {typed} from delivered_text),
        compared as materialized (
            select d.*, coalesce(t.{key[0]} is not null and ({", ".join(f"d.{column}" for column in columns)})
                is not distinct from ({", ".join(f"t.{column}" for column in columns)}) {same_tiers}, false) as is_known
            from delivered d left join {table} t using ({", ".join(key)})
        ),
        written as (
            insert into {table} ({", ".join(columns)}, file_id, line_number)
            select {", ".join(columns)}, {file_id}, line_number from compared where not is_known
            on conflict ({", ".join(key)}) do update set {changes}
        )
        insert into known_records select {file_id}, line_number from compared where is_known"""
    )
    if has_tiers:
        _replace_tiers(connection, file_id)
    return known.rowcount


def _tiers(table: str, condition: str) -> str:
    # Cast on both sides: equal numbers must have equal text.
    row = (
        "(tier_number::integer, from_quantity::numeric(18, 6), until_quantity::numeric(18, 6),"
        " unit_amount::numeric(18, 10), flat_amount::numeric(18, 10), block_size::numeric(18, 6),"
        " per_quantity::numeric(18, 6), block_rounding, maximum_amount::numeric(18, 10))"
    )
    return f"(select array_agg({row}::text order by tier_number) from {table} where {condition})"


def _replace_tiers(connection: psycopg.Connection, file_id: int) -> None:
    written = "select price_override_id, line_number from inbox.price_overrides where file_id = %s"
    connection.execute(
        f"delete from inbox.price_override_tiers t using ({written}) w where t.price_override_id = w.price_override_id",
        (file_id,),
    )
    connection.execute(
        f"""insert into inbox.price_override_tiers
            (price_override_id, tier_number, from_quantity, until_quantity, unit_amount, flat_amount, block_size,
            per_quantity, block_rounding, maximum_amount)
        select w.price_override_id, tier_number, from_quantity, until_quantity, unit_amount, flat_amount, block_size,
            per_quantity, block_rounding, maximum_amount
        from ({written}) w join delivered_tiers using (line_number)""",
        (file_id,),
    )
    connection.execute("drop table delivered_tiers")
