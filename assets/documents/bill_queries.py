"""Queries over posted bills: each reads one table for a whole batch of them.

Belongs here: the SQL, with the order in which a bill shows its rows, and the sums for its groups.
Belongs elsewhere: running it (``bills``), every other amount (dbt models).
"""

# One document per statement, which holds the invoices of all suppliers.
BILL_KEYS = """
    select statement_key, statement_number from ledger.bill_statements
    where bill_run_id = %(bill_run_id)s and invoice_place = 1
    order by account_id
"""

STATEMENTS = """
    select bill_key, statement_key, statement_gross_minor from ledger.bill_statements
    where bill_run_id = %(bill_run_id)s and statement_key = any(%(keys)s)
    order by account_id, invoice_place
"""

BILLS = """
    select bills.*, runs.input_digest, runs.book_id, books.book_digest, books.operator_party_id,
        (runs.period_start at time zone books.time_zone)::date as first_day,
        ((runs.period_end - interval '1 microsecond') at time zone books.time_zone)::date as last_day,
        entities.legal_name, entities.address_lines, entities.country_code, entities.tax_number, entities.bank_account
    from ledger.customer_bills as bills
    join control.bill_runs as runs using (bill_run_id)
    join catalog.book_versions as books using (book_id)
    join catalog.legal_entities as entities using (book_id, legal_entity_id)
    where bills.bill_run_id = %(bill_run_id)s and bills.bill_key = any(%(keys)s)
"""

# Fees before usage, then the order in which the book lists the prices.
LINES = """
    select posted.bill_key, lines.*, coalesce(lines.bundle_offering_id, lines.offering_id) as product_offering_id,
        case prices.measure_aggregation when 'count' then '1'
            else coalesce(specifications.quantity_units_of_measure[prices.measure_slot], '') end as unit,
        (lines.covered_from at time zone books.time_zone)::date as first_day,
        (greatest(lines.covered_until - interval '1 microsecond', lines.covered_from)
            at time zone books.time_zone)::date as last_day
    from ledger.posted_lines as posted
    join published.fct_applied_billing_rates as lines using (bill_run_id, line_key)
    join control.bill_runs as runs using (bill_run_id)
    join catalog.book_versions as books using (book_id)
    left join catalog.prices as prices using (price_version_id)
    left join catalog.usage_specification_versions as specifications
        on prices.book_id = specifications.book_id
        and prices.usage_specification_id = specifications.usage_specification_id
    where posted.bill_run_id = %(bill_run_id)s and posted.bill_key = any(%(keys)s)
    order by posted.bill_key, product_offering_id, lines.product_id,
        lines.line_number, lines.line_key
"""

ADJUSTMENTS = """
    select posted.bill_key, adjustments.line_key, adjustments.adjustment_id, adjustments.kind, adjustments.amount_minor,
        credits.credit_kind, credits.name as credit_name
    from ledger.posted_lines as posted
    join published.fct_line_adjustments as adjustments using (bill_run_id, line_key)
    join published.fct_applied_billing_rates as lines using (bill_run_id, line_key)
    left join published.fct_account_credits as credits
        on lines.bill_run_id = credits.bill_run_id and lines.account_id = credits.account_id
        and adjustments.kind = credits.credit_kind and adjustments.adjustment_id = credits.credit_id
    where posted.bill_run_id = %(bill_run_id)s and posted.bill_key = any(%(keys)s)
    order by adjustments.line_key, adjustments.adjustment_number
"""

SUMS = """
    select posted.bill_key, lines.service_kind, coalesce(lines.bundle_offering_id, lines.offering_id) as offering_id,
        lines.product_id, sum(lines.amount_minor)::bigint as net_minor
    from ledger.posted_lines as posted
    join published.fct_applied_billing_rates as lines using (bill_run_id, line_key)
    where posted.bill_run_id = %(bill_run_id)s and posted.bill_key = any(%(keys)s)
    group by grouping sets (
        (posted.bill_key, lines.service_kind),
        (posted.bill_key, coalesce(lines.bundle_offering_id, lines.offering_id), lines.product_id)
    )
    order by posted.bill_key, net_minor desc, lines.service_kind
"""

TAXES = """
    select * from published.fct_bill_taxes
    where bill_run_id = %(bill_run_id)s and bill_key = any(%(keys)s)
    order by bill_key, tax_id <> 'vat', tax_rate_percent desc, tax_category, tax_treatment, tax_id
"""

IDENTIFIERS = """
    select distinct identifiers.product_id, identifiers.identifier_kind, identifiers.identifier
    from inbox.product_identifiers as identifiers
    join control.bill_runs as runs on runs.bill_run_id = %(bill_run_id)s
    where identifiers.product_id = any(%(product_ids)s)
        and identifiers.effective_from < runs.period_end
        and coalesce(identifiers.effective_until, 'infinity') > runs.period_start
    order by identifiers.product_id, identifiers.identifier_kind, identifiers.identifier
"""
