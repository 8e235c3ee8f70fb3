"""From the maker's proposal to the bank's answer: two people, one file, once; killed, refused and unanswered alike."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import psycopg
import pytest

from assets.payments.bank_answers import read_status_report, take_in_answer, take_in_answers
from assets.payments.pay import pay
from assets.payments.release import decide, hand_over, payment_files
from assets.posting.audit_chain import verify_chain
from assets.publishing.refusal import Refusal
from orchestration.paths import PROJECT_ROOT
from tests.database import mini_run
from tests.database.mini_run import DEBTOR_IBAN, IBAN, TOKEN
from tests.database.test_payments import post_month

pytestmark = pytest.mark.database

PAY_DAY = date(2030, 11, 25)  # After today: the mock bank only warns about days in the past.


@dataclass
class Bank:
    """mock-bank behind two folders, as a bank's mailbox works; ``behaviour`` is that of our account."""

    folder: Path
    behaviour: str = "accept"
    out: Path = field(init=False)
    answers: Path = field(init=False)

    def __post_init__(self) -> None:
        self.out, self.answers = self.folder / "out", self.folder / "answers"

    def __enter__(self) -> "Bank":
        from mockbank import accounts
        from mockbank.server import Config
        from mockbank.state import State

        self.state = State(
            Config(
                drop_dir=str(self.out), pickup_dir=str(self.answers), drop_settle_ms=0, clock="2030-11-01T09:00",
                quiet=True,
            )
        )  # fmt: skip
        for name, iban, behaviour in (("US", DEBTOR_IBAN, self.behaviour), ("THEM", IBAN, "accept")):
            accounts.create(
                self.state.conn, name,
                {"name": name, "iban": iban, "bic": "INGBPLPW", "balance": 10_000_000, "behaviour": behaviour},
            )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        self.state.close()

    def fetch(self) -> list[tuple[str, str]]:
        """Let the bank read its folder and answer; status and reason per file."""
        scanned = self.state.dropbox.scan()
        self.state.deliver()
        return [(one.status, one.reason) for one in scanned]

    def close_their_account(self) -> None:
        from mockbank import accounts

        accounts.update(self.state.conn, "THEM", {"closed": True})

    def paid_minor(self) -> int:
        """What has left our account or will on the day."""
        from mockbank import accounts

        return sum(p["amount"] for p in accounts.payments(self.state.conn) if p["status"] == "accepted")


@pytest.fixture
def posted_url(new_database: Callable[[], str]) -> Iterator[tuple[psycopg.Connection, int, str]]:
    """A committed database with a posted month that is owed 21.00 EUR, the id of its run, and the address."""
    url = new_database()
    with psycopg.connect(url, options=f"-c apportion.token={TOKEN} -c timezone=UTC") as connection:
        mini_run.prepare(connection)
        run = post_month(connection)
        connection.commit()
        yield connection, run.bill_run_id, url


@pytest.fixture
def posted(posted_url: tuple[psycopg.Connection, int, str]) -> tuple[psycopg.Connection, int]:
    """The same without the address."""
    return posted_url[:2]


def propose(connection: psycopg.Connection, run_id: int) -> str:
    """Propose by ana; the id of the one file, or '' when nothing is left to pay."""
    paid = pay(connection, run_id, PAY_DAY, "run", dry_run=False, maker="Ana")
    connection.commit()
    return paid.files[0].message_id if paid.files else ""


def decide_on(connection: psycopg.Connection, message_id: str, by: str = "Boris", *, approve: bool = True) -> None:
    (file,) = [file for file in payment_files(connection) if file["message_id"] == message_id]
    decide(connection, message_id, approve=approve, decided_by=by, content_sha256=file["content_sha256"])
    connection.commit()


