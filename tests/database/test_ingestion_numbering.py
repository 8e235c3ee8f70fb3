"""Numbered files: missing, repeated and corrected are three cases, and a hole is accepted by name or not at all."""

import psycopg
import pytest
from psycopg.types.json import Jsonb

from assets.ingestion.numbering import MissingFile, accept_missing_file, missing_files
from assets.posting.audit_chain import verify_chain
from assets.publishing.refusal import Refusal
from tests.database.calls_inbox import Inbox
from tests.unit.ingestion.reading import call, voice

pytestmark = pytest.mark.database

HOLE = MissingFile("voice", "2026-11", 2, None)


@pytest.fixture
def inbox(connection, tmp_path) -> Inbox:
    """An inbox whose feed `voice` is numbered by month: three files in each."""
    made = Inbox(connection, tmp_path)
    made.specification = voice(numbering={"names": "voice_{month}_{number}*.csv*", "files_per_month": 3})
    connection.execute(
        """insert into catalog.book_versions (book_digest, operator_party_id, time_zone, home_currency, definition)
        values (repeat('1', 64), 'wisla', 'Europe/Warsaw', 'PLN', '{}')"""
    )
    connection.execute(
        """insert into catalog.usage_specification_versions
        select catalog.current_book(), usage_specification_id, %s, array[6], array['s']
        from catalog.usage_specifications where usage_specification_code = 'voice'""",
        [Jsonb(made.specification.model_dump(mode="json"))],
    )
    return made


def refusals(report) -> list[str]:
    return [entry.reason for entry in report.files if entry.state == "refused"]


def test_a_number_that_never_came_is_missing_the_last_one_of_a_month_too(inbox, connection):
    inbox.put("voice_2026-11_1.csv", call(1))
    inbox.ingest()
    assert missing_files(connection) == [HOLE, MissingFile("voice", "2026-11", 3, None)]
    inbox.put("voice_2026-11_3.csv.gz", call(3))
    inbox.ingest()
    assert missing_files(connection) == [HOLE]
    inbox.put("voice_2026-11_2.csv", call(2))
    inbox.ingest()
    assert missing_files(connection) == []


def test_a_month_of_which_nothing_came_is_missing_once_it_is_over(inbox, connection):
    def expected(last_complete_month: str) -> list[tuple]:
        return connection.execute(
            """select series, sequence_number from inbox.expected_files(
                catalog.current_book(), '2026-10', '2026-11', %s, 1000000) order by 1, 2""",
            [last_complete_month],
        ).fetchall()

    assert expected("2026-09") == []
    assert expected("2026-10") == [("2026-10", 1), ("2026-10", 2), ("2026-10", 3)]


def test_what_came_after_a_run_was_sealed_is_missing_from_it(inbox, connection):
    inbox.put("voice_2026-11_1.csv", call(1))
    inbox.put("voice_2026-11_3.csv", call(3))
    sealed = inbox.ingest().batch_id
    inbox.put("voice_2026-11_2.csv", call(2))
    inbox.ingest()
    missing = connection.execute(
        """select sequence_number from inbox.expected_files(catalog.current_book(),
            '2026-11', '2026-11', '2026-11', %s) where file_id is null""",
        [sealed],
    ).fetchall()
    assert missing == [(2,)]


def test_a_number_that_comes_again_is_a_duplicate_or_refused_and_changes_nothing(inbox, connection):
    first = inbox.put("voice_2026-11_1.csv", call(1))
    content = first.read_bytes()
    inbox.ingest()
    inbox.put_bytes("voice_2026-11_1-again.csv", content)
    inbox.put("voice_2026-11_1-other.csv", call(9))
    report = inbox.ingest()
    assert sorted(entry.state for entry in report.files) == ["duplicate", "refused"]
    (reason,) = refusals(report)
    assert "number 1 of 2026-11 of voice a second time" in reason
    assert "voice_2026-11_1.csv" in reason
    assert inbox.accepted() == [("voice_2026-11_1.csv", 2)]


