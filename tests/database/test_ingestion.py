"""Files into the database: states of files, what is kept of rows that are refused, what a crash leaves.

Belongs elsewhere: rows that come twice (``test_ingestion_duplicates``), numbered files (``test_ingestion_numbering``).
"""

import gzip
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from assets.ingestion.ingest import ingest_folder
from assets.ingestion.returns import write_return_report
from assets.publishing.refusal import Refusal
from tests.database.calls_inbox import NOW, Inbox
from tests.unit.ingestion.reading import HEADER, call, voice

pytestmark = pytest.mark.database


@pytest.fixture
def inbox(connection, tmp_path) -> Inbox:
    return Inbox(connection, tmp_path)


def test_an_empty_landing_folder_opens_no_batch(inbox):
    report = inbox.ingest()
    assert (report.batch_id, report.files, report.waiting) == (None, [], [])


def test_a_good_file_is_loaded_whole_and_its_rows_can_be_read_back(inbox):
    content = inbox.put(
        "voice_1.csv", call(1, seconds="61.5"), call(2, caller="+48600000002", network="roaming")
    ).read_bytes()
    # What a killed intake leaves goes.
    (inbox.store / ".scratch-killed").mkdir(parents=True)
    (inbox.store / ".scratch-killed" / "1.txt").write_text("unpacked")
    (inbox.store / ".incoming-killed").write_text("half")
    report = inbox.ingest()
    (entry,) = report.files
    assert (entry.state, entry.rows_accepted, entry.quantity_units_accepted) == ("loaded", 2, 121_500_000)
    assert inbox.rows(
        """select u.line_number, u.event_at, i.identifier_kind, i.identifier, c.characteristics, u.quantity_units,
            u.quantity_2_units from inbox.usage_rows u join inbox.identifiers i using (identifier_id)
        join inbox.characteristic_sets c using (characteristic_set_id) order by 1"""
    ) == [
        (
            2,
            datetime(2026, 11, 20, 9, tzinfo=UTC),
            "msisdn",
            "48600000001",
            {"called": "4851111", "network": "home"},
            61_500_000,
            None,
        ),
        (
            3,
            datetime(2026, 11, 20, 9, tzinfo=UTC),
            "msisdn",
            "48600000002",
            {"called": "4851111", "network": "roaming"},
            60_000_000,
            None,
        ),
    ]
    ((stored_path,),) = inbox.rows("select stored_path from inbox.files")
    assert (inbox.store / stored_path).read_bytes() == content
    assert inbox.rows("select events_from, events_until from inbox.batches where batch_id = %s", report.batch_id) == [
        (datetime(2026, 11, 20, 9, tzinfo=UTC), datetime(2026, 11, 20, 9, tzinfo=UTC))
    ]
    assert not [path for path in inbox.store.iterdir() if path.name.startswith(".")]


def test_each_batch_is_counted_and_indexed_the_first_one_as_those_that_look_into_older_ones(inbox):
    inbox.put("voice_1.csv", call(1), call(2))
    first = inbox.ingest().batch_id
    inbox.put("voice_2.csv", call(3), call(4))
    for batch_id in (first, inbox.ingest().batch_id):
        leaf = f"usage_rows_b{batch_id}"
        assert inbox.rows("select count(*) > 0 from pg_stats where tablename = %s", leaf) == [(True,)]
        assert inbox.rows("select count(*) from pg_indexes where tablename = %s", leaf) == [(1,)]


def test_rejected_rows_are_kept_with_reason_and_raw_line_and_the_rest_goes_on(inbox):
    inbox.put("voice_1.csv", call(1), call(2, seconds="NaN"), "", call(3, at="2026-10-25T02:30:00"), call(4))
    report = inbox.ingest()
    assert (report.rows_read, report.rows_accepted, report.rows_rejected) == (5, 2, 3)
    assert inbox.rows(
        "select line_number, reason_code, characteristic, found, raw_line from inbox.row_dispositions order by 1"
    ) == [
        (3, "bad_decimal", "duration", "NaN", call(2, seconds="NaN")),
        (4, "blank_line", None, "", ""),
        (5, "missing_offset", "started_at", "2026-10-25T02:30:00", call(3, at="2026-10-25T02:30:00")),
    ]


