"""Disputes: what a receiver claims more or less than a document says, from raising to its end.

Belongs here: raising, resolving, the worklist.
Belongs elsewhere: finding differences (``matching``), how much is held back (dbt, the analysis ``held_part``), holding
it back (``assets.payments``), the states on a day (``ledger.dispute_states``).

A dispute never changes a document. It ends in an adjustment of a later settlement, or in nothing.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg.rows import dict_row

from assets.posting.audit_chain import append_entry
from assets.publishing.refusal import Refusal
from orchestration.dbt.analyses import analysis

_RAISE = """
    insert into ledger.disputes (dispute_id, settlement_key, agreement_id, payer_party_id, receiver_party_id,
        currency_code, matching_id, disputed_minor, held_minor, raised_on, answer_by, escalate_on, raised_by, detail)
    values ('D' || md5(%(settlement_key)s || '/' || %(agreement_id)s || '/' || %(raised_on)s::date),
        %(settlement_key)s, %(agreement_id)s, %(payer_party_id)s, %(receiver_party_id)s,
        %(currency_code)s, %(matching_id)s, %(disputed_minor)s, %(held_minor)s,
        %(raised_on)s, %(raised_on)s::date + %(answer_within_days)s::integer,
        array(select %(raised_on)s::date + days from unnest(%(escalate_after_days)s::integer[]) as days order by days),
        %(raised_by)s, %(detail)s)
    returning dispute_id, held_minor
"""

_WORKLIST = """
    select disputes.dispute_id, documents.document_number, disputes.agreement_id, disputes.receiver_party_id,
        disputes.currency_code, disputes.disputed_minor, states.held_minor, states.state, states.escalation_level,
        states.next_escalation_on, disputes.raised_on, disputes.answer_by, disputes.raised_by, disputes.detail,
        resolutions.adjustment_minor, resolutions.resolved_on, resolutions.approved_by
    from ledger.dispute_states(%(as_of)s) as states
    join ledger.disputes using (dispute_id)
    join ledger.settlement_documents as documents on disputes.settlement_key = documents.settlement_key
    left join ledger.dispute_resolutions as resolutions on disputes.dispute_id = resolutions.dispute_id
    where states.state in ('open', 'escalated') or %(with_ended)s
    order by states.escalation_level desc, disputes.answer_by, disputes.dispute_id
"""

_RESOLVE = """
    insert into ledger.dispute_resolutions (dispute_id, adjustment_minor, adjustment_id, resolved_on, requested_by,
        approved_by, detail)
    values (%(dispute_id)s, %(adjustment_minor)s,
        case when %(adjustment_minor)s <> 0 then 'dispute-' || substr(%(dispute_id)s, 2, 30) end, %(resolved_on)s,
        %(requested_by)s, %(approved_by)s, %(detail)s)
"""

_ADJUST = """
    insert into inbox.adjustments (adjustment_id, effective_from, agreement_id, receiver_party_id, currency_code,
        amount_minor, reason, requested_by, approved_by, dispute_id)
    select resolutions.adjustment_id, resolutions.resolved_on, disputes.agreement_id, disputes.receiver_party_id,
        disputes.currency_code, resolutions.adjustment_minor,
        'dispute ' || disputes.dispute_id || ' ' || resolutions.detail,
        resolutions.requested_by, resolutions.approved_by, disputes.dispute_id
    from ledger.dispute_resolutions as resolutions join ledger.disputes using (dispute_id)
    where dispute_id = %(dispute_id)s and resolutions.adjustment_minor <> 0
"""


@dataclass(frozen=True, slots=True)
class Raised:
    """A dispute as it was raised; ``held_minor`` of the document's payment waits for its end."""

    dispute_id: str
    held_minor: int


