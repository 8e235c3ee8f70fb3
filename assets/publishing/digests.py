"""Digests of what a bill run is made from and of what it made.

Belongs here: hashing rows by their natural columns, the digest of the code and of a run's output.
Belongs elsewhere: digests of usage and populations (``assets.ingestion.digests``), stored hashes of files and PDFs.

Surrogate ids (bill run, price version, terms, product numbers, file ids) are left out, so that a rebuild on another
machine gives the same digest.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from assets.rows import first_value

# One query per output relation. Numbers print by their declared scale and instants as epochs, so that no session
# setting (time zone, date style) reaches the digest.
_OUTPUT: dict[str, LiteralString] = {
    "fct_applied_billing_rates": """
        select period_id, line_key, account_id, product_id, offering_id, bundle_offering_id, price_id, charge_kind,
            service_kind, seller_party_id, tax_category, legal_entity_id, extract(epoch from covered_from),
            extract(epoch from covered_until), is_late, event_count, billed_quantity, allowance_quantity, period_factor,
            price_currency_code, amount_exact, fx_source, fx_date - date '2000-01-01', fx_rate, currency_code,
            amount_minor, line_number, list_minor, before_discount_minor, is_tax_inclusive, tax_minor,
            coupon_exact_minor, coupon_minor, credit_minor, carried_exact_minor
        from {}.fct_applied_billing_rates where bill_run_id = %(bill_run_id)s""",
    "fct_applied_party_billing_rates": """
        select period_id, line_key, agreement_id, tariff_id, price_id, payer_party_id, receiver_party_id, service_kind,
            is_settled, extract(epoch from covered_from), extract(epoch from covered_until), is_late, event_count,
            billed_quantity, currency_code, tax_category, amount_exact
        from {}.fct_applied_party_billing_rates where bill_run_id = %(bill_run_id)s""",
    "fct_line_adjustments": """
        select line_key, adjustment_number, adjustment_id, kind, borne_by, quantity, price_currency_code, amount_exact,
            currency_code, amount_minor
        from {}.fct_line_adjustments where bill_run_id = %(bill_run_id)s""",
    "fct_rate_parts": """
        select line_key, part_number, part_kind, tier_number, extract(epoch from covered_from),
            extract(epoch from covered_until), quantity, period_factor, price_currency_code, amount_exact,
            left_to_pay_exact, charged_exact
        from {}.fct_rate_parts where bill_run_id = %(bill_run_id)s""",
    "fct_revenue_shares": """
        select line_key, hop_number, step_number, agreement_id, item_id, payer_party_id, receiver_party_id, is_kept,
            currency_code, tax_category, base_exact, amount_exact
        from {}.fct_revenue_shares where bill_run_id = %(bill_run_id)s""",
    "fct_negative_margins": """
        select period_id, margin_kind, agreement_id, item_id, offering_id, price_id, bearer_party_id, currency_code,
            event_count, revenue_exact, cost_exact, margin_exact
        from {}.fct_negative_margins where bill_run_id = %(bill_run_id)s""",
    "fct_positions": """
        select period_id, hop_number, agreement_id, item_id, payer_party_id, receiver_party_id, is_kept, currency_code,
            tax_category, line_count, amount_exact, amount_minor, settlement_currency_code, fx_source,
            fx_date - date '2000-01-01', fx_rate, settlement_amount_minor
        from {}.fct_positions where bill_run_id = %(bill_run_id)s""",
    "fct_customer_bills": """
        select period_id, account_id, party_id, legal_entity_id, language_code, currency_code, customer,
            issue_date - date '2000-01-01', due_date - date '2000-01-01', line_count, net_minor, tax_minor, gross_minor,
            coupon_minor, credit_minor
        from {}.fct_customer_bills where bill_run_id = %(bill_run_id)s""",
    "fct_bill_taxes": """
        select customer_bills.account_id, customer_bills.legal_entity_id, bill_taxes.tax_category,
            bill_taxes.tax_treatment, bill_taxes.tax_rate_percent, bill_taxes.tax_mention, bill_taxes.currency_code,
            bill_taxes.base_minor, bill_taxes.tax_minor, bill_taxes.home_currency_code, bill_taxes.home_fx_rate,
            bill_taxes.tax_home_minor, bill_taxes.tax_id
        from {}.fct_bill_taxes as bill_taxes
        left join {}.fct_customer_bills as customer_bills using (bill_run_id, bill_key)
        where bill_run_id = %(bill_run_id)s""",
    "fct_party_settlements": """
        select period_id, payer_party_id, receiver_party_id, receiver, document_kind, currency_code, position_minor,
            tax_category, tax_treatment, tax_rate_percent, tax_mention, tax_minor, document_minor, withheld_minor,
            payment_minor, due_date - date '2000-01-01', is_paid_by_operator, retained_minor,
            retention_release_date - date '2000-01-01'
        from {}.fct_party_settlements where bill_run_id = %(bill_run_id)s""",
    "fct_settled_shares": """
        select settled.period_id, source_runs.period_id as source_period_id, source_runs.sequence, agreement_id,
            month_from - date '2000-01-01', currency_code, share_count, amount_exact
        from {}.fct_settled_shares as settled
        left join (
            select bill_run_id as source_bill_run_id, period_id, sequence from control.bill_runs
        ) as source_runs using (source_bill_run_id)
        where bill_run_id = %(bill_run_id)s""",
    "fct_adjusted_shares": """
        select period_id, reason, line_key, hop_number, agreement_id, item_id, payer_party_id, receiver_party_id,
            is_kept, currency_code, tax_category, base_exact, amount_exact
        from {}.fct_adjusted_shares where bill_run_id = %(bill_run_id)s""",
    "fct_settlement_items": """
        select period_id, settlement_key, item_key, stage, item_kind, agreement_id, item_id, currency_code, basis_minor,
            rate_percent, amount_minor, settled_on - date '2000-01-01', reference
        from {}.fct_settlement_items where bill_run_id = %(bill_run_id)s""",
    "fct_journal_lines": """
        select entry_number, ledger_account, party_id, currency_code, amount_minor
        from {}.fct_journal_lines where bill_run_id = %(bill_run_id)s""",
    "fct_closing_balances": """
        select account_id, product_id, offering_id, price_id, balance_kind, counter_start - date '2000-01-01',
            counter_until - date '2000-01-01', value, quantity, highest_quantity, free_quantity, event_count,
            currency_code, amount_billed, extract(epoch from covered_from), extract(epoch from covered_until)
        from {}.fct_closing_balances where bill_run_id = %(bill_run_id)s""",
    "fct_account_credits": """
        select account_id, credit_kind, credit_id, step_number, name, percent, extract(epoch from effective_from),
            extract(epoch from effective_until), borne_by, currency_code, available_minor, used_minor, left_minor
        from {}.fct_account_credits where bill_run_id = %(bill_run_id)s""",
    "fct_account_outcomes": """
        select period_id, account_id, outcome, reason_code
        from {}.fct_account_outcomes where bill_run_id = %(bill_run_id)s""",
}

# The relations that a run of lane settle makes.
_SETTLEMENT_ONLY = ("fct_adjusted_shares",)
_SETTLEMENT_OUTPUT = (
    *_SETTLEMENT_ONLY,
    "fct_account_outcomes",
    "fct_positions",
    "fct_party_settlements",
    "fct_settled_shares",
    "fct_settlement_items",
    "fct_journal_lines",
)


def sha256_of(parts: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of ``parts`` (sorted keys, no spaces, ASCII)."""
    return hashlib.sha256(canonical_json(parts).encode("ascii")).hexdigest()