def test_the_same_content_under_any_name_is_a_duplicate_file_and_loads_nothing(inbox):
    for name in ("voice_1.csv", "voice_1.csv", "voice_2.csv"):
        inbox.put(name, call(1))
        inbox.ingest()
    assert inbox.rows(
        "select file_name, state, rows_read, first_file_id is null from inbox.files order by file_id"
    ) == [
        ("voice_1.csv", "loaded", 1, True),
        ("voice_1.csv", "duplicate", 0, False),
        ("voice_2.csv", "duplicate", 0, False),
    ]
    assert len(inbox.accepted()) == 1


def test_a_file_that_stays_in_the_landing_folder_is_registered_once_more_and_not_for_ever(inbox):
    inbox.put("voice_1.csv", call(1))
    inbox.put_bytes("voice_2.csv", b"wrong,header\n1,2\n")
    reports = [
        ingest_folder(inbox.connection, inbox.landing, inbox.store, [voice()], dagster_run_id=None, now=NOW)
        for _ in range(4)
    ]
    assert [(r.files_loaded, r.files_duplicate, r.files_refused) for r in reports] == [(1, 0, 1), *[(0, 1, 1)] * 3]
    assert inbox.rows("select state, count(*) from inbox.files group by 1 order by 1") == [
        ("duplicate", 1),
        ("loaded", 1),
        ("refused", 1),
    ]
    assert reports[-1].batch_id is None


def test_other_content_under_a_loaded_name_is_refused(inbox):
    inbox.put("voice_1.csv", call(1))
    inbox.ingest()
    inbox.put("voice_1.csv", call(2))
    (entry,) = inbox.ingest().files
    assert entry.state == "refused"
    assert "other content" in entry.reason
    assert len(inbox.accepted()) == 1


def test_the_content_of_a_refused_file_loads_under_a_new_name_in_the_same_intake(inbox):
    """Usage is read ahead: what was read for a file that is then refused by its name is not what the other one gets."""
    inbox.put("voice_a.csv", call(1))
    inbox.ingest()
    inbox.put("voice_a.csv", call(2), call(3))
    inbox.put("voice_b.csv", call(2), call(3))
    report = inbox.ingest()
    assert [(entry.file_name, entry.state, entry.rows_accepted) for entry in report.files] == [
        ("voice_a.csv", "refused", 0),
        ("voice_b.csv", "loaded", 2),
    ]
    assert len(inbox.accepted()) == 3


def test_a_fault_while_reading_ahead_ends_the_intake(inbox, monkeypatch):
    def broken(*_arguments: object, **_options: object) -> int:
        raise RuntimeError("out of memory")

    monkeypatch.setattr("assets.ingestion.encoding.keep_plain_usage", broken)
    inbox.put("voice_a.csv", call(1))
    with pytest.raises(RuntimeError, match="out of memory"):
        inbox.ingest()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("voice_1.csv", b"", "empty file"),
        ("voice_1.csv", HEADER.encode() + b"\n", "no rows"),
        ("voice_1.csv", f"{HEADER}\n{call(1)}".encode(), "may be cut"),
        ("voice_1.csv", f"{HEADER},more\n{call(1)},1\n".encode(), "further column"),
        ("voice_1.csv", f"\ufeff{HEADER}\n{call(1)}\n".encode(), "byte order mark"),
        ("voice_1.csv", f"{HEADER}\n{call(1, call_id='ż')}\n".encode("iso-8859-2"), "not UTF-8 in line 2"),
        ("voice_1.csv", f"{HEADER}\n{call(1)}\0\n".encode(), "NUL byte"),
        ("voice_1.csv", f"{HEADER}\n{'x' * 2_000_000}\n".encode(), "in line 2"),
        ("other.csv", f"{HEADER}\n{call(1)}\n".encode(), "no feed knows"),
    ],
)
def test_a_refused_file_is_kept_whole_and_the_other_files_are_loaded(inbox, name, content, words):
    inbox.put_bytes(name, content)
    inbox.put("voice_9.csv", call(9))
    report = inbox.ingest()
    states = {entry.file_name: entry for entry in report.files}
    assert (states[name].state, states["voice_9.csv"].state) == ("refused", "loaded")
    assert words in states[name].reason
    ((stored_path,),) = inbox.rows("select stored_path from inbox.files where state = 'refused'")
    assert (inbox.store / stored_path).read_bytes() == content
    assert inbox.accepted() == [("voice_9.csv", 2)]


