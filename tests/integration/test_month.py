"""The example month from nothing to documents, once, and again: what a stranger sees after ``make run``."""

import json
from decimal import Decimal

import pytest

from tests.pipeline import PERIOD, Pipeline

pytestmark = [pytest.mark.database, pytest.mark.slow]


@pytest.fixture(scope="module")
def month(new_pipeline) -> tuple[Pipeline, str]:
    pipeline = new_pipeline()
    return pipeline, pipeline.run("run-month", "--events", "6000")


def test_every_planted_row_is_accounted_for_as_it_was_generated(month):
    pipeline, _ = month
    expected = json.loads((pipeline.inbox / ".expected.json").read_text())["usage"]["total"]
    found = pipeline.query(
        "select sum(rows_read), sum(rows_accepted), sum(rows_duplicate), sum(rows_conflict), sum(rows_rejected)"
        " from inbox.file_accounts where feed_kind = 'usage'"
    )[0]
    assert [int(value) for value in found] == [
        expected[name] for name in ("read", "accepted", "duplicate", "conflict", "rejected")
    ]
    assert min(expected[name] for name in ("duplicate", "conflict", "rejected")) > 0


def test_every_account_ends_billed_parked_or_with_nothing_to_bill(month):
    pipeline, _ = month
    accounts = pipeline.value("select count(distinct account_id) from inbox.billing_accounts")
    assert accounts >= 300
    # Agreements that are billed or settled are in scope too, under names of their own.
    outcomes = "select count(*) from published.fct_account_outcomes where account_id !~ '^(agreement|settlement):'"
    assert pipeline.value(outcomes) == accounts


def test_bills_are_in_five_languages_and_five_currencies_one_without_cents(month):
    pipeline, _ = month
    languages = {row[0] for row in pipeline.query("select distinct language_code from ledger.customer_bills")}
    currencies = {row[0] for row in pipeline.query("select distinct currency_code from ledger.customer_bills")}
    assert languages == {"pl", "en", "de", "uk", "ar"}
    assert len(currencies) == 5
    assert "JPY" in currencies


def test_shares_and_the_operators_part_are_the_charge_of_every_line_exactly(month):
    pipeline, _ = month
    assert pipeline.value("select count(*) from published.fct_applied_billing_rates") > 300
    wrong = pipeline.value(
        """
        select count(*) from published.fct_applied_billing_rates as lines
        left join (
            select bill_run_id, line_key, sum(amount_exact) as shared_exact
            from published.fct_revenue_shares where hop_number <= 1 group by 1, 2
        ) as shares using (bill_run_id, line_key)
        where shares.shared_exact is distinct from lines.amount_minor::numeric
        """
    )
    assert wrong == 0


def test_a_chain_of_three_resellers_passes_on_exactly_what_it_received(month):
    pipeline, _ = month
    assert pipeline.value("select max(hop_number) from published.fct_revenue_shares") == 3
    wrong = pipeline.value(
        """
        select count(*) from (
            select line_key, hop_number, min(base_exact) as base_exact, sum(amount_exact) as given_exact
            from published.fct_revenue_shares group by 1, 2
        ) as hops where base_exact <> given_exact
        """
    )
    assert wrong == 0


def test_bills_documents_payments_and_journal_add_up(month):
    pipeline, _ = month
    assert (
        pipeline.value(
            """
        select count(*) from ledger.customer_bills as bills
        where gross_minor <> net_minor + tax_minor
           or net_minor <> (select sum(amount_minor) from ledger.posted_lines where bill_key = bills.bill_key)
        """
        )
        == 0
    )
    assert (
        pipeline.value(
            """
        select count(*) from ledger.settlement_documents as documents
        where position_minor <> (select sum(amount_minor) from ledger.settlement_items
                                 where settlement_key = documents.settlement_key and stage = 'position')
           or (select coalesce(sum(settlement_amount_minor), 0) from ledger.posted_positions
               where settlement_key = documents.settlement_key)
              <> (select coalesce(sum(amount_minor), 0) from ledger.settlement_items
                  where settlement_key = documents.settlement_key and item_kind in ('share', 'usage'))
           or document_minor <> position_minor + tax_minor
           or payment_minor <> document_minor - withheld_minor - retained_minor
        """
        )
        == 0
    )
    assert pipeline.value("select count(*) from ledger.payments") >= 6
    assert (
        pipeline.query(
            "select transaction_key, currency_code from ledger.journal_lines"
            " group by 1, 2 having sum(amount_minor) <> 0"
        )
        == []
    )