def raise_dispute(
    connection: psycopg.Connection,
    document_number: str,
    agreement_id: str,
    disputed_minor: int,
    *,
    on: date,
    by: str,
    detail: str = "",
    matching_id: int | None = None,
) -> Raised:
    """Raise a dispute about a posted document: the receiver claims ``disputed_minor`` more (negative: less).

    Raises:
        Refusal: ``no_document`` (or the agreement is not on it), ``window_closed``, ``no_difference``, ``no_name``,
            ``raised_before`` (the same day).
    """
    if not by.strip():
        raise Refusal("no_name", "a dispute needs the name of the person who raises it.", "Pass --by NAME.")
    if disputed_minor == 0:
        raise Refusal("no_difference", "a dispute about 0 minor units.", "Say what is claimed more, or less with a -.")
    given = {
        "document_number": document_number, "agreement_id": agreement_id, "disputed_minor": disputed_minor,
        "raised_on": on, "raised_by": by.strip(), "detail": detail, "matching_id": matching_id,
    }  # fmt: skip
    with connection.transaction():
        with connection.cursor(row_factory=dict_row) as cursor:
            terms = cursor.execute(analysis("held_part"), given).fetchone()
        if terms is None:
            found = f"no posted document {document_number} with agreement {agreement_id}."
            raise Refusal("no_document", found, "Take both from the statement.")
        if on > terms["raise_until"]:
            found = f"document {document_number} could be disputed until {terms['raise_until']}; on {on} it stands."
            raise Refusal("window_closed", found, "Correct it with an adjustment, if the parties agree on one.")
        try:
            with connection.transaction():
                raised = connection.execute(_RAISE, given | terms).fetchone()
        except psycopg.errors.UniqueViolation as error:
            found = f"document {document_number} was disputed on {on} before."
            raise Refusal("raised_before", found, "Look at the worklist: apportion disputes list.") from error
        assert raised is not None
        append_entry(connection, "dispute_raised", given | {"dispute_id": raised[0], "raised_on": on.isoformat()})
    return Raised(*raised)


def resolve_dispute(
    connection: psycopg.Connection,
    dispute_id: str,
    adjustment_minor: int,
    *,
    on: date,
    requested_by: str,
    approved_by: str,
    detail: str = "",
) -> None:
    """End a dispute: an adjustment of the next settlement, or 0 where the document is right. Two people decide.

    Raises:
        Refusal: ``no_dispute``, ``not_open`` (resolved or deemed accepted), ``beyond_the_dispute``, ``one_person``.
    """
    row = {
        "dispute_id": dispute_id, "adjustment_minor": adjustment_minor, "resolved_on": on,
        "requested_by": requested_by.strip(), "approved_by": approved_by.strip(), "detail": detail,
    }  # fmt: skip
    with connection.transaction():
        connection.execute("select from ledger.disputes where dispute_id = %s for update", [dispute_id])
        found = connection.execute(
            """select states.state, disputes.disputed_minor from ledger.dispute_states(%s) as states
               join ledger.disputes using (dispute_id) where dispute_id = %s""",
            [on, dispute_id],
        ).fetchone()
        if found is None:
            raise Refusal("no_dispute", f"there is no dispute {dispute_id} on {on}.", "apportion disputes list.")
        state, disputed_minor = found
        if state not in ("open", "escalated"):
            remedy = "Agree on an adjustment (adjustments_*.csv) if it has to be corrected all the same."
            raise Refusal("not_open", f"dispute {dispute_id} is {state}.", remedy)
        if not min(0, disputed_minor) <= adjustment_minor <= max(0, disputed_minor):
            between = f"expected 0 to {disputed_minor}"
            message = f"dispute {dispute_id}: an adjustment of {adjustment_minor}, {between}."
            raise Refusal("beyond_the_dispute", message, "Nobody claims more; use adjustments_*.csv for anything else.")
        try:
            with connection.transaction():
                connection.execute(_RESOLVE, row)
                connection.execute(_ADJUST, row)
        except psycopg.errors.CheckViolation as error:
            message = f"dispute {dispute_id}: requested by {requested_by!r} and approved by {approved_by!r}."
            raise Refusal("one_person", message, "Two people with names resolve a dispute.") from error
        append_entry(connection, "dispute_resolved", row | {"resolved_on": on.isoformat()})


def worklist(connection: psycopg.Connection, as_of: date, *, with_ended: bool = False) -> list[dict[str, Any]]:
    """Disputes on a day, the most urgent first; those that ended only ``with_ended``."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_WORKLIST, {"as_of": as_of, "with_ended": with_ended}).fetchall()


def worklist_rows(connection: psycopg.Connection, as_of: date) -> list[dict[str, str]]:
    """The worklist as text, for CSV and for Dagster's metadata."""
    return [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in worklist(connection, as_of)
    ]
