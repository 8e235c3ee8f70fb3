"""Publishing: all or nothing, repeatable, gated, and never over a posted run."""

import threading
import time

import psycopg
import pytest

from assets.posting.post import post
from assets.publishing.publish import publish
from assets.publishing.refusal import Refusal
from tests.database import mini_run
from tests.database.mini_run import PERIOD, TOKEN

pytestmark = pytest.mark.database


@pytest.fixture
def prepared(connection: psycopg.Connection) -> psycopg.Connection:
    """A database with book, populations and usage; rolled back after the test."""
    mini_run.prepare(connection)
    return connection


def count(connection: psycopg.Connection, table: str) -> int:
    return connection.execute(f"select count(*) from {table}").fetchone()[0]  # noqa: S608


def test_readers_see_the_whole_run_after_publishing(prepared):
    run = mini_run.open_build_and_check(prepared)
    published = publish(prepared, run)
    assert (
        published.row_counts["fct_rated_usage"] == count(prepared, f"published.fct_rated_usage_r{run.bill_run_id}") == 3
    )
    assert published.row_counts["fct_customer_bills"] == 2
    assert published.row_counts["fct_account_outcomes"] == 4
    assert prepared.execute(
        "select state, output_digest from control.bill_runs where bill_run_id = %s", [run.bill_run_id]
    ).fetchone() == ("published", published.output_digest)
    assert count(prepared, "pg_inherits where inhparent = 'published.fct_rated_usage'::regclass") == 1


def test_publishing_twice_changes_nothing_and_says_so(prepared):
    run = mini_run.open_build_and_check(prepared)
    first = publish(prepared, run)
    second = publish(prepared, run)
    assert second.already_published and not first.already_published
    assert (second.output_digest, second.row_counts) == (first.output_digest, first.row_counts)


def test_a_draft_built_again_replaces_the_earlier_one_with_the_same_digest(prepared):
    first = publish(prepared, mini_run.open_build_and_check(prepared))
    # A view that dbt made over the earlier draft followed it out of the lane.
    prepared.execute(f"create view build.peek as select event_key from published.fct_rated_usage_r{first.bill_run_id}")  # noqa: S608
    second = publish(prepared, mini_run.open_build_and_check(prepared))
    assert (second.bill_run_id, second.output_digest, second.row_counts) == (
        first.bill_run_id,
        first.output_digest,
        first.row_counts,
    )


def test_the_lane_is_left_as_dbt_expects_it(prepared):
    publish(prepared, mini_run.open_build_and_check(prepared))
    left = prepared.execute("select relname from pg_class where relnamespace = 'build'::regnamespace and relkind = 'r'")
    names = {name for (name,) in left}
    assert "fct_customer_bills" in names
    assert not any("_rated_" in name and name.startswith(("fct", "int")) for name in names)


def test_an_event_that_is_rated_twice_cannot_be_published(prepared):
    run = mini_run.open_run(prepared)
    mini_run.build(prepared, run)
    prepared.execute("insert into build.fct_rated_usage select * from build.fct_rated_usage limit 1")
    mini_run.store_gate(prepared, run)
    with pytest.raises(psycopg.errors.UniqueViolation):
        publish(prepared, run)


def test_an_event_that_both_shares_rated_cannot_be_published(prepared):
    run = mini_run.open_run(prepared)
    mini_run.build(prepared, run)
    prepared.execute("create temp table doubled as select * from build.int_usage_rated_1 limit 1")
    prepared.execute("update doubled set share_number = 2")
    prepared.execute("insert into build.fct_rated_usage select * from doubled")
    mini_run.store_gate(prepared, run)
    with pytest.raises(Refusal) as refusal:
        publish(prepared, run)
    assert refusal.value.code == "rated_twice"


def test_a_draft_without_one_of_its_shares_is_not_published(prepared):
    run = mini_run.open_build_and_check(prepared)
    prepared.execute("drop table build.int_usage_rated_2")
    with pytest.raises(Refusal, match="int_usage_rated_2") as refusal:
        publish(prepared, run)
    assert refusal.value.code == "not_built"


@pytest.mark.parametrize(
    ("prepare_gate", "code"),
    [
        (lambda connection, run: None, "gate_missing"),
        (lambda connection, run: mini_run.store_gate(connection, run, check=mini_run.FAILED), "gate_failed"),
    ],
)
def test_nothing_is_published_without_a_passed_gate(prepared, prepare_gate, code):
    run = mini_run.open_run(prepared)
    mini_run.build(prepared, run)
    prepare_gate(prepared, run)
    with pytest.raises(Refusal) as refusal:
        publish(prepared, run)
    assert refusal.value.code == code
    assert count(prepared, "published.fct_customer_bills") == 0
    assert count(prepared, "build.fct_rated_usage") == 3


def test_the_gate_of_an_earlier_build_does_not_open_for_the_next(prepared):
    mini_run.open_build_and_check(prepared)
    again = mini_run.open_run(prepared)
    mini_run.build(prepared, again)
    with pytest.raises(Refusal) as refusal:
        publish(prepared, again)
    assert refusal.value.code == "gate_other_input"


def test_rows_changed_after_the_gate_are_not_published(prepared):
    run = mini_run.open_build_and_check(prepared)
    prepared.execute("update build.fct_applied_billing_rates set amount_minor = amount_minor + 1")
    with pytest.raises(Refusal) as refusal:
        publish(prepared, run)
    assert refusal.value.code == "built_changed"


