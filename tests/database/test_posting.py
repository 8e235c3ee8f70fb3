"""Posting: numbers without gaps, once only, gated, append-only, chained."""

import os
import signal
import subprocess
import sys
import threading
from datetime import date

import psycopg
import pytest

from assets.posting.audit_chain import ChainHead, append_entry, head, verify_chain
from assets.posting.contested import ContestedUsage, contested_usage
from assets.posting.numbers import number_problems
from assets.posting.post import post
from assets.publishing.publish import publish
from assets.publishing.refusal import Refusal
from orchestration.paths import PROJECT_ROOT
from tests.database import mini_run
from tests.database.mini_run import PERIOD, TOKEN

pytestmark = pytest.mark.database


@pytest.fixture
def prepared(connection: psycopg.Connection) -> psycopg.Connection:
    """A database with book, populations and usage; rolled back after the test."""
    mini_run.prepare(connection)
    return connection


def publish_month(connection: psycopg.Connection, period_id: str = PERIOD, **more: object):
    run = mini_run.open_build_and_check(connection, period_id, **more)
    publish(connection, run)
    return run


def refusal_code(connection: psycopg.Connection, bill_run_id: int, token: int = TOKEN) -> str:
    with pytest.raises(Refusal) as refusal:
        post(connection, bill_run_id, token)
    assert connection.execute(
        "select count(*) from ledger.customer_bills where bill_run_id = %s", [bill_run_id]
    ).fetchone() == (0,)
    return refusal.value.code


def test_posting_writes_bills_lines_documents_positions_and_journal(prepared):
    run = publish_month(prepared)
    posted = post(prepared, run.bill_run_id, TOKEN)
    assert not posted.already_posted
    assert posted.row_counts == {
        "customer_bills": 2,
        "posted_lines": 3,
        "settlement_documents": 1,
        "posted_positions": 2,
        "journal_lines": 11,
    }
    assert prepared.execute(
        "select bill_number, account_id, gross_minor from ledger.customer_bills order by number"
    ).fetchall() == [("WT/2026/000001", "A1", 3691), ("WT/2026/000002", "A2", 3075)]
    assert prepared.execute(
        "select document_number, series_id, payment_minor from ledger.settlement_documents"
    ).fetchall() == [("SB/wisla/streamly/2026/000001", "S/wisla/streamly/2026", 2100)]
    assert prepared.execute("select distinct posting_date from ledger.journal_lines").fetchall() == [
        (date(2026, 11, 1),)
    ]


def test_posting_twice_changes_nothing_and_says_so(prepared):
    run = publish_month(prepared)
    first = post(prepared, run.bill_run_id, TOKEN)
    second = post(prepared, run.bill_run_id, TOKEN)
    assert second.already_posted
    assert (second.row_counts, second.audit_head) == (first.row_counts, first.audit_head)


def test_numbers_go_on_in_the_supplement_without_a_gap(prepared):
    post(prepared, publish_month(prepared).bill_run_id, TOKEN)
    post(prepared, publish_month(prepared).bill_run_id, TOKEN)
    assert prepared.execute("select number, account_id from ledger.customer_bills order by 1").fetchall() == [
        (1, "A1"),
        (2, "A2"),
        (3, "A3"),
    ]
    assert number_problems(prepared) == []


def test_a_rollback_gives_the_numbers_back(prepared):
    run = publish_month(prepared)
    with pytest.raises(ZeroDivisionError), prepared.transaction():
        post(prepared, run.bill_run_id, TOKEN)
        raise ZeroDivisionError
    post(prepared, run.bill_run_id, TOKEN)
    assert prepared.execute("select min(number), max(number) from ledger.customer_bills").fetchone() == (1, 2)
    assert number_problems(prepared) == []


def test_a_planted_gap_is_found(prepared):
    post(prepared, publish_month(prepared).bill_run_id, TOKEN)
    prepared.execute("update ledger.number_series set last_number = last_number + 1 where series_id like 'B/%'")
    assert number_problems(prepared) == ["series B/wisla-pl/2026: counter at 3, 2 documents from 1 to 2"]


def test_an_issue_date_before_the_last_number_is_refused(prepared):
    post(prepared, publish_month(prepared).bill_run_id, TOKEN)
    run = publish_month(prepared, issue_date=date(2026, 10, 31))
    assert refusal_code(prepared, run.bill_run_id) == "issue_date_too_early"


def test_a_draft_that_is_not_published_is_refused(prepared):
    run = mini_run.open_build_and_check(prepared)
    assert refusal_code(prepared, run.bill_run_id) == "not_published"


def test_a_gate_that_failed_on_a_second_look_shuts(prepared):
    run = publish_month(prepared)
    prepared.execute("create table build.fct_rated_usage as table published.fct_rated_usage")
    mini_run.store_gate(prepared, run, check=mini_run.FAILED)
    assert refusal_code(prepared, run.bill_run_id) == "gate_failed"


