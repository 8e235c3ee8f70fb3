"""What a payment clears: claims set off, small amounts that wait, parties that are flagged; and the journal of it.

Belongs here: which claims are paid together and which not, to the minor unit.
Belongs elsewhere: one document, one payment (``test_payments``), files and answers (``test_payment_release``).

The posted month: Streamly gets EUR 21.00.
"""

import os
import signal
import subprocess
import sys
import threading
from datetime import date

import psycopg
import pytest

from assets.payments.due import claims_to_watch, open_claims
from assets.payments.netting import decide_netting, nettings
from assets.payments.rate_differences import adjust_rate_differences
from assets.publishing.refusal import Refusal
from orchestration.paths import PROJECT_ROOT
from tests.database import mini_run
from tests.database.mini_run import OPERATOR, STREAMLY, TOKEN
from tests.database.settled_month import document, propose, reasons, terms
from tests.database.test_payments import PAY_IN_A_PROCESS, post_month

pytestmark = pytest.mark.database

FLAG = (
    "insert into inbox.party_flags select 'streamly', '{flag}', '2026-11-01', {until}, 'court', 'eva', file_id, 1 "
    "from inbox.files limit 1"
)


@pytest.fixture
def posted(connection: psycopg.Connection) -> tuple[psycopg.Connection, int]:
    """The posted month and its run; rolled back after the test."""
    mini_run.prepare(connection)
    return connection, post_month(connection).bill_run_id


def balances(connection: psycopg.Connection) -> dict[str, int]:
    """What is booked per account, and a check that each transaction is zero per currency."""
    unbalanced = connection.execute(
        "select 1 from ledger.journal_lines group by transaction_key, currency_code having sum(amount_minor) <> 0"
    ).fetchall()
    assert unbalanced == []
    return dict(
        connection.execute(
            """select ledger_account, sum(amount_minor)::bigint from ledger.journal_lines
               where bill_run_id is null group by ledger_account order by 1"""
        ).fetchall()
    )


def test_what_the_partner_owes_is_set_off_the_oldest_first_and_the_last_in_part(posted):
    """21.00 owed to Streamly; it owes 4.00 (a credit) and 20.00 (an invoice for terminating calls): 0 is paid, 3.00
    stay owed."""
    connection, run_id = posted
    terms(connection, is_netting_allowed=True)
    document(connection, "CREDIT", -400, due=date(2026, 10, 20))
    document(connection, "CALLS", 2000, payer=STREAMLY, receiver=OPERATOR)
    result = propose(connection, run_id)
    (payment,) = result.payments
    assert (payment.amount_minor, result.files) == (0, ())
    assert sorted((clearing.document_number, clearing.cleared_minor) for clearing in payment.clearings) == [
        ("CALLS", 1700), ("CREDIT", -400), (payment.document_number, 2100),
    ]  # fmt: skip
    # Nothing is transferred, and all the same nobody sets off by himself.
    assert balances(connection) == {}
    with pytest.raises(Refusal) as refusal:
        decide_netting(connection, payment.payment_id, approve=True, decided_by="ANA ")
    assert refusal.value.code == "own_file"
    assert [row["documents"] for row in nettings(connection, only_waiting=True)] == [
        f"CREDIT, CALLS, {payment.document_number}"
    ]
    decide_netting(connection, payment.payment_id, approve=True, decided_by="boris")
    with pytest.raises(Refusal) as refusal:
        decide_netting(connection, payment.payment_id, approve=False, decided_by="eva")
    assert refusal.value.code == "decided_before"
    assert nettings(connection, only_waiting=True) == []
    assert balances(connection) == {"partner_payable": 1700, "partner_receivable": -1700}
    assert propose(connection, run_id).already_paid == 1
    open_claims = connection.execute(
        """select document_number, open_minor from ledger.claims('2026-11-25')
           join ledger.settlement_documents using (settlement_key) where open_minor <> 0"""
    ).fetchall()
    assert open_claims == [("CALLS", 300)]


def test_a_declined_set_off_opens_its_claims_again(posted):
    connection, run_id = posted
    terms(connection, is_netting_allowed=True)
    document(connection, "CALLS", 2500, payer=STREAMLY, receiver=OPERATOR)
    (payment,) = propose(connection, run_id).payments
    decide_netting(connection, payment.payment_id, approve=False, decided_by="boris", detail="the invoice is wrong")
    assert balances(connection) == {}
    (again,) = propose(connection, run_id).payments
    assert (again.amount_minor, again.payment_id != payment.payment_id) == (0, True)


