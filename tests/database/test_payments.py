"""Paying: gated, once for ever, only what can be paid, the rest with its reason."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date

import psycopg
import pytest

from assets.payments.pay import PAYMENT_COLUMNS, pay
from assets.posting.audit_chain import verify_chain
from assets.posting.post import post
from assets.publishing.publish import publish
from assets.publishing.refusal import Refusal
from assets.quality.gates import check_payees
from orchestration.cli import summary
from orchestration.cli.terminal import console
from orchestration.paths import PROJECT_ROOT
from tests.database import mini_run
from tests.database.mini_run import IBAN, STREAMLY, TOKEN

pytestmark = pytest.mark.database

PAY_DAY = date(2026, 11, 25)
OTHER_IBAN = "PL61109010140000071219812874"


def post_month(connection: psycopg.Connection, fault: str = "", gate_check=mini_run.PASSED):
    """A posted month whose documents passed (or failed) the door before paying; ``fault`` changes the draft first."""
    run = mini_run.open_run(connection)
    mini_run.build(connection, run)
    if fault:
        connection.execute(fault)
    mini_run.store_gate(connection, run)
    publish(connection, run)
    post(connection, run.bill_run_id, TOKEN)
    if gate_check:
        mini_run.store_gate(connection, run, "payouts_before_paying", gate_check)
    connection.execute(f"set apportion.token = {TOKEN}")
    return run


@pytest.fixture
def prepared(connection: psycopg.Connection) -> psycopg.Connection:
    """A database with book, populations and usage; rolled back after the test."""
    mini_run.prepare(connection)
    return connection


def deliver_bank_account(connection: psycopg.Connection, account: str | None, on: date = date(2026, 11, 10)) -> None:
    connection.execute(
        """insert into inbox.parties (party_id, effective_from, party_kind, name, country_code, tax_status,
               language_code, bank_account, address_lines, file_id, line_number)
           select party_id, %s, party_kind, name, country_code, tax_status, language_code, %s, address_lines, file_id, 9
           from inbox.parties where party_id = %s""",
        [on, account, STREAMLY],
    )


def test_a_payment_is_made_from_its_document_with_ids_from_the_settlement(prepared):
    run = post_month(prepared)
    paid = pay(prepared, run.bill_run_id, PAY_DAY, "run-1", dry_run=False, maker="ana")
    (payment,) = paid.payments
    assert (payment.amount_minor, payment.currency_code, payment.bank_account) == (2100, "EUR", IBAN)
    assert payment.execution_date == PAY_DAY
    assert payment.payment_id == f"P{payment.end_to_end_id}"
    assert len(payment.end_to_end_id) <= 35
    assert paid.total_per_currency == {"EUR": 2100}
    assert prepared.execute("select payment_id, paid_in_run from ledger.payments").fetchall() == [
        (payment.payment_id, "run-1")
    ]
    assert verify_chain(prepared) == []


def test_paying_again_pays_nothing_more_and_says_so(prepared):
    run = post_month(prepared)
    pay(prepared, run.bill_run_id, PAY_DAY, "run-1", dry_run=False, maker="ana")
    again = pay(prepared, run.bill_run_id, PAY_DAY, "run-2", dry_run=False, maker="ana")
    assert (again.payments, again.already_paid) == ((), 1)
    assert prepared.execute("select count(*) from ledger.payments").fetchone() == (1,)


def test_a_retention_is_paid_once_and_not_before_its_day_of_release(prepared):
    run = post_month(
        prepared,
        """update build.fct_party_settlements
           set retained_minor = 210, payment_minor = 1890, retention_release_date = '2027-02-01'""",
    )
    days = (PAY_DAY, date(2027, 1, 31), date(2027, 2, 1), date(2027, 2, 2))
    results = [pay(prepared, run.bill_run_id, day, f"run-{day}", dry_run=False, maker="ana") for day in days]
    assert [[payment.amount_minor for payment in result.payments] for result in results] == [[1890], [], [210], []]
    assert [[row.reason_code for row in result.not_payable] for result in results[:2]] == [["retained"]] * 2


def test_a_dry_run_shows_the_payments_and_writes_none(prepared):
    run = post_month(prepared)
    shown = pay(prepared, run.bill_run_id, PAY_DAY)
    assert len(shown.payments) == 1 and shown.dry_run
    assert prepared.execute("select count(*) from ledger.payments").fetchone() == (0,)
    assert tuple(shown.payment_rows()[0]) == PAYMENT_COLUMNS


def test_without_an_execution_date_the_due_date_decides(prepared):
    run = post_month(prepared)
    assert pay(prepared, run.bill_run_id).payments[0].execution_date == date(2026, 12, 1)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("update build.fct_party_settlements set is_paid_by_operator = false", "paid_by_the_partners"),
        ("update build.fct_party_settlements set position_minor = -5, document_minor = -5, payment_minor = -5",
         "nothing_to_pay"),
    ],
)  # fmt: skip
def test_documents_that_are_not_the_operators_to_pay_are_listed(prepared, fault, reason):
    run = post_month(prepared, fault)
    result = pay(prepared, run.bill_run_id, PAY_DAY, "run-1", dry_run=False, maker="ana")
    assert result.payments == ()
    assert [row["reason_code"] for row in result.not_payable_rows()] == [reason]


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        (None, "no_bank_account"),
        ("DE89370400440532013001", "bad_bank_account"),
        ("PLXX", "bad_bank_account"),
        ("ＤＥ89370400440532013000", "bad_bank_account"),
        (OTHER_IBAN, "bank_account_changed"),
    ],
)
def test_a_bank_account_that_is_missing_wrong_or_changed_holds_the_payment(prepared, account, reason):
    run = post_month(prepared)
    deliver_bank_account(prepared, account)
    result = pay(prepared, run.bill_run_id, PAY_DAY, "run-1", dry_run=False, maker="ana")
    assert result.payments == ()
    assert [row.reason_code for row in result.not_payable] == [reason]


def test_what_is_not_paid_is_listed_with_its_reason(prepared):
    run = post_month(prepared)
    not_payable = pay(prepared, run.bill_run_id, PAY_DAY, "run-1", dry_run=True).not_payable
    with console.capture() as printed:
        summary.print_payments(prepared, run.period_id, not_payable, dry_run=True)
    assert "would be proposed" in printed.get()
    deliver_bank_account(prepared, OTHER_IBAN)
    not_payable = pay(prepared, run.bill_run_id, PAY_DAY, "run-1", dry_run=True).not_payable
    with console.capture() as printed:
        summary.print_payments(prepared, run.period_id, not_payable, dry_run=True)
    assert "would be proposed" not in printed.get()
    said = printed.get().replace("\u00a0", " ")
    assert "SB/wisla/streamly/2026/000001 (21.00 EUR) bank_account_changed: another account than on" in said


def test_a_changed_account_is_paid_once_somebody_confirmed_it(prepared):
    run = post_month(prepared)
    deliver_bank_account(prepared, OTHER_IBAN)
    result = pay(
        prepared, run.bill_run_id, PAY_DAY, "run-1", dry_run=False, maker="ana", confirmed_receivers=[STREAMLY]
    )
    assert result.payments[0].bank_account == OTHER_IBAN
    (said,) = prepared.execute(
        """select payload -> 'confirmed_receivers' from control.audit_chain
           where payload ->> 'kind' = 'payments_proposed'"""
    ).fetchone()
    assert said == [STREAMLY]


def test_an_account_that_was_missing_on_the_document_may_be_delivered_later(prepared):
    run = post_month(prepared, "update build.fct_party_settlements set receiver = receiver - 'bank_account'")
    assert pay(prepared, run.bill_run_id, PAY_DAY, "run-1", dry_run=False, maker="ana").payments[0].bank_account == IBAN


MARGINS = replace(mini_run.FAILED, check="negative_margins_are_approved_by_name")


@pytest.mark.parametrize(
    ("check", "code", "remedy"),
    [
        (None, "gate_missing", "Run the gate's check again."),
        (mini_run.FAILED, "gate_failed", "Look at the offenders in control.gates, mend the cause, and build again."),
        (MARGINS, "gate_failed", "See `apportion margins list` of the period, have somebody answer for each"),
    ],
)
def test_nothing_is_paid_without_a_passed_gate(prepared, check, code, remedy):
    run = post_month(prepared, gate_check=check)
    with pytest.raises(Refusal) as refusal:
        pay(prepared, run.bill_run_id, PAY_DAY, "run-1", dry_run=False, maker="ana")
    assert refusal.value.code == code
    assert remedy in str(refusal.value) and ("build again" in str(refusal.value)) == (check is mini_run.FAILED)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (None, "not_approved"),
        ((date(2026, 11, 1), IBAN, True, "agreed", "ana", "boris"), None),
        ((date(2026, 11, 20), IBAN, True, "agreed", "ana", "boris"), "cooling_off"),
        ((date(2026, 11, 1), IBAN, True, "agreed", "ana", "ANA "), "not_approved"),
        ((date(2026, 11, 1), IBAN, False, "agreed", "ana", "boris"), "not_approved"),
        ((date(2026, 11, 1), IBAN, True, "not_needed", "ana", "boris"), "not_approved"),
        ((date(2026, 11, 1), OTHER_IBAN, True, "agreed", "ana", "boris"), "not_approved"),
    ],
)
def test_where_approval_is_asked_for_a_partner_is_paid_after_it_and_the_cooling_off(prepared, record, reason):
    run = post_month(prepared)
    policy = (
        '{"operator": {"payments": {"approved_partners_only": true, "cooling_off_days": 7, "unapproved_terms": "pay"}}}'
    )
    prepared.execute("update catalog.book_versions set definition = %s", [policy])
    if record:
        names = (
            "effective_from",
            "bank_account",
            "is_tax_data_complete",
            "self_billing",
            "requested_by",
            "approved_by",
        )
        mini_run.insert(prepared, "inbox.partner_approvals", party_id=STREAMLY, line_number=1,
                        file_id=mini_run.latest(prepared, "inbox.files", "file_id"),
                        **dict(zip(names, record, strict=True)))  # fmt: skip
    result = pay(prepared, run.bill_run_id, PAY_DAY)
    assert [row.reason_code for row in result.not_payable] == ([reason] if reason else [])
    assert len(result.payments) == (0 if reason else 1)


def test_without_an_account_for_the_currency_nothing_is_proposed(prepared):
    run = post_month(prepared)
    prepared.execute("delete from catalog.payment_accounts")
    result = pay(prepared, run.bill_run_id, PAY_DAY, "run-1", dry_run=False, maker="ana")
    assert [row.reason_code for row in result.not_payable] == ["no_debtor_account"]


def test_a_payment_without_the_name_of_its_maker_is_refused(prepared):
    run = post_month(prepared)
    with pytest.raises(Refusal) as refusal:
        pay(prepared, run.bill_run_id, PAY_DAY, "run-1", dry_run=False, maker=" ")
    assert refusal.value.code == "no_maker"


def test_a_draft_is_not_paid(prepared):
    run = mini_run.open_build_and_check(prepared)
    publish(prepared, run)
    with pytest.raises(Refusal) as refusal:
        pay(prepared, run.bill_run_id, PAY_DAY, "run-1", dry_run=False, maker="ana")
    assert refusal.value.code == "not_posted"


def test_an_orphan_with_an_old_token_pays_nothing(prepared):
    run = post_month(prepared)
    prepared.execute("update control.leases set token = token + 1 where lane = 'build'")
    with pytest.raises(Refusal) as refusal:
        pay(prepared, run.bill_run_id, PAY_DAY, "run-1", dry_run=False, maker="ana")
    assert refusal.value.code == "superseded"


def test_payments_are_append_only(prepared):
    run = post_month(prepared)
    pay(prepared, run.bill_run_id, PAY_DAY, "run-1", dry_run=False, maker="ana")
    for statement in (
        "update ledger.payments set bank_account = 'x'",
        "delete from ledger.payments",
        "truncate ledger.payments cascade",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation), prepared.transaction():
            prepared.execute(statement)


def test_the_door_looks_at_the_accounts_again(prepared):
    run = post_month(prepared)
    (payment,) = pay(prepared, run.bill_run_id, PAY_DAY).payments
    assert check_payees([payment]).passed
    from dataclasses import replace

    for fault in ({"bank_account": "DE89370400440532013001"}, {"amount_minor": 0}):
        result = check_payees([payment, replace(payment, **fault)])
        assert (result.passed, result.failures, result.rows_checked) == (False, 1, 2)
        assert result.offenders == (payment.settlement_key,)


def test_two_payers_at_once_pay_once(new_database):
    url = new_database()
    with psycopg.connect(url) as connection:
        mini_run.prepare(connection)
        run = post_month(connection)
        connection.commit()
    counts = []

    def payer(name: str) -> None:
        with psycopg.connect(url, options=f"-c apportion.token={TOKEN}") as connection:
            counts.append(len(pay(connection, run.bill_run_id, PAY_DAY, name, dry_run=False, maker="ana").payments))

    threads = [threading.Thread(target=payer, args=[f"run-{number}"]) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [0, 0, 1]
    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) from ledger.payments").fetchone() == (1,)


PAY_IN_A_PROCESS = """
import sys, psycopg
from dataclasses import replace
from datetime import date
from assets.payments.pay import pay
with psycopg.connect(sys.argv[1], options="-c apportion.token=" + sys.argv[3]) as connection:
    pay(connection, int(sys.argv[2]), date(2026, 11, 25), "killed", dry_run=False, maker="ana")
"""


def test_killed_before_its_commit_paying_leaves_nothing_and_can_be_repeated(new_database):
    url = new_database()
    with psycopg.connect(url) as connection:
        mini_run.prepare(connection)
        run = post_month(connection)
        connection.commit()
    command = [sys.executable, "-c", PAY_IN_A_PROCESS, url, str(run.bill_run_id), str(TOKEN)]
    environment = os.environ | {"APPORTION_FAILPOINT": "mid_pay_before_commit", "PYTHONPATH": str(PROJECT_ROOT)}
    killed = subprocess.run(command, env=environment, cwd=PROJECT_ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    with psycopg.connect(url, options=f"-c apportion.token={TOKEN}") as connection:
        assert connection.execute("select count(*) from ledger.payments").fetchone() == (0,)
        assert len(pay(connection, run.bill_run_id, PAY_DAY, "again", dry_run=False, maker="ana").payments) == 1
