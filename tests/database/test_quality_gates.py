"""The three doors: each check passes on a clean month and fails on its own planted fault."""

import time
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

pytestmark = [pytest.mark.database, pytest.mark.slow]

LINES_FAULTS = [
    # account_outcomes
    ("every_account_in_scope_has_an_outcome", "delete from build.fct_account_outcomes where account_id = 'A4'"),
    ("every_account_in_scope_has_an_outcome", "update build.fct_account_outcomes set outcome = 'lost' where account_id = 'A4'"),
    ("no_account_outside_the_scope", "update build.fct_account_outcomes set account_id = 'B9' where account_id = 'A4'"),
    ("one_outcome_per_account", "insert into build.fct_account_outcomes select * from build.fct_account_outcomes"),
    ("billed_accounts_have_a_bill_and_others_none", "delete from build.fct_customer_bills where account_id = 'A1'"),
    ("billed_accounts_have_a_bill_and_others_none",
     "update build.fct_account_outcomes set outcome = 'nothing_to_bill' where account_id = 'A1'"),
    ("parked_accounts_have_a_reason", "update build.fct_account_outcomes set reason_code = ''"),
    # customer_bills
    ("currency_code_is_an_iso_code", "update build.fct_customer_bills set currency_code = 'pln' where account_id = 'A1'"),
    ("currency_code_is_an_iso_code", "alter table build.fct_customer_bills alter currency_code drop not null;"
     "update build.fct_customer_bills set currency_code = null where account_id = 'A1'"),
    ("every_currency_is_known", "update build.fct_customer_bills set currency_code = 'XXX' where account_id = 'A1'"),
    ("every_bill_has_a_line", "update build.fct_customer_bills set line_count = 0 where account_id = 'A1'"),
    ("line_count_is_that_of_its_lines", "update build.fct_customer_bills set line_count = 9 where account_id = 'A1'"),
    ("net_is_the_sum_of_its_lines", "update build.fct_customer_bills set net_minor = net_minor + 1 where account_id = 'A1'"),
    ("tax_bases_add_up_to_net", "update build.fct_bill_taxes set base_minor = base_minor + 1"),
    ("tax_is_the_sum_of_its_rates", "update build.fct_bill_taxes set tax_minor = tax_minor + 1"),
    ("tax_of_each_rate_is_rounded_once", "update build.fct_bill_taxes set tax_minor = tax_minor - 1"),
    ("gross_is_net_and_tax", "update build.fct_customer_bills set gross_minor = gross_minor + 1"),
    ("receivable_is_gross", "update build.fct_journal_lines set ledger_account = 'x' where ledger_account = 'customer_receivable'"),
    ("one_bill_per_account_and_supplier",
     "update build.fct_customer_bills set account_id = 'A1'"),
    ("issued_on_the_run_s_date_and_due_later", "update build.fct_customer_bills set issue_date = issue_date - 1"),
    ("issued_on_the_run_s_date_and_due_later", "update build.fct_customer_bills set due_date = '2026-10-01'"),
    ("customer_has_a_name_and_an_address", "update build.fct_customer_bills set customer = customer - 'name'"),
    ("customer_has_a_name_and_an_address",
     "update build.fct_customer_bills set customer = customer || '{\"address_lines\": []}'"),
    ("within_the_bound_per_customer", "update build.fct_customer_bills set gross_minor = 100000000001"),
    # applied_billing_rates
    ("price_currency_code_is_an_iso_code", "update build.fct_applied_billing_rates set price_currency_code = 'zl'"),
    ("charge_kind_is_known", "update build.fct_applied_billing_rates set charge_kind = 'gift' where price_id = 'calls'"),
    ("exact_amounts_are_finite", "update build.fct_applied_billing_rates set amount_exact = 'NaN' where price_id = 'calls'"),
    ("quantities_are_finite", "update build.fct_applied_billing_rates set billed_quantity = 'NaN'"),
    ("allowances_are_finite", "update build.fct_applied_billing_rates set allowance_quantity = 'NaN'"),
    ("part_of_the_period_is_a_part", "update build.fct_applied_billing_rates set period_factor = 1.5"),
    ("events_are_within_bounds", "update build.fct_applied_billing_rates set event_count = -1"),
    ("events_are_within_bounds", "update build.fct_applied_billing_rates set event_count = 50000001"),
    ("every_line_is_on_a_bill", "update build.fct_applied_billing_rates set legal_entity_id = 'x' where price_id = 'calls'"),
    ("line_is_in_the_bill_s_currency", "update build.fct_applied_billing_rates set currency_code = 'JPY' where account_id = 'A2'"),
    ("line_s_tax_category_is_taxed", "update build.fct_applied_billing_rates set tax_category = 'books'"),
    ("covers_some_time", "update build.fct_applied_billing_rates set covered_until = covered_from"),
    ("fx_rate_is_of_a_day_before_issue", "update build.fct_applied_billing_rates set fx_date = '2026-11-01' where account_id = 'A2'"),
    ("fx_rate_is_of_a_day_before_issue", "update build.fct_applied_billing_rates set fx_date = null where account_id = 'A2'"),
    ("fx_rate_is_of_a_day_before_issue", "update build.fct_applied_billing_rates set fx_rate = 1.1 where account_id = 'A1'"),
    ("rounded_once", "update build.fct_applied_billing_rates set amount_exact = amount_exact + 0.005 where price_id = 'calls'"),
    ("shares_add_up_to_the_line", "update build.fct_revenue_shares set amount_exact = amount_exact - 0.0000000000000001"
     " where item_id = 'kept'"),
    ("shares_add_up_to_the_line", "delete from build.fct_revenue_shares where item_id = 'own'"),
    # revenue_shares
    ("every_share_has_its_line", "update build.fct_revenue_shares set line_key = gen_random_uuid() where item_id = 'own'"),
    ("shares_are_finite", "update build.fct_revenue_shares set amount_exact = 'NaN', base_exact = 'NaN'"),
    ("shares_of_a_hop_add_up_to_its_base", "update build.fct_revenue_shares set amount_exact = amount_exact + 1"
     " where item_id = 'kept'"),
    ("shares_of_a_hop_add_up_to_its_base", "update build.fct_revenue_shares set base_exact = 1 where item_id = 'kept'"),
    ("base_is_the_line_or_what_the_payer_received",
     "update build.fct_revenue_shares set base_exact = base_exact + 1, amount_exact = amount_exact + 1 where item_id = 'own'"),
    ("base_is_the_line_or_what_the_payer_received",
     "insert into build.fct_revenue_shares select bill_run_id, line_key, 2, 9, null, null, 'next', 'x', 'streamly', 'studio',"
     " false, currency_code, tax_category, 1, 1 from build.fct_revenue_shares where item_id = 'content'"),
    # positions
    ("settlement_currency_code_is_an_iso_code", "update build.fct_positions set settlement_currency_code = 'e'"),
    ("positions_are_finite", "update build.fct_positions set amount_exact = 'NaN' where item_id = 'own'"),
    ("position_is_the_sum_of_its_shares", "update build.fct_positions set amount_exact = amount_exact + 1"),
    ("position_is_the_sum_of_its_shares", "delete from build.fct_positions where item_id = 'content'"),
    ("kept_means_payer_is_receiver", "update build.fct_positions set is_kept = not is_kept"),
    ("one_currency_is_settled_as_it_is", "update build.fct_positions set settlement_amount_minor = 1 where item_id = 'own'"),
    # currencies
    ("first_hop_positions_add_up_to_all_lines", "update build.fct_positions set amount_minor = amount_minor + 1 where item_id = 'own'"),
    # party_settlements
    ("settlement_is_the_sum_of_its_positions", "update build.fct_party_settlements set position_minor = 2101"),
    ("settlement_is_the_sum_of_its_positions", "delete from build.fct_party_settlements"),
    ("document_is_position_and_tax", "update build.fct_party_settlements set document_minor = 2101"),
    ("tax_is_rounded_once", "update build.fct_party_settlements set tax_minor = 1"),
    ("payment_is_document_less_withheld", "update build.fct_party_settlements set withheld_minor = 1"),
    ("operator_pays_what_it_owes", "update build.fct_party_settlements set is_paid_by_operator = false"),
    ("payable_is_the_payment", "delete from build.fct_journal_lines where ledger_account = 'partner_payable'"),
    # journal_lines
    ("every_transaction_sums_to_zero", "update build.fct_journal_lines set amount_minor = 1 where ledger_account = 'output_tax'"),
    ("every_transaction_has_its_document", "update build.fct_journal_lines set transaction_key = gen_random_uuid()"),
    # rated_usage
    ("every_rated_event_is_on_one_line", "update build.fct_applied_billing_rates set event_count = 3 where price_id = 'calls'"),
    ("every_rated_event_is_on_one_line", "delete from build.fct_rated_usage where line_number = 2"),
    ("every_rated_product_is_known", "update build.fct_rated_usage set product_number = 77 where line_number = 2"),
    # agreement_steps
    ("one_step_of_a_hop_takes_what_remains", "update catalog.agreement_steps set rule = 'percent' where item_id = 'kept'"),
    ("percentages_do_not_exceed_all", "update catalog.agreement_steps set percent = 101 where item_id = 'content'"),
    ("percentages_are_not_negative", "update catalog.agreement_steps set percent = -1 where item_id = 'content'"),
    ("no_step_builds_on_a_later_one", "update catalog.agreement_steps set basis_step_number = 2 where item_id = 'content'"),
    # reconciliation
    ("left_is_finite", "update build.fct_reconciliation set left_value = 'NaN', right_value = 'NaN'"),
    ("every_equation_holds", "update build.fct_reconciliation set left_value = 2"),
    ("every_equation_holds", "update build.fct_reconciliation set is_equal = false"),
    # floors
    ("account_outcomes_has_at_least_1_rows", "delete from build.fct_account_outcomes; delete from build.fct_customer_bills;"
     "delete from build.run_scope"),
    ("reconciliation_has_at_least_1_rows", "delete from build.fct_reconciliation"),
]  # fmt: skip

