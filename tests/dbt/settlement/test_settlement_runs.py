"""Settlement runs over posted bills: three months and a quarter, worked by hand in docs/agreements/settlement-runs.md.

Each partner gets 70 percent of lines of 1,000.00 unless said otherwise; bills carry 23 percent VAT, so one of 1,000.00
asks for 1,230.00.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from assets.documents.exports import export_period
from assets.documents.settlements import read_settlements, settlement_keys
from assets.publishing.refusal import Refusal
from assets.quality.settlements_before_posting import DOOR
from tests.dbt.settlement.ledger_fixture import Ledger
from tests.dbt.settlement.settled_quarter import DECEMBER, NOVEMBER, OCTOBER, QUARTER, settle_until_december
from tests.dbt.settlement.settlement_run_faults import FAULTS

pytestmark = [pytest.mark.database, pytest.mark.slow]

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
    """The quarter, closed month by month; every fault is planted in the draft of December, which is closed last."""
    ledger = Ledger(new_database(), target_path)
    settle_until_december(ledger)
    draft = ledger.settle(DECEMBER, close=False)
    ledger.found = {name: ledger.failing_rules(draft, fault) for name, fault in {"none": "select 1", **FAULTS}.items()}
    ledger.close(draft)
    yield ledger


@pytest.fixture(scope="module")
def settled(ledger: Ledger) -> dict[tuple[str, str], int]:
    """What each agreement's partner got in each settlement period, in minor units, before tax."""
    with ledger.connect() as connection:
        return {(period, agreement): amount for period, agreement, amount in connection.execute(SETTLED)}


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


def test_a_closed_settlement_period_is_exported_with_all_that_its_documents_are_made_of(ledger, tmp_path):
    with ledger.connect() as connection:
        written = export_period(connection, NOVEMBER, tmp_path, lane="settle")
        with pytest.raises(Refusal, match="apportion settle --close 2027-01-month"):
            export_period(connection, "2027-01-month", tmp_path / "other", lane="settle")
    assert set(written.row_counts) == {"settled_shares", "positions", "settlements", "settlement_items"}
    rows = {
        name: list(csv.DictReader((tmp_path / "csv" / f"{name}.csv").read_text().splitlines()))
        for name in written.row_counts
    }
    assert {name: len(found) for name, found in rows.items()} == written.row_counts
    assert written.row_counts["settlements"] == 20 + 1
    # A document's stages add up to its amounts.
    items: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows["settlement_items"]:
        items[row["document_number"], row["stage"]] += Decimal(row["amount"])
    for row in rows["settlements"]:
        position = items[row["document_number"], "position"]
        assert position == Decimal(row["position_amount"])
        assert position + items[row["document_number"], "document"] == Decimal(row["document_amount"])
    # The exact shares of the period are those of its positions, those with a reason among them.
    assert {row["adjusted_because"] for row in rows["settled_shares"]} >= {"", "collected", "bad_debt", "corrected"}
    kept = sum(Decimal(row["share_exact_amount"]) for row in rows["settled_shares"] if row["is_kept"] == "false")
    assert kept == sum(Decimal(row["exact_amount"]) for row in rows["positions"] if row["is_kept"] == "false")
    page = (tmp_path / "index.html").read_text()
    assert "Everything adds up" in page
    assert page.count("<bdi>") == len(rows["settlements"])
    assert "Bills" not in page
    assert "nothing to settle" in page


def test_a_document_below_zero_cites_the_documents_it_corrects(ledger):
    with ledger.connect() as connection:
        cited = connection.execute(
            """select split_part(documents.receiver_party_id, 'p-', 2), runs.period_id, corrected_runs.period_id
               from ledger.settlement_documents as documents
               join control.bill_runs as runs using (bill_run_id)
               left join ledger.corrected_documents(array(select settlement_key from ledger.settlement_documents))
                   as corrected_documents using (settlement_key)
               left join ledger.settlement_documents as corrected
                   on corrected_documents.corrected_settlement_key = corrected.settlement_key
               left join control.bill_runs as corrected_runs on corrected.bill_run_id = corrected_runs.bill_run_id
               where documents.document_minor < 0 order by 1"""
        ).fetchall()
        run_id, key = connection.execute(
            "select bill_run_id, settlement_key from ledger.settlement_documents where receiver_party_id = 'p-returned'"
            " and document_minor < 0"
        ).fetchone()
        (printed,) = [read.build() for read in read_settlements(connection, run_id, [key])]
    assert cited == [
        ("corrected", NOVEMBER, OCTOBER),
        ("lost", NOVEMBER, OCTOBER),
        # The bill run that settled it made no document here.
        ("lost-after-bill-run", NOVEMBER, None),
        ("lost-by-partner", NOVEMBER, OCTOBER),
        # The payment that is returned was settled in November.
        ("returned", DECEMBER, NOVEMBER),
    ]
    assert [document.issue_date for document in printed.corrects] == [date(2026, 12, 1)]
