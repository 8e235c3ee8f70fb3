"""Settlement runs over posted bills: three months and a quarter, worked by hand in docs/agreements/settlement-runs.md.

Each partner gets 70 percent of lines of 1,000.00 unless said otherwise; bills carry 23 percent VAT, so one of 1,000.00
asks for 1,230.00.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
import pytest

from assets.documents.settlements import read_settlements, settlement_keys
from assets.publishing.refusal import Refusal
from assets.quality.settlements_before_posting import DOOR
from tests.dbt.ledger_fixture import Ledger, Version

pytestmark = [pytest.mark.database, pytest.mark.slow]

BILLED = Version("billed")
CONSUMED = Version("consumed", trigger="consumed")
QUARTERLY = Version("quarterly", cycle="quarter", items=(("fee", "10", None, "at_end", "100", True),))
PRO_RATA = Version("pro-rata", trigger="collected")
TAX_FIRST = Version("tax-first", trigger="collected", allocation="tax_first")
OLDEST = Version("oldest", trigger="collected", allocation="oldest_first")
OVERPAID = Version("overpaid", trigger="collected")
BY_ACCOUNT = Version("by-account", trigger="collected")
RETURNED = Version("returned", trigger="collected")
LOST = Version("lost")
LOST_BY_PARTNER = Version("lost-by-partner", bad_debt="p-lost-by-partner")
LOST_BY_OPERATOR = Version("lost-by-operator", bad_debt="operator")
GUARANTEED = Version("guaranteed", items=(("minimum_guarantee", "1200", "year", "at_end", "100", False),))
BY_MONTHS = Version("by-months", items=(("minimum_guarantee", "12000", "year", "each_period", "100", False),))
CAPPED = Version("capped", items=(("cap", "1500", "year", "at_end", "100", False),))
OPERATOR_BEARS = Version("operator-bears", trigger="collected", bad_debt="operator")
# 70 percent from the start; on 20 November it is agreed that it is 72 from October on.
BEFORE = Version("amended", effective_until=None)
AMENDED = (
    Version("amended", effective_until="2026-10-01"),
    Version("amended", "72", "2", effective_from="2026-10-01", known_from="2026-11-20"),
)
# Settled by bill runs; what their bills lose and their terms become afterwards comes with the month.
LOST_AFTER_BILL_RUN = Version("lost-after-bill-run", cycle="bill_run")
AMENDED_AFTER_BILL_RUN = (
    Version("amended-after-bill-run", cycle="bill_run"),
    Version(
        "amended-after-bill-run", "72", "2", cycle="bill_run", effective_from="2026-10-01", known_from="2026-11-20"
    ),
)
# A new version in mid-month: usage from the 16th on is a line of the whole month, shared under the second.
MID_MONTH = (
    Version("mid-month", effective_until="2026-10-16"),
    Version("mid-month", "72", "2", effective_from="2026-10-16"),
)
# Their partners live where no tax rule leads to, until one is written in November.
ABROAD = Version("abroad")
CORRECTED = Version("corrected")
# The tier that the year reaches counts for all of it: bills of October give 60 percent, those of November 70.
VOLUME = Version("volume", "60", tiers=(("0", "1500", "60"), ("1500", None, "70")))
GUARANTEED_ABROAD = Version("guaranteed-abroad", items=(("minimum_guarantee", "800", "month", "at_end", "100", False),))
TAX_RULE = """
    insert into catalog.tax_rules (book_id, supplier_country_code, receiver_country_code, receiver_status, tax_category,
        treatment, rate_percent, effective_from)
    select max(book_id), 'DE', 'PL', '*', 'standard', 'reverse_charge', 0, '2025-01-01' from catalog.book_versions
