"""Reads the CSV files of the book (zones, taxes) strictly, with the line of every row.

Belongs here: header, field count, quoting, lines.
Belongs elsewhere: what the columns mean (``models.zone``, ``models.tax``).
"""

import csv
import io
from collections.abc import Sequence

from assets.catalog.reading.problems import Path, Problem, SourceFile, shown
from assets.catalog.reading.strict_yaml import decode

SIZE_LIMIT_BYTES = 8_000_000


def read_csv(
    name: str, content: bytes, columns: Sequence[str], optional: Sequence[str] = ()
) -> tuple[SourceFile | None, list[Problem]]:
    """Parse one CSV file with a header line, which may end with the optional columns.

    Returns:
        The rows as a list of dicts of text (empty fields left out), each placed on its line, or None when the header
        is not the expected one; and every problem found.
    """
    text = decode(name, content, SIZE_LIMIT_BYTES)
    if isinstance(text, Problem):
        return None, [text]
    problems: list[Problem] = []
    rows: list[dict[str, str]] = []
    lines: dict[Path, int] = {(): 1}
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [column.strip() for column in next(reader)]
        if header == [*columns, *optional]:
            columns = header
        if header != list(columns):
            expected = f"the header {','.join(columns)}"
            return None, [
                Problem(name, 1, "", f"the header {shown(','.join(header))}", expected, "Correct the header.")
            ]
        while True:
            line = reader.line_num + 1
            fields = next(reader, None)
            if fields is None:
                break
            if not fields:
                continue
            if len(fields) != len(columns):
                expected = f"{len(columns)} fields: {', '.join(columns)}"
                problems.append(Problem(name, line, "", f"{len(fields)} fields", expected, "Add or remove commas."))
                continue
            position = len(rows)
            lines[(position,)] = line
            rows.append({column: value for column, value in zip(columns, fields, strict=True) if value != ""})
    except csv.Error as error:
        expected = "comma separated fields, quotes closed on the same field"
        problems.append(Problem(name, reader.line_num, "", f"unreadable text ({error})", expected, "Check the quotes."))
    except StopIteration:
        return None, [Problem(name, 1, "", "no header", f"the header {','.join(columns)}", "Add the header.")]
    return SourceFile(name, rows, lines), problems
