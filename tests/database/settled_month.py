"""Helpers around the posted month of ``mini_run``: other terms, one more document of an earlier month, proposing.

Belongs here: rows and calls that the tests of settling and clearing share. Belongs elsewhere: what is expected.
"""

from datetime import date

import psycopg

from assets.payments.pay import Paid, pay
from tests.database import mini_run
from tests.database.mini_run import OPERATOR, STREAMLY
from tests.database.test_payments import PAY_DAY


def terms(connection: psycopg.Connection, **columns: object) -> None:
    """Other terms of the agreement, as a book would have loaded them."""
    for name, value in columns.items():
        connection.execute(f"update catalog.agreements set {name} = %s", [value])  # noqa: S608  names of this module


def propose(connection: psycopg.Connection, run_id: int, day: date = PAY_DAY) -> Paid:
    return pay(connection, run_id, day, "run", dry_run=False, maker="ana")


def reasons(result: Paid) -> list[str]:
    return [row.reason_code for row in result.not_payable]


def document(
    connection: psycopg.Connection,
    number: str,
    amount: int,
    *,
    payer: str = OPERATOR,
    receiver: str = STREAMLY,
    issued: date = date(2026, 10, 1),
    due: date = date(2026, 10, 31),
) -> None:
    """One more posted document between two parties, of an earlier run of the operator, under the same agreement."""
    connection.execute(
        """insert into control.bill_runs (lane, period_id, state, period_start, period_end, issue_date, book_id,
               sealed_batch_id, token, code_version, input_digest, output_digest, posted_at)
           select 'build', '2026-09-c01', 'posted', '2026-09-01', '2026-10-01', '2026-10-01', max(book_id), 0, 1, 'x',
               'in', 'out', '2026-10-01'
           from catalog.book_versions on conflict do nothing"""
    )
    run_id = connection.execute("select bill_run_id from control.bill_runs where period_id = '2026-09-c01'").fetchone()[
        0
    ]
    settlement = mini_run.key("settlement", number)
    connection.execute("insert into ledger.number_series values (%s, %s, 1, %s)", [number, number, issued])
    mini_run.insert(
        connection, "ledger.settlement_documents", settlement_key=settlement, bill_run_id=run_id, series_id=number,
        number=1, document_number=number, period_id="2026-09-c01", payer_party_id=payer, receiver_party_id=receiver,
        receiver='{"name": "Streamly"}', document_kind="statement", currency_code="EUR", issue_date=issued,
        due_date=due, position_minor=amount, tax_minor=0, document_minor=amount, withheld_minor=0, retained_minor=0,
        payment_minor=amount, is_paid_by_operator=payer == OPERATOR,
    )  # fmt: skip
    mini_run.insert(
        connection, "ledger.settlement_items", item_key=mini_run.key("item", number), settlement_key=settlement,
        stage="position", item_kind="share", agreement_id="streamly-content", item_id="content", payer_party_id=payer,
        receiver_party_id=receiver, currency_code="EUR", amount_minor=amount, settled_on=date(2026, 9, 30),
    )  # fmt: skip
    store_passed_gate(connection, run_id)


def store_passed_gate(connection: psycopg.Connection, run_id: int) -> None:
    connection.execute(
        """insert into control.gates (bill_run_id, build_number, gate, input_digest, output_digest, passed, checks,
               rows_checked)
           select bill_run_id, build_number, 'payouts_before_paying', input_digest, output_digest, true,
               '[]', 1 from control.bill_runs where bill_run_id = %s""",
        [run_id],
    )