"""
ALL = (
    BILLED, CONSUMED, QUARTERLY, PRO_RATA, TAX_FIRST, OLDEST, OVERPAID, BY_ACCOUNT, RETURNED, LOST, LOST_BY_PARTNER,
    LOST_BY_OPERATOR, GUARANTEED, CAPPED, OPERATOR_BEARS, LOST_AFTER_BILL_RUN, ABROAD, GUARANTEED_ABROAD, CORRECTED,
    VOLUME, BY_MONTHS,
)  # fmt: skip

FAULTS = {
    "every_agreement_in_scope_has_an_outcome": "update settle.fct_account_outcomes set outcome = 'billed'",
    "no_agreement_outside_the_scope": "update settle.run_scope set account_id = 'x' || account_id",
    "one_outcome_per_agreement": """
        do $$ begin execute (
            select format('alter table settle.fct_account_outcomes drop constraint %I', conname) from pg_constraint
            where conrelid = 'settle.fct_account_outcomes'::regclass and contype = 'p'
        ); end $$;
        insert into settle.fct_account_outcomes select * from settle.fct_account_outcomes""",
    "settled_agreements_have_items_and_others_none": "update settle.fct_account_outcomes set outcome = 'settled'",
    "parked_agreements_settle_no_share": "update settle.fct_account_outcomes set outcome = 'parked', reason_code = 'x'",
    "parked_agreements_have_a_reason": "update settle.fct_account_outcomes set outcome = 'parked', reason_code = ''",
    "currency_code_is_an_iso_code": "update settle.fct_settled_shares set currency_code = 'pln'",
    "settlement_currency_code_is_an_iso_code": "update settle.fct_positions set settlement_currency_code = 'pln'",
    "portions_are_finite": "update settle.fct_settled_shares set amount_exact = 'NaN'",
    "portion_has_all_of_its_posted_shares": "update settle.fct_settled_shares set share_count = share_count - 1",
    "portion_is_the_sum_of_its_posted_shares": "update settle.fct_settled_shares set amount_exact = amount_exact + 1",
    "portion_was_not_settled_before": """
        insert into ledger.settled_shares
        select source_bill_run_id, agreement_id, month_from, currency_code, source_bill_run_id, 1, 1
        from settle.fct_settled_shares""",
    "portion_is_not_of_a_later_period": "update settle.fct_settled_shares set month_from = '2027-01-01'",
    "adjustments_are_finite": "update settle.fct_adjusted_shares set amount_exact = 'NaN'",
    "adjusted_share_has_its_posted_line": "update settle.fct_adjusted_shares set line_key = gen_random_uuid()",
    "collected_is_never_more_than_the_share": "update settle.fct_adjusted_shares set amount_exact = 2 * base_exact",
    "bad_debt_never_takes_back_more_than_the_share": "update settle.fct_adjusted_shares set amount_exact = base_exact",
    "corrections_never_take_back_more_than_the_share": """
        update settle.fct_adjusted_shares set reason = 'corrected', amount_exact = -2 * base_exact""",
    "back_dated_terms_leave_the_line_as_it_is": "update settle.fct_adjusted_shares set reason = 'back_dated'",
    "positions_are_finite": "update settle.fct_positions set amount_exact = 'NaN'",
    "kept_means_payer_is_receiver": "update settle.fct_positions set is_kept = not is_kept",
    "fx_rate_is_of_a_day_before_issue": "update settle.fct_positions set fx_rate = 2",
    "settlement_is_the_sum_of_its_positions": "delete from settle.fct_positions",
    "items_add_up_to_the_document_and_its_payment": "delete from settle.fct_settlement_items",
    "document_is_position_and_tax": "update settle.fct_party_settlements set tax_minor = tax_minor + 1",
    "tax_is_rounded_once": "update settle.fct_party_settlements set tax_minor = tax_minor + 1",
    "payment_is_document_less_withheld": "update settle.fct_party_settlements set withheld_minor = 1",
    "operator_pays_what_it_owes": "update settle.fct_party_settlements set is_paid_by_operator = false",
    "payable_is_the_payment": "delete from settle.fct_journal_lines",
    "every_transaction_sums_to_zero": "update settle.fct_journal_lines set amount_minor = 1",
    "every_transaction_has_its_document": "delete from settle.fct_party_settlements",
    "left_is_finite": "update settle.fct_reconciliation set left_value = 'NaN'",
    "every_equation_holds": "update settle.fct_reconciliation set left_value = left_value + 1",
}

SETTLED = """
    select bill_runs.period_id, items.agreement_id, sum(items.amount_minor)::bigint
    from ledger.settlement_items as items
    join ledger.settlement_documents using (settlement_key)
    join control.bill_runs using (bill_run_id)
    where items.stage = 'position' and bill_runs.lane = 'settle'
    group by 1, 2
