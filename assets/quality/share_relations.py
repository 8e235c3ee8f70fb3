"""The relations behind the doors before posting: shares, settlements and the journal, one query each.

Belongs here: what a check compares, joined to every row of the run's lane; sums are taken anew from the lowest rows,
not from the run's own reconciliation.
Belongs elsewhere: the checks (``..._before_posting``), ``bill_relations``, ``usage_relations``.
"""

# A hop of a line: what it shares out is the line, or what its payer received one hop above.
HOPS = """
    with hops as (
        select line_key, hop_number, coalesce(agreement_id, '') as agreement_id, payer_party_id,
            sum(amount_exact) as shared_exact, min(base_exact) as base_exact, max(base_exact) as largest_base_exact
        from $schema.fct_revenue_shares
        where bill_run_id = $bill_run_id
        group by line_key, hop_number, coalesce(agreement_id, ''), payer_party_id
    )
    select hops.*, lines.amount_minor as line_minor,
        hops.hop_number > 1 and exists (
            select from $schema.fct_revenue_shares as above
            where above.bill_run_id = $bill_run_id and above.line_key = hops.line_key
                and above.hop_number = hops.hop_number - 1 and above.receiver_party_id = hops.payer_party_id
                and above.amount_exact = hops.base_exact
        ) as base_was_received_above
    from hops
    left join $schema.fct_applied_billing_rates as lines
        on lines.bill_run_id = $bill_run_id and hops.line_key = lines.line_key
"""

POSITIONS = """
    with shares as (
        select shares.hop_number, shares.agreement_version_id, shares.item_id, shares.payer_party_id,
            shares.receiver_party_id, shares.currency_code, shares.tax_category,
            sum(shares.amount_exact) as shared_exact
        from $schema.fct_revenue_shares as shares
        left join catalog.agreements using (agreement_version_id)
        -- What has a settlement calendar of its own is in no position of a bill run.
        where shares.bill_run_id = $bill_run_id and coalesce(agreements.settlement_cycle, 'bill_run') = 'bill_run'
        group by 1, 2, 3, 4, 5, 6, 7
        union all
        select 0, agreement_version_id, tariff_id, lines.payer_party_id, receiver_party_id, lines.currency_code,
            lines.tax_category, sum(amount_exact * (array[1, 10, 100, 1000, 10000])[currencies.minor_digits + 1])
        from $schema.fct_applied_party_billing_rates as lines
        join catalog.currencies on lines.currency_code = currencies.currency_code
        join catalog.agreements using (agreement_version_id)
        where bill_run_id = $bill_run_id and is_settled and settlement_cycle = 'bill_run'
        group by 1, 2, 3, 4, 5, 6, 7
    ),
    positions as (
        select * from $schema.fct_positions where bill_run_id = $bill_run_id
    )
    select positions.position_key, positions.is_kept, positions.currency_code, positions.settlement_currency_code,
        positions.amount_exact, positions.amount_minor, positions.settlement_amount_minor, positions.fx_rate,
        positions.fx_date, bill_runs.issue_date, shares.shared_exact,
        -- Shares are split so that they add up to what is shared; a tariff's position stands alone.
        positions.hop_number > 0 or positions.agreement_id is null
            or positions.amount_minor = round(positions.amount_exact) as is_rounded_once,
        coalesce(positions.payer_party_id, shares.payer_party_id) as payer_party_id,
        coalesce(positions.receiver_party_id, shares.receiver_party_id) as receiver_party_id
    from positions
    full join shares on positions.hop_number = shares.hop_number
        and positions.item_id = shares.item_id
        and positions.payer_party_id = shares.payer_party_id
        and positions.receiver_party_id = shares.receiver_party_id
        and positions.currency_code = shares.currency_code
        and positions.tax_category = shares.tax_category
        -- Full joins take no `is not distinct from`; version ids are positive.
        and coalesce(positions.agreement_version_id, 0) = coalesce(shares.agreement_version_id, 0)
    join control.bill_runs on bill_runs.bill_run_id = $bill_run_id
"""

