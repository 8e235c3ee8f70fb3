"""Accepted rows encoded once: 128-bit keys, dictionary numbers, quantities as whole units.

Belongs here: event key, content hash, characteristic sets, the dictionaries shared with PostgreSQL.
Belongs elsewhere: whether a row counts (``dispositions``), bytes on the wire (``loading``).

Keys are the first 128 bits of SHA-256. MD5 was measured at 0.26 s against 0.43 s per million rows: not worth giving
up collision resistance for, since whoever can make two contents with one hash could replace one by the other.
"""
# ruff: noqa: S608 - SQL is put together from this package's names and literals; nothing of a file gets into it.

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import duckdb
import psycopg
import pyarrow as pa

from assets.ingestion.grammars import Rule, canonical, literal, typed
from assets.ingestion.layout import Field, Layout
from assets.ingestion.lines import raw_text
from assets.ingestion.loading import fetch_relation, send_relation
from assets.ingestion.plain_blocks import EncodedBlock
from assets.rows import first_value

# Between the parts of a hashed text. It is a control character, so no accepted value contains it.
SEPARATOR = "chr(31)"
# The lines that `keep_plain_usage` left to the long way, as ``lines.LINES`` gives them.
OTHER_LINES = "select line_number, ltrim(line, chr(10)) as line from other_lines"
_DECIDING = "line_number, event_key, content_hash, event_us, quantity_units"


def create_batch_tables(session: duckdb.DuckDBPyConnection) -> None:
    """The session's tables: what decides about each well-formed usage row, and one row per row that is not accepted."""
    session.execute(
        """create table usage_of_small_files (
            file_id integer, line_number integer, event_key uuid, content_hash uuid, event_us bigint,
            quantity_units bigint)"""
    )
    show_usage(session, [])
    _create_dispositions(session, "dispositions")
    session.execute("create table batch_files (file_id integer, content_sha256 varchar)")


def show_usage(session: duckdb.DuckDBPyConnection, file_tables: Iterable[tuple[int, int]]) -> None:
    """Makes the view `usage` of the rows of small files and of these tables of files (number, file_id)."""
    of_files = "".join(
        f" union all select {file_id}, {_DECIDING} from usage_{number}" for number, file_id in file_tables
    )
    session.execute(f"create or replace view usage as select * from usage_of_small_files{of_files}")


def keep_with_others(session: duckdb.DuckDBPyConnection, table: str, file_id: int) -> None:
    """Copies what the view `usage` shows of a small file's rows."""
    session.execute(f"insert into usage_of_small_files select {file_id}, {_DECIDING} from {table}")


def drop_sent_columns(session: duckdb.DuckDBPyConnection, table: str) -> None:
    """Frees what the view `usage` does not show; DuckDB touches no row for it."""
    for column in ("identifier", "characteristic_set", "quantity_2_units", "quantity_3_units"):
        session.execute(f"alter table {table} drop column {column}")


def create_file_tables(session: duckdb.DuckDBPyConnection, usage: str, dispositions: str) -> None:
    """The encoded rows of one file, and its rejected ones. Every column costs time, so none says the same in all."""
    session.execute(
        f"""create table {usage} (
            line_number integer, event_key uuid, content_hash uuid, event_us bigint, identifier varchar,
            characteristic_set varchar, quantity_units bigint, quantity_2_units bigint, quantity_3_units bigint)"""
    )
    _create_dispositions(session, dispositions)


def _create_dispositions(session: duckdb.DuckDBPyConnection, name: str) -> None:
    session.execute(
        f"""create table {name} (
            file_id integer, line_number integer, disposition varchar, reason_code varchar, characteristic varchar,
            found varchar, expected varchar, raw_line varchar, event_key uuid, content_hash uuid)"""
    )


def add_batch_files(session: duckdb.DuckDBPyConnection, contents: Mapping[int, str]) -> None:
    """Notes the files whose rows count in this batch, by number, with the SHA-256 of their content."""
    values = ", ".join(f"({file_id}, {literal(content_sha256)})" for file_id, content_sha256 in contents.items())
    session.execute(f"insert into batch_files values {values}")


def hash_expression(text: str) -> str:
    """SQL for the first 128 bits of a text's SHA-256 as uuid (DuckDB)."""
    # By way of bytes: DuckDB reads a uuid's text for longer than it takes to hash a text.
    return f"unhex(substr(sha256({text}), 1, 32))::uuid"


def event_key_expression(layout: Layout, hashed: Callable[[str], str] = hash_expression) -> str:
    """SQL for the event's identity: the specification's code and the event id's parts."""
    parts = ", ".join(canonical(layout.field(part)) for part in layout.event_id)
    return hashed(f"concat_ws({SEPARATOR}, {literal(layout.feed)}, {parts})")