def test_rows_of_another_run_are_not_published(prepared):
    run = mini_run.open_build_and_check(prepared)
    prepared.execute("update build.fct_positions set bill_run_id = 99 where item_id = 'kept'")
    with pytest.raises(Refusal, match="bill run 99") as refusal:
        publish(prepared, run)
    assert refusal.value.code == "not_built"


def test_a_superseded_run_publishes_nothing(prepared):
    run = mini_run.open_build_and_check(prepared)
    prepared.execute("update control.leases set token = token + 1 where lane = 'build'")
    with pytest.raises(Refusal) as refusal:
        publish(prepared, run)
    assert refusal.value.code == "superseded"


def test_nan_is_refused_where_it_would_be_stored(prepared):
    run = mini_run.open_run(prepared)
    mini_run.build(prepared, run)
    prepared.execute("update build.fct_revenue_shares set amount_exact = 'NaN'")
    mini_run.store_gate(prepared, run)
    with pytest.raises(psycopg.errors.CheckViolation):
        publish(prepared, run)


def test_a_posted_run_is_not_published_again(prepared):
    run = mini_run.open_build_and_check(prepared)
    publish(prepared, run)
    post(prepared, run.bill_run_id, TOKEN)
    with pytest.raises(Refusal) as refusal:
        publish(prepared, run)
    assert refusal.value.code == "posted"


@pytest.mark.parametrize(
    "statement",
    [
        "update published.fct_applied_billing_rates set amount_minor = 0",
        "delete from published.fct_customer_bills",
        "truncate published.fct_positions",
        "insert into published.fct_suspended_usage select bill_run_id, 1, 1, gen_random_uuid(), now(), 'x', null "
        "from control.bill_runs",
        "update published.fct_rated_usage set amount_exact = 0",
        "delete from published.fct_rated_usage",
        "truncate published.fct_rated_usage",
        "do $$ begin execute format('truncate published.fct_rated_usage_r%s_2', (select max(bill_run_id) "
        "from control.bill_runs)); end $$",
        "delete from control.bill_runs",
        "update control.bill_runs set state = 'open'",
    ],
)
def test_rows_of_a_posted_run_cannot_be_changed(prepared, statement):
    run = mini_run.open_build_and_check(prepared)
    publish(prepared, run)
    post(prepared, run.bill_run_id, TOKEN)
    with pytest.raises(psycopg.errors.RestrictViolation), prepared.transaction():
        prepared.execute(statement)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ("alter table published.fct_rated_usage detach partition {leaf}", "part of"),
        ("drop table {leaf}", "part of"),
        ("drop table {leaf}_2", "as a whole"),
        ("alter table {leaf} detach partition {leaf}_1", "as a whole"),
        ("alter table {leaf}_1 disable trigger user", "can be changed"),
    ],
)
def test_a_posted_leaf_that_was_taken_away_stops_the_next_run(prepared, fault, problem):
    run = mini_run.open_build_and_check(prepared)
    publish(prepared, run)
    post(prepared, run.bill_run_id, TOKEN)
    prepared.execute(fault.format(leaf=f"published.fct_rated_usage_r{run.bill_run_id}"))
    with pytest.raises(Refusal, match=problem) as refusal:
        mini_run.open_run(prepared)
    assert refusal.value.code == "posted_leaf_missing"


def test_a_posted_settlement_run_has_no_leaf_and_stops_nobody(prepared):
    run = mini_run.open_build_and_check(prepared)
    publish(prepared, run)
    post(prepared, run.bill_run_id, TOKEN)
    prepared.execute(
        """insert into control.bill_runs (lane, period_id, state, period_start, period_end, issue_date, book_id,
               sealed_batch_id, token, code_version, input_digest, output_digest, posted_at)
           select 'settle', '2026-10-month', 'posted', period_start, period_end, issue_date, book_id,
               sealed_batch_id, token, code_version, input_digest, output_digest, posted_at
           from control.bill_runs where bill_run_id = %s""",
        [run.bill_run_id],
    )
    assert mini_run.open_run(prepared).bill_run_id > run.bill_run_id


def test_a_long_reader_delays_publishing_and_does_not_break_it(new_database):
    url = new_database()
    with psycopg.connect(url) as connection:
        mini_run.prepare(connection)
        publish(connection, mini_run.open_build_and_check(connection))
        run = mini_run.open_build_and_check(connection)
        connection.commit()
        with psycopg.connect(url) as reader:
            reader.execute("select count(*) from published.fct_rated_usage")
            release = threading.Timer(4, reader.rollback)
            release.start()
            started = time.monotonic()
            assert publish(connection, run).row_counts["fct_rated_usage"] == 3
            assert time.monotonic() - started > 3
            release.join()


def test_a_draft_of_one_period_leaves_the_posted_one_alone(prepared):
    first = mini_run.open_build_and_check(prepared)
    publish(prepared, first)
    post(prepared, first.bill_run_id, TOKEN)
    supplement = mini_run.open_build_and_check(prepared, PERIOD)
    publish(prepared, supplement)
    publish(prepared, supplement)
    rows = prepared.execute("select bill_run_id, count(*) from published.fct_rated_usage group by 1 order by 1")
    assert rows.fetchall() == [(first.bill_run_id, 3), (supplement.bill_run_id, 1)]