"""


@pytest.fixture(scope="module")
def ledger(new_database: Callable[[], str], target_path: Path) -> Iterator[Ledger]:
    """October to December, closed month by month as the bills and payments come in, then the quarter."""
    ledger = Ledger(new_database(), target_path)
    first = (BEFORE, AMENDED_AFTER_BILL_RUN[0])
    ledger.prepare(*ALL, *MID_MONTH, *first)
    with ledger.connect() as connection:
        connection.execute("update inbox.parties set country_code = 'DE' where party_id like '%abroad'")
    whole = {version.agreement_id: [(version, 100000, "2026-10-01")] for version in (*ALL, MID_MONTH[1], *first)}
    whole["oldest"] = [(OLDEST, 30000, "2026-10-01"), (OLDEST, 70000, "2026-10-02")]
    whole["consumed"] += [(CONSUMED, 5000, "2026-09-20")]  # late usage of September, which nobody has closed
    numbers = dict(zip(whole, ledger.post_bills("2026-10-c01", *whole.values()), strict=True))
    ledger.settle("2026-10-month")

    ledger.load_book(*ALL, *MID_MONTH, *AMENDED, replace(AMENDED_AFTER_BILL_RUN[0], effective_until="2026-10-01"),
                     AMENDED_AFTER_BILL_RUN[1])  # fmt: skip
    with ledger.connect() as connection:
        connection.execute(TAX_RULE)
    # November's bills; the consumed agreement has late usage of October, which is closed.
    ledger.post_bills(
        "2026-11-c01", [(BILLED, 50000, "2026-11-01")], [(CONSUMED, 7000, "2026-10-31")],
        [(QUARTERLY, 20000, "2026-11-01")], [(GUARANTEED, 10000, "2026-11-01")], [(CAPPED, 120000, "2026-11-01")],
        [(AMENDED[1], 50000, "2026-11-01")], [(ABROAD, 10000, "2026-11-01")],
        [(replace(VOLUME, percent="70"), 100000, "2026-11-01")], [(BY_MONTHS, 500000, "2026-11-01")],
    )  # fmt: skip
    # A bill cycle that ends on 14 December: by bills it is December's, by consumption November's and December's.
    ledger.post_bills(
        "2026-11-c15", [(BILLED, 3000, "2026-11-15")], [(CONSUMED, 4000, "2026-11-15"), (CONSUMED, 6000, "2026-12-01")]
    )
    for agreement in ("pro-rata", "tax-first", "oldest", "returned"):
        ledger.receive(numbers[agreement], "2026-11-10", 41000)
    ledger.receive(numbers["overpaid"], "2026-11-10", 130000)
    ledger.receive(None, "2026-11-11", 61500, account="A-8")
    ledger.receive("WT/2026/999999", "2026-11-12", 777)
    for agreement in ("lost", "lost-by-partner", "lost-by-operator", "operator-bears", "lost-after-bill-run"):
        ledger.receive(numbers[agreement], "2026-11-20", 61500, kind="write_off")
    # Three credit notes and a debit note on lines of 1,000; one is nobody's but its maker's, one is of no line.
    ledger.correct("c1", "corrected", "2026-11-15", 10000)
    ledger.correct("c2", "corrected", "2026-12-15", -2500)
    ledger.correct("c3", "lost-after-bill-run", "2026-11-16", 10000)
    ledger.correct("c4", "billed", "2026-11-17", 5000, approved_by=" ANA")
    ledger.correct("c5", "billed", "2026-11-17", 100001)
    ledger.correct("c6", None, "2026-11-17", 100)
    ledger.settle("2026-11-month")
    # What October had parked and its items keep in order: October's supplement, then November's.
    ledger.settle("2026-10-month", issue_date=date(2026, 12, 1))
    ledger.settle("2026-11-month")

    ledger.receive(numbers["pro-rata"], "2026-12-05", 82000)
    ledger.receive(numbers["returned"], "2026-12-05", 41000, kind="reversal")
    ledger.receive(numbers["lost"], "2026-12-06", 30750, kind="recovery")
    ledger.settle("2026-10-quarter")
    draft = ledger.settle("2026-12-month", close=False)
    ledger.found = {name: ledger.failing_rules(draft, fault) for name, fault in {"none": "select 1", **FAULTS}.items()}
    ledger.close(draft)
    yield ledger


@pytest.fixture(scope="module")
def settled(ledger: Ledger) -> dict[tuple[str, str], int]:
    """What each agreement's partner got in each settlement period, in minor units, before tax."""
    with ledger.connect() as connection:
        return {(period, agreement): amount for period, agreement, amount in connection.execute(SETTLED)}


