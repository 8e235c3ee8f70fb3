"""What a bill run is made from, as named digests: the same parts give the same draft.

Belongs here: naming the parts of the input and joining them to one digest.
Belongs elsewhere: usage and populations (``assets.ingestion.digests``), hashing rows (``assets.publishing.digests``),
opening the run (``assets.publishing.bill_runs``).
"""

from datetime import date, datetime, timedelta

import psycopg
from psycopg import sql

from assets.ingestion.digests import population_digest, usage_digest
from assets.publishing.digests import row_digest, sha256_of
from assets.rows import first_value

# FX rates older than this before the issue date are never looked up: sources publish every working day.
_FX_DAYS_BEFORE_ISSUE = 40
# Ingestion refuses older events, so earlier periods cannot reach into this run.
_LATE_DAYS = 120


def input_parts(
    connection: psycopg.Connection,
    *,
    lane: str,
    bill_run_id: int,
    book_id: int,
    sealed_batch_id: int,
    issue_date: date,
    period_start: datetime,
    code_version: str,
) -> dict[str, str]:
    """The named digests of a run whose scope is filled; ``sha256_of`` them is the run's input digest."""
    book_digest = first_value(
        connection.execute("select book_digest from catalog.book_versions where book_id = %s", [book_id])
    )
    settled_from = {}
    if lane == "settle":
        settled_from = {
            "customer_payments": _customer_payments_digest(connection),
            "line_corrections": _line_corrections_digest(connection),
        }
    return {
        **settled_from,
        "measured_before": _measured_before_digest(connection),
        "book": book_digest,
        "code": code_version,
        "fx_rates": _fx_digest(connection, issue_date),
        "opening_balances": _opening_balances_digest(connection, lane, bill_run_id, period_start),
        "issue_date": issue_date.isoformat(),
        "populations": population_digest(connection),
        "posted_before": (
            _posted_shares_digest(connection)
            if lane == "settle"
            else _posted_before_digest(connection, lane, bill_run_id, period_start)
        ),
        "scope": _scope_digest(connection, lane, bill_run_id),
        "usage": usage_digest(connection, sealed_batch_id),
    }


def input_digest(parts: dict[str, str]) -> str:
    """One SHA-256 over the named parts."""
    return sha256_of(parts)


def _fx_digest(connection: psycopg.Connection, issue_date: date) -> str:
    query = sql.SQL("""
        select fx_source, rate_date - date '2000-01-01', base_currency_code, quote_currency_code, rate
        from catalog.fx_rates
        where rate_date < %(issue_date)s and rate_date >= %(oldest_date)s""")
    oldest_date = issue_date - timedelta(days=_FX_DAYS_BEFORE_ISSUE)
    return row_digest(connection, query, {"issue_date": issue_date, "oldest_date": oldest_date})


def _opening_balances_digest(
    connection: psycopg.Connection, lane: str, bill_run_id: int, period_start: datetime
) -> str:
    """What posted periods settled and left: guarantees, caps and advances, counters and fees go on from there."""
    parts = {
        "closing_balances": _closing_balances_digest(connection, lane, bill_run_id),
        "settlement_items": _settlement_items_digest(connection),
    }
    if lane not in ("build", "settle"):
        parts["counters_over"] = _counters_over_digest(connection, period_start)
    return sha256_of(parts)


def _closing_balances_digest(connection: psycopg.Connection, lane: str, bill_run_id: int) -> str:
    """Balances of the last posted run of each account in the scope, by the rule of dbt's ``int_last_bills``."""
    query = sql.SQL("""
        select account_id, product_id, offering_id, price_id, balance_kind, counter_start - date '2000-01-01',
            counter_until - date '2000-01-01', value, quantity, highest_quantity, free_quantity, event_count,
            currency_code, amount_billed, extract(epoch from covered_from), extract(epoch from covered_until)
        from published.fct_closing_balances
        join (
            select distinct on (run_scope.account_id) run_scope.account_id, bill_runs.bill_run_id
            from {run_scope} as run_scope
            join published.fct_account_outcomes using (account_id)
            join control.bill_runs on fct_account_outcomes.bill_run_id = bill_runs.bill_run_id
            where run_scope.bill_run_id = %(bill_run_id)s and bill_runs.state = 'posted'
                and fct_account_outcomes.outcome <> 'parked'
                and (%(lane)s = 'build' or bill_runs.period_end <= run_scope.period_start)
            order by run_scope.account_id, bill_runs.posted_at desc, bill_runs.bill_run_id desc
        ) as last_bills using (account_id, bill_run_id)""").format(run_scope=sql.Identifier(lane, "run_scope"))
    return row_digest(connection, query, {"lane": lane, "bill_run_id": bill_run_id})