def test_set_off_in_part_the_rest_is_transferred_and_declining_opens_all_of_it_again(posted):
    from assets.payments.release import decide

    connection, run_id = posted
    terms(connection, is_netting_allowed=True)
    document(connection, "CALLS", 500, payer=STREAMLY, receiver=OPERATOR)
    result = propose(connection, run_id)
    assert [payment.amount_minor for payment in result.payments] == [1600]
    assert result.payments[0].remittance_text.endswith(", CALLS")
    (file,) = result.files
    decide(connection, file.message_id, approve=False, decided_by="boris", content_sha256=file.content_sha256)
    again = propose(connection, run_id)
    assert [payment.amount_minor for payment in again.payments] == [1600]
    assert again.payments[0].payment_id != result.payments[0].payment_id
    (file,) = again.files
    decide(connection, file.message_id, approve=True, decided_by="boris", content_sha256=file.content_sha256)
    assert balances(connection) == {"bank_clearing": -1600, "partner_payable": 2100, "partner_receivable": -500}


@pytest.mark.parametrize(
    ("change", "amount"),
    [
        ("update ledger.settlement_documents set due_date = '2026-12-31' where document_number = 'CALLS'", 2100),
        ("update ledger.settlement_documents set currency_code = 'PLN' where document_number = 'CALLS'", 2100),
        ("update catalog.agreements set is_netting_allowed = false", 2100),
        (FLAG.format(flag="insolvency", until="null"), 2100),
        (FLAG.format(flag="seizure", until="null"), None),
        (FLAG.format(flag="seizure", until="'2026-11-25'"), 1600),
        ("insert into ledger.disputes select 'D1', settlement_key, 'streamly-content', payer_party_id, "
         "receiver_party_id, currency_code, null, -1, 0, '2026-11-05', '2027-01-01', '{}', 'eva' "
         "from ledger.settlement_documents where document_number = 'CALLS'", 2100),
    ],
    ids=["not due", "another currency", "not agreed", "insolvent", "seized", "seizure over", "disputed"],
)  # fmt: skip
def test_only_mutual_due_undisputed_claims_of_one_currency_are_set_off(posted, change, amount):
    connection, run_id = posted
    terms(connection, is_netting_allowed=True)
    document(connection, "CALLS", 500, payer=STREAMLY, receiver=OPERATOR)
    connection.execute("alter table ledger.settlement_documents disable trigger user")
    connection.execute(change)
    result = propose(connection, run_id)
    assert [payment.amount_minor for payment in result.payments] == ([] if amount is None else [amount])
    assert reasons(result) == (["blocked"] if amount is None else [])


@pytest.mark.parametrize(
    ("columns", "latest_days", "amounts", "found"),
    [
        ({"payout_threshold": "30"}, 365, [], ["below_threshold"]),            # 21.00 + 8.00 < 30.00: all of it waits
        ({"payout_threshold": "29"}, 365, [2900], []),                         # 29.00 is enough, both are paid at once
        ({"payout_threshold": "30", "longest_wait_days": 20}, 365, [2900], []),  # the older one has waited long enough
        ({"payout_threshold": "30"}, 80, [2900], []),                          # its statutory latest day would pass
    ],
    ids=["waits", "reached", "waited long enough", "statutory day"],
)  # fmt: skip
def test_a_small_amount_waits_with_its_document_untouched_and_is_paid_with_the_next(
    posted, columns, latest_days, amounts, found
):
    connection, run_id = posted
    terms(connection, **columns)
    rows = f'[{{"receiver_country": null, "document": null, "days": {latest_days}}}]'
    connection.execute(
        "update catalog.book_versions set definition = %s",
        [f'{{"operator": {{"payments": {{"unapproved_terms": "pay", "latest_payment": {rows}}}}}}}'],
    )
    document(connection, "SEPTEMBER", 800)
    result = propose(connection, run_id)
    assert [payment.amount_minor for payment in result.payments] == amounts
    assert reasons(result) == found
    assert propose(connection, run_id).payments == ()
    total = connection.execute("select coalesce(sum(cleared_minor), 0) from ledger.payment_clearings").fetchone()[0]
    assert total == sum(amounts)