def canonical_json(value: Any) -> str:
    """One spelling for equal values. Floats are refused: they have no canonical decimal spelling."""
    _refuse_floats(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; digests take whole numbers and text")
    children = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    for child in children:
        _refuse_floats(child)


def row_digest(connection: psycopg.Connection, query: sql.Composable, parameters: Mapping[str, Any]) -> str:
    """SHA-256 over the rows of ``query`` in any order: sorted row hashes, bucketed so that no sort grows large."""
    statement = sql.SQL("""
        with row_hashes as (
            select sha256(convert_to(natural_rows::text, 'UTF8')) as row_hash
            from ({query}) as natural_rows
        ),
        buckets as (
            -- As bytes, which compare without a collation.
            select get_byte(row_hash, 0) as bucket, sha256(string_agg(row_hash, '' order by row_hash)) as bucket_digest
            from row_hashes group by 1
        )
        select encode(sha256(coalesce(string_agg(bucket_digest, '' order by bucket), '')), 'hex')
        from buckets
    """).format(query=query)
    return first_value(connection.execute(statement, parameters))


def output_digest(connection: psycopg.Connection, schema: str, bill_run_id: int, *, lane: str = "build") -> str:
    """What a run of ``lane`` made, as read from ``schema``, its lane or ``published``.

    A bill run makes charge lines and everything below them, a run of lane ``settle`` settlements only.
    """
    return sha256_of(
        {
            relation: row_digest(
                connection,
                sql.SQL(query).format(*[sql.Identifier(schema)] * query.count("{}")),
                {"bill_run_id": bill_run_id},
            )
            for relation, query in _OUTPUT.items()
            if (relation in _SETTLEMENT_OUTPUT if lane == "settle" else relation not in _SETTLEMENT_ONLY)
        }
    )


def code_digest(dbt_project: Path) -> str:
    """SHA-256 over the calculation: every SQL, YAML and CSV file of the dbt project, by relative path and content.

    What dbt generates (target, logs, packages, its hidden user file) is left out.
    """
    generated = {"target", "logs", "dbt_packages"}
    files = sorted(
        path.relative_to(dbt_project)
        for path in dbt_project.rglob("*")
        if path.suffix in {".sql", ".yml", ".csv"}
        and not path.name.startswith(".")
        and path.is_file()
        and not generated.intersection(path.relative_to(dbt_project).parts)
    )
    if not files:
        raise FileNotFoundError(f"{dbt_project} holds no SQL, YAML or CSV file; expected the dbt project")
    return sha256_of({path.as_posix(): hashlib.sha256((dbt_project / path).read_bytes()).hexdigest() for path in files})
