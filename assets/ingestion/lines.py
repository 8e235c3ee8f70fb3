"""A staged file read in bulk: physical lines, fields by strict grammars, and each row's first fault.

Belongs here: DuckDB as a parser, line numbers, csv and JSON lines split into fields by SQL.
Belongs elsewhere: what makes a field acceptable (``grammars``), what an accepted row becomes (``encoding``).

A line is a line: fields never contain line breaks, so a stray quote costs one row and never swallows the next.
"""
# ruff: noqa: S608 - SQL is put together from this package's names and literals; nothing of a file gets into it.

import os
from pathlib import Path

import duckdb

from assets.ingestion.grammars import MAXIMUM_ROW_BYTES, Rule, literal, name, typed, typed_expression, value
from assets.ingestion.layout import Field, Layout, split_header
from assets.ingestion.refusal import FileRefused
from assets.ingestion.staging import FIELD_NEVER, MAXIMUM_LINE_BYTES, RETURN, StagedFile
from assets.rows import first_value

MEMORY_LIMIT = "320MB"
# So many rows are kept with the pieces of their lines, which tell what was found; of more, the rejected ones are worked
# out again.
FEW_ROWS = 10_000
_REJECTED = "select line_number from parsed where rule is not null"
LINES = "select rowid + 1 as line_number, line from lines"

_JSON_SPACE = r"[ \t]*"
_JSON_STRING = r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"'
JSON_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_JSON_KEY = r'"((?:[^"\\\x00-\x1f])*)"'


def open_session(
    scratch_folder: Path, *readable_folders: Path, threads_of_callers: int = 1
) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB of bounded memory that spills to ``scratch_folder`` and reads nothing but these folders.

    ``threads_of_callers``: how many threads ask at once. DuckDB adds threads of its own up to the number of processors;
    with too many of them, those who ask have nothing to do and ask for their result in a loop, a fifth of all work.
    """
    threads = min(4, os.cpu_count() or 1)
    session = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": MEMORY_LIMIT,
            "threads": threads,
            "external_threads": min(threads, threads_of_callers),
            "temp_directory": str(scratch_folder / "spill"),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    session.execute("set global TimeZone = 'UTC'")  # global: for all cursors
    session.execute("set arrow_lossless_conversion = true")  # uuid as 16 bytes instead of text
    folders = ", ".join(literal(str(folder)) for folder in (scratch_folder, *readable_folders))
    session.execute(f"set allowed_directories = [{folders}]")
    session.execute("set enable_external_access = false")
    session.execute("set lock_configuration = true")
    return session


def another_session(session: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Another connection to the same DuckDB, with the same settings and temporary tables of its own."""
    return session.cursor()


def read_lines(session: duckdb.DuckDBPyConnection, staged: StagedFile) -> None:
    """Fills the table `lines(line)`; `rowid + 1` is the physical line. Raises FileRefused if a line went missing."""
    if staged.line_count == 0:
        session.execute("create or replace temp table lines (line varchar)")
        return
    session.execute(
        f"create or replace temp table lines as select line from {lines_of(staged.path, {'line': 'VARCHAR'})}"
    )
    found = first_value(session.execute("select count(*) from lines"))
    # A mark stands behind the last line break too, where no line follows.
    check_all_found(staged, found - (1 if staged.ends_with_line_break else 0))


def check_all_found(staged: StagedFile, found: int) -> None:
    """Raises FileRefused unless so many lines were found as the file has."""
    if found != staged.line_count:
        raise FileRefused(
            f"{found} lines when parsing",
            f"{staged.line_count} lines, as counted when the file was unpacked",
            "report this file to the maintainers; none of it was loaded",
        )


def lines_of(path: Path, columns: dict[str, str]) -> str:
    """SQL for whole lines of a file, or for their columns where FIELD_NEVER parts them."""
    kinds = ", ".join(f"'{column}': '{kind}'" for column, kind in columns.items())
    return f"""read_csv({literal(str(path))}, columns = {{{kinds}}}, auto_detect = false,
            header = false, delim = {literal(FIELD_NEVER)}, quote = '', escape = '', comment = '', new_line = '\\n',
            nullstr = {literal(RETURN + RETURN)}, max_line_size = {2 * MAXIMUM_LINE_BYTES + 2})"""


def parse(
    session: duckdb.DuckDBPyConnection,
    layout: Layout,
    staged: StagedFile,
    positions: tuple[int, ...],
    row_rules: list[Rule],
    *,
    rows: int,
    source: str = LINES,
) -> str:
    """Fills the table `parsed(line_number, v_*, t_*, rule)` from ``parsed_query``; ``rows``: how many it will be.

    Returns SQL for the rejected rows, with the pieces of their lines.

    A table and not a subquery: DuckDB would push `rule is null` down and work out every grammar twice.
    """
    query = parsed_query(layout, staged, positions, row_rules, source=source)
    columns = "*" if rows <= FEW_ROWS else f"* exclude ({', '.join(_pieces(layout))})"
    session.execute(f"create or replace temp table parsed as select {columns} from ({query})")
    if rows <= FEW_ROWS:
        return "select * from parsed"
    return parsed_query(layout, staged, positions, row_rules, among=_REJECTED, source=source)