def _counters_over_digest(connection: psycopg.Connection, period_start: datetime) -> str:
    """Where late usage goes on, for a run beside the bill runs: in their own lane ``posted_before`` says it."""
    query = sql.SQL("""
        select bill_runs.period_id, bill_runs.sequence, account_id, product_id, offering_id, price_id,
            counter_start - date '2000-01-01', value, quantity
        from published.fct_closing_balances
        join control.bill_runs using (bill_run_id)
        where balance_kind = 'ended' and bill_runs.state = 'posted' and bill_runs.period_end > %(oldest)s
            and bill_runs.period_end <= %(period_start)s""")
    oldest = period_start - timedelta(days=_LATE_DAYS)
    return row_digest(connection, query, {"oldest": oldest, "period_start": period_start})


def _settlement_items_digest(connection: psycopg.Connection) -> str:
    query = sql.SQL("""
        select item_key, item_kind, agreement_id, item_id, receiver_party_id, currency_code, amount_minor,
            settled_on - date '2000-01-01', reference
        from ledger.settlement_items where stage = 'position'""")
    return row_digest(connection, query, {})


def _scope_digest(connection: psycopg.Connection, lane: str, bill_run_id: int) -> str:
    query = sql.SQL("""
        select account_id, period_id, extract(epoch from period_start), extract(epoch from period_end), time_zone
        from {}.run_scope where bill_run_id = %(bill_run_id)s""").format(sql.Identifier(lane))
    return row_digest(connection, query, {"bill_run_id": bill_run_id})


def _posted_before_digest(connection: psycopg.Connection, lane: str, bill_run_id: int, period_start: datetime) -> str:
    """What earlier posted runs have taken: usage they rated is not late usage of this run."""
    query = sql.SQL("""
        select period_id, sequence, output_digest
        from control.bill_runs
        where lane = %(lane)s and state = 'posted' and bill_run_id <> %(bill_run_id)s and period_end > %(oldest)s""")
    oldest = period_start - timedelta(days=_LATE_DAYS)
    return row_digest(connection, query, {"lane": lane, "bill_run_id": bill_run_id, "oldest": oldest})


def _posted_shares_digest(connection: psycopg.Connection) -> str:
    """What a settlement run settles: the posted bill runs, and what of them was settled before."""
    query = sql.SQL("""
        select source_runs.lane, source_runs.period_id, source_runs.sequence, source_runs.output_digest,
            settled.agreement_id, settled.month_from - date '2000-01-01', settled.currency_code, settled.amount_exact
        from control.bill_runs as source_runs
        left join ledger.settled_shares as settled on source_runs.bill_run_id = settled.source_bill_run_id
        where source_runs.lane in ('build', 'settle') and source_runs.state = 'posted'""")
    return row_digest(connection, query, {})


def _customer_payments_digest(connection: psycopg.Connection) -> str:
    query = sql.SQL("""
        select payment_id, received_on - date '2000-01-01', kind, bill_number, account_id, currency_code, amount_minor
        from inbox.customer_payments""")
    return row_digest(connection, query, {})


def _line_corrections_digest(connection: psycopg.Connection) -> str:
    query = sql.SQL("""
        select correction_id, corrected_on - date '2000-01-01', line_key, currency_code, amount_minor, state
        from ledger.line_corrections""")
    return row_digest(connection, query, {})


def _measured_before_digest(connection: psycopg.Connection) -> str:
    """What posted runs measured for tiers of sharing items; a year of tiers goes on from there."""
    query = sql.SQL("""
        select shares.agreement_id, shares.item_id, shares.receiver_party_id, bill_runs.period_id,
            sum(shares.measured_exact)
        from published.fct_revenue_shares as shares
        join control.bill_runs using (bill_run_id)
        where shares.measured_exact is not null and bill_runs.lane = 'build' and bill_runs.state = 'posted'
        group by 1, 2, 3, 4""")
    return row_digest(connection, query, {})