def test_a_gate_for_another_input_is_refused(prepared):
    run = publish_month(prepared)
    prepared.execute(
        "update control.bill_runs set input_digest = %s where bill_run_id = %s", ["f" * 64, run.bill_run_id]
    )
    assert refusal_code(prepared, run.bill_run_id) == "gate_other_input"


def test_without_any_gate_row_nothing_is_posted(prepared):
    run = publish_month(prepared)
    prepared.execute("alter table control.gates disable trigger user")
    prepared.execute("delete from control.gates where bill_run_id is not null")
    prepared.execute("alter table control.gates enable trigger user")
    assert refusal_code(prepared, run.bill_run_id) == "gate_missing"


def test_a_usage_door_that_failed_since_is_refused(prepared):
    run = publish_month(prepared)
    from assets.quality.gate_rows import gate_result, store_usage_gate

    store_usage_gate(prepared, run.sealed_batch_id, gate_result("usage_in", [mini_run.FAILED]))
    assert refusal_code(prepared, run.bill_run_id) == "no_usage_gate"


def test_published_rows_changed_behind_the_gate_are_refused(prepared):
    run = publish_month(prepared)
    prepared.execute("update published.fct_customer_bills set gross_minor = gross_minor + 1 where account_id = 'A1'")
    assert refusal_code(prepared, run.bill_run_id) == "draft_changed"


def test_an_orphan_with_an_old_token_posts_nothing(prepared):
    run = publish_month(prepared)
    prepared.execute("update control.leases set token = token + 1 where lane = 'build'")
    assert refusal_code(prepared, run.bill_run_id) == "superseded"


def test_an_event_that_a_posted_run_billed_is_refused(prepared):
    post(prepared, publish_month(prepared).bill_run_id, TOKEN)
    run = mini_run.open_run(prepared)
    mini_run.build(prepared, run)
    prepared.execute("update build.fct_rated_usage set event_key = %s", [mini_run.key("event", 2)])
    mini_run.store_gate(prepared, run)
    publish(prepared, run)
    assert refusal_code(prepared, run.bill_run_id) == "billed_before"


def test_a_late_event_that_a_posted_run_billed_is_refused(prepared):
    post(prepared, publish_month(prepared).bill_run_id, TOKEN)
    run = mini_run.open_run(prepared, "2026-11-c01")
    mini_run.build(prepared, run)
    prepared.execute("delete from build.fct_rated_usage where event_key <> %s", [mini_run.key("event", 2)])
    prepared.execute("update build.fct_rated_usage set is_late = true")
    mini_run.store_gate(prepared, run)
    publish(prepared, run)
    assert refusal_code(prepared, run.bill_run_id) == "billed_before"


def test_an_earlier_draft_of_the_cycle_must_be_posted_first(prepared):
    publish_month(prepared)
    november = publish_month(prepared, "2026-11-c01")
    assert refusal_code(prepared, november.bill_run_id) == "earlier_period_open"


def test_a_run_in_which_all_are_parked_is_not_posted(prepared):
    run = mini_run.open_run(prepared)
    mini_run.build(prepared, run)
    for table in mini_run.SMALL_TABLES:
        if table not in ("fct_account_outcomes", "fct_reconciliation"):
            prepared.execute(f"delete from build.{table}")  # noqa: S608
    prepared.execute("update build.fct_account_outcomes set outcome = 'parked', reason_code = 'no_party'")
    mini_run.store_gate(prepared, run)
    publish(prepared, run)
    assert refusal_code(prepared, run.bill_run_id) == "nothing_billed"


def test_an_account_is_billed_once_per_period_whatever_the_run(prepared):
    post(prepared, publish_month(prepared).bill_run_id, TOKEN)
    run = mini_run.open_run(prepared)
    mini_run.build(prepared, run)
    prepared.execute("update build.fct_customer_bills set account_id = 'A1'")
    prepared.execute("update build.fct_applied_billing_rates set account_id = 'A1'")
    mini_run.store_gate(prepared, run)
    publish(prepared, run)
    with pytest.raises(psycopg.errors.UniqueViolation):
        post(prepared, run.bill_run_id, TOKEN)


def test_an_unbalanced_transaction_stops_the_posting(prepared):
    run = mini_run.open_run(prepared)
    mini_run.build(prepared, run)
    prepared.execute(
        "update build.fct_journal_lines set amount_minor = amount_minor + 1 where ledger_account = 'output_tax'"
    )
    mini_run.store_gate(prepared, run)
    publish(prepared, run)
    with pytest.raises(psycopg.errors.CheckViolation, match="out of balance"):
        post(prepared, run.bill_run_id, TOKEN)


@pytest.mark.parametrize(
    "table",
    [
        "ledger.customer_bills",
        "ledger.posted_lines",
        "ledger.settlement_documents",
        "ledger.posted_positions",
        "ledger.journal_lines",
        "control.gates",
        "control.audit_chain",
    ],
)
def test_the_record_is_append_only(prepared, table):
    post(prepared, publish_month(prepared).bill_run_id, TOKEN)
    column = prepared.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and attidentity = '' limit 1",
        [table],
    ).fetchone()[0]
    for statement in (
        f"update {table} set {column} = {column}",  # noqa: S608
        f"delete from {table}",  # noqa: S608
        f"truncate {table} cascade",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation), prepared.transaction():
            prepared.execute(statement)