def test_open_claims_are_listed_and_those_whose_statutory_day_is_near_are_watched(posted):
    """Issued on 1 November, 60 days by default: 31 December. The partner's own debt is listed and not watched."""
    connection, run_id = posted
    document(connection, "CALLS", 500, payer=STREAMLY, receiver=OPERATOR)
    assert [(row["document_number"], row["open_minor"]) for row in open_claims(connection, date(2026, 12, 16))] == [
        ("CALLS", 500), ("SB/wisla/streamly/2026/000001", 2100),
    ]  # fmt: skip
    assert claims_to_watch(connection, date(2026, 12, 16), 14) == []
    (watched,) = claims_to_watch(connection, date(2026, 12, 17), 14)
    assert (watched["latest_payment_date"], watched["open_minor"]) == (date(2026, 12, 31), 2100)
    propose(connection, run_id)
    assert claims_to_watch(connection, date(2027, 1, 31)) == []


def test_a_rate_that_moved_is_adjusted_once_where_the_receiver_bears_it(posted):
    """1400.7 grosz were 3.50 at 0.25. At 3.80 zloty the euro on the payment day they are 3.69: 0.19 more."""
    connection, run_id = posted
    (payment,) = propose(connection, run_id).payments
    assert adjust_rate_differences(connection, by="ana") == ([], 0)
    accept(connection, payment.payment_id)
    assert adjust_rate_differences(connection, by="ana") == ([], 0)  # the payer bears it
    terms(connection, receiver_bears_rate_difference=True)
    assert adjust_rate_differences(connection, by="ana") == ([], 1)  # no rate of the day: nothing is guessed
    connection.execute("insert into catalog.fx_rates values ('ecb', '2026-11-25', 'EUR', 'PLN', 9)")  # not before
    connection.execute("insert into catalog.fx_rates values ('ecb', '2026-11-24', 'EUR', 'PLN', 3.8)")
    (made,), _ = adjust_rate_differences(connection, by="ana")
    assert (made["amount_minor"], made["currency_code"], made["receiver_party_id"]) == (19, "EUR", STREAMLY)
    assert adjust_rate_differences(connection, by="ana") == ([], 0)
    assert connection.execute("select amount_minor, requested_by, approved_by from inbox.adjustments").fetchall() == [
        (19, "ana", "terms of streamly-content 1")
    ]


def accept(connection: psycopg.Connection, payment_id: str) -> None:
    """The bank has executed a payment."""
    connection.execute(
        """insert into ledger.bank_answers (answer_sha256, file_name, content)
           values (encode(sha256('ok'), 'hex'), 'x', 'ok')"""
    )
    connection.execute(
        """insert into ledger.payment_answers (answer_sha256, payment_id, status, status_code)
           values (encode(sha256('ok'), 'hex'), %s, 'accepted', 'ACSC')""",
        [payment_id],
    )


def test_a_flagged_party_is_not_paid_until_the_flag_ends(posted):
    connection, run_id = posted
    connection.execute(FLAG.format(flag="payment_block", until="'2026-12-01'"))
    assert reasons(propose(connection, run_id)) == ["blocked"]
    assert len(propose(connection, run_id, date(2026, 12, 1)).payments) == 1


def test_killed_and_rivalled_a_payment_of_several_claims_is_made_once(new_database):
    """A credit of 4.00 is set off, 8.00 of September are carried along: 21.00 + 8.00 - 4.00 = 25.00, once."""
    url = new_database()
    with psycopg.connect(url) as connection:
        mini_run.prepare(connection)
        run = post_month(connection)
        terms(connection, is_netting_allowed=True, payout_threshold="20")
        document(connection, "SEPTEMBER", 800)
        document(connection, "CREDIT", -400)
    command = [sys.executable, "-c", PAY_IN_A_PROCESS, url, str(run.bill_run_id), str(TOKEN)]
    environment = os.environ | {"APPORTION_FAILPOINT": "mid_pay_before_commit", "PYTHONPATH": str(PROJECT_ROOT)}
    assert subprocess.run(command, env=environment, cwd=PROJECT_ROOT, check=False).returncode == -signal.SIGKILL
    amounts: list[list[int]] = []

    def payer() -> None:
        with psycopg.connect(url, options=f"-c apportion.token={TOKEN}") as rival:
            amounts.append([payment.amount_minor for payment in propose(rival, run.bill_run_id).payments])

    threads = [threading.Thread(target=payer) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(amounts) == [[], [], [2500]]
    with psycopg.connect(url) as connection:
        cleared = connection.execute(
            """select document_number, sum(cleared_minor)::bigint from ledger.payment_clearings
               join ledger.settlement_documents using (settlement_key) group by 1 order by 1"""
        ).fetchall()
    assert cleared == [("CREDIT", -400), ("SB/wisla/streamly/2026/000001", 2100), ("SEPTEMBER", 800)]
