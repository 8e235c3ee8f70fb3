"""Around a settlement: terms approved, documents accepted, figures matched, disputes held back.

Belongs here: each act, what it lets through and what it refuses, and that no payment is made twice beside it.
Belongs elsewhere: netting and thresholds (``test_clearing``), paying plain documents (``test_payments``).

The posted month: Streamly gets EUR 21.00 of streamly-content, 3.50 of it from a line of 20.01 zloty.
"""

from datetime import date

import psycopg
import pytest

from assets.documents.pages import Page
from assets.documents.term_sheet import TermSheet
from assets.payments.pay import pay
from assets.posting.audit_chain import verify_chain
from assets.publishing.refusal import Refusal
from assets.settling.acts import answer_document, approve_terms, keep_term_sheet, take_invoice
from assets.settling.disputes import raise_dispute, resolve_dispute, worklist
from assets.settling.matching import match_statement, matched_rows
from tests.database import mini_run
from tests.database.mini_run import STREAMLY
from tests.database.settled_month import document, propose, reasons, terms
from tests.database.test_payments import PAY_DAY, post_month

pytestmark = pytest.mark.database

ON = date(2026, 11, 10)


@pytest.fixture
def posted(connection: psycopg.Connection) -> tuple[psycopg.Connection, int, str]:
    """The posted month, its run and its document's number; rolled back after the test."""
    mini_run.prepare(connection)
    run = post_month(connection)
    number = connection.execute("select document_number from ledger.settlement_documents").fetchone()[0]
    return connection, run.bill_run_id, number


# Terms


def test_under_terms_that_nobody_approved_the_payout_waits_and_an_approval_of_other_terms_is_none(posted):
    connection, run_id, _ = posted
    connection.execute("update catalog.book_versions set definition = '{}'")
    terms(connection, terms_digest="d" * 64)
    assert reasons(propose(connection, run_id)) == ["terms_not_approved"]
    sheet = TermSheet("streamly-content", "1", "d" * 64, "en", "<p>70 percent</p>", Page("", "en", False, frozenset()))
    sha256 = keep_term_sheet(connection, sheet, "ana")
    assert keep_term_sheet(connection, sheet, "boris") == sha256
    for asked, approver, code in (("b" * 64, "boris", "no_sheet"), (sha256, "ANA ", "own_terms")):
        with pytest.raises(Refusal) as refusal:
            approve_terms(connection, asked, approved_by=approver)
        assert refusal.value.code == code
    assert approve_terms(connection, sha256, approved_by="boris")
    assert not approve_terms(connection, sha256, approved_by="boris")
    assert len(pay(connection, run_id, PAY_DAY).payments) == 1
    terms(connection, terms_digest="e" * 64)
    assert reasons(propose(connection, run_id)) == ["terms_not_approved"]
    with pytest.raises(Refusal) as refusal:
        approve_terms(connection, sha256, approved_by="boris")
    assert refusal.value.code == "other_terms"
    assert verify_chain(connection) == []


# Self-billed documents


def test_a_self_billed_document_is_paid_when_it_is_accepted_and_never_when_it_is_contested(posted):
    connection, run_id, number = posted
    terms(connection, self_billing_days=14)
    assert reasons(pay(connection, run_id, PAY_DAY)) == ["not_accepted"]
    with pytest.raises(Refusal) as refusal:
        answer_document(connection, number, "issued", on=ON, by="eva")
    assert refusal.value.code == "not_now"
    assert answer_document(connection, number, "contested", on=ON, by="eva", detail="wrong rate") == "contested"
    assert reasons(pay(connection, run_id, PAY_DAY)) == ["not_accepted"]
    assert answer_document(connection, number, "accepted", on=ON, by="eva") == "accepted"
    assert answer_document(connection, number, "issued", on=ON, by="ana") == "issued"
    with pytest.raises(Refusal) as refusal:
        answer_document(connection, number, "contested", on=ON, by="eva")
    assert refusal.value.code == "not_now"
    assert len(propose(connection, run_id).payments) == 1


@pytest.mark.parametrize(
    ("silence_accepts", "day", "expected"),
    [
        (True, date(2026, 11, 14), ["not_accepted"]),  # issued on the 1st: the 14 days end on the 15th
        (True, date(2026, 11, 15), []),
        (False, date(2027, 11, 15), ["not_accepted"]),
    ],
)
def test_silence_accepts_after_the_days_where_that_was_agreed(posted, silence_accepts, day, expected):
    connection, run_id, _ = posted
    terms(connection, self_billing_days=14, silence_accepts=silence_accepts)
    assert reasons(pay(connection, run_id, day)) == expected


