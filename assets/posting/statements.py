"""The SQL of posting: what is asked before, and the set-based copies of a draft into the ledger.

Belongs here: statements. Belongs elsewhere: their order and conditions (``assets.posting.post``). No amount is
calculated here: amounts are those of the published draft.
"""

EARLIER_DRAFT = """
    select period_id from control.bill_runs
    where lane = %(lane)s and substring(period_id from 9) = %(cycle)s and sequence = 0 and state <> 'posted'
        and period_start < %(period_start)s
    order by period_start limit 1
"""

# A settlement period is closed after the bill runs that end in it.
UNPOSTED_BILL_RUN = """
    select period_id from control.bill_runs
    where %(lane)s = 'settle' and lane = 'build' and sequence = 0 and state <> 'posted' and period_end <= %(period_end)s
    order by period_start limit 1
"""

OUTCOMES = """
    select outcome, count(*) from published.fct_account_outcomes where bill_run_id = %(bill_run_id)s group by outcome
"""

# Usage inside the period can only have been billed by a run that reached into it; late usage by any. Run ids are
# given as values, so that no other leaf is read.
POSTED_SINCE_PERIOD_START = """
    select bill_run_id from control.bill_runs
    where lane = %(lane)s and state = 'posted' and period_end > %(period_start)s
"""
POSTED_RUNS = """
    select bill_run_id from control.bill_runs where lane = %(lane)s and state = 'posted'
"""
# Usage of an account that was parked is rated but not billed, on either side; nor is what sharing items take of a line.
EVENT_BILLED_BEFORE = """
    with parked_products as (
        select products.bill_run_id, products.product_number
        from published.dim_rated_products as products
        left join published.fct_account_outcomes as outcomes using (bill_run_id, account_id)
        where outcomes.outcome = 'parked'
            or (left(products.account_id, 10) = 'agreement:' and right(products.account_id, 6) = '/items')
    )
    select drafts.event_key, posted.bill_run_id
    from published.fct_rated_usage as drafts
    join published.fct_rated_usage as posted on drafts.event_key = posted.event_key
    where drafts.bill_run_id = %(bill_run_id)s and drafts.is_late = %(is_late)s
        and posted.bill_run_id = any (%(posted_run_ids)s::integer[])
        and not exists (
            select from parked_products
            where parked_products.bill_run_id = drafts.bill_run_id
                and parked_products.product_number = drafts.product_number
        )
        and not exists (
            select from parked_products
            where parked_products.bill_run_id = posted.bill_run_id
                and parked_products.product_number = posted.product_number
        )
    limit 1
"""

# Bills are numbered per supplier and year, self-billed documents per partner pair and year (they are the partner's own
# invoices), statements per payer and year.
_SETTLEMENT_SERIES = """
    case document_kind
        when 'self_billed' then 'S/' || payer_party_id || '/' || receiver_party_id || '/' || %(year)s::integer
        else 'T/' || payer_party_id || '/' || %(year)s::integer
    end
"""
_SETTLEMENT_PREFIX = """
    case document_kind
        when 'self_billed' then 'SB/' || payer_party_id || '/' || receiver_party_id || '/' || %(year)s::integer
        else 'ST/' || payer_party_id || '/' || %(year)s::integer
    end
"""

SERIES_WANTED = f"""
    select 'B/' || bills.legal_entity_id || '/' || %(year)s::integer,
        legal_entities.bill_series_prefix || '/' || %(year)s::integer, count(*)
    from published.fct_customer_bills as bills
    join control.bill_runs using (bill_run_id)
    join catalog.legal_entities using (book_id, legal_entity_id)
    where bills.bill_run_id = %(bill_run_id)s
    group by 1, 2
    union all
    select {_SETTLEMENT_SERIES}, {_SETTLEMENT_PREFIX}, count(*)
    from published.fct_party_settlements where bill_run_id = %(bill_run_id)s
    group by 1, 2
"""  # noqa: S608  constants of this module

_DRAWN = """
    unnest(%(series_ids)s::text[], %(numbers_before)s::bigint[]) as drawn (series_id, number_before)
"""

_NUMBER_TEXT = """prefix || '/' || lpad(number::text, greatest(6, length(number::text)), '0')"""

_BILLS = f"""
    with bills as (
        select bills.*, 'B/' || bills.legal_entity_id || '/' || %(year)s::integer as series_id
        from published.fct_customer_bills as bills where bills.bill_run_id = %(bill_run_id)s
    ),
    numbered_bills as (
        select bills.*, number_series.prefix,
            drawn.number_before + row_number() over (partition by bills.series_id order by bills.account_id) as number
        from bills
        join {_DRAWN} using (series_id)
        join ledger.number_series using (series_id)
    )
    insert into ledger.customer_bills (bill_key, bill_run_id, series_id, number, bill_number, period_id, account_id,
        party_id, legal_entity_id, language_code, currency_code, customer, issue_date, due_date, line_count, net_minor,
        tax_minor, gross_minor)
    select bill_key, bill_run_id, series_id, number, {_NUMBER_TEXT}, period_id, account_id, party_id, legal_entity_id,
        language_code, currency_code, customer, issue_date, due_date, line_count, net_minor, tax_minor, gross_minor
    from numbered_bills
    order by series_id, number
"""  # noqa: S608  constants of this module

