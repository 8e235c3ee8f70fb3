"""The three doors: each check passes on a clean month and fails on its own planted fault."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pytest

from assets.posting.post import post
from assets.publishing.publish import SMALL_TABLES, publish
from assets.quality import gates, lines_before_posting, payouts_before_paying, usage_in
from assets.quality.checks import CheckResult, Door, Relation, Rule
from assets.quality.gate_rows import demand_bill_run_gate, unchecked_batches
from orchestration.expectations import check_door, warm_up
from tests.database import mini_run
from tests.database.mini_run import TOKEN
from tests.database.planted_faults import BILL_FAULTS
from tests.database.planted_faults_other_doors import PAYOUT_FAULTS, USAGE_FAULTS
from tests.database.planted_faults_shares import SHARE_FAULTS

pytestmark = [pytest.mark.database, pytest.mark.slow]
LINES_FAULTS = BILL_FAULTS + SHARE_FAULTS


@pytest.fixture(scope="module", autouse=True)
def imported() -> None:
    """Great Expectations is imported once, outside of any test's time."""
    warm_up().join()


@pytest.fixture(scope="module")
def url(new_database: Callable[[], str]) -> str:
    """A database with a prepared book and usage, committed: the checks read over a connection of their own."""
    made = new_database()
    with psycopg.connect(made) as connection:
        mini_run.prepare(connection)
    return made


@pytest.fixture
def connection(url: str) -> Iterator[psycopg.Connection]:
    """A connection that commits each statement."""
    with psycopg.connect(url, autocommit=True) as opened:
        yield opened


def relation_of(door: Door, check: str) -> Door:
    """The door with only the relation that has the check, so that a fault is looked for where it must be found."""
    relations = [
        relation
        for relation in door.relations
        if check in {each.name for each in relation.checks} or check.startswith(f"{relation.name}_has_at_least")
    ]
    return replace(door, relations=tuple(relations))


def failed(results: list[CheckResult]) -> dict[str, CheckResult]:
    return {result.check: result for result in results if not result.passed}


@pytest.fixture
def built(connection: psycopg.Connection):
    """The clean month in lane build; what the test plants in the catalogue is put back."""
    run = mini_run.open_run(connection)
    mini_run.build(connection, run)
    connection.execute("create table build.kept_steps as table catalog.agreement_steps")
    yield run
    connection.execute("delete from catalog.agreement_steps")
    connection.execute("insert into catalog.agreement_steps table build.kept_steps")
    connection.execute("drop table build.kept_steps")
    connection.execute("delete from catalog.usage_specification_versions")


def test_a_clean_month_passes_the_door_before_posting(connection, built):
    outcome = gates.check_lines_before_posting(connection, built)
    assert outcome.failed_checks() == []
    assert outcome.passed and outcome.rows_checked > 0
    assert demand_bill_run_gate(connection, built.bill_run_id, "lines_before_posting")


@pytest.mark.parametrize(("check", "fault"), LINES_FAULTS)
def test_a_planted_fault_is_found_before_posting(connection, built, check, fault):
    connection.execute(fault)
    door = relation_of(lines_before_posting.DOOR, check)
    parameters = {"schema": "build", "bill_run_id": built.bill_run_id}
    results = failed(check_door(connection, door, parameters))
    assert check in results
    assert results[check].failures > 0
    assert results[check].error is None