def _pieces(layout: Layout) -> list[str]:
    if layout.file_format == "csv":
        return ["body", "f"]
    return ["body", "is_object", "keys", "tokens", *map(_json_token, layout.fields)]


def parsed_query(
    layout: Layout,
    staged: StagedFile,
    positions: tuple[int, ...],
    row_rules: list[Rule],
    *,
    among: str | None = None,
    source: str = LINES,
) -> str:
    """SQL giving one row per data line: line_number, body, v_*, t_*, rule, and the pieces of the line.

    ``among`` limits it to the lines whose numbers this query gives; ``source`` gives lines with their numbers.

    ``rule`` is the 1-based position of the first broken rule in `structure_rules + row_rules`, null for a good row.
    """
    numbered = numbered_lines(layout, staged, among, source)
    if layout.file_format == "csv":
        split = f"select line_number, body, {_csv_split(layout, staged)} from ({numbered})"
    else:
        split = _json_split(layout, numbered)
    values = ",\n".join(
        f"{_value_expression(layout, entry, position)} as {value(entry)}"
        for entry, position in zip(layout.fields, positions, strict=True)
    )
    typed_values = "".join(
        f", {expression} as {typed(entry)}"
        for entry in layout.fields
        if (expression := typed_expression(entry)) is not None
    )
    all_rules = structure_rules(layout, staged) + row_rules
    cases = "\n".join(f"when {rule.condition} then {number}" for number, rule in enumerate(all_rules, 1))
    return f"""
        with split as ({split}),
        found as (select *, {values} from split),
        typed as (select *{typed_values} from found)
        select *, case {cases} end as rule from typed"""


def numbered_lines(layout: Layout, staged: StagedFile, among: str | None = None, source: str = LINES) -> str:
    """SQL giving line_number and body of the data lines; ``among`` and ``source`` as in ``parsed_query``."""
    first_row = 1 if layout.file_format == "csv" else 0
    body = "line"
    if staged.has_returns:
        body = f"case when ends_with(line, {literal(RETURN)}) then left(line, -1) else line end"
    limit = "" if among is None else f" and line_number in ({among})"
    return f"""select line_number, {body} as body from ({source})
        where line_number between {first_row + 1} and {staged.line_count}{limit}"""


def structure_rules(layout: Layout, staged: StagedFile) -> list[Rule]:
    """What can be wrong with a line before its fields are looked at."""
    is_csv = layout.file_format == "csv"
    blank = f"body = {literal(layout.mark)}" if is_csv else "regexp_full_match(body, ',[ \\t]*')"
    found = [
        Rule(blank, "blank_line", None, "''", "a row"),
        Rule(
            f"strlen(body) > {MAXIMUM_ROW_BYTES}",
            "too_long",
            None,
            "strlen(body)::varchar || ' bytes'",
            f"a row of at most {MAXIMUM_ROW_BYTES} bytes",
        ),
    ]
    if staged.has_returns:
        found.append(
            Rule(
                f"contains(body, {literal(RETURN)})",
                "control_character",
                None,
                "'a carriage return within the line'",
                "line feed or carriage return and line feed at the end of a line only",
            )
        )
    return found + (_csv_rules(layout, staged) if is_csv else _json_rules(layout))


def _csv_rules(layout: Layout, staged: StagedFile) -> list[Rule]:
    found = []
    if staged.has_quotes:
        found.append(
            Rule(
                "f is null",
                "bad_quoting",
                None,
                "'a quote that does not open or close a whole field'",
                "fields quoted as a whole, a quote inside written twice, no line break inside a field",
            )
        )
    count = len(split_header(staged.first_line, layout.delimiter))
    found.append(
        Rule(
            f"len(f) <> {count + 1}",
            "wrong_field_count",
            None,
            "(len(f) - 1)::varchar || ' fields'",
            f"{count} fields",
        )
    )
    return found


def _json_rules(layout: Layout) -> list[Rule]:
    found = []
    found.append(
        Rule(
            "keys is null",
            "bad_json",
            None,
            "'text that is not a flat JSON object'",
            "one JSON object with plain keys; numbers without NaN or Infinity",
        )
    )
    found.append(
        Rule(
            "len(list_distinct(keys)) < len(keys)", "bad_json", None, "'a key that stands there twice'", "each key once"
        )
    )
    if not layout.extra_columns_ignored:
        known = ", ".join(literal(entry.column) for entry in layout.fields)
        unknown = f"list_filter(keys, lambda k: k not in ({known}))"
        found.append(
            Rule(
                f"len({unknown}) > 0",
                "wrong_field_count",
                None,
                f"'the key ' || {unknown}[1]",
                "only the keys " + ", ".join(entry.column for entry in layout.fields),
            )
        )
    for entry in layout.fields:
        # A token without a value is a string whose escapes do not make text (half a surrogate pair).
        token = _json_token(entry)
        found.append(
            Rule(
                f"starts_with({token}, '\"') and {_json_text(token)} is null",
                "bad_json",
                entry.id,
                "'an escape that is no character'",
                "a JSON string of Unicode characters",
            )
        )
    return found