_LINES = """
    insert into ledger.posted_lines (line_key, bill_run_id, bill_key, amount_minor, currency_code)
    select lines.line_key, lines.bill_run_id, bills.bill_key, lines.amount_minor, lines.currency_code
    from published.fct_applied_billing_rates as lines
    left join ledger.customer_bills as bills using (bill_run_id, account_id, legal_entity_id)
    where lines.bill_run_id = %(bill_run_id)s
"""

_SETTLEMENTS = f"""
    with settlements as (
        select settlements.*, {_SETTLEMENT_SERIES} as series_id
        from published.fct_party_settlements as settlements where settlements.bill_run_id = %(bill_run_id)s
    ),
    numbered_settlements as (
        select settlements.*, number_series.prefix,
            drawn.number_before + row_number() over (
                partition by settlements.series_id
                order by settlements.receiver_party_id, settlements.currency_code, settlements.tax_category
            ) as number
        from settlements
        join {_DRAWN} using (series_id)
        join ledger.number_series using (series_id)
    )
    insert into ledger.settlement_documents (settlement_key, bill_run_id, series_id, number, document_number, period_id,
        payer_party_id, receiver_party_id, receiver, document_kind, currency_code, issue_date, due_date, position_minor,
        tax_minor, document_minor, withheld_minor, payment_minor, is_paid_by_operator, retained_minor,
        retention_release_date)
    select settlement_key, bill_run_id, series_id, number, {_NUMBER_TEXT}, period_id, payer_party_id, receiver_party_id,
        receiver, document_kind, currency_code, %(issue_date)s, due_date, position_minor, tax_minor, document_minor,
        withheld_minor, payment_minor, is_paid_by_operator, retained_minor, retention_release_date
    from numbered_settlements
    order by series_id, number
"""  # noqa: S608  constants of this module

# A position is on the document of its payer, receiver, currency, kind and tax category; left join, so that a position
# without a document stops the posting instead of vanishing.
_POSITIONS = """
    insert into ledger.posted_positions (position_key, settlement_key, settlement_amount_minor, currency_code)
    select positions.position_key, settlements.settlement_key, positions.settlement_amount_minor,
        positions.settlement_currency_code
    from published.fct_positions as positions
    left join catalog.agreements using (agreement_version_id)
    left join published.fct_party_settlements as settlements
        on positions.bill_run_id = settlements.bill_run_id
        and positions.payer_party_id = settlements.payer_party_id
        and positions.receiver_party_id = settlements.receiver_party_id
        and positions.settlement_currency_code = settlements.currency_code
        and positions.tax_category = settlements.tax_category
        and agreements.document_kind = settlements.document_kind
    where positions.bill_run_id = %(bill_run_id)s and not positions.is_kept
"""

_ITEMS = """
    insert into ledger.settlement_items (item_key, settlement_key, stage, item_kind, agreement_id, item_id,
        payer_party_id, receiver_party_id, currency_code, basis_minor, rate_percent, amount_minor, settled_on,
        reference)
    select item_key, settlement_key, stage, item_kind, agreement_id, item_id, payer_party_id, receiver_party_id,
        currency_code, basis_minor, rate_percent, amount_minor, settled_on, reference
    from published.fct_settlement_items where bill_run_id = %(bill_run_id)s
"""

_SETTLED_SHARES = """
    insert into ledger.settled_shares (source_bill_run_id, agreement_id, month_from, currency_code, bill_run_id,
        share_count, amount_exact)
    select source_bill_run_id, agreement_id, month_from, currency_code, bill_run_id, share_count, amount_exact
    from published.fct_settled_shares where bill_run_id = %(bill_run_id)s
"""

_JOURNAL = """
    insert into ledger.journal_lines (transaction_key, entry_number, bill_run_id, posting_date, ledger_account,
        party_id, currency_code, amount_minor)
    select transaction_key, entry_number, bill_run_id, %(issue_date)s, ledger_account, party_id, currency_code,
        amount_minor
    from published.fct_journal_lines where bill_run_id = %(bill_run_id)s
"""

ISSUE = (_BILLS, _LINES, _SETTLEMENTS, _POSITIONS, _ITEMS, _SETTLED_SHARES, _JOURNAL)

ROW_COUNTS = """
    select (select count(*) from ledger.customer_bills where bill_run_id = %(bill_run_id)s),
        (select count(*) from ledger.posted_lines where bill_run_id = %(bill_run_id)s),
        (select count(*) from ledger.settlement_documents where bill_run_id = %(bill_run_id)s),
        (select count(*) from ledger.posted_positions join ledger.settlement_documents using (settlement_key)
            where bill_run_id = %(bill_run_id)s),
        (select count(*) from ledger.journal_lines where bill_run_id = %(bill_run_id)s)
"""

TOTALS = """
    select 'customer_bills', currency_code, count(*), sum(gross_minor)
    from ledger.customer_bills where bill_run_id = %(bill_run_id)s group by currency_code
    union all
    select 'settlement_documents', currency_code, count(*), sum(document_minor)
    from ledger.settlement_documents where bill_run_id = %(bill_run_id)s group by currency_code
    order by 1, 2
"""