def test_a_truncated_gzip_loads_nothing_and_the_whole_one_loads_under_a_new_name(inbox):
    rows = [call(number) for number in range(5000)]
    whole = gzip.compress("\n".join([HEADER, *rows, ""]).encode())
    (inbox.landing / "voice_1.csv.gz").write_bytes(whole[: len(whole) // 2])
    assert inbox.ingest().files_refused == 1
    assert inbox.accepted() == []
    (inbox.landing / "voice_1.csv.gz").write_bytes(whole)
    assert inbox.ingest().rows_accepted == 5000


def test_a_manifest_decides_rows_and_time_of_receipt(inbox):
    path = inbox.put("voice_1.csv", call(1))
    inbox.manifest(path, 2)
    (entry,) = inbox.ingest().files
    assert (entry.state, entry.rows_read) == ("refused", 0)
    assert "2 rows as in the manifest" in entry.reason
    late = call(2, at="2026-11-24T11:30:00Z")
    path = inbox.put("voice_2.csv", call(1), late)
    inbox.manifest(path, 2, sent_at=NOW - timedelta(hours=2))
    report = inbox.ingest()
    assert (report.rows_accepted, report.rows_rejected) == (1, 1)
    assert inbox.dispositions() == [("voice_2.csv", 3, "rejected")]
    path = inbox.put("voice_3.csv", call(3), end="\r\n")
    inbox.manifest(path, 1, sent_at=NOW - timedelta(minutes=5), sha256="0" * 64)
    report = inbox.ingest()
    assert [entry.file_name for entry in report.waiting] == ["voice_3.csv"]
    assert inbox.ingest(NOW + timedelta(hours=1)).files_refused == 1


def test_an_empty_delivery_needs_a_manifest_that_says_so(inbox):
    inbox.manifest(inbox.put("voice_1.csv"), 0)
    (entry,) = inbox.ingest().files
    assert (entry.state, entry.rows_read) == ("loaded", 0)


def test_absent_optional_quantities_and_present_ones_load_side_by_side(inbox):
    specification = voice()
    extra = {
        "id": "cost",
        "column": "cost",
        "type": "quantity",
        "unit": "1",
        "slot": 2,
        "scale": 2,
        "required": False,
        "minimum": "0",
        "maximum": "100",
    }
    definition = specification.model_dump(mode="json")
    definition["characteristics"].append(extra)
    inbox.put("voice_1.csv", call(1) + ",1.5", call(2) + ",", call(3) + ",0", header=HEADER + ",cost")
    ingest_folder(
        inbox.connection,
        inbox.landing,
        inbox.store,
        [type(specification).model_validate(definition)],
        dagster_run_id=None,
        now=NOW,
    )
    assert inbox.rows("select line_number, quantity_units, quantity_2_units from inbox.usage_rows order by 1") == [
        (2, 60_000_000, 150),
        (3, 60_000_000, None),
        (4, 60_000_000, 0),
    ]


def test_a_crash_before_the_commit_leaves_nothing_in_the_database(inbox):
    inbox.connection.commit()
    inbox.put("voice_1.csv", call(1))
    ingest_folder(inbox.connection, inbox.landing, inbox.store, [voice()], dagster_run_id=None, now=NOW)
    inbox.connection.rollback()
    assert inbox.rows("select count(*) from inbox.files") == [(0,)]
    assert inbox.rows("select count(*) from pg_class where relname like 'usage_rows_b%'") == [(0,)]
    assert inbox.ingest().rows_accepted == 1


def test_an_intake_outside_a_transaction_and_an_unknown_specification_are_errors(inbox, database_url):
    with psycopg.connect(database_url, autocommit=True) as alone, pytest.raises(ValueError, match="one transaction"):
        ingest_folder(alone, inbox.landing, inbox.store, [], dagster_run_id=None, now=NOW)
    inbox.put("voice_1.csv", call(1))
    other = voice().model_copy(update={"id": "never-loaded"})
    with pytest.raises(ValueError, match="load the book"):
        ingest_folder(inbox.connection, inbox.landing, inbox.store, [other], dagster_run_id=None, now=NOW)
    with pytest.raises(ValueError, match="no offset"):
        ingest_folder(inbox.connection, inbox.landing, inbox.store, [], dagster_run_id=None, now=datetime(2026, 1, 1))


def test_a_report_goes_back_to_the_sender_of_a_feed_that_there_is(inbox, connection, tmp_path):
    inbox.put("voice_1.csv", call(1, seconds="NaN"))
    inbox.ingest()
    assert write_return_report(connection, "voice", tmp_path / "returns.csv") == 1
    with pytest.raises(Refusal, match="no file of feed voise ever came"):
        write_return_report(connection, "voise", tmp_path / "returns.csv")