def content_hash_expression(layout: Layout, hashed: Callable[[str], str] = hash_expression) -> str:
    """SQL for the hash of all characteristics in canonical form; order of columns, file and line do not matter."""
    # An absent value leaves no trace, so a characteristic that is added later does not change older contents.
    parts = []
    for entry in sorted(layout.fields, key=lambda e: e.id):
        label, text = literal(f"\x1f{entry.id}="), canonical(entry)
        parts.append(f"{label}, ({text})" if entry.required else f"coalesce({label} || ({text}), '')")
    return hashed(f"concat({', '.join(parts)})")


def keep_usage(session: duckdb.DuckDBPyConnection, layout: Layout, into: str) -> int:
    """Adds the good rows of the session's `parsed`, encoded, to the table `into`; returns their number."""
    keys = event_key_expression(layout), content_hash_expression(layout)
    columns = ", ".join(_usage_columns(layout, *keys).values())
    return first_value(session.execute(f"insert into {into} select {columns} from parsed where rule is null"))


def plain_usage_query(layout: Layout, plain_query: str) -> str:
    """SQL of DataFusion giving the encoded columns, is_plain and line of all lines (``plain_lines``)."""

    def hashed(text: str) -> str:
        return f"arrow_cast(sha256({text}), 'FixedSizeBinary(32)')"

    columns = _usage_columns(layout, event_key_expression(layout, hashed), content_hash_expression(layout, hashed))
    encoded = ", ".join(f"{text} as {column}" for column, text in columns.items())
    # Not `where is_plain`: it would be pushed down, and the grammar worked out twice.
    return f"select {encoded}, is_plain, line from ({plain_query})"


def keep_plain_usage(session: duckdb.DuckDBPyConnection, blocks: Iterable[EncodedBlock], into: str) -> tuple[int, int]:
    """Adds the plain lines of a file, encoded, to the empty table `into`; returns their number.

    And that of the others, which are left in the session's `other_lines`.
    """
    session.execute("create or replace temp table other_lines (line_number integer, line varchar)")
    kept = others = 0
    for block in blocks:
        kept += _add(session, block.plain, into)
        others += _add(session, block.other_lines, "other_lines")
    return kept, others


def _add(session: duckdb.DuckDBPyConnection, rows: pa.Table, into: str) -> int:
    if not rows.num_rows:
        return 0
    session.register("rows_of_block", rows)
    session.execute(f"insert into {into} by name select * from rows_of_block")
    session.unregister("rows_of_block")
    return rows.num_rows


def _usage_columns(layout: Layout, event_key: str, content_hash: str) -> dict[str, str]:
    """SQL for the columns of a file's table from line_number, v_* and t_*, for DuckDB and for DataFusion."""
    characteristics = ", ".join(
        f"{literal(priced + '=')} || {_priced_value(layout, priced, leading_digits)}"
        for priced, leading_digits in sorted(layout.priced)
    )
    characteristic_set = f"concat_ws({SEPARATOR}, {characteristics})" if characteristics else "''"
    quantities = {
        name: typed(layout.field(slot)) if slot else "cast(null as bigint)"
        for name, slot in zip(
            ("quantity_units", "quantity_2_units", "quantity_3_units"), layout.quantities, strict=True
        )
    }
    # The product's identifiers are cut the same way (``populations``), so both sides join as equal text.
    identifier = identifier_expression(layout.field(layout.served_by))
    return {
        "line_number": "line_number",
        "event_key": event_key,
        "content_hash": content_hash,
        "event_us": typed(layout.field(layout.event_time)),
        "identifier": identifier,
        "characteristic_set": characteristic_set,
        **quantities,
    }


def identifier_expression(entry: Field) -> str:
    """SQL for an identifier as both sides write it: digits after a plus sign stand without it."""
    if entry.kind == "phone_number":
        return canonical(entry)
    text = canonical(entry)
    return f"case when starts_with({text}, '+') then regexp_replace({text}, '^\\+([0-9]+)$', '\\1') else {text} end"


def _priced_value(layout: Layout, characteristic: str, leading_digits: int | None) -> str:
    text = canonical(layout.field(characteristic))
    return text if leading_digits is None else f"left({text}, {leading_digits})"


