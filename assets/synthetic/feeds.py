"""How usage of each kind looks in its files: columns as DuckDB SQL over a row number and a service.

Belongs here: one ``Feed`` per usage specification of the example book.
Belongs elsewhere: making rows (``usage``), planting faults (``faults``).

Expressions may use ``n`` (row number), ``event`` (the event's number, which no other month has), ``identifier``,
``at_text`` (ISO 8601 with Warsaw's offset) and ``r(k)``: a number of 0 .. 2^32-1 that is a function of seed, feed, n
and k. No floats: decimals are put together from digits.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Feed:
    """One kind of usage file."""

    name: str
    weight: int  # of 1000 events
    offering: str  # whose usage prices apply
    file_format: str  # csv | jsonl
    delimiter: str
    columns: tuple[tuple[str, str], ...]  # column name, SQL expression of its text
    files: tuple[str, ...]  # extensions, one per file
    quantity_column: str
    served_column: str
    time_column: str
    id_column: str
    code_column: str | None
    odd_characters: bool = False  # plants quotes and letters above ASCII too; readers are slower on such files


_DESTINATIONS = """['+48501', '+48602', '+48223', '+48713', '+48509', '+4915123', '+33612', '+34611', '+353861',
    '+12025', '+447700', '+380501', '+971501', '+819012'][1 + (r(3) % 14)::bigint]"""

FEEDS = (
    Feed(
        "voice", 250, "mobile-start", "csv", ",",
        (
            ("call_id", "'call-' || event"),
            ("started_at", "at_text"),
            ("caller", "identifier"),
            ("called", f"{_DESTINATIONS} || lpad((r(4) % 1000000)::varchar, 6, '0')"),
            ("network", "case when r(5) % 25 = 0 then 'roaming' else 'home' end"),
            ("duration_s", "((r(6) % 60) * (r(7) % 30) / 2)::bigint::varchar"),
        ),
        ("csv", "csv.gz", "csv", "csv.gz"), "duration_s", "caller", "started_at", "call_id", "network",
    ),
    Feed(
        "sms", 100, "mobile-start", "csv", ";",
        (
            ("message_id", "'sms-' || event"),
            ("sent_at", "at_text"),
            ("sender", "identifier"),
            ("recipient", f"{_DESTINATIONS} || lpad((r(4) % 1000000)::varchar, 6, '0')"),
            ("parts", "(1 + (r(5) % 10 = 0)::integer)::varchar"),
        ),
        ("csv.gz", "csv"), "parts", "sender", "sent_at", "message_id", None,
    ),
    Feed(
        "data", 320, "mobile-start", "csv", ",",
        (
            ("session_id", "'data-' || event"),
            ("started_at", "at_text"),
            ("subscriber", "identifier"),
            ("network", "case when r(5) % 30 = 0 then 'roaming' else 'home' end"),
            ("volume_mb", "(r(6) % 90)::varchar || '.' || lpad((r(7) % 1000000)::varchar, 6, '0')"),
        ),
        ("csv", "csv.gz", "csv"), "volume_mb", "subscriber", "started_at", "session_id", "network",
    ),
    Feed(
        "video", 40, "video-stream", "jsonl", ",",
        (
            ("play_id", "'play-' || event"),
            ("started_at", "at_text"),
            ("subscription", "identifier"),
            ("quality", "['sd', 'hd', 'hd', 'uhd'][1 + (r(5) % 4)::bigint]"),
            ("title", "'Film ' || (r(8) % 900)"),
            ("minutes", "(10 + r(6) % 120)::varchar"),
        ),
        ("jsonl", "jsonl"), "minutes", "subscription", "started_at", "play_id", "quality",
    ),
    Feed(
        "iot", 240, "smart-home", "csv", ",",
        (
            ("device", "identifier"),
            ("sequence", "event::varchar"),
            ("received_at", "at_text"),
            ("payload_kb", "'0.' || lpad((1 + r(6) % 9999)::varchar, 4, '0')"),
        ),
        ("csv.gz", "csv.gz"), "payload_kb", "device", "received_at", "sequence", None,
    ),
    Feed(
        "cloud", 40, "nordcloud-pro", "jsonl", ",",
        (
            ("record_id", "'cl-' || event"),
            ("hour", "at_text"),
            ("tenant", "identifier"),
            ("resource", "['compute', 'compute', 'storage', 'egress'][1 + (r(5) % 4)::bigint]"),
            ("amount", "(r(6) % 40)::varchar || '.' || lpad((r(7) % 10000)::varchar, 4, '0')"),
        ),
        ("jsonl.gz",), "amount", "tenant", "hour", "record_id", "resource",
    ),
    Feed(
        "ehealth", 10, "care-online", "csv", ",",
        (
            ("visit_id", "'visit-' || event"),
            ("started_at", "at_text"),
            ("patient_plan", "identifier"),
            ("kind", "['chat', 'video', 'chat', 'specialist'][1 + (r(5) % 4)::bigint]"),
            ("minutes", "(5 + r(6) % 40)::varchar"),
        ),
        ("csv",), "minutes", "patient_plan", "started_at", "visit_id", "kind", True,
    ),
)  # fmt: skip
