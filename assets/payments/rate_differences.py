"""What a rate that moved between the position and the payment gives or takes, where the receiver bears it.

Belongs here: adjustments made from accepted payments, each once for ever.
Belongs elsewhere: the conversions (dbt: the position's, and the analysis ``rate_differences``), paying (``pay``).

The document stays as it is: the difference is an item of the agreement's next settlement. Where no rate is published
for the day of the payment, nothing is guessed: the difference waits until the source is loaded.
"""

from typing import Any

import psycopg
from psycopg.rows import dict_row

from assets.posting.audit_chain import append_entry
from assets.publishing.refusal import Refusal
from orchestration.dbt.analyses import analysis

_ADJUST = """
    insert into inbox.adjustments (adjustment_id, effective_from, agreement_id, receiver_party_id, currency_code,
        amount_minor, reason, requested_by, approved_by, payment_id)
    values (%(adjustment_id)s, %(execution_date)s, %(agreement_id)s, %(receiver_party_id)s, %(currency_code)s,
        %(amount_minor)s, 'rate of the payment day, payment ' || %(payment_id)s, %(by)s,
        'terms of ' || %(agreement_id)s || ' ' || %(version)s, %(payment_id)s)
    on conflict do nothing
    returning adjustment_id
"""


def adjust_rate_differences(connection: psycopg.Connection, *, by: str) -> tuple[list[dict[str, Any]], int]:
    """Make the adjustments of all accepted payments that have none yet; they, and how many wait for a rate.

    Raises:
        Refusal: ``no_name``.
    """
    if not by.strip():
        raise Refusal("no_name", "an adjustment needs the name of the person who asks for it.", "Pass --by NAME.")
    made, waiting = [], 0
    with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(analysis("rate_differences")).fetchall():
            if not row["has_rate"]:
                waiting += 1
            elif row["amount_minor"] and cursor.execute(_ADJUST, row | {"by": by.strip()}).fetchone():
                made.append(row)
        if made:
            payload = {row["adjustment_id"]: row["amount_minor"] for row in made}
            append_entry(connection, "rate_differences_adjusted", {"by": by.strip(), "adjustments": payload})
    return made, waiting