PAYOUT_FAULTS = [
    ("currency_code_is_an_iso_code", "update ledger.settlement_documents set currency_code = 'eu'"),
    ("posted_is_what_was_published", "update ledger.settlement_documents set receiver_party_id = 'thief'"),
    ("posted_is_what_was_published", "delete from ledger.posted_positions; delete from ledger.settlement_documents"),
    ("document_is_the_sum_of_its_positions", "delete from ledger.posted_positions"),
    ("document_is_the_sum_of_its_positions", "update ledger.posted_positions set currency_code = 'PLN'"),
    ("document_is_position_and_tax", "update ledger.settlement_documents set tax_minor = 1"),
    ("payment_is_document_less_withheld", "update ledger.settlement_documents set withheld_minor = 1"),
    ("operator_pays_what_it_owes", "update ledger.settlement_documents set payer_party_id = 'other'"),
    ("payable_is_the_payment", "update ledger.journal_lines set amount_minor = -1 where ledger_account = 'partner_payable'"),
    ("nobody_pays_itself", "update ledger.settlement_documents set receiver_party_id = payer_party_id"),
    ("payment_made_is_of_the_document",
     "insert into ledger.payments select 'P1', settlement_key, 'E1', payer_party_id, receiver_party_id, 'x', 'EUR', 2099,"
     " '2026-12-01', 'x' from ledger.settlement_documents"),
    ("numbers_have_no_gap", "update ledger.settlement_documents set number = 2"),
]  # fmt: skip