OCTOBER, NOVEMBER, DECEMBER, QUARTER = "2026-10-month", "2026-11-month", "2026-12-month", "2026-10-quarter"


@pytest.mark.parametrize(
    ("agreement", "expected"),
    [
        # 70 % of 1,000; of 500; of the 30 whose billing period ends in December.
        ("billed", {OCTOBER: 70000, NOVEMBER: 35000, DECEMBER: 2100}),
        # 70 % of 1,000 + 50; of 70 late + 40; of 60.
        ("consumed", {OCTOBER: 73500, NOVEMBER: 7700, DECEMBER: 4200}),
        # 70 % of 1,000 and of 200, less a fee of 10 for each of three months.
        ("quarterly", {QUARTER: 84000 - 3000}),
        # 410 of 1,230 is a third: 233.33; the rest of 700 comes with the rest of the money.
        ("pro-rata", {NOVEMBER: 23333, DECEMBER: 46667}),
        # 410 pays 230 of tax and 180 of 1,000: 126.00.
        ("tax-first", {NOVEMBER: 12600}),
        # 410 without tax is 333.33: the line of 300 whole, 33.33 of the other: 210 + 23.331.
        ("oldest", {NOVEMBER: 23333}),
        ("overpaid", {NOVEMBER: 70000}),
        # Half of the bill by a payment that names the account only.
        ("by-account", {NOVEMBER: 35000}),
        ("returned", {NOVEMBER: 23333, DECEMBER: -23333}),
        # Half is written off: 350 come back; a quarter is recovered: 175 again.
        ("lost", {OCTOBER: 70000, NOVEMBER: -35000, DECEMBER: 17500}),
        # The partner bears the whole loss of 500.
        ("lost-by-partner", {OCTOBER: 70000, NOVEMBER: -50000}),
        ("lost-by-operator", {OCTOBER: 70000}),
        # Nothing was paid, but the operator bears that half is lost: the partner is paid that half.
        ("operator-bears", {NOVEMBER: 35000}),
        # 700 + 70 of the 1,200 guaranteed a year: 430 in December.
        ("guaranteed", {OCTOBER: 70000, NOVEMBER: 7000, DECEMBER: 43000}),
        # Ten twelfths of 12,000: 700 + 9,300. Then 4,200 of 11,000 are earned: 2,500 come back. 12,000 in all.
        ("by-months", {OCTOBER: 1000000, NOVEMBER: 350000 - 250000, DECEMBER: 100000}),
        # 700 + 840 are 40 more than the cap of a year.
        ("capped", {OCTOBER: 70000, NOVEMBER: 80000}),
        # 60 % of 1,000; 70 % of the next 1,000 and 10 % more of the first; nothing more in December.
        ("volume", {OCTOBER: 60000, NOVEMBER: 70000 + 10000}),
        # Nothing in October, without a tax rule; then what is due of both months.
        ("abroad", {NOVEMBER: 70000 + 7000}),
        # 700 and 100 up to the guarantee of October; all of November's; and December's.
        ("guaranteed-abroad", {OCTOBER: 80000, NOVEMBER: 80000, DECEMBER: 80000}),
        # A bill run settled the 700; half of the bill is lost afterwards, and a credit note of 100 takes back 70.
        ("lost-after-bill-run", {NOVEMBER: -35000 - 7000}),
        # 100 of the line are credited in November, 25 charged again in December.
        ("corrected", {OCTOBER: 70000, NOVEMBER: -7000, DECEMBER: 1750}),
        ("amended-after-bill-run", {NOVEMBER: 2000}),
        # It once was taken for a line of the first version, and amended although nothing had been.
        ("mid-month", {OCTOBER: 72000}),
        # +2 % of October's 1,000, and 72 % of November's 500.
        ("amended", {OCTOBER: 70000, NOVEMBER: 2000 + 36000}),
    ],
)  # fmt: skip
def test_each_period_settles_what_its_trigger_puts_there(settled, agreement, expected):
    assert {period: amount for (period, name), amount in settled.items() if name == agreement} == expected


