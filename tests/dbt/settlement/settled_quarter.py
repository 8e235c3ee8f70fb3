"""October to December: bills, payments, losses and corrections, and the settlement runs that close each month.

Belongs here: the agreements and what happens, in order. Belongs elsewhere: what must come of it (the tests, and by hand
in docs/agreements/settlement-runs.md), how a ledger is made (``ledger_fixture``).
"""

from dataclasses import replace
from datetime import date

from tests.dbt.settlement.ledger_fixture import Ledger, Version

OCTOBER, NOVEMBER, DECEMBER, QUARTER = "2026-10-month", "2026-11-month", "2026-12-month", "2026-10-quarter"
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


def settle_until_december(ledger: Ledger) -> None:
    """Post the bills, take in the payments and corrections, close October, November and the quarter."""
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
