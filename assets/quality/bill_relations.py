"""The relations behind the doors before posting: bills and accounts, one query each.

Belongs here: what a check compares, joined to every row of the run's lane; sums are taken anew from the lowest rows,
not from the run's own reconciliation.
Belongs elsewhere: the checks (``..._before_posting``), ``usage_relations``, ``share_relations``.
"""

ACCOUNT_OUTCOMES = """
    with outcomes as (
        select account_id, count(*) as outcome_count, min(outcome) as outcome, min(reason_code) as reason_code
        from $schema.fct_account_outcomes where bill_run_id = $bill_run_id group by account_id
    ),
    bills as (
        select account_id, count(*) as bill_count
        from $schema.fct_customer_bills where bill_run_id = $bill_run_id group by account_id
    ),
    party_lines as (
        select 'agreement:' || agreement_id as account_id, count(*) as line_count
        from $schema.fct_applied_party_billing_rates where bill_run_id = $bill_run_id group by agreement_id
    ),
    scope as (
        select account_id from $schema.run_scope where bill_run_id = $bill_run_id
    )
    select account_id, scope.account_id is not null as is_in_scope, outcomes.outcome, outcomes.reason_code,
        coalesce(outcomes.outcome_count, 0) as outcome_count, coalesce(bills.bill_count, 0) as bill_count,
        coalesce(party_lines.line_count, 0) as party_line_count
    from scope
    full join outcomes using (account_id)
    full join bills using (account_id)
    full join party_lines using (account_id)
"""

CUSTOMER_BILLS = """
    with lines as (
        select account_id, legal_entity_id, count(*) as line_count, sum(amount_minor) as net_minor,
            count(distinct currency_code) as currency_count, coalesce(bool_or(is_tax_inclusive), false) as has_inclusive
        from $schema.fct_applied_billing_rates where bill_run_id = $bill_run_id group by account_id, legal_entity_id
    ),
    taxes as (
        select bill_key, sum(base_minor) filter (where tax_id = 'vat') as base_minor, sum(tax_minor) as tax_minor,
            max(abs(tax_minor - base_minor * tax_rate_percent / 100)) as largest_tax_difference
        from $schema.fct_bill_taxes where bill_run_id = $bill_run_id group by bill_key
    ),
    receivables as (
        select transaction_key, currency_code, sum(amount_minor) as receivable_minor
        from $schema.fct_journal_lines
        where bill_run_id = $bill_run_id and ledger_account = 'customer_receivable'
        group by transaction_key, currency_code
    )
    select bills.*, currencies.minor_digits, lines.line_count as counted_lines, lines.net_minor as summed_net_minor,
        taxes.base_minor as taxed_minor, taxes.tax_minor as summed_tax_minor, 
        -- Rounded once per rule, a tax is within half a unit of its base; derived from a gross, per line or split over
        -- the rates of a bill, within a unit for each line.
        taxes.largest_tax_difference <= case
            when lines.has_inclusive or books.definition #>> '{operator,tax_rounding}' in ('per_bill', 'per_line')
                then lines.line_count else 0.5
        end as is_rounded_once,
        receivables.receivable_minor, (array[1, 10, 100, 1000, 10000])[currencies.minor_digits + 1] as minor_units,
        count(*) over (partition by bills.account_id, bills.legal_entity_id) as bills_of_the_account,
        bill_runs.issue_date as run_issue_date
    from $schema.fct_customer_bills as bills
    join control.bill_runs using (bill_run_id)
    join catalog.book_versions as books on bill_runs.book_id = books.book_id
    left join catalog.currencies on bills.currency_code = currencies.currency_code
    left join lines on bills.account_id = lines.account_id and bills.legal_entity_id = lines.legal_entity_id
    left join taxes on bills.bill_key = taxes.bill_key
    left join receivables on bills.bill_key = receivables.transaction_key
        and bills.currency_code = receivables.currency_code
    where bills.bill_run_id = $bill_run_id
"""