def states(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute("select state from ledger.payment_states join ledger.payments using (payment_id) "
                              "order by created_at").fetchall()  # fmt: skip
    connection.commit()
    return [state for (state,) in rows]


def balance(connection: psycopg.Connection) -> dict[str, int]:
    rows = connection.execute("select ledger_account, sum(amount_minor) from ledger.journal_lines "
                              "where bill_run_id is null group by 1 having sum(amount_minor) <> 0")  # fmt: skip
    return {account: int(amount) for account, amount in rows}


def test_accepted_payments_end_accepted_and_the_payable_is_gone(posted, tmp_path):
    connection, run_id = posted
    with Bank(tmp_path) as bank:
        message_id = propose(connection, run_id)
        assert states(connection) == ["prepared"]
        decide_on(connection, message_id)
        assert states(connection) == ["approved"]
        assert hand_over(connection, message_id, bank.out, by="Boris") is not None
        assert states(connection) == ["handed_over"]
        assert bank.fetch() == [("ACCP", "")]
        (taken,) = take_in_answers(connection, bank.answers)
        assert taken.counts == {"accepted": 1}
        assert states(connection) == ["accepted"]
        assert bank.paid_minor() == 2100
    assert balance(connection) == {"partner_payable": 2100, "bank_clearing": -2100}
    assert propose(connection, run_id) == ""
    assert verify_chain(connection) == []


def test_a_rejected_payment_opens_its_claim_and_is_paid_under_another_id(posted, tmp_path):
    connection, run_id = posted
    with Bank(tmp_path) as bank:
        first = propose(connection, run_id)
        decide_on(connection, first)
        bank.close_their_account()
        hand_over(connection, first, bank.out, by="Boris")
        bank.fetch()
        (taken,) = take_in_answers(connection, bank.answers)
        assert taken.counts == {"rejected": 1}
    assert states(connection) == ["rejected"]
    assert balance(connection) == {}
    second = propose(connection, run_id)
    assert second not in ("", first)
    ids = connection.execute("select count(distinct end_to_end_id) from ledger.payments").fetchone()
    assert ids == (2,)
    assert states(connection) == ["rejected", "prepared"]


def test_a_lost_answer_leaves_the_payment_handed_over_and_never_pays_again(posted, tmp_path):
    connection, run_id = posted
    with Bank(tmp_path, behaviour="silent") as bank:
        message_id = propose(connection, run_id)
        decide_on(connection, message_id)
        hand_over(connection, message_id, bank.out, by="Boris")
        bank.fetch()
        assert take_in_answers(connection, bank.answers) == []
        assert states(connection) == ["handed_over"]
        assert propose(connection, run_id) == ""
        # Handing over again needs a person's word; the bank then says that it has the file, which rejects nothing.
        assert hand_over(connection, message_id, bank.out, by="Boris") is None
        hand_over(connection, message_id, bank.out, by="Boris", again=True)
        assert bank.fetch() == [("RJCT", "DUPL")]
        answer = write_duplicate_answer(message_id)
        assert "has the file already" in take_in_answer(connection, "late.xml", answer).note
        connection.commit()
        assert states(connection) == ["handed_over"]
        assert bank.paid_minor() == 2100


def write_duplicate_answer(message_id: str, group: str = "RJCT", reason: str = "DUPL", transactions: str = "") -> bytes:
    return f"""<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>1</MsgId>
        </GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>{message_id}</OrgnlMsgId><GrpSts>{group}</GrpSts><StsRsnInf><Rsn><Cd>
        {reason}</Cd></Rsn></StsRsnInf></OrgnlGrpInfAndSts>{transactions}</CstmrPmtStsRpt></Document>""".encode()


@pytest.mark.parametrize(
    ("group", "reason", "state"), [("RJCT", "FF01", "rejected"), ("ACTC", "", "pending"), ("ACSC", "", "accepted")]
)
def test_a_status_of_the_whole_file_is_that_of_each_payment(posted, group, reason, state):
    connection, run_id = posted
    message_id = propose(connection, run_id)
    answer = write_duplicate_answer(message_id, group, reason)
    assert take_in_answer(connection, "a.xml", answer).counts == {state: 1}
    assert take_in_answer(connection, "a again.xml", answer).is_new is False
    assert states(connection) == [state]


def answer_about(connection: psycopg.Connection, message_id: str, group: str, payment: str = "") -> bytes:
    """An answer on the file's one group, with a status, and on its one payment."""
    content, payment_id = connection.execute(
        """select content, end_to_end_id from ledger.payment_files join ledger.payment_file_entries using (message_id)
        join ledger.payments using (payment_id) where message_id = %s""",
        [message_id],
    ).fetchone()
    group_id = content.partition("<PmtInfId>")[2].partition("<")[0]
    named = f"<TxInfAndSts><OrgnlEndToEndId>{payment_id}</OrgnlEndToEndId>{payment}</TxInfAndSts>" if payment else ""
    text = f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{group_id}</OrgnlPmtInfId>{group}{named}</OrgnlPmtInfAndSts>"
    return write_duplicate_answer(message_id, "PART", "", text)


@pytest.mark.parametrize(
    ("group", "payment", "counts"),
    [
        ("<PmtInfSts>RJCT</PmtInfSts>", "", {"rejected": 1}),
        ("<PmtInfSts>RJCT</PmtInfSts>", "<TxSts>ACSC</TxSts>", {"accepted": 1}),
        ("<PmtInfSts>PART</PmtInfSts>", "", {}),
        ("<PmtInfSts>RJCT</PmtInfSts><StsRsnInf><Rsn><Cd>DU02</Cd></Rsn></StsRsnInf>", "", {}),
        ("", "<TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AM05</Cd></Rsn></StsRsnInf>", {}),
    ],
)
def test_what_is_said_nearest_to_a_payment_holds_and_a_duplicate_rejects_nothing(posted, group, payment, counts):
    connection, run_id = posted
    message_id = propose(connection, run_id)
    taken = take_in_answer(connection, "a.xml", answer_about(connection, message_id, group, payment))
    assert taken.counts == counts
    assert bool(taken.note) == (not counts)
    assert states(connection) == [*counts, "prepared"][:1]


def test_answers_that_are_not_understood_change_nothing(posted):
    connection, run_id = posted
    message_id = propose(connection, run_id)
    stranger = """<OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>x</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts>
        </OrgnlPmtInfAndSts>"""
    for answer in (
        write_duplicate_answer(message_id, "WHAT", ""),
        write_duplicate_answer(message_id, "PART", "", stranger),
        b"<Document/>",
        b"no xml",
        b'<?xml version="1.0" encoding="none"?><Document/>',
        answer_about(connection, message_id, "<PmtInfSts>RJCT</PmtInfSts>").replace(
            b"<OrgnlPmtInfId>", b"<OrgnlPmtInfId>x"
        ),
        b'<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><Document>&y;</Document>',
    ):
        with pytest.raises(Refusal) as refusal:
            take_in_answer(connection, "bad.xml", answer)
        assert refusal.value.code == "bad_answer"
    assert take_in_answer(connection, "other.xml", write_duplicate_answer("OTHER")).message_id is None
    assert states(connection) == ["prepared"]
    assert read_status_report(write_duplicate_answer("M1")).group_reason == "DUPL"


def test_the_maker_cannot_approve_and_the_checker_names_the_bytes(posted):
    connection, run_id = posted
    message_id = propose(connection, run_id)
    for by in ("Ana", " aNA "):
        with pytest.raises(Refusal) as refusal:
            decide_on(connection, message_id, by)
        assert refusal.value.code == "own_file"
    with pytest.raises(Refusal) as refusal:
        decide(connection, message_id, approve=True, decided_by="Boris", content_sha256="0" * 64)
    assert refusal.value.code == "other_content"
    # The rule is the database's own, whoever writes.
    with pytest.raises(psycopg.errors.CheckViolation), connection.transaction():
        connection.execute(
            "insert into ledger.payment_decisions (message_id, decision, decided_by, content_sha256) "
            "select message_id, 'approved', 'ANA', content_sha256 from ledger.payment_files"
        )


def test_an_unapproved_or_declined_file_is_not_handed_over_and_its_claims_open_again(posted, tmp_path):
    connection, run_id = posted
    first = propose(connection, run_id)
    with pytest.raises(Refusal) as refusal:
        hand_over(connection, first, tmp_path, by="Boris")
    assert refusal.value.code == "not_approved"
    decide_on(connection, first, approve=False)
    with pytest.raises(Refusal) as refusal:
        decide_on(connection, first)
    assert refusal.value.code == "decided_before"
    assert states(connection) == ["declined"]
    assert balance(connection) == {}
    assert propose(connection, run_id) not in ("", first)
    assert list(tmp_path.iterdir()) == []


def test_a_claim_is_cleared_once_whoever_writes(posted):
    connection, run_id = posted
    propose(connection, run_id)
    another_payment = """insert into ledger.payments (payment_id, end_to_end_id, payer_party_id, receiver_party_id,
            bank_account, currency_code, amount_minor, execution_date, paid_in_run, receiver_name, debtor_account,
            debtor_name, remittance_text, proposed_by)
        select 'P2', 'E2', payer_party_id, receiver_party_id, bank_account, currency_code, %s, execution_date, 'x', 'x',
            debtor_account, 'x', 'x', 'x' from ledger.payments"""
    for attempt, part, cleared, amount, fault in (
        (1, 1, 2100, 2100, psycopg.errors.UniqueViolation),   # the same claim again
        (2, 1, 2100, 2100, psycopg.errors.CheckViolation),    # a second attempt beside a living one
        (3, 1, 1, 1, psycopg.errors.UniqueViolation),         # an attempt without the one before
        (1, 2, 1, 1, psycopg.errors.CheckViolation),          # more than is owed
        (1, 2, -1, 1, psycopg.errors.CheckViolation),         # not the sum of what it clears
    ):  # fmt: skip
        with pytest.raises(fault), connection.transaction():
            connection.execute(another_payment, [amount])
            connection.execute("insert into ledger.payment_clearings select settlement_key, %s, %s, 'P2', %s "
                               "from ledger.settlement_documents", [part, attempt, cleared])  # fmt: skip


STEPS = """
import sys, psycopg
from datetime import date
from pathlib import Path
from assets.payments.bank_answers import take_in_answers
from assets.payments.pay import pay
from assets.payments.release import decide, hand_over, payment_files
url, run_id, token, folder = sys.argv[1:]
with psycopg.connect(url, options="-c apportion.token=" + token) as connection:
    pay(connection, int(run_id), date(2030, 11, 25), "run", dry_run=False, maker="Ana")
    connection.commit()
    for file in payment_files(connection):
        if file["decision"] is None:
            decide(connection, file["message_id"], approve=True, decided_by="Boris",
                   content_sha256=file["content_sha256"])
        connection.commit()
        if file["attempt_number"] is None:
            hand_over(connection, file["message_id"], Path(folder) / "out", by="Boris")
    take_in_answers(connection, Path(folder) / "answers")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("failpoint", "state_after_repair"),
    [
        ("mid_pay_before_commit", "accepted"),
        ("mid_decide_before_commit", "accepted"),
        ("after_handover_started", "unknown"),
        ("after_handover_written", "accepted"),
        ("mid_answer_before_commit", "accepted"),
    ],
)
def test_killed_anywhere_nothing_is_paid_twice(posted_url, tmp_path, failpoint, state_after_repair):
    connection, run_id, url = posted_url
    command = [sys.executable, "-c", STEPS, url, str(run_id), str(TOKEN), str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": str(PROJECT_ROOT)}
    with Bank(tmp_path) as bank:
        if failpoint == "mid_answer_before_commit":
            subprocess.run(command, env=environment, cwd=PROJECT_ROOT, check=True)
            bank.fetch()
        killed = subprocess.run(
            command, env=environment | {"APPORTION_FAILPOINT": failpoint}, cwd=PROJECT_ROOT, check=False
        )
        assert killed.returncode == -signal.SIGKILL
        bank.fetch()
        for _ in range(2):
            subprocess.run(command, env=environment, cwd=PROJECT_ROOT, check=True)
            bank.fetch()
        assert states(connection) == [state_after_repair]
        if state_after_repair == "unknown":
            (file,) = payment_files(connection)
            connection.commit()
            with pytest.raises(Refusal) as refusal:
                hand_over(connection, file["message_id"], bank.out, by="Boris")
            assert refusal.value.code == "handover_unknown"
            hand_over(connection, file["message_id"], bank.out, by="Boris", again=True)
            bank.fetch()
            take_in_answers(connection, bank.answers)
            assert states(connection) == ["accepted"]
        assert bank.paid_minor() == 2100
