"""What a rate that moved between the position and the payment gives or takes, where the receiver bears it.

Belongs here: adjustments made from accepted payments, each once for ever.
Belongs elsewhere: the conversion itself (dbt: once, at the position, with rate, date and source), paying (``pay``).

The document stays as it is: the difference is an item of the agreement's next settlement. Where no rate is published
for the day of the payment, nothing is guessed: the difference waits until the source is loaded.
"""

from typing import Any

import psycopg
from psycopg.rows import dict_row

from assets.posting.audit_chain import append_entry
from assets.publishing.refusal import Refusal

# The rate of the payment's day is the last published before it, as at the position; crossed over the source's base and
# rounded to ten decimals, half away from zero.
_DIFFERENCES = """
    with paid as (
        select distinct on (clearings.settlement_key) clearings.settlement_key, payments.payment_id,
            payments.execution_date
        from ledger.payment_clearings as clearings
        join ledger.payments using (payment_id)
        join ledger.payment_states as states using (payment_id)
        where clearings.part_number = 1 and clearings.cleared_minor > 0 and states.state in ('accepted', 'netted')
        order by clearings.settlement_key, clearings.attempt_number
    ),
    converted as (
        select paid.payment_id, paid.execution_date, agreements.agreement_id, agreements.version, agreements.fx_source,
            positions.receiver_party_id, positions.currency_code, positions.settlement_currency_code,
            positions.amount_exact, positions.settlement_amount_minor,
            10::numeric ^ (settled.minor_digits - charged.minor_digits) as minor_scale
        from paid
        join ledger.settlement_documents as documents using (settlement_key)
        join ledger.posted_positions as posted using (settlement_key)
        join published.fct_positions as positions using (bill_run_id, position_key)
        join catalog.agreements using (agreement_version_id)
        join catalog.currencies as charged on positions.currency_code = charged.currency_code
        join catalog.currencies as settled on positions.settlement_currency_code = settled.currency_code
        where agreements.receiver_bears_rate_difference
            and positions.currency_code <> positions.settlement_currency_code
    ),
    priced as (
        select converted.*, rates.fx_rate
        from converted
        left join lateral (
            select round(legs_to.rate / legs_from.rate, 10) as fx_rate
            from (
                select max(rate_date) as rate_date from catalog.fx_rates
                where fx_rates.fx_source = converted.fx_source and fx_rates.rate_date < converted.execution_date
                    and fx_rates.rate_date >= converted.execution_date - 10
            ) as last_day
            cross join lateral (
                select rate from catalog.fx_rates
                where fx_source = converted.fx_source and rate_date = last_day.rate_date
                    and quote_currency_code = converted.currency_code
                union all select 1 from catalog.fx_rates
                where fx_source = converted.fx_source and rate_date = last_day.rate_date
                    and base_currency_code = converted.currency_code limit 1
            ) as legs_from
            cross join lateral (
                select rate from catalog.fx_rates
                where fx_source = converted.fx_source and rate_date = last_day.rate_date
                    and quote_currency_code = converted.settlement_currency_code
                union all select 1 from catalog.fx_rates
                where fx_source = converted.fx_source and rate_date = last_day.rate_date
                    and base_currency_code = converted.settlement_currency_code limit 1
            ) as legs_to
        ) as rates on true
    )
    select 'fx-' || substr(md5(payment_id || '/' || agreement_id || '/' || receiver_party_id), 1, 30) as adjustment_id,
        payment_id, execution_date, agreement_id, max(version) as version, receiver_party_id,
        settlement_currency_code as currency_code, bool_and(fx_rate is not null) as has_rate,
        sum(round(amount_exact * fx_rate * minor_scale) - settlement_amount_minor)::bigint as amount_minor
    from priced
    group by payment_id, execution_date, agreement_id, receiver_party_id, settlement_currency_code
    order by execution_date, payment_id, agreement_id
"""

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
        for row in cursor.execute(_DIFFERENCES).fetchall():
            if not row["has_rate"]:
                waiting += 1
            elif row["amount_minor"] and cursor.execute(_ADJUST, row | {"by": by.strip()}).fetchone():
                made.append(row)
        if made:
            payload = {row["adjustment_id"]: row["amount_minor"] for row in made}
            append_entry(connection, "rate_differences_adjusted", {"by": by.strip(), "adjustments": payload})
    return made, waiting