def test_the_database_itself_loads_a_number_once(inbox, connection):
    inbox.put("voice_2026-11_1.csv", call(1))
    inbox.ingest()
    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(
            """insert into inbox.files (batch_id, feed, feed_kind, file_name, content_sha256, size_bytes, state,
                received_at, series, sequence_number)
            select batch_id, feed, feed_kind, 'x', 'x', 1, 'loaded', now(), series, sequence_number from inbox.files"""
        )


def test_a_refused_file_leaves_its_number_to_the_corrected_one(inbox, connection):
    for number in (1, 3):
        inbox.put(f"voice_2026-11_{number}.csv", call(number))
    inbox.put("voice_2026-11_2.csv", call(2), header="call_id,started_at")
    inbox.ingest()
    assert missing_files(connection) == [MissingFile("voice", "2026-11", 2, "voice_2026-11_2.csv")]
    inbox.put("voice_2026-11_2-corrected.csv", call(2))
    assert refusals(inbox.ingest()) == []
    assert missing_files(connection) == []


def test_a_name_without_a_number_is_refused_by_a_numbered_feed(inbox):
    inbox.put("voice_november.csv", call(1))
    (reason,) = refusals(inbox.ingest())
    assert "a name without the number" in reason


def test_a_number_that_would_leave_a_hundred_thousand_missing_is_a_wrong_name(inbox, connection):
    inbox.put("voice_2026-11_100003.csv", call(1))
    inbox.put("voice_2026-11_1.csv", call(2))
    (reason,) = refusals(inbox.ingest())
    assert "number 100003 of 2026-11 of voice, before which 100001 numbers are missing" in reason
    assert missing_files(connection) == [HOLE, MissingFile("voice", "2026-11", 3, None)]


def test_files_without_rows_have_the_same_bytes_and_come_under_each_of_their_numbers(inbox, connection):
    inbox.put("voice_2026-11_1.csv", call(1))
    for number in (2, 3):
        inbox.manifest(inbox.put(f"voice_2026-11_{number}.csv"), rows=0)
    inbox.ingest()
    assert missing_files(connection) == []
    inbox.put("voice_2026-11_3-corrected.csv", call(3))
    inbox.ingest()
    numbers = """select count(*), count(distinct sequence_number) from inbox.expected_files(
        catalog.current_book(), '2026-11', '2026-11', '2026-11', 1000000)"""
    assert inbox.rows(numbers) == [(3, 3)]


def test_a_hole_is_accepted_by_name_once_and_stays_accepted(inbox, connection):
    for number in (1, 3):
        inbox.put(f"voice_2026-11_{number}.csv", call(number))
    inbox.ingest()
    for nobody in ({"accepted_by": " ", "reason": "lost"}, {"accepted_by": "Ewa Maj", "reason": ""}):
        with pytest.raises(Refusal, match="nobody's name"):
            accept_missing_file(connection, HOLE, **nobody)
    accept_missing_file(connection, HOLE, accepted_by="Ewa Maj", reason="the switch was down, no calls")
    assert missing_files(connection) == []
    entry = connection.execute("select payload from control.audit_chain order by entry_number desc limit 1").fetchone()
    assert entry[0]["kind"] == "missing_file_accepted"
    assert entry[0]["accepted_by"] == "Ewa Maj"
    assert verify_chain(connection) == []
    with pytest.raises(Refusal, match="is not missing"):
        accept_missing_file(connection, HOLE, accepted_by="Ewa Maj", reason="again")
    with pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute("delete from inbox.accepted_missing_files")


def test_a_file_that_is_not_missing_cannot_be_accepted_as_missing(inbox, connection):
    inbox.put("voice_2026-11_1.csv", call(1))
    inbox.ingest()
    with pytest.raises(Refusal, match="is not missing"):
        accept_missing_file(connection, MissingFile("voice", "2026-11", 1, None), accepted_by="Ewa", reason="none")