# The book's chains as resolved: a hop must not depend on what comes after it, and its percentages must not exceed all.
AGREEMENT_HOPS = """
    select steps.terms_id || ' ' || steps.agreement_version_id as hop,
        count(*) filter (where steps.rule = 'remaining') as remaining_count,
        coalesce(sum(steps.percent) filter (
            where steps.basis = 'after_discount_ex_tax' and steps.basis_choice is null and not steps.is_cost
        ), 0) as percent_sum,
        coalesce(min(steps.percent), 0) as smallest_percent,
        coalesce(bool_and(bases.step_rank < steps.step_rank), true) as basis_comes_first,
        coalesce(bool_and(hop_bases.step_rank < steps.step_rank), true) as hop_base_comes_first
    from catalog.agreement_steps as steps
    join catalog.agreement_terms as terms using (terms_id)
    join control.bill_runs on terms.book_id = bill_runs.book_id and bill_runs.bill_run_id = $bill_run_id
    left join catalog.agreement_steps as bases
        on steps.terms_id = bases.terms_id
            and bases.step_number in (steps.basis_step_number, steps.other_basis_step_number)
    left join catalog.agreement_steps as hop_bases
        on steps.terms_id = hop_bases.terms_id and steps.hop_base_step_number = hop_bases.step_number
    group by steps.terms_id, steps.agreement_version_id
"""

# What a bill run settles itself: all of its shares of agreements without a calendar of their own, and nothing else.
SETTLED_SHARES = """
    with settled as (
        select agreement_id, currency_code, sum(share_count) as settled_count, sum(amount_exact) as settled_exact,
            bool_and(source_bill_run_id = bill_run_id) as is_of_this_run
        from $schema.fct_settled_shares where bill_run_id = $bill_run_id group by 1, 2
    ),
    shares as (
        select agreements.agreement_id, shares.currency_code, count(*) as share_count,
            sum(shares.amount_exact) as amount_exact
        from $schema.fct_revenue_shares as shares
        join catalog.agreements using (agreement_version_id)
        where shares.bill_run_id = $bill_run_id and agreements.settlement_cycle = 'bill_run'
        group by 1, 2
    ),
    party_lines as (
        select agreements.agreement_id, lines.currency_code, count(*) as share_count,
            sum(lines.amount_exact * (array[1, 10, 100, 1000, 10000])[currencies.minor_digits + 1]) as amount_exact
        from $schema.fct_applied_party_billing_rates as lines
        join catalog.agreements using (agreement_version_id)
        join catalog.currencies on lines.currency_code = currencies.currency_code
        where lines.bill_run_id = $bill_run_id and is_settled and agreements.settlement_cycle = 'bill_run'
        group by 1, 2
    ),
    owed as (
        select agreement_id, currency_code, sum(share_count) as share_count, sum(amount_exact) as amount_exact
        from (select * from shares union all select * from party_lines) as both_kinds group by 1, 2
    )
    select agreement_id || ' ' || currency_code as portion_key, settled.*, owed.share_count, owed.amount_exact
    from settled full join owed using (agreement_id, currency_code)
"""