# Invoices of the partner's own


def test_a_statement_waits_for_the_partners_own_invoice_of_its_amount(posted):
    connection, run_id, number = posted
    terms(connection, is_invoice_expected=True)
    assert reasons(pay(connection, run_id, PAY_DAY)) == []  # the document is self-billed: nothing else is expected
    connection.execute("set session_replication_role = replica")
    connection.execute("update ledger.settlement_documents set document_kind = 'statement'")
    connection.execute("set session_replication_role = origin")
    assert reasons(propose(connection, run_id)) == ["no_invoice"]
    for asked, invoice, amount, code in (
        (number, "F/7", 2099, "other_amount"), ("none", "F/7", 2100, "no_document"), (number, " ", 2100, "no_name"),
    ):  # fmt: skip
        with pytest.raises(Refusal) as refusal:
            take_invoice(connection, asked, invoice, amount, on=ON, by="ana")
        assert refusal.value.code == code
    with pytest.raises(Refusal) as refusal:
        answer_document(connection, number, "accepted", on=ON, by="eva")
    assert refusal.value.code == "no_document"
    take_invoice(connection, number, "F/7", 2100, on=ON, by="ana")
    with pytest.raises(Refusal) as refusal:
        take_invoice(connection, number, "F/8", 2100, on=ON, by="ana")
    assert refusal.value.code == "not_now"
    document(connection, "SECOND", 2100)
    with pytest.raises(Refusal) as refusal:
        take_invoice(connection, "SECOND", "F/7", 2100, on=ON, by="ana")
    assert refusal.value.code == "taken_before"
    assert propose(connection, run_id).payments[0].amount_minor == 2100


def test_a_self_billed_credit_note_waits_for_the_receivers_own_where_it_writes_corrections(posted):
    connection, _, number = posted
    terms(connection, is_corrected_by_receiver=True, self_billing_days=14, silence_accepts=True)
    states = (
        "select state from ledger.document_states('2026-12-31') join ledger.settlement_documents using (settlement_key)"
    )
    assert connection.execute(states).fetchall() == [("deemed_accepted",)]
    connection.execute("set session_replication_role = replica")
    connection.execute(
        """update ledger.settlement_documents
           set position_minor = -2100, document_minor = -2100, payment_minor = -2100"""
    )
    connection.execute("set session_replication_role = origin")
    assert connection.execute(states).fetchall() == [("awaiting_invoice",)]
    take_invoice(connection, number, "KOR/1", -2100, on=ON, by="ana")
    assert connection.execute(states).fetchall() == [("invoiced",)]


def test_a_document_below_zero_corrects_the_last_one_under_its_agreement(posted):
    connection, _, number = posted
    document(connection, "EARLIER", 700)
    corrected = """
        select documents.document_number, corrected.document_number from
        ledger.corrected_documents(array(select settlement_key from ledger.settlement_documents)) as corrected
        join ledger.settlement_documents as documents using (settlement_key)"""
    assert connection.execute(corrected).fetchall() == []
    connection.execute("set session_replication_role = replica")
    connection.execute(
        """update ledger.settlement_documents
           set position_minor = -2100, document_minor = -2100, payment_minor = -2100 where document_number = %s""",
        [number],
    )
    assert connection.execute(corrected).fetchall() == [(number, "EARLIER")]


# Figures and disputes


def state_figures(connection: psycopg.Connection, grain: str, *rows: tuple[str, str, str, str]) -> None:
    for number, (product, day, line, amount) in enumerate(rows, 2):
        mini_run.insert(
            connection, "inbox.partner_statement_rows", agreement_id="streamly-content", party_id=STREAMLY,
            month="2026-10", grain=grain, product_id=product, usage_day=day, line_key=line, amount=amount,
            file_id=mini_run.latest(connection, "inbox.files", "file_id"), line_number=number,
        )  # fmt: skip


def test_figures_that_agree_are_matched_and_raise_nothing(posted):
    connection, run_id, _ = posted
    state_figures(connection, "period", ("", "", "", "21.00"))
    found = match_statement(connection, "streamly-content", "2026-10", on=ON, by="ana")
    assert (found.classes["matched"], found.disputed_minor, found.dispute) == (1, 0, None)
    assert worklist(connection, ON) == []
    assert propose(connection, run_id).payments[0].amount_minor == 2100