def test_a_counter_never_goes_back(prepared):
    post(prepared, publish_month(prepared).bill_run_id, TOKEN)
    for statement in ("update ledger.number_series set last_number = 0", "delete from ledger.number_series"):
        with pytest.raises(psycopg.errors.RestrictViolation), prepared.transaction():
            prepared.execute(statement)


def test_two_posters_at_once_post_once(new_database):
    url = new_database()
    with psycopg.connect(url) as connection:
        mini_run.prepare(connection)
        run = publish_month(connection)
        connection.commit()
    answers = []

    def poster() -> None:
        with psycopg.connect(url) as connection:
            answers.append(post(connection, run.bill_run_id, TOKEN).already_posted)

    threads = [threading.Thread(target=poster) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False, True, True]
    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*), max(number) from ledger.customer_bills").fetchone() == (2, 2)


POST_IN_A_PROCESS = """
import sys, psycopg
from assets.posting.post import post
with psycopg.connect(sys.argv[1]) as connection:
    post(connection, int(sys.argv[2]), int(sys.argv[3]))
"""


def test_killed_before_its_commit_a_posting_leaves_nothing_and_can_be_repeated(new_database):
    url = new_database()
    with psycopg.connect(url) as connection:
        mini_run.prepare(connection)
        run = publish_month(connection)
        connection.commit()
    command = [sys.executable, "-c", POST_IN_A_PROCESS, url, str(run.bill_run_id), str(TOKEN)]
    environment = os.environ | {"APPORTION_FAILPOINT": "mid_post_before_commit", "PYTHONPATH": str(PROJECT_ROOT)}
    killed = subprocess.run(command, env=environment, cwd=PROJECT_ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) from ledger.customer_bills").fetchone() == (0,)
        assert not post(connection, run.bill_run_id, TOKEN).already_posted
        assert connection.execute("select min(number), max(number) from ledger.customer_bills").fetchone() == (1, 2)
        assert number_problems(connection) == [] and verify_chain(connection) == []


def test_the_chain_holds_and_has_an_entry_for_each_act(prepared):
    posted = post(prepared, publish_month(prepared).bill_run_id, TOKEN)
    kinds = prepared.execute("select payload ->> 'kind' from control.audit_chain order by entry_number").fetchall()
    assert [kind for (kind,) in kinds] == ["gate", "opened", "gate", "published", "posted"]
    assert verify_chain(prepared) == []
    assert head(prepared) == ChainHead(posted.audit_entry_number, posted.audit_head)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (
            "update control.audit_chain set payload = payload || '{\"x\": 1}' where entry_number = %(middle)s",
            "was changed",
        ),
        (
            "update control.audit_chain set payload = '{}', entry_hash = 'x' where entry_number = %(middle)s",
            "not follow",
        ),
        ("delete from control.audit_chain where entry_number = %(middle)s", "is missing"),
        ("delete from control.audit_chain where entry_number > %(middle)s", "is not in the chain"),
        ("delete from control.audit_chain where %(middle)s > 0", "is not in the chain"),
    ],
)
def test_a_chain_that_was_tampered_with_is_seen(prepared, fault, problem):
    for number in range(3):
        append_entry(prepared, "planted", {"number": number, "text": "zażółć"})
    kept_outside = head(prepared)
    prepared.execute("alter table control.audit_chain disable trigger user")
    prepared.execute(fault, {"middle": kept_outside.entry_number - 1})
    assert any(problem in found for found in verify_chain(prepared, kept_outside))


def test_the_chain_takes_no_floats(prepared):
    with pytest.raises(TypeError, match="float"):
        append_entry(prepared, "planted", {"share": 0.1})


def test_billed_usage_that_comes_again_with_other_content_is_told_once_it_is_posted(prepared):
    run = publish_month(prepared)
    file_id, batch_id = prepared.execute("select max(file_id), max(batch_id) from inbox.files").fetchone()
    # Of one billed event both rows, of another only the newer one as yet; and an event that was never billed.
    for line, event in ((2, 2), (7, 2), (8, 3), (9, 99)):
        mini_run.insert(
            prepared, "inbox.row_dispositions", file_id=file_id, line_number=line, decided_in_batch_id=batch_id,
            disposition="conflict", reason_code="other_content_same_event", event_key=mini_run.key("event", event),
        )  # fmt: skip
    assert contested_usage(prepared) == []
    post(prepared, run.bill_run_id, TOKEN)
    (found,) = contested_usage(prepared)
    assert found == ContestedUsage("voice", PERIOD, 2)
    assert str(found) == f"voice: 2 event(s) billed in {PERIOD} came again with other content"