SETTLEMENTS = """
    with positions as (
        select positions.payer_party_id, positions.receiver_party_id,
            positions.settlement_currency_code as currency_code, agreements.document_kind, positions.tax_category,
            sum(positions.settlement_amount_minor) as shares_minor
        from $schema.fct_positions as positions
        left join catalog.agreements using (agreement_version_id)
        where positions.bill_run_id = $bill_run_id and not positions.is_kept
        group by 1, 2, 3, 4, 5
    ),
    items as (
        select settlement_key,
            coalesce(sum(amount_minor) filter (where stage = 'position' and item_kind not in ('share', 'usage')), 0)
                as added_minor,
            coalesce(sum(amount_minor) filter (where item_kind in ('share', 'usage')), 0) as shares_minor,
            coalesce(sum(amount_minor) filter (where stage = 'document'), 0) as tax_minor,
            coalesce(-sum(amount_minor) filter (where stage = 'payment'), 0) as taken_off_minor
        from $schema.fct_settlement_items where bill_run_id = $bill_run_id group by settlement_key
    ),
    payables as (
        select transaction_key, currency_code, -sum(amount_minor) as payable_minor
        from $schema.fct_journal_lines
        where bill_run_id = $bill_run_id and ledger_account = 'partner_payable'
        group by transaction_key, currency_code
    ),
    settlements as (
        select * from $schema.fct_party_settlements where bill_run_id = $bill_run_id
    )
    select settlements.settlement_key, settlements.position_minor, settlements.tax_minor, settlements.document_minor,
        settlements.withheld_minor, settlements.payment_minor, settlements.tax_rate_percent, settlements.currency_code,
        settlements.is_paid_by_operator, payables.payable_minor, settlements.retained_minor,
        coalesce(positions.shares_minor, 0) + coalesce(items.added_minor, 0) as summed_minor,
        coalesce(items.shares_minor, 0) = coalesce(positions.shares_minor, 0)
            and coalesce(items.tax_minor, 0) = settlements.tax_minor
            and coalesce(items.taken_off_minor, 0) = settlements.withheld_minor + settlements.retained_minor
            as items_add_up,
        coalesce(settlements.payer_party_id, positions.payer_party_id) = book_versions.operator_party_id
            as operator_is_payer
    from settlements
    full join positions on settlements.payer_party_id = positions.payer_party_id
        and settlements.receiver_party_id = positions.receiver_party_id
        and settlements.currency_code = positions.currency_code
        and settlements.document_kind = positions.document_kind
        and settlements.tax_category = positions.tax_category
    left join items on settlements.settlement_key = items.settlement_key
    left join payables on settlements.settlement_key = payables.transaction_key
        and settlements.currency_code = payables.currency_code
    join control.bill_runs on bill_runs.bill_run_id = $bill_run_id
    join catalog.book_versions using (book_id)
"""

JOURNAL = """
    select journal.transaction_key, journal.currency_code, sum(journal.amount_minor) as difference_minor,
        bool_or(
            bills.bill_key is not null or settlements.settlement_key is not null or commissions.position_key is not null
        ) as has_document
    from $schema.fct_journal_lines as journal
    left join $schema.fct_customer_bills as bills
        on journal.bill_run_id = bills.bill_run_id and journal.transaction_key = bills.bill_key
    left join $schema.fct_party_settlements as settlements
        on journal.bill_run_id = settlements.bill_run_id and journal.transaction_key = settlements.settlement_key
    left join $schema.fct_positions as commissions
        on journal.bill_run_id = commissions.bill_run_id and journal.transaction_key = commissions.position_key
        and commissions.is_kept
    where journal.bill_run_id = $bill_run_id
    group by journal.transaction_key, journal.currency_code
"""

# What partners owe each other for usage by an agreement's tariff.
PARTY_LINES = """
    with events as (
        select product_number, price_version_id, is_late, count(*) as event_count, sum(amount_exact) as rated_exact
        from $schema.fct_rated_usage where bill_run_id = $bill_run_id
            and product_number in (
                select product_number from $schema.fct_applied_party_billing_rates where bill_run_id = $bill_run_id
            )
        group by 1, 2, 3
    )
    select lines.*, coalesce(events.event_count, 0) as rated_events, events.rated_exact,
        tariffs.offering_id is not null and tariffs.payer_party_id = lines.payer_party_id
            and tariffs.receiver_party_id = lines.receiver_party_id and tariffs.is_settled = lines.is_settled
            as is_owed_as_the_tariff_says
    from $schema.fct_applied_party_billing_rates as lines
    join control.bill_runs using (bill_run_id)
    left join catalog.agreement_tariffs as tariffs
        on bill_runs.book_id = tariffs.book_id and lines.agreement_id = tariffs.agreement_id
        and lines.tariff_id = tariffs.tariff_id
    left join events on lines.product_number = events.product_number
        and lines.price_version_id = events.price_version_id and lines.is_late = events.is_late
    where lines.bill_run_id = $bill_run_id
"""

NEGATIVE_MARGINS = """
    select agreement_id || ' ' || item_id || ' ' || offering_id || ' ' || price_id as margin, revenue_exact, cost_exact,
        margin_exact
    from $schema.fct_negative_margins where bill_run_id = $bill_run_id
"""