def test_money_of_an_allowance_is_what_its_lines_were_given(connection, built):
    """No event says what money paid for it, so the buckets of an allowance are compared with the steps of its lines."""
    door = relation_of(lines_before_posting.DOOR, "buckets_gave_what_events_were_given")
    parameters = {"schema": "build", "bill_run_id": built.bill_run_id}
    connection.execute(
        """insert into catalog.offerings
               (book_id, offering_id, offering_kind, service_kind, tax_category, legal_entity_id, effective_from)
           select book_id, 'purses', 'simple', 'voice', 'standard', 'wisla-pl', date '2026-01-01'
           from build.run_inputs"""
    )
    connection.execute(
        """insert into catalog.allowances (book_id, offering_id, allowance_id, amount)
           select book_id, 'purses', 'purse', 5 from build.run_inputs""",
    )
    connection.execute(
        """insert into build.fct_bucket_balances
           select max(bill_run_id), 1, gen_random_uuid(), 'A1', 'purses', 'purse', 'product', 'P1', now(), now(), 10,
               50000000000, 0, 0, 20000000001, 29999999999 from build.run_inputs"""
    )
    connection.execute(
        """insert into build.fct_line_adjustments (bill_run_id, line_key, adjustment_number, adjustment_id, kind,
               borne_by, quantity, price_currency_code, amount_exact, currency_code, amount_minor)
           select max(bill_run_id), gen_random_uuid(), 1, 'purses/purse', 'allowance', 'everyone', 0, 'PLN',
               -2.00000000005, 'PLN', -200 from build.run_inputs"""
    )
    try:
        # What is less than the last decimal counts as used.
        assert failed(check_door(connection, door, parameters)) == {}
        connection.execute("update build.fct_line_adjustments set amount_exact = -1.5 where kind = 'allowance'")
        assert "buckets_gave_what_events_were_given" in failed(check_door(connection, door, parameters))
    finally:
        connection.execute("delete from catalog.allowances where allowance_id = 'purse'")
        connection.execute("delete from catalog.offerings where offering_id = 'purses'")


def test_every_check_before_posting_has_a_planted_fault():
    assert names_of(lines_before_posting.DOOR) == {check for check, _ in LINES_FAULTS if "has_at_least" not in check}


def test_every_check_before_paying_has_a_planted_fault():
    assert names_of(payouts_before_paying.DOOR) == {check for check, _ in PAYOUT_FAULTS}


def test_every_check_of_usage_has_a_planted_fault():
    assert names_of(usage_in.DOOR) == {check for check, _ in USAGE_FAULTS if "has_at_least" not in check}


def names_of(door: Door) -> set[str]:
    return {check.name for relation in door.relations for check in relation.checks}


def test_a_failed_door_is_stored_with_its_offenders_and_shuts(connection, built):
    connection.execute("update build.fct_customer_bills set gross_minor = gross_minor + 1 where account_id = 'A1'")
    outcome = gates.check_lines_before_posting(connection, built)
    assert not outcome.passed
    found = {check["check"]: check for check in outcome.failed_checks()}
    bill_key = connection.execute("select bill_key from build.fct_customer_bills where account_id = 'A1'").fetchone()[0]
    assert found["gross_is_net_and_tax"]["offenders"] == [str(bill_key)]
    assert found["gross_is_net_and_tax"]["rows_checked"] == 2
    stored = connection.execute("select passed, checks from control.gates order by gate_id desc limit 1").fetchone()
    assert stored == (False, outcome.checks)
    with pytest.raises(Exception, match="gross_is_net_and_tax"):
        demand_bill_run_gate(connection, built.bill_run_id, "lines_before_posting")


def test_names_and_numbers_of_customers_do_not_reach_the_result(connection, built):
    connection.execute(
        "update build.fct_customer_bills set gross_minor = 1,"
        ' customer = \'{"name": "48600100200", "address_lines": []}\''
    )
    connection.execute("update build.fct_applied_billing_rates set charge_kind = '48600100200'")
    outcome = gates.check_lines_before_posting(connection, built)
    assert not outcome.passed
    assert "48600100200" not in str(outcome)


def test_a_check_that_crashes_is_a_failed_check(connection, built):
    connection.execute("alter table build.fct_positions drop column fx_rate")
    outcome = gates.check_lines_before_posting(connection, built)
    crashed = [check for check in outcome.failed_checks() if check["relation"] == "positions"]
    assert not outcome.passed
    assert crashed and all(check["error"] for check in crashed)


def test_a_division_by_zero_inside_a_check_fails_it(connection):
    relation = Relation("planted", "select 1 as id, 0 as zero", "id", 1, (Rule("divides", "1 / zero = 1"),))
    results = check_door(connection, Door("usage_in", (relation,)), {})
    (divides,) = [result for result in results if result.check == "divides"]
    assert not divides.passed and divides.error


def test_parameters_that_could_be_sql_are_refused(connection):
    with pytest.raises(ValueError, match="schema"):
        check_door(connection, lines_before_posting.DOOR, {"schema": "build; drop table x", "bill_run_id": 1})