def test_figures_per_line_fall_into_every_class_and_only_the_disputed_part_waits(posted):
    """Ours 3.50 and 17.50. Theirs 3.52 within the tolerance, 16.00 mismatched, 1.00 that is nowhere: 0.50 less."""
    connection, run_id, number = posted
    terms(connection, tolerance_amount="0.02", escalate_after_days=[3, 20], answer_within_days=30)
    lines = [str(mini_run.key("line", mini_run.PERIOD, 0, account, "video")) for account in ("A1", "A2")]
    state_figures(connection, "line", ("", "", lines[0], "3.52"), ("", "", lines[1], "16.00"), ("", "", "x", "1.00"))
    found = match_statement(connection, "streamly-content", "2026-10", on=ON, by="ana")
    assert found.classes == {
        "matched": 0, "within_tolerance": 1, "mismatched": 1, "missing_here": 1, "missing_there": 0,
    }  # fmt: skip
    assert (found.disputed_minor, found.tolerated_minor, found.document_number) == (-50, 2, number)
    rows = matched_rows(connection, found.matching_id)
    assert [(row["match_class"], row["difference_minor"], row["line_number"]) for row in rows] == [
        ("mismatched", -150, 3), ("missing_here", 100, 4), ("within_tolerance", 2, 2),
    ]  # fmt: skip
    result = propose(connection, run_id, date(2026, 11, 20))
    assert [payment.amount_minor for payment in result.payments] == [2050]
    assert [(row.reason_code, row.payment_minor) for row in result.not_payable] == [("disputed_part", 50)]
    (dispute,) = worklist(connection, date(2026, 11, 20))
    assert (dispute["state"], dispute["escalation_level"], dispute["next_escalation_on"]) == (
        "escalated", 1, date(2026, 11, 30),
    )  # fmt: skip
    # The same documents again pay nothing more while it is open, and the rest when the days are over.
    assert reasons(propose(connection, run_id, date(2026, 12, 10))) == ["disputed"]
    late = propose(connection, run_id, date(2026, 12, 11))
    assert [payment.amount_minor for payment in late.payments] == [50]
    assert propose(connection, run_id, date(2026, 12, 12)).already_paid == 1
    assert connection.execute("select sum(cleared_minor) from ledger.payment_clearings").fetchone() == (2100,)


def test_a_line_that_the_partner_does_not_state_is_missing_there(posted):
    connection, _, _ = posted
    state_figures(connection, "line", ("", "", str(mini_run.key("line", mini_run.PERIOD, 0, "A2", "video")), "17.50"))
    found = match_statement(connection, "streamly-content", "2026-10", on=ON, by="ana")
    assert (found.classes["matched"], found.classes["missing_there"], found.disputed_minor) == (1, 1, -350)


def test_lines_of_a_tariff_between_the_parties_are_matched_by_their_keys(connection):
    """17.50 of the 21.00 are terminated calls: a line between the two parties that is on nobody's bill."""
    mini_run.prepare(connection)
    line = mini_run.key("party line")
    post_month(
        connection,
        f"""insert into build.fct_applied_party_billing_rates
            select bill_run_id, period_id, '{line}', 'streamly-content', agreement_version_id, 'calls', 'calls', 1,
                payer_party_id, receiver_party_id, 'voice', 1, true, '2026-10-01', null, false, 1, 1, 'EUR',
                tax_category, 17.5
            from build.fct_positions where amount_exact = 1750;
            update build.fct_positions set hop_number = 0, item_id = 'calls' where amount_exact = 1750;""",  # noqa: S608  a key
    )
    state_figures(connection, "line", ("", "", str(line), "17.40"))
    found = match_statement(connection, "streamly-content", "2026-10", on=ON, by="ana")
    rows = matched_rows(connection, found.matching_id)
    assert {(row["match_class"], row["ours_minor"], row["difference_minor"]) for row in rows} == {
        ("missing_there", 350, -350), ("mismatched", 1750, -10),
    }  # fmt: skip


def test_fees_are_matched_per_product_and_day(posted):
    connection, _, _ = posted
    days = connection.execute(
        """select product_id, (covered_from at time zone 'Europe/Warsaw')::date::text
           from published.fct_applied_billing_rates where price_id = 'video' order by account_id"""
    ).fetchall()
    state_figures(connection, "product_day", (*days[0], "", "3.50"), (*days[1], "", "17.49"))
    found = match_statement(connection, "streamly-content", "2026-10", on=ON, by="ana")
    assert (found.classes["matched"], found.classes["mismatched"], found.disputed_minor) == (1, 1, -1)


