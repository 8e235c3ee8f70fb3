"""What a bill run is made from, as named digests: the same parts give the same draft.

Belongs here: naming the parts of the input and joining them to one digest.
Belongs elsewhere: opening the run (``assets.publishing.bill_runs``), hashing rows (``assets.publishing.digests``).
"""

from datetime import date, datetime, timedelta

import psycopg
from psycopg import sql

from assets.publishing.digests import row_digest, sha256_of

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
    book_digest = connection.execute(
        "select book_digest from catalog.book_versions where book_id = %s", [book_id]
    ).fetchone()[0]
    return {
        "book": book_digest,
        "code": code_version,
        "fx_rates": _fx_digest(connection, issue_date),
        "issue_date": issue_date.isoformat(),
        "populations": population_digest(connection, sealed_batch_id),
        "posted_before": _posted_before_digest(connection, lane, bill_run_id, period_start),
        "scope": _scope_digest(connection, lane, bill_run_id),
        "usage": usage_digest(connection, sealed_batch_id),
    }


def input_digest(parts: dict[str, str]) -> str:
    """One SHA-256 over the named parts."""
    return sha256_of(parts)


def usage_digest(connection: psycopg.Connection, sealed_batch_id: int) -> str:
    """Accepted usage of all batches up to the sealed one, by event key and content hash; file and line are left out."""
    query = sql.SQL("""
        select usage_rows.event_key, usage_rows.content_hash
        from inbox.usage_rows
        where usage_rows.batch_id <= %(sealed_batch_id)s
            and not exists (
                select from inbox.row_dispositions
                where row_dispositions.file_id = usage_rows.file_id
                    and row_dispositions.line_number = usage_rows.line_number
                    and row_dispositions.decided_in_batch_id <= %(sealed_batch_id)s
            )""")
    return row_digest(connection, query, {"sealed_batch_id": sealed_batch_id})


# Columns of the populations that carry content; the file and line they came from do not.
_POPULATIONS = {
    "parties": "party_id, effective_from - date '2000-01-01', party_kind, name, country_code, tax_number, tax_status, "
    "language_code, parent_party_id, bank_account, address_lines",
    "billing_accounts": "account_id, effective_from - date '2000-01-01', party_id, currency_code, language_code, "
    "bill_cycle, due_days",
    "products": "product_id, extract(epoch from effective_from), extract(epoch from effective_until), account_id, "
    "offering_id, seller_party_id",
    "product_identifiers": "identifier_kind, identifier, extract(epoch from effective_from), "
    "extract(epoch from effective_until), product_id",
}


def population_digest(connection: psycopg.Connection, sealed_batch_id: int) -> str:
    """Every dated record of the populations, by content. Populations are master data: the latest state counts."""
    digests = {
        table: row_digest(
            connection,
            sql.SQL("select " + columns + " from inbox.{}").format(sql.Identifier(table)),  # noqa: S608  columns above
            {},
        )
        for table, columns in _POPULATIONS.items()
    }
    digests["price_overrides"] = row_digest(
        connection,
        sql.SQL("""
            select price_overrides.product_id, price_overrides.price_id,
                extract(epoch from price_overrides.effective_from), extract(epoch from price_overrides.effective_until),
                price_overrides.tariff_model, price_overrides.per_quantity, tiers.tier_number, tiers.from_quantity,
                tiers.until_quantity, tiers.unit_amount, tiers.flat_amount, tiers.package_size
            from inbox.price_overrides
            left join inbox.price_override_tiers as tiers using (price_override_id)"""),
        {},
    )
    return sha256_of(digests)


def _fx_digest(connection: psycopg.Connection, issue_date: date) -> str:
    query = sql.SQL("""
        select fx_source, rate_date - date '2000-01-01', base_currency_code, quote_currency_code, rate
        from catalog.fx_rates
        where rate_date < %(issue_date)s and rate_date >= %(oldest_date)s""")
    oldest_date = issue_date - timedelta(days=_FX_DAYS_BEFORE_ISSUE)
    return row_digest(connection, query, {"issue_date": issue_date, "oldest_date": oldest_date})


def _scope_digest(connection: psycopg.Connection, lane: str, bill_run_id: int) -> str:
    query = sql.SQL("""
        select account_id, period_id, extract(epoch from period_start), extract(epoch from period_end)
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
