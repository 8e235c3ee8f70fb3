"""Population records into their tables: set-based, same content = duplicate, a later delivery replaces.

Belongs here: one population file from parsed rows to its table.
Belongs elsewhere: layouts (``populations``), field grammars (``grammars``).
"""
# ruff: noqa: S608 - SQL is put together from this package's names and literals; nothing of a file gets into it.

from pathlib import Path

import duckdb
import psycopg

from assets.ingestion.encoding import SEPARATOR
from assets.ingestion.grammars import canonical, literal, value
from assets.ingestion.loading import fetch_relation, send_relation
from assets.ingestion.population_fields import Population
from assets.ingestion.tariffs import TIERS
from assets.rows import first_value


def keep_records(
    session: duckdb.DuckDBPyConnection,
    connection: psycopg.Connection,
    scratch: Path,
    population: Population,
    file_id: int,
) -> int:
    """Loads a population file's good rows and returns their number; those not accepted stay in the table `decided`.

    Within one file, equal records under one key are duplicates and different ones conflicts: nothing says which of
    two lines is right. Across files the later delivery replaces the record, since these are master data.
    """
    layout = population.layout
    parts = ", ".join(f"{literal(entry.id + '=')} || ({canonical(entry)})" for entry in layout.fields)
    key_parts = ", ".join(canonical(layout.field(entry)) for entry in population.key)
    columns = [entry.id for entry in layout.fields]
    created = session.execute(
        f"""create or replace table records as
        select line_number, concat_ws({SEPARATOR}, {key_parts}) as record_key,
            concat_ws({SEPARATOR}, {parts}) as content,
            {", ".join(f'{value(entry)} as "{entry.id}"' for entry in layout.fields)}
        from parsed where rule is null"""
    )
    rows = first_value(created)
    _decide_within_file(session, file_id)
    connection.execute(
        f"create temp table delivered_text (line_number integer, {', '.join(f'{column} text' for column in columns)})"
        " on commit drop"
    )
    send_relation(
        session,
        connection,
        scratch,
        f"select line_number, {', '.join(columns)} from records anti join decided using (line_number)",
        "delivered_text",
    )
    _upsert(connection, population, file_id)
    fetch_relation(
        session, connection, scratch, "select line_number from known_records", "known", {"line_number": "integer"}
    )
    session.execute(
        f"""insert into decided select {file_id}, line_number, null, null, null, false, 'duplicate',
            'same_content_same_key', 'the record is already there', 'a record that is new or changed' from known"""
    )
    connection.execute("drop table delivered_text, delivered, known_records")
    return rows


def _decide_within_file(session: duckdb.DuckDBPyConnection, file_id: int) -> None:
    session.execute(
        f"""create or replace table decided as
        with repeated as (
            select line_number, content, record_key,
                min(content) over same_key <> max(content) over same_key as is_contested,
                row_number() over (partition by record_key order by line_number) as place,
                min(line_number) over same_key as first_line
            from records
            where record_key in (select record_key from records group by record_key having count(*) > 1)
            window same_key as (partition by record_key)
        )
        select {file_id} as file_id, line_number, null::uuid as event_key, null::uuid as content_hash,
            null::bigint as quantity_units, false as is_older,
            case when is_contested then 'conflict' else 'duplicate' end as disposition,
            case when is_contested then 'other_content_same_key' else 'same_content_same_key' end as reason_code,
            'the same key as in line ' || first_line as found, 'each key once per file' as expected
        from repeated where is_contested or place > 1"""
    )


def _upsert(connection: psycopg.Connection, population: Population, file_id: int) -> None:
    """From `delivered_text` to the table; leaves `known_records(line_number)`: those with nothing new."""
    table, columns, key = population.table, list(population.columns), population.table_key or population.key
    has_tiers = table == "inbox.price_overrides"
    typed = ", ".join(f"{expression} as {column}" for column, expression in population.columns.items())
    connection.execute(f"create temp table delivered on commit drop as select line_number, {typed} from delivered_text")
    connection.execute("analyze delivered")
    same_tiers = ""
    if has_tiers:
        connection.execute(f"create temp table delivered_tiers on commit drop as {TIERS}")
        connection.execute("create index on delivered_tiers (line_number)")
        new = _tiers("delivered_tiers", "line_number = d.line_number")
        old = _tiers("inbox.price_override_tiers", "price_override_id = t.price_override_id")
        same_tiers = f"and {new} = {old}"
    connection.execute(
        f"""create temp table known_records on commit drop as
        select d.line_number from delivered d join {table} t using ({", ".join(key)})
        where ({", ".join(f"d.{column}" for column in columns)})
            is not distinct from ({", ".join(f"t.{column}" for column in columns)}) {same_tiers}"""
    )
    connection.execute("analyze known_records")
    changes = ", ".join(
        f"{column} = excluded.{column}" for column in [*columns, "file_id", "line_number"] if column not in key
    )
    connection.execute(
        f"""insert into {table} ({", ".join(columns)}, file_id, line_number)
        select {", ".join(columns)}, %s, line_number from delivered d
        where not exists (select from known_records k where k.line_number = d.line_number)
        on conflict ({", ".join(key)}) do update set {changes}""",
        (file_id,),
    )
    if has_tiers:
        _replace_tiers(connection, file_id)


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