def keep_rejected(
    session: duckdb.DuckDBPyConnection,
    rejected_query: str,
    all_rules: list[Rule],
    file_id: int,
    into: str = "dispositions",
) -> int:
    """Adds a file's rejected rows with the first broken rule to the table `into`; returns their number."""

    def choose(of: Callable[[Rule], str]) -> str:
        return (
            "case rule "
            + " ".join(f"when {number} then {of(rule)}" for number, rule in enumerate(all_rules, 1))
            + " end"
        )

    def text(words: str | None) -> str:
        return "null" if words is None else literal(words)

    # Invisible characters are shown as a replacement character: PostgreSQL takes no NUL, people see no U+202E.
    found = f"left(regexp_replace({choose(lambda rule: rule.found)}, '[\\p{{Cc}}\\p{{Cf}}]', chr(65533), 'g'), 200)"
    inserted = session.execute(
        f"""insert into {into}
        select {file_id}, line_number, 'rejected', {choose(lambda rule: text(rule.code))},
            {choose(lambda rule: text(rule.characteristic))}, {found}, {choose(lambda rule: text(rule.expected))},
            {raw_text("body")}, null, null
        from ({rejected_query}) as rejected where rule is not null"""
    )
    return first_value(inserted)


def fill_dictionaries(session: duckdb.DuckDBPyConnection, connection: psycopg.Connection, scratch: Path) -> None:
    """Numbers the identifiers and characteristic sets of the view `taken`: known ones are read, new ones added.

    Leaves the session tables `identifier_numbers` and `characteristic_set_numbers` for the final join.
    """
    connection.execute("create temp table new_identifiers (identifier_kind text, identifier text) on commit drop")
    send_relation(
        session, connection, scratch, "select distinct identifier_kind, identifier from taken", "new_identifiers"
    )
    # `on conflict` alone would use up an identity value per known identifier and overflow the column in a year.
    connection.execute(
        """insert into inbox.identifiers (identifier_kind, identifier)
        select identifier_kind, identifier from new_identifiers n
        where not exists (
            select from inbox.identifiers i where i.identifier_kind = n.identifier_kind and i.identifier = n.identifier)
        on conflict do nothing"""
    )
    fetch_relation(
        session,
        connection,
        scratch,
        """select i.identifier_kind, i.identifier, i.identifier_id
        from inbox.identifiers i join new_identifiers n using (identifier_kind, identifier)""",
        "identifier_numbers",
        {"identifier_kind": "varchar", "identifier": "varchar", "identifier_id": "integer"},
    )
    connection.execute(
        """create temp table new_characteristic_sets (
            usage_specification_id integer, set_key uuid, characteristics jsonb) on commit drop"""
    )
    session.execute(
        f"""create or replace table characteristic_sets as
        select usage_specification_id, characteristic_set, {hash_expression("characteristic_set")} as set_key
        from (select distinct usage_specification_id, characteristic_set from taken)"""
    )
    send_relation(
        session,
        connection,
        scratch,
        f"""select usage_specification_id, set_key, case when characteristic_set = '' then '{{}}' else
            to_json(map_from_entries(list_transform(string_split(characteristic_set, {SEPARATOR}), lambda p:
                {{'k': p[:strpos(p, '=') - 1], 'v': p[strpos(p, '=') + 1:]}}))) end
        from characteristic_sets""",
        "new_characteristic_sets",
    )
    connection.execute(
        """insert into inbox.characteristic_sets (usage_specification_id, set_key, characteristics)
        select usage_specification_id, set_key, characteristics from new_characteristic_sets n
        where not exists (
            select from inbox.characteristic_sets c
            where c.usage_specification_id = n.usage_specification_id and c.set_key = n.set_key)
        on conflict do nothing"""
    )
    fetch_relation(
        session,
        connection,
        scratch,
        """select c.usage_specification_id, c.set_key, c.characteristic_set_id
        from inbox.characteristic_sets c join new_characteristic_sets n using (usage_specification_id, set_key)""",
        "set_numbers",
        {"usage_specification_id": "integer", "set_key": "uuid", "characteristic_set_id": "integer"},
    )
    session.execute(
        """create or replace table characteristic_set_numbers as
        select s.usage_specification_id, s.characteristic_set, n.characteristic_set_id
        from characteristic_sets s join set_numbers n using (usage_specification_id, set_key)"""
    )
    connection.execute("drop table new_identifiers, new_characteristic_sets")


def encoded_query(batch_id: int) -> str:
    """SQL for `taken` as rows of inbox.usage_rows in its column order; instants as microseconds since 1970 UTC."""
    return f"""select {batch_id} as batch_id, u.file_id, u.line_number, u.usage_specification_id, u.event_key,
            u.content_hash, u.event_us, i.identifier_id, s.characteristic_set_id, u.quantity_units,
            u.quantity_2_units, u.quantity_3_units
        from taken u
        join identifier_numbers i using (identifier_kind, identifier)
        join characteristic_set_numbers s using (usage_specification_id, characteristic_set)"""