def _csv_split(layout: Layout, staged: StagedFile) -> str:
    """`f`: one empty element (the mark's), then the fields; null when the quoting is broken."""
    delimiter = literal(layout.delimiter)
    plain = f"string_split(body, {delimiter})"
    if not staged.has_quotes:
        return f"{plain} as f"
    # A stray quote inside an unquoted field breaks the whole-line match, so it rejects this row and no other.
    mark = "\\t" if layout.delimiter == "\t" else layout.delimiter
    piece = f'[{mark}](?:"(?:[^"]|"")*"|[^"{mark}]*)'
    whole = f"regexp_full_match(body, {literal(f'(?:{piece})+')})"
    pieces = f"regexp_extract_all(body, {literal(piece)})"
    unquoted = (
        f"list_transform({pieces}, lambda p: case when p[2:2] = '\"'"
        " then replace(p[3:-2], '\"\"', '\"') else p[2:] end)"
    )
    return f"""case when not contains(body, '"') then {plain}
        when {whole} then list_prepend('', {unquoted}) end as f"""


def _json_split(layout: Layout, numbered: str) -> str:
    """`keys` and `tokens`: the pairs of a JSON object, values as they are written; null when the text is not one.

    And each field's token. All in steps: what is worked out twice in one step costs its grammar twice.
    """
    depth = 3 if any(entry.kind == "json" for entry in layout.fields) else 2 if layout.extra_columns_ignored else 0
    pair = f"{_JSON_SPACE}{_JSON_KEY}{_JSON_SPACE}:{_JSON_SPACE}({json_value_pattern(depth)}){_JSON_SPACE}"
    plain = pair.replace(_JSON_KEY, _JSON_KEY.replace("((?:", "(?:(?:"))
    whole = f",{_JSON_SPACE}\\{{{_JSON_SPACE}(?:{plain}(?:,{plain})*)?\\}}{_JSON_SPACE}"
    # Walking the pairs from the left stays in step because the whole line has matched the grammar.
    walk = literal(f"[{{,]{pair}")
    tokens = ", ".join(
        f"tokens[list_position(keys, {literal(entry.column)})] as {_json_token(entry)}" for entry in layout.fields
    )
    return f"""
        with matched as (
            select line_number, body, regexp_full_match(body, {literal(whole)}) as is_object from ({numbered})),
        pairs as (
            select *, case when is_object then regexp_extract_all(body, {walk}, 1) end as keys,
                case when is_object then regexp_extract_all(body, {walk}, 2) end as tokens
            from matched)
        select *, {tokens} from pairs"""


def json_value_pattern(depth: int) -> str:
    """A regular expression for a JSON value nested at most ``depth`` levels; duplicate keys are not its business."""
    pattern = f"(?:{_JSON_STRING}|{JSON_NUMBER}|true|false|null)"
    for _ in range(depth):
        item = f"{_JSON_SPACE}{pattern}{_JSON_SPACE}"
        pair = f"{_JSON_SPACE}{_JSON_STRING}{_JSON_SPACE}:{item}"
        pattern = (
            f"(?:{_JSON_STRING}|{JSON_NUMBER}|true|false|null"
            rf"|\[{_JSON_SPACE}(?:{item}(?:,{item})*)?\]|\{{{_JSON_SPACE}(?:{pair}(?:,{pair})*)?\}})"
        )
    return pattern


def _value_expression(layout: Layout, entry: Field, position: int) -> str:
    if layout.file_format == "csv":
        return f"nullif(f[{position + 2}], {literal(layout.null_text)})"
    token = _json_token(entry)
    if entry.kind == "json":
        # Always valid JSON, so that no JSON function can fail on it; `false` is refused by the rules that follow.
        return f"case when {token} <> 'null' then case when json_valid({token}) then {token} else 'false' end end"
    return f"nullif(nullif({_json_text(token)}, {literal(layout.null_text)}), '')"


def _json_token(entry: Field) -> str:
    return name(f"k_{entry.id}")


def _json_text(token: str) -> str:
    """Text of a JSON token: a string's content, a number as it is written; null for null and for broken escapes."""
    # The inner case is not redundant: DuckDB may work a function out for rows that the outer one has left out.
    return f"""case when {token} = 'null' then null
        when not starts_with({token}, '"') then {token}
        when not contains({token}, '\\') then {token}[2:-2]
        when json_valid({token}) then json_extract_string(case when json_valid({token}) then {token} end, '$') end"""


def raw_text(body: str) -> str:
    """SQL for a line as it stood in the file, from its staged form."""
    return f"replace({body}[2:], {literal(RETURN)}, chr(13))"