def test_every_posted_share_is_in_one_period_or_still_open_and_none_in_two(ledger):
    with ledger.connect() as connection:
        twice = connection.execute(
            """select line_key, step_number, count(*) from ledger.shares_by_settlement
               where reason is null group by 1, 2 having count(*) > 1"""
        ).fetchall()
        open_now = connection.execute(
            """select shares.agreement_id, shares.item_id
               from published.fct_revenue_shares as shares
               join catalog.agreements using (agreement_version_id)
               left join ledger.shares_by_settlement as settled
                   on shares.bill_run_id = settled.source_bill_run_id and shares.line_key = settled.line_key
                   and shares.step_number = settled.step_number and settled.reason is null
               where settled.line_key is null and agreements.settlement_trigger <> 'collected'
                   and agreements.settlement_cycle <> 'bill_run'"""
        ).fetchall()
        total, settled = connection.execute(
            """select (select sum(amount_exact) from published.fct_revenue_shares join catalog.agreements
                           using (agreement_version_id)
                        where settlement_trigger <> 'collected' and settlement_cycle <> 'bill_run'),
                   (select sum(amount_exact) from ledger.shares_by_settlement where reason is null)"""
        ).fetchone()
    assert twice == []
    assert open_now == []
    assert total == settled


def test_partial_payments_add_up_to_the_share_to_its_last_digit(ledger):
    with ledger.connect() as connection:
        rows = connection.execute(
            """select adjusted.agreement_id, count(*), sum(adjusted.amount_exact) = max(shares.amount_exact)
               from published.fct_adjusted_shares as adjusted
               join published.fct_revenue_shares as shares
                   on adjusted.source_bill_run_id = shares.bill_run_id and adjusted.line_key = shares.line_key
                   and adjusted.step_number = shares.step_number
               where adjusted.reason = 'collected' and adjusted.agreement_id in ('pro-rata', 'overpaid')
                   and adjusted.item_id = 'content'
               group by 1 order by 1"""
        ).fetchall()
    assert rows == [("overpaid", 1, True), ("pro-rata", 2, True)]


def test_money_on_no_bill_stays_visible(ledger):
    with ledger.connect() as connection:
        rows = connection.execute(
            "select reason, paid_for, amount_minor from settle.int_payments_left_over order by 1"
        ).fetchall()
    assert rows == [("beyond_the_bill", "WT/2026/000007", 7000), ("unknown_bill", "WT/2026/999999", 777)]


def test_the_journal_sums_to_zero_in_every_run_and_over_all(ledger):
    with ledger.connect() as connection:
        rows = connection.execute(
            """select bill_run_id, currency_code, sum(amount_minor) from ledger.journal_lines
               group by rollup (bill_run_id), currency_code having sum(amount_minor) <> 0"""
        ).fetchall()
        assert connection.execute("select count(*) from ledger.journal_lines").fetchone()[0] > 20
    assert rows == []


def test_what_is_parked_is_kept_with_its_reason_until_its_own_period_is_settled(ledger):
    """Only the partners abroad wait; a guarantee of October is October's, so November waits for it."""
    with ledger.connect() as connection:
        rows = connection.execute(
            """select bill_runs.period_id, bill_runs.sequence, substring(account_id from 12), reason_code
               from published.fct_account_outcomes join control.bill_runs using (bill_run_id)
               where lane = 'settle' and outcome = 'parked' order by 1, 2, 3"""
        ).fetchall()
        still = connection.execute("select count(*) from control.parked_agreements").fetchone()
        (detail,) = connection.execute(
            "select distinct detail from published.fct_account_outcomes where reason_code = 'parked_before'"
        ).fetchone()
    assert rows == [
        (OCTOBER, 0, "abroad", "no_tax_rule"), (OCTOBER, 0, "guaranteed-abroad", "no_tax_rule"),
        (NOVEMBER, 0, "guaranteed-abroad", "parked_before"),
    ]  # fmt: skip
    assert still == (0,)
    assert "is parked in 2026-10-month and its items are due period by period; settle that period first" in detail