USAGE_FAULTS = [
    ("every_stored_row_belongs_to_a_loaded_file_of_the_batch", "update inbox.usage_rows set file_id = 99999 where line_number = 2"),
    ("rows_read_are_rows_accounted_for", "delete from inbox.usage_rows where line_number = 2"),
    ("accepted_rows_are_stored", "delete from inbox.usage_rows where line_number = 2"),
    ("accepted_rows_are_stored", "insert into inbox.usage_rows select * from inbox.usage_rows where line_number = 2"),
    ("duplicates_are_listed", "delete from inbox.row_dispositions where disposition = 'duplicate'"),
    ("conflicts_are_listed", "update inbox.row_dispositions set disposition = 'conflict' where disposition = 'duplicate'"),
    ("rejections_are_listed", "delete from inbox.row_dispositions where disposition = 'rejected'"),
    ("quantity_accepted_is_the_quantity_stored", "update inbox.usage_rows set quantity_units = 1 where line_number = 2"),
    ("every_row_not_accepted_has_a_reason", "update inbox.row_dispositions set reason_code = ''"),
    ("every_row_has_a_finite_time", "update inbox.usage_rows set event_at = 'infinity' where line_number = 2"),
    ("files_has_at_least_1_rows", "update inbox.files set feed_kind = 'population'; delete from inbox.usage_rows"),
]  # fmt: skip


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


def test_a_clean_month_passes_the_door_before_posting_in_seconds(connection, built):
    started = time.monotonic()
    outcome = gates.check_lines_before_posting(connection, built)
    assert outcome.failed_checks() == []
    assert outcome.passed and outcome.rows_checked > 0
    assert time.monotonic() - started < 5
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
        'update build.fct_customer_bills set gross_minor = 1, customer = \'{"name": "48600100200", "address_lines": []}\''
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
        for table in ("settlement_documents", "posted_positions", "journal_lines", "payments"):
            connection.execute(f"alter table ledger.{table} disable trigger user")
            for name, kind in connection.execute(
                "select conname, contype from pg_constraint where conrelid = %s::regclass and contype in ('c', 'f')",
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
        for table in ("settlement_documents", "posted_positions", "journal_lines", "payments"):
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