LINES = """
    with first_hop as (
        select line_key, sum(amount_exact) as shared_exact
        from $schema.fct_revenue_shares where bill_run_id = $bill_run_id and hop_number <= 1 group by line_key
    ),
    adjustments as (
        select line_key, sum(amount_minor) as adjusted_minor
        from $schema.fct_line_adjustments where bill_run_id = $bill_run_id group by line_key
    ),
    parts as (
        select line_key, sum(period_factor) as part_factor, sum(charged_exact) as part_exact
        from $schema.fct_rate_parts where bill_run_id = $bill_run_id group by line_key
    )
    select lines.*, first_hop.shared_exact, coalesce(adjustments.adjusted_minor, 0) as adjusted_minor,
        parts.part_factor, parts.part_exact,
        bill_runs.issue_date,
        (array[1, 10, 100, 1000, 10000])[currencies.minor_digits + 1] as minor_units,
        bills.bill_key, bills.currency_code as bill_currency_code, taxes.bill_key is not null as has_tax_row
    from $schema.fct_applied_billing_rates as lines
    join control.bill_runs using (bill_run_id)
    left join catalog.currencies on lines.currency_code = currencies.currency_code
    left join first_hop on lines.line_key = first_hop.line_key
    left join adjustments on lines.line_key = adjustments.line_key
    left join parts on lines.line_key = parts.line_key
    left join $schema.fct_customer_bills as bills on lines.bill_run_id = bills.bill_run_id
        and lines.account_id = bills.account_id and lines.legal_entity_id = bills.legal_entity_id
    left join (
        select distinct bill_key, tax_category from $schema.fct_bill_taxes where bill_run_id = $bill_run_id
    ) as taxes
        on bills.bill_key = taxes.bill_key and lines.tax_category = taxes.tax_category
    where lines.bill_run_id = $bill_run_id
"""

# Coupons and credits: what they took, and what the lines say was taken.
ACCOUNT_CREDITS = """
    with taken as (
        select lines.account_id, kinds.credit_kind, sum(kinds.taken_minor) as taken_minor
        from $schema.fct_applied_billing_rates as lines
        cross join lateral (
            values ('coupon', lines.coupon_minor), ('credit', lines.credit_minor)
        ) as kinds (credit_kind, taken_minor)
        where lines.bill_run_id = $bill_run_id and kinds.taken_minor <> 0
        group by lines.account_id, kinds.credit_kind
    ),
    account_credits as (
        select account_id, credit_kind, sum(used_minor) as used_minor,
            bool_and(used_minor <= coalesce(available_minor, used_minor)) as is_within_available,
            bool_and(left_minor is null or left_minor = available_minor - used_minor) as is_left_right
        from $schema.fct_account_credits where bill_run_id = $bill_run_id group by account_id, credit_kind
    )
    select account_id || ' ' || credit_kind as credit, coalesce(account_credits.used_minor, 0) as used_minor,
        coalesce(taken.taken_minor, 0) as taken_minor, coalesce(account_credits.is_within_available, true) as is_within,
        coalesce(account_credits.is_left_right, true) as is_left_right
    from account_credits full join taken using (account_id, credit_kind)
"""

# Every number that files of numbered feeds should have had when the run was sealed, in the months the period touches.
NUMBERED_FILES = """
    select trim(expected.feed || ' ' || expected.series) || ' ' || expected.sequence_number as file_number,
        expected.file_id is not null as has_arrived, expected.accepted_by is not null as is_accepted
    from control.bill_runs
    join catalog.book_versions using (book_id)
    cross join lateral inbox.expected_files(
        bill_runs.book_id,
        to_char(bill_runs.period_start at time zone book_versions.time_zone, 'YYYY-MM'),
        to_char((bill_runs.period_end - interval '1 microsecond') at time zone book_versions.time_zone, 'YYYY-MM'),
        to_char(bill_runs.period_end at time zone book_versions.time_zone - interval '1 month', 'YYYY-MM'),
        bill_runs.sealed_batch_id
    ) as expected
    where bill_runs.bill_run_id = $bill_run_id
"""

RECONCILIATION = """
    select trim(check_name || ' ' || currency_code) as check_name, left_value, right_value, is_equal
    from $schema.fct_reconciliation where bill_run_id = $bill_run_id
"""

CURRENCIES = """
    with lines as (
        select lines.currency_code, sum(lines.amount_minor) as lines_minor
        from $schema.fct_applied_billing_rates as lines
        left join catalog.agreement_terms using (terms_id)
        left join catalog.agreements
            on agreement_terms.root_agreement_version_id = agreements.agreement_version_id
        where lines.bill_run_id = $bill_run_id and coalesce(agreements.settlement_cycle, 'bill_run') = 'bill_run'
        group by lines.currency_code
    ),
    positions as (
        select currency_code, sum(amount_minor) as positions_minor
        from $schema.fct_positions
        where bill_run_id = $bill_run_id and (hop_number = 1 or hop_number = 0 and agreement_id is null)
        group by currency_code
    )
    select currency_code, coalesce(lines_minor, 0) as lines_minor, coalesce(positions_minor, 0) as positions_minor
    from lines full join positions using (currency_code)
"""
