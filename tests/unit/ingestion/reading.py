"""Reading a few lines as ingestion does, without a database.

Belongs here: a voice specification and one call that judges a file's text. Belongs elsewhere: the tests.
"""

from datetime import UTC, datetime
from pathlib import Path

from assets.catalog.models.usage_specification import UsageSpecification
from assets.ingestion import encoding, lines, plain_blocks, plain_lines
from assets.ingestion.grammars import rules
from assets.ingestion.layout import Layout, header_positions, usage_layout
from assets.ingestion.populations.tariffs import tariff_rules
from assets.ingestion.staging import stage_file

RECEIVED_AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
HEADER = "call_id,started_at,caller,called,network,duration_s"


def voice(**file_settings) -> UsageSpecification:
    """The example's voice calls; ``file_settings`` replace settings of the file."""
    return UsageSpecification.model_validate(
        {
            "id": "voice",
            "service": "voice",
            "name": {"en": "Voice calls"},
            "file": {"name_pattern": "voice_*.csv*", "format": "csv", **file_settings},
            "event_id": ["call_id"],
            "event_time": "started_at",
            "served_by": {"characteristic": "caller", "identifier_kind": "msisdn"},
            "age_limit_days": 90,
            "characteristics": [
                {"id": "call_id", "column": "call_id", "type": "text", "max_length": 40},
                {"id": "started_at", "column": "started_at", "type": "timestamp"},
                {"id": "caller", "column": "caller", "type": "phone_number"},
                {"id": "called", "column": "called", "type": "phone_number", "priced_by": "zone", "leading_digits": 7},
                {
                    "id": "network",
                    "column": "network",
                    "type": "code",
                    "priced_by": "value",
                    "allowed": ["home", "roaming"],
                },
                {
                    "id": "duration",
                    "column": "duration_s",
                    "type": "quantity",
                    "unit": "s",
                    "slot": 1,
                    "scale": 6,
                    "minimum": "0",
                    "maximum": "86400",
                },
            ],
        }
    )


def call(number: int = 1, *, at: str = "2026-11-20T10:00:00+01:00", seconds: str = "60", **fields: str) -> str:
    """One good csv line; fields can be replaced."""
    row = {
        "call_id": f"c{number}",
        "started_at": at,
        "caller": "48600000001",
        "called": "48511111111",
        "network": "home",
        "duration_s": seconds,
        **fields,
    }
    return ",".join(row.values())


def judged(tmp_path: Path, text: str | bytes, layout: Layout | None = None) -> list[tuple]:
    """(line, code, characteristic, raw line) of every rejected row, in line order."""
    return [row[:3] + row[5:] for row in rejections(tmp_path, text, layout)]


def rejections(tmp_path: Path, text: str | bytes, layout: Layout | None = None) -> list[tuple]:
    """(line, code, characteristic, found, expected, raw line) of every rejected row, in line order."""
    session, rejected = _parsed(tmp_path, text, layout or usage_layout(voice()))
    query, all_rules = rejected
    encoding.keep_rejected(session, query, all_rules, 1)
    return session.execute(
        "select line_number, reason_code, characteristic, found, expected, raw_line from dispositions order by 1"
    ).fetchall()


def encoded(tmp_path: Path, text: str | bytes, layout: Layout | None = None) -> list[dict]:
    """The good rows, encoded, in line order."""
    session, _ = _parsed(tmp_path, text, layout or usage_layout(voice()))
    cursor = session.execute("select * from file_usage order by line_number")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def plain(tmp_path: Path, text: str | bytes, layout: Layout | None = None) -> list[int]:
    """Numbers of the lines that go the short way."""
    session, _ = _parsed(tmp_path, text, layout or usage_layout(voice()))
    return [number for (number,) in session.execute("select line_number from plain_usage order by 1").fetchall()]


def _parsed(tmp_path: Path, text: str | bytes, layout: Layout):
    """A session in which every line went the long way; whatever the short way takes, it encodes alike."""
    stored = tmp_path / "stored"
    stored.write_bytes(text if isinstance(text, bytes) else text.encode())
    staged = stage_file(stored, "file.txt", tmp_path / "staged.txt", mark=layout.mark)
    positions = tuple(range(len(layout.fields)))
    if layout.file_format == "csv":
        positions = header_positions(layout, staged.first_line)
    row_rules = rules(layout, RECEIVED_AT) + (tariff_rules(layout) if layout.feed == "price_overrides" else [])
    session = lines.open_session(tmp_path)
    encoding.create_batch_tables(session)
    encoding.create_file_tables(session, "file_usage", "file_dispositions")
    encoding.create_file_tables(session, "plain_usage", "plain_dispositions")
    lines.read_lines(session, staged)
    # As if there were few rows or many, by turns: both ways give the same.
    rows = lines.FEW_ROWS + len(text) % 2
    rejected_query = lines.parse(session, layout, staged, positions, row_rules, rows=rows)
    if layout.feed_kind == "usage":
        encoding.keep_usage(session, layout, into="file_usage")
        short_way = plain_lines.plain_query(layout, staged, positions, RECEIVED_AT)
        if short_way is not None:
            blocks = plain_blocks.encoded_blocks(staged, encoding.plain_usage_query(layout, short_way))
            lines.check_all_found(staged, sum(encoding.keep_plain_usage(session, blocks, into="plain_usage")))
        other = session.execute(
            """select * from plain_usage as short_way
            left join file_usage as long_way on short_way.line_number = long_way.line_number
            where short_way is distinct from long_way"""
        ).fetchall()
        assert other == [], "the short way took a line that the long way rejects or encodes otherwise"
    return session, (rejected_query, lines.structure_rules(layout, staged) + row_rules)
