"""Opening a bill run: bounds, scope, sequence, digest, lease."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import psycopg
import pytest

from assets.posting.post import post
from assets.publishing.account_periods import AccountPeriod
from assets.publishing.bill_run_opening import open_lane_run
from assets.publishing.bill_runs import (
    current_bill_run,
    posted_bill_runs,
    published_bill_run,
)
from assets.publishing.publish import publish
from assets.publishing.refusal import Refusal
from assets.quality.gate_rows import gate_result, store_usage_gate
from tests.database import mini_run
from tests.database.mini_run import PERIOD, TOKEN

pytestmark = pytest.mark.database


@pytest.fixture
def prepared(connection: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """A database with book, populations and usage; rolled back after the test."""
    mini_run.prepare(connection)
    yield connection


def post_month(connection: psycopg.Connection, period_id: str = PERIOD):
    run = mini_run.open_build_and_check(connection, period_id)
    publish(connection, run)
    post(connection, run.bill_run_id, TOKEN)
    return run


def scope(connection: psycopg.Connection) -> list[tuple[str, int]]:
    return connection.execute("select account_id, account_number from build.run_scope order by 1").fetchall()


def test_the_period_is_the_operators_month_in_instants(prepared):
    run = mini_run.open_run(prepared)
    assert run.period_start == datetime(2026, 9, 30, 22, tzinfo=UTC)
    assert run.period_end == datetime(2026, 10, 31, 23, tzinfo=UTC)
    assert run.issue_date == date(2026, 11, 1)
    assert (run.sequence, run.state, run.account_count, run.nothing_to_do) == (0, "open", 4, False)


def test_the_lane_holds_the_inputs_and_the_accounts_of_the_cycle(prepared):
    mini_run.add_account(prepared, "B1", bill_cycle="c15")
    mini_run.add_account(prepared, "B2", effective_from=date(2026, 11, 1))
    run = mini_run.open_run(prepared)
    assert scope(prepared) == [("A1", 1), ("A2", 2), ("A3", 3), ("A4", 4)]
    assert prepared.execute("select bill_run_id, period_id, home_currency_code from build.run_inputs").fetchall() == [
        (run.bill_run_id, PERIOD, "PLN")
    ]
    assert current_bill_run(prepared, "build").bill_run_id == run.bill_run_id


def test_what_a_run_reads_has_been_counted(prepared):
    mini_run.open_run(prepared)
    uncounted = prepared.execute(
        """select oid::regclass::text from pg_class
           where relnamespace::regnamespace::text in ('catalog', 'inbox', 'build') and relkind = 'r'
               and not relispartition and reltuples < 0"""
    ).fetchall()
    assert uncounted == []


def test_an_account_with_a_time_zone_has_its_own_midnights(prepared):
    mini_run.add_account(prepared, "B1", time_zone="America/New_York")
    run = mini_run.open_run(prepared)
    assert run.period_start == datetime(2026, 9, 30, 22, tzinfo=UTC)
    assert prepared.execute(
        "select account_id, time_zone, period_start, period_end from build.run_scope where account_id in ('A1', 'B1')"
    ).fetchall() == [
        ("A1", "Europe/Warsaw", run.period_start, run.period_end),
        ("B1", "America/New_York", datetime(2026, 10, 1, 4, tzinfo=UTC), datetime(2026, 11, 1, 4, tzinfo=UTC)),
    ]


def test_another_lane_takes_any_accounts_with_any_windows(prepared):
    prepared.execute("update control.leases set token = 1 where lane = 'conformance'")
    windows = [
        AccountPeriod.between("case-2", date(2022, 6, 30), date(2022, 7, 15), "UTC"),
        AccountPeriod.between("case-1", date(2024, 2, 29), date(2025, 2, 28), "Asia/Tokyo"),
    ]
    given = {"lane": "conformance", "token": 1, "code_version": mini_run.CODE_VERSION}
    run = open_lane_run(prepared, account_periods=windows, **given)
    assert (run.period_id, run.issue_date, run.account_count) == ("2022-06-c30", date(2025, 2, 28), 2)
    assert (run.period_start, run.period_end) == (windows[0].period_start, windows[1].period_end)
    assert prepared.execute(
        "select account_number, account_id, period_id, time_zone, period_start from conformance.run_scope order by 1"
    ).fetchall() == [
        (1, "case-2", "2022-06-c30", "UTC", datetime(2022, 6, 30, tzinfo=UTC)),
        (2, "case-1", "2024-02-c29", "Asia/Tokyo", datetime(2024, 2, 28, 15, tzinfo=UTC)),
    ]
    assert open_lane_run(prepared, account_periods=windows[:1], **given).input_digest != run.input_digest
    for wrong, code in (([], "no_accounts"), ([windows[0]] * 2, "bad_windows")):
        with pytest.raises(Refusal) as refusal:
            open_lane_run(prepared, account_periods=wrong, **given)
        assert refusal.value.code == code
    with pytest.raises(Refusal, match="whole cycles"):
        open_lane_run(prepared, account_periods=windows, **given | {"lane": "build"})


def test_a_draft_is_opened_again_with_the_same_row_and_the_same_digest(prepared):
    first = mini_run.open_run(prepared)
    second = mini_run.open_run(prepared)
    assert second.bill_run_id == first.bill_run_id
    assert second.input_digest == first.input_digest
    assert second.build_number == first.build_number + 1


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ("update inbox.parties set name = 'Other' where party_id = 'anna'", "populations"),
        ("insert into catalog.fx_rates values ('ecb', '2026-10-30', 'EUR', 'PLN', 4.3)", "fx_rates"),
        ("update inbox.usage_rows set content_hash = gen_random_uuid() where line_number = 2", "usage"),
        ("update inbox.billing_accounts set bill_cycle = 'c15' where account_id = 'A4'", "scope"),
    ],
)
def test_the_input_digest_names_what_changed(prepared, change, part):
    before = mini_run.open_run(prepared)
    parts_before = prepared.execute("select input_parts from control.bill_runs").fetchone()[0]
    prepared.execute(change)
    after = mini_run.open_run(prepared)
    parts_after = prepared.execute("select input_parts from control.bill_runs").fetchone()[0]
    assert after.input_digest != before.input_digest
    assert part in {name for name in parts_after if parts_after[name] != parts_before[name]}


def test_the_digest_ignores_which_file_and_line_a_row_came_from(prepared):
    before = mini_run.open_run(prepared)
    prepared.execute("update inbox.parties set file_id = (select max(file_id) from inbox.files), line_number = 77")
    assert mini_run.open_run(prepared).input_digest == before.input_digest


def test_issue_date_and_code_are_part_of_the_digest(prepared):
    digests = {
        mini_run.open_run(prepared).input_digest,
        mini_run.open_run(prepared, issue_date=date(2026, 11, 5)).input_digest,
        mini_run.open_run(prepared, code_version="c" * 64).input_digest,
    }
    assert len(digests) == 3


def test_after_posting_a_supplement_covers_only_the_parked_accounts(prepared):
    first = post_month(prepared)
    second = mini_run.open_run(prepared)
    assert (second.sequence, second.account_count) == (1, 1)
    assert second.bill_run_id != first.bill_run_id
    assert scope(prepared) == [("A3", 1)]


def test_when_everybody_is_settled_there_is_nothing_to_do_and_nothing_changes(prepared):
    post_month(prepared)
    post_month(prepared)
    lane_before = scope(prepared)
    run = mini_run.open_run(prepared)
    assert run.nothing_to_do
    assert run.sequence == 1
    assert scope(prepared) == lane_before
    assert [run.sequence for run in posted_bill_runs(prepared, "build", PERIOD)] == [0, 1]
    assert published_bill_run(prepared, "build", PERIOD).sequence == 1


def test_an_account_that_arrives_after_posting_is_billed_in_a_supplement(prepared):
    post_month(prepared)
    post_month(prepared)
    mini_run.add_account(prepared, "A5", effective_from=date(2026, 10, 20))
    assert mini_run.open_run(prepared).sequence == 2
    assert scope(prepared) == [("A5", 1)]


def test_a_superseded_token_opens_nothing(prepared):
    prepared.execute("update control.leases set token = token + 1 where lane = 'build'")
    with pytest.raises(Refusal, match="superseded") as refusal:
        mini_run.open_run(prepared)
    assert refusal.value.code == "superseded"
    assert prepared.execute("select count(*) from control.bill_runs").fetchone() == (0,)


def test_a_period_without_accounts_is_refused_rather_than_empty(prepared):
    with pytest.raises(Refusal) as refusal:
        mini_run.open_run(prepared, "2025-10-c01")
    assert refusal.value.code == "no_accounts"


def test_usage_whose_door_was_not_checked_is_refused(prepared):
    prepared.execute("insert into inbox.batches default values")
    batch_id = prepared.execute("select max(batch_id) from inbox.batches").fetchone()[0]
    mini_run.deliver_usage(prepared, batch_id)
    with pytest.raises(Refusal) as refusal:
        mini_run.open_run(prepared)
    assert refusal.value.code == "no_usage_gate"
    store_usage_gate(prepared, batch_id, gate_result("usage_in", [mini_run.PASSED]))
    assert mini_run.open_run(prepared).sealed_batch_id == batch_id


def test_usage_whose_door_failed_last_is_refused(prepared):
    batch_id = prepared.execute("select max(batch_id) from inbox.batches").fetchone()[0]
    store_usage_gate(prepared, batch_id, gate_result("usage_in", [mini_run.FAILED]))
    with pytest.raises(Refusal) as refusal:
        mini_run.open_run(prepared)
    assert refusal.value.code == "no_usage_gate"


def test_another_lane_covers_all_accounts_whatever_is_posted(prepared):
    post_month(prepared)
    prepared.execute("update control.leases set token = 1 where lane = 'whatif'")
    run = mini_run.open_run(prepared, lane="whatif", token=1)
    assert (run.sequence, run.account_count) == (0, 4)
    assert prepared.execute("select count(*) from whatif.run_scope").fetchone() == (4,)
