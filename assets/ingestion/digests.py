"""Digests of what came in: the same rows give the same digest, however they were cut into files and in any order.

Belongs here: the digest of accepted usage rows and of the populations.
Belongs elsewhere: digests of a run's outputs (``assets.publishing.digests``), file hashes (``store``).

Rows fall into 256 buckets by their key's first byte; each bucket is hashed in key order and the digest is the hash of
the bucket hashes. File and line are not part of it.
"""
# ruff: noqa: S608 - SQL is put together from this package's names and literals; nothing of a file gets into it.

import hashlib
from typing import LiteralString

import psycopg

# Accepted as of a batch: later decisions are left out, so a sealed run keeps its digest whatever arrives afterwards.
ACCEPTED_ROWS: LiteralString = """
    select u.* from inbox.usage_rows u
    where u.batch_id <= %(sealed_batch_id)s and not exists (
        select from inbox.row_dispositions d
        where d.file_id = u.file_id and d.line_number = u.line_number
            and d.decided_in_batch_id <= %(sealed_batch_id)s)"""

# One text per record, made of JSON so that no two records share a spelling; instants as epochs, so that no session
# setting reaches the digest. Numbers of tiers print by their declared scale.
_POPULATIONS: dict[str, LiteralString] = {
    "parties": """
        select jsonb_build_array(party_id, effective_from - date '2000-01-01', party_kind, name, country_code,
            tax_number, tax_status, language_code, parent_party_id, bank_account, address_lines)::text as record
        from inbox.parties""",
    "billing_accounts": """
        select jsonb_build_array(account_id, effective_from - date '2000-01-01', party_id, currency_code, language_code,
            bill_cycle, due_days, time_zone)::text as record from inbox.billing_accounts""",
    "products": """
        select jsonb_build_array(product_id, extract(epoch from effective_from), extract(epoch from effective_until),
            account_id, offering_id, seller_party_id)::text as record from inbox.products""",
    "product_identifiers": """
        select jsonb_build_array(identifier_kind, identifier, extract(epoch from effective_from),
            extract(epoch from effective_until), product_id)::text as record from inbox.product_identifiers""",
    "account_groups": """
        select jsonb_build_array(account_id, extract(epoch from effective_from), extract(epoch from effective_until),
            group_id)::text as record from inbox.account_groups""",
    "price_overrides": """
        select jsonb_build_array(o.product_id, o.price_id, extract(epoch from o.effective_from),
            extract(epoch from o.effective_until), o.tariff_model, o.minimum_amount, o.maximum_amount,
            jsonb_agg(jsonb_build_array(
                t.tier_number, t.from_quantity, t.until_quantity, t.unit_amount, t.flat_amount, t.block_size,
                t.per_quantity, t.block_rounding, t.maximum_amount)
                order by t.tier_number))::text as record
        from inbox.price_overrides o left join inbox.price_override_tiers t using (price_override_id)
        group by o.price_override_id""",
    "allowance_overrides": """
        select jsonb_build_array(product_id, offering_id, allowance_id, extract(epoch from effective_from),
            extract(epoch from effective_until), quantity)::text as record from inbox.allowance_overrides""",
    "opening_balances": """
        select jsonb_build_array(product_id, price_id, counter_start - date '2000-01-01', value, part, quantity,
            amount_billed)::text as record from inbox.opening_balances""",
    "fees_billed": """
        select jsonb_build_array(product_id, price_id, covered_from - date '2000-01-01',
            covered_until - date '2000-01-01', amount_billed)::text as record from inbox.fees_billed""",
    "bucket_balances": """
        select jsonb_build_array(holder_id, offering_id, allowance_id, carried_on - date '2000-01-01',
            quantity)::text as record from inbox.bucket_balances""",
    "coupons": """
        select jsonb_build_array(account_id, coupon_id, extract(epoch from effective_from),
            extract(epoch from effective_until), name, percent, amount, currency_code, lasts, periods, rest, priority,
            products, offerings, prices, charge_kinds, borne_by)::text as record from inbox.coupons""",
    "credits": """
        select jsonb_build_array(account_id, credit_id, extract(epoch from effective_from),
            extract(epoch from effective_until), name, amount, currency_code, priority, products, offerings, prices,
            charge_kinds, borne_by)::text as record from inbox.credits""",
    "tax_certificates": "select jsonb_build_array(party_id, reference, effective_from, effective_until)::text as record"
    " from inbox.tax_certificates",
    "adjustments": """
        select jsonb_build_array(adjustment_id, effective_from, agreement_id, receiver_party_id, currency_code,
            amount_minor, reason, requested_by, approved_by)::text as record
        from inbox.adjustments""",
    "fx_rates": """
        select jsonb_build_array(fx_source, rate_date - date '2000-01-01', base_currency_code, quote_currency_code,
            rate)::text as record from inbox.fx_rates""",
    # Approvals decide about payments only, so a bill run does not depend on them; nor on what customers paid.
}


def usage_digest(connection: psycopg.Connection, sealed_batch_id: int) -> str:
    """SHA-256 over (event key, content hash) of the rows accepted in batches up to ``sealed_batch_id``."""
    rows = connection.execute(
        f"""with accepted as ({ACCEPTED_ROWS}),
        keyed as (select uuid_send(event_key) as key, uuid_send(content_hash) as content from accepted)
        select get_byte(key, 0), count(*), sha256(string_agg(key || content, '' order by key))
        from keyed group by 1 order by 1""",
        {"sealed_batch_id": sealed_batch_id},
    ).fetchall()
    return _of_buckets("usage", rows)


def population_digest(connection: psycopg.Connection) -> str:
    """SHA-256 over all population records as they stand now."""
    parts = []
    for table, query in _POPULATIONS.items():
        rows = connection.execute(
            f"""with hashed as (select sha256(convert_to(record, 'UTF8')) as hash from ({query}) records)
            select get_byte(hash, 0), count(*), sha256(string_agg(hash, '' order by hash))
            from hashed group by 1 order by 1"""
        ).fetchall()
        parts.append(_of_buckets(table, rows))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _of_buckets(name: str, rows: list[tuple[int, int, bytes]]) -> str:
    lines = [name, *(f"{bucket} {count} {digest.hex()}" for bucket, count, digest in rows)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
