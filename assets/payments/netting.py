"""Payments of nothing: mutual claims that cancel each other out, decided by a second person as any payment.

Belongs here: what waits for a decision, and deciding. Nothing goes to the bank, so there is no file to look at: the
claims that are set off are.
Belongs elsewhere: which claims are set off (``clearing``), files (``release``).
"""

from typing import Any

import psycopg
from psycopg.rows import dict_row

from assets.payments import statements
from assets.payments.release import reverse
from assets.posting.audit_chain import append_entry
from assets.publishing.refusal import Refusal

_NETTINGS = """
    select payments.payment_id, payments.payer_party_id, payments.receiver_party_id, payments.currency_code,
        payments.execution_date, payments.proposed_by, decisions.decision, decisions.decided_by, states.state,
        string_agg(documents.document_number, ', ' order by documents.due_date, documents.document_number) as documents,
        sum(clearings.cleared_minor) filter (where documents.payer_party_id = payments.payer_party_id
            and clearings.cleared_minor > 0)::bigint as set_off_minor
    from ledger.payments
    join ledger.payment_states as states using (payment_id)
    join ledger.payment_clearings as clearings using (payment_id)
    join ledger.settlement_documents as documents using (settlement_key)
    left join ledger.netting_decisions as decisions using (payment_id)
    where payments.amount_minor = 0
    group by payments.payment_id, decisions.decision, decisions.decided_by, states.state
    order by payments.execution_date, payments.payment_id
"""


def nettings(connection: psycopg.Connection, *, only_waiting: bool = False) -> list[dict[str, Any]]:
    """What was proposed to be set off whole, with the documents of both sides and who decided."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_NETTINGS).fetchall()
    return [row for row in rows if not only_waiting or row["state"] == "proposed"]


def decide_netting(
    connection: psycopg.Connection, payment_id: str, *, approve: bool, decided_by: str, detail: str = ""
) -> None:
    """Record the second person's decision: approved, it is booked; declined, its claims are open again.

    Raises:
        Refusal: ``no_netting``, ``no_checker``, ``own_file`` (who proposed it), ``decided_before`` (the other way).
    """
    if not decided_by.strip():
        raise Refusal("no_checker", "a decision needs the name of the person who decides.", "Pass --by NAME.")
    decision = "approved" if approve else "declined"
    row = {"payment_id": payment_id, "decision": decision, "decided_by": decided_by.strip(), "detail": detail}
    with connection.transaction():
        # The row lock makes a second checker wait, and find it decided.
        connection.execute("select from ledger.payments where payment_id = %s for update", [payment_id])
        found = next((each for each in nettings(connection) if each["payment_id"] == payment_id), None)
        if found is None:
            what = f"there is no set-off {payment_id} that leaves nothing to pay."
            raise Refusal("no_netting", what, "List them: apportion payments list.")
        if found["decision"] is not None:
            if found["decision"] == decision:
                return
            what = f"set-off {payment_id} was {found['decision']} by {found['decided_by']}."
            raise Refusal("decided_before", what, "Propose it again after a decline; approved is final.")
        try:
            with connection.transaction():
                connection.execute(
                    """insert into ledger.netting_decisions (payment_id, decision, decided_by, detail)
                       values (%(payment_id)s, %(decision)s, %(decided_by)s, %(detail)s)""",
                    row,
                )
        except psycopg.errors.CheckViolation as error:
            what = f"set-off {payment_id} was proposed by {found['proposed_by']}, who cannot decide on it."
            raise Refusal("own_file", what, "A second person decides.") from error
        if approve:
            connection.execute(statements.JOURNAL_OF_FILE, {"payment_ids": [payment_id]})
        else:
            reverse(connection, payment_id, "declined", detail or f"declined by {decided_by.strip()}")
        append_entry(connection, f"netting_{decision}", row)