def test_a_clean_batch_passes_the_usage_door_and_is_not_checked_again(connection):
    connection.execute("insert into inbox.batches default values")
    batch_id = mini_run.latest(connection, "inbox.batches", "batch_id")
    mini_run.deliver_usage(connection, batch_id)
    assert unchecked_batches(connection) == [batch_id]
    outcome = gates.check_usage_in(connection)
    assert outcome.failed_checks() == []
    assert outcome.passed and outcome.rows_checked > 0
    assert unchecked_batches(connection) == []
    again = gates.check_usage_in(connection)
    assert again.passed and again.checks == []


@pytest.fixture(scope="module")
def usage_url(new_database: Callable[[], str]) -> str:
    """A database for planted faults in usage."""
    made = new_database()
    with psycopg.connect(made) as connection:
        mini_run.prepare(connection)
    return made


@pytest.mark.parametrize(("check", "fault"), USAGE_FAULTS)
def test_a_planted_fault_is_found_at_the_usage_door(usage_url, check, fault):
    with psycopg.connect(usage_url, autocommit=True) as connection:
        connection.execute("insert into inbox.batches default values")
        batch_id = mini_run.latest(connection, "inbox.batches", "batch_id")
        mini_run.deliver_usage(connection, batch_id)
        connection.execute(fault)
        results = failed(check_door(connection, usage_in.DOOR, {"batch_id": batch_id}))
        assert check in results
        assert results[check].error is None


@pytest.fixture(scope="module")
def posted_url(new_database: Callable[[], str]) -> str:
    """A posted month whose ledger gives way to planted faults: its triggers and constraints are off."""
    made = new_database()
    with psycopg.connect(made) as connection:
        mini_run.prepare(connection)
        run = mini_run.open_build_and_check(connection)
        publish(connection, run)
        post(connection, run.bill_run_id, TOKEN)
        for table in (
            "settlement_documents",
            "settlement_items",
            "posted_positions",
            "journal_lines",
            "payments",
            "payment_clearings",
        ):
            connection.execute(f"alter table ledger.{table} disable trigger user")
            for (name,) in connection.execute(
                "select conname from pg_constraint where conrelid = %s::regclass and contype in ('c', 'f')",
                [f"ledger.{table}"],
            ).fetchall():
                connection.execute(f'alter table ledger.{table} drop constraint "{name}"')
            connection.execute(f"create table public.kept_{table} as table ledger.{table}")
    return made


@pytest.fixture
def posted(posted_url: str) -> Iterator[tuple[psycopg.Connection, object]]:
    """A connection that commits each statement, and the posted run; the ledger is put back afterwards."""
    from assets.publishing.bill_runs import latest_posted_bill_run

    with psycopg.connect(posted_url, autocommit=True) as connection:
        yield connection, latest_posted_bill_run(connection, "build")
        for table in (
            "settlement_documents",
            "settlement_items",
            "posted_positions",
            "journal_lines",
            "payments",
            "payment_clearings",
        ):
            connection.execute(f"delete from ledger.{table}")  # noqa: S608
            connection.execute(f"insert into ledger.{table} table public.kept_{table}")


def test_a_clean_posted_month_passes_the_door_before_paying(posted):
    connection, run = posted
    outcome = gates.check_payouts_before_paying(connection, run)
    assert outcome.failed_checks() == []
    assert outcome.passed
    assert {check["check"]: check["rows_checked"] for check in outcome.checks}[
        "payments_are_above_0_and_go_to_a_valid_iban"
    ] == 1
    assert demand_bill_run_gate(connection, run.bill_run_id, "payouts_before_paying") == run.output_digest


@pytest.mark.parametrize(("check", "fault"), PAYOUT_FAULTS)
def test_a_planted_fault_is_found_before_paying(posted, check, fault):
    connection, run = posted
    connection.execute(fault)
    results = failed(check_door(connection, payouts_before_paying.DOOR, {"bill_run_id": run.bill_run_id}))
    assert check in results
    assert results[check].error is None


def test_all_small_tables_are_published_and_looked_at_by_some_check():
    looked_at = " ".join(relation.query for relation in lines_before_posting.DOOR.relations)
    assert {table for table in SMALL_TABLES if table not in looked_at} == {"fct_suspended_usage"}