def test_within_the_tolerance_the_figure_that_prevails_is_adjusted(posted):
    connection, run_id, _ = posted
    terms(connection, tolerance_percent="1", receiver_prevails=True)
    state_figures(connection, "period", ("", "", "", "21.20"))
    found = match_statement(connection, "streamly-content", "2026-10", on=ON, by="ana")
    assert (found.dispute, found.adjusted_minor) == (None, 20)
    assert connection.execute("select amount_minor, approved_by from inbox.adjustments").fetchone() == (
        20, "terms of streamly-content 1",
    )  # fmt: skip
    assert propose(connection, run_id).payments[0].amount_minor == 2100


def test_nothing_is_matched_without_figures_or_without_a_settlement(posted):
    connection, _, _ = posted
    for agreement, code in (("streamly-content", "no_statement"),):
        with pytest.raises(Refusal) as refusal:
            match_statement(connection, agreement, "2026-10", on=ON, by="ana")
        assert refusal.value.code == code
    state_figures(connection, "period", ("", "", "", "21.00"))
    connection.execute("update inbox.partner_statement_rows set month = '2026-11'")
    with pytest.raises(Refusal) as refusal:
        match_statement(connection, "streamly-content", "2026-11", on=ON, by="ana")
    assert refusal.value.code == "not_settled"


def test_a_dispute_is_resolved_by_two_people_within_what_was_claimed_and_its_adjustment_frees_the_payment(posted):
    connection, run_id, number = posted
    raised = raise_dispute(connection, number, "streamly-content", -500, on=ON, by="eva")
    assert raised.held_minor == 500
    for adjustment, requester, approver, code in (
        (-501, "ana", "boris", "beyond_the_dispute"),
        (1, "ana", "boris", "beyond_the_dispute"),
        (-300, "ana", "Ana ", "one_person"),
    ):
        with pytest.raises(Refusal) as refusal:
            resolve_dispute(connection, raised.dispute_id, adjustment, on=ON, requested_by=requester,
                            approved_by=approver)  # fmt: skip
        assert refusal.value.code == code
    resolve_dispute(connection, raised.dispute_id, -300, on=ON, requested_by="ana", approved_by="boris")
    with pytest.raises(Refusal) as refusal:
        resolve_dispute(connection, raised.dispute_id, 0, on=ON, requested_by="ana", approved_by="boris")
    assert refusal.value.code == "not_open"
    # The adjustment waits for its settlement, and with it the part that was held back.
    assert propose(connection, run_id).payments[0].amount_minor == 1600
    adjustment_id = connection.execute("select adjustment_id from inbox.adjustments").fetchone()[0]
    document(connection, "ADJ", -300)
    connection.execute("alter table ledger.settlement_items disable trigger user")
    connection.execute(
        "update ledger.settlement_items set item_kind = 'adjustment', reference = %s where item_key = %s",
        [adjustment_id, mini_run.key("item", "ADJ")],
    )
    assert propose(connection, run_id).payments[0].amount_minor == 500
    # The document below 0 that came of it corrects the one that was disputed.
    corrected = connection.execute(
        """select document_number
           from ledger.corrected_documents(array(select settlement_key from ledger.settlement_documents))"""
    ).fetchall()
    assert corrected == [(number,)]


def test_a_dispute_is_raised_in_time_and_about_something(posted):
    connection, _, number = posted
    for document_number, amount, day, code in (
        ("no such", -5, ON, "no_document"),
        (number, 0, ON, "no_difference"),
        (number, -5, date(2026, 12, 2), "window_closed"),
    ):
        with pytest.raises(Refusal) as refusal:
            raise_dispute(connection, document_number, "streamly-content", amount, on=day, by="eva")
        assert refusal.value.code == code
    raise_dispute(connection, number, "streamly-content", 5, on=date(2026, 12, 1), by="eva")
    with pytest.raises(Refusal) as refusal:
        raise_dispute(connection, number, "streamly-content", 5, on=date(2026, 12, 1), by="eva")
    assert refusal.value.code == "raised_before"


def test_what_the_partner_claims_more_holds_nothing_back(posted):
    connection, run_id, number = posted
    assert raise_dispute(connection, number, "streamly-content", 700, on=ON, by="eva").held_minor == 0
    assert propose(connection, run_id).payments[0].amount_minor == 2100
