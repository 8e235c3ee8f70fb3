"""Negative margins: a named person answers for what a partner costs beyond what customers pay.

Belongs here: listing and approving the margins of posted runs.
Belongs elsewhere: working them out (dbt, ``fct_negative_margins``), the gate that waits for the approval
(``assets.quality.payouts_before_paying``).
"""
# ruff: noqa: S608 - SQL is put together from this module's own parts.

from typing import Any

import psycopg
from psycopg.rows import dict_row

from assets.posting.audit_chain import append_entry
from assets.publishing.refusal import Refusal

# Of a billing period the margins of its runs, of a settlement period those of the agreements and runs that it settles.
_OF_PERIOD = """(bill_runs.lane = 'build' and bill_runs.period_id = %(period_id)s
        or (bill_run_id, agreement_id) in (
            select source_bill_run_id, agreement_id from published.fct_settled_shares
            where fct_settled_shares.period_id = %(period_id)s))"""
_MARGINS = f"""
    select margins.bill_run_id, margins.period_id, margins.margin_kind, margins.agreement_id, margins.item_id,
        margins.offering_id, margins.price_id, margins.currency_code, margins.event_count, margins.revenue_exact,
        margins.cost_exact, margins.margin_exact, approvals.approved_by
    from published.fct_negative_margins as margins
    join control.bill_runs using (bill_run_id)
    left join control.margin_approvals as approvals using (bill_run_id, agreement_id)
    where {_OF_PERIOD}
    order by margins.bill_run_id, margins.agreement_id, margins.item_id, margins.offering_id, margins.price_id
"""


def negative_margins(connection: psycopg.Connection, period_id: str) -> list[dict[str, Any]]:
    """The negative margins of a billing or settlement period, each with who approved it, if anybody."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_MARGINS, {"period_id": period_id}).fetchall()


def approve_margins(
    connection: psycopg.Connection, period_id: str, agreement_id: str, *, approved_by: str, reason: str
) -> int:
    """Record that a named person lets an agreement be paid although it costs more than it brings; how many margins.

    Raises:
        Refusal: ``no_name``, ``no_margin`` (nothing posted waits for an approval).
    """
    if not approved_by.strip() or not reason.strip():
        raise Refusal("no_name", f"{agreement_id}: nobody's name, or no reason.", "Say who approves the loss, and why.")
    rows = connection.execute(
        f"""select bill_run_id, count(*), sum(margin_exact)::text, min(currency_code)
           from published.fct_negative_margins join control.bill_runs using (bill_run_id)
           left join control.margin_approvals using (bill_run_id, agreement_id)
           where {_OF_PERIOD}
               and bill_runs.state = 'posted' and agreement_id = %(agreement_id)s
               and margin_approvals.approved_by is null
           group by bill_run_id order by bill_run_id""",
        {"period_id": period_id, "agreement_id": agreement_id},
    ).fetchall()
    if not rows:
        raise Refusal(
            "no_margin",
            f"{period_id}: no posted negative margin of agreement {agreement_id} waits for an approval.",
            "Look at `apportion margins` and post the period first.",
        )
    for bill_run_id, _, _, _ in rows:
        connection.execute(
            """insert into control.margin_approvals (bill_run_id, agreement_id, approved_by, reason)
               values (%s, %s, %s, %s)""",
            [bill_run_id, agreement_id, approved_by.strip(), reason.strip()],
        )
    append_entry(
        connection,
        "negative_margin_approved",
        {
            "period_id": period_id,
            "agreement_id": agreement_id,
            "approved_by": approved_by.strip(),
            "reason": reason.strip(),
            "margins": [
                {"bill_run_id": run, "count": count, "margin": margin, "currency_code": currency}
                for run, count, margin, currency in rows
            ],
        },
    )
    return sum(count for _, count, _, _ in rows)