def test_a_correction_that_does_not_count_is_kept_with_its_reason(ledger):
    with ledger.connect() as connection:
        states = dict(connection.execute("select correction_id, state from ledger.line_corrections").fetchall())
    assert states == {
        "c1": "applied", "c2": "applied", "c3": "applied", "c4": "not_approved", "c5": "beyond_the_line",
        "c6": "unknown_line",
    }  # fmt: skip


def test_a_closed_period_stays_closed_and_an_earlier_one_cannot_be_opened(ledger):
    with pytest.raises(Refusal) as refused:
        ledger.settle("2026-09-month")
    assert refused.value.code == "closed_later"
    assert ledger.settle("2026-10-month").nothing_to_do
    with ledger.connect() as connection:
        states = dict(connection.execute("select period_id, state from control.settlement_periods").fetchall())
        with pytest.raises(psycopg.errors.RestrictViolation):
            connection.execute("delete from ledger.settled_shares")
    assert states == {OCTOBER: "closed", NOVEMBER: "closed", DECEMBER: "closed", QUARTER: "closed"}


def test_a_quarterly_settlement_waits_for_payments_feed_only_when_an_agreement_needs_one(ledger):
    with ledger.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute("update inbox.files set feed = 'parties'")
        from assets.publishing.settlement_opening import open_settlement_run

        connection.execute("update control.leases set token = 99 where lane = 'settle'")
        with pytest.raises(Refusal) as refused:
            open_settlement_run(connection, period_id="2027-01-month", token=99, code_version="test")
    assert refused.value.code == "no_payments_feed"


def test_terms_known_later_move_money_between_the_parties_of_posted_lines_only(ledger):
    with ledger.connect() as connection:
        rows = connection.execute(
            """select adjusted.agreement_id, adjusted.item_id, adjusted.amount_exact, lines.amount_minor,
                   sources.period_id, agreements.version
               from published.fct_adjusted_shares as adjusted
               join ledger.posted_lines as lines using (line_key)
               join control.bill_runs as sources on adjusted.source_bill_run_id = sources.bill_run_id
               join catalog.agreements using (agreement_version_id)
               where adjusted.reason = 'back_dated' order by 1, 2"""
        ).fetchall()
    assert rows == [
        (agreement, item, amount, 100000, "2026-10-c01", "2")
        for agreement in ("amended", "amended-after-bill-run")
        for item, amount in (("content", 2000), ("kept", -2000))
    ] + [
        ("volume", item, amount, 100000, "2026-10-c01", "1") for item, amount in (("content", 10000), ("kept", -10000))
    ]


def test_every_check_of_the_door_finds_its_fault_and_a_clean_run_passes(ledger):
    names = {check.name for relation in DOOR.relations for check in relation.checks}
    assert names == set(FAULTS)
    assert ledger.found["none"] == set()
    assert {name for name in FAULTS if name not in ledger.found[name]} == set()


def test_every_statement_of_a_settlement_run_can_be_read_with_the_lines_behind_it(ledger):
    with ledger.connect() as connection:
        built: dict[str, list] = {}
        for run_id, period_id in connection.execute(
            "select bill_run_id, period_id from control.bill_runs where lane = 'settle' order by 1"
        ).fetchall():
            keys = [key for key, _ in settlement_keys(connection, run_id)]
            built.setdefault(period_id, []).extend(read.build() for read in read_settlements(connection, run_id, keys))
    assert {period: len(documents) for period, documents in built.items()} == {
        OCTOBER: 12 + 1, NOVEMBER: 20 + 1, DECEMBER: 9, QUARTER: 1,
    }  # fmt: skip