def test_an_agreement_with_a_calendar_of_its_own_is_settled_by_its_period_from_the_posted_shares(month):
    pipeline, _ = month
    assert pipeline.query("select period_id, state from control.settlement_periods") == [("2026-10-month", "paid")]
    assert pipeline.query(
        "select distinct agreement_id from ledger.settled_shares where bill_run_id <> source_bill_run_id"
    ) == [("textwave-hub",)]
    unsettled = pipeline.value(
        """select count(*) from published.fct_revenue_shares as shares
           left join ledger.shares_by_settlement as settled
               on shares.bill_run_id = settled.source_bill_run_id and shares.line_key = settled.line_key
               and shares.step_number = settled.step_number
           where shares.agreement_id is not null and settled.line_key is null"""
    )
    assert unsettled == 0
    assert list((pipeline.home / "documents" / "2026-10-month" / "settlements").rglob("*.pdf"))


def test_every_reconciliation_check_holds_and_looked_at_rows(month):
    pipeline, _ = month
    checks = pipeline.query("select check_name, is_equal, rows_looked_at from published.fct_reconciliation")
    assert len(checks) >= 10
    assert all(is_equal for _, is_equal, _ in checks)
    # No customer of the example has paid yet, and one period's settlement has nothing else to say of payments.
    assert {name for name, _, rows in checks if rows == 0} == {"payments_are_allocated_or_left_over"}


def test_bill_numbers_have_no_gap(month):
    pipeline, _ = month
    assert (
        pipeline.query(
            "select series_id from ledger.customer_bills group by 1 having min(number) <> 1 or max(number) <> count(*)"
        )
        == []
    )


def test_each_posted_bill_and_settlement_has_its_pdf_and_html(month):
    pipeline, _ = month
    folder = pipeline.home / "documents" / PERIOD
    bills = pipeline.value("select count(*) from ledger.customer_bills")
    settlements = pipeline.value("select count(*) from ledger.settlement_documents where period_id like '%-c01'")
    assert len(list((folder / "bills").rglob("*.pdf"))) == bills
    assert len(list((folder / "bills").rglob("*.html"))) == bills
    assert len(list((folder / "settlements").rglob("*.pdf"))) == settlements
    reconciliation = json.loads((folder / "reconciliation.json").read_text())
    assert reconciliation["checks"]


def test_the_same_command_again_changes_nothing_and_says_so(month):
    pipeline, _ = month
    before = pipeline.output_digest()
    output = pipeline.run("run-month", "--events", "6000")
    assert "Nothing changed" in output
    assert pipeline.output_digest() == before


def test_calls_in_both_directions_are_two_documents_and_one_payment(month):
    """Interconnect end to end: usage of the trunks, a statement each way, netted, one transfer of what is left."""
    pipeline, _ = month
    documents = dict(
        pipeline.query(
            "select payer_party_id, payment_minor from ledger.settlement_documents"
            " where 'telnova' in (payer_party_id, receiver_party_id)"
        )
    )
    assert documents.keys() == {"wisla-telekom", "telnova"}
    assert documents["wisla-telekom"] > documents["telnova"] > 0
    payments = pipeline.query(
        "select payment_id, amount_minor from ledger.payments where receiver_party_id = 'telnova'"
    )
    assert [amount for _, amount in payments] == [documents["wisla-telekom"] - documents["telnova"]]
    cleared = pipeline.query("select cleared_minor from ledger.payment_clearings where payment_id = %s", payments[0][0])
    assert sorted(minor for (minor,) in cleared) == [documents["telnova"], documents["wisla-telekom"]]


def test_roaming_charges_in_sdr_are_owed_in_euro_at_the_operators_own_rate(month):
    pipeline, _ = month
    stated = json.loads((pipeline.inbox / "taken" / "CDCHEHCPLWIS00001.csv.manifest.json").read_text())["totals"][
        "charge"
    ]
    found = pipeline.query(
        "select currency_code, amount_exact, fx_source, fx_date::text, fx_rate::text, settlement_currency_code,"
        " settlement_amount_minor from published.fct_positions where receiver_party_id = 'helvecom'"
    )
    charged = Decimal(stated) * 100
    assert found == [
        ("XDR", charged, "treasury", "2026-10-30", "1.1710000000", "EUR", round(charged * Decimal("1.171")))
    ]


def test_the_month_that_follows_posted_bills_and_settlements_is_rated_and_leaves_them_alone(month):
    pipeline, _ = month
    posted = "select bill_run_id, state, output_digest from control.bill_runs where state = 'posted' order by 1"
    before = pipeline.query(posted)
    assert {row[0] for row in pipeline.query("select lane from control.bill_runs")} >= {"build", "settle"}
    output = pipeline.run("running", "2026-11-c01")
    assert "Unbilled usage and fees" in output and "PLN" in output
    assert pipeline.query(posted) == before
