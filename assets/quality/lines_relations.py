"""The relations behind the door before posting: one query each, with what its checks compare joined to every row.

Belongs here: the queries, over the run's lane. Belongs elsewhere: the checks (``assets.quality.lines_before_posting``).
Sums are taken anew from the lowest rows, not from the run's own reconciliation.
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
        select bill_key, sum(base_minor) as base_minor, sum(tax_minor) as tax_minor,
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

# Usage of parked accounts is rated and left out of the lines.
RATED_USAGE = """
    with rated as (
        select product_number, count(*) as event_count
        from $schema.fct_rated_usage where bill_run_id = $bill_run_id group by product_number
    ),
    products as (
        select * from $schema.dim_rated_products where bill_run_id = $bill_run_id
    ),
    parked as (
        select account_id from $schema.fct_account_outcomes where bill_run_id = $bill_run_id and outcome = 'parked'
    ),
    billed as (
        select coalesce(sum(rated.event_count), 0) as event_count, count(*) filter (where products.product_id is null)
            as unknown_products
        from rated
        left join products using (product_number)
        left join parked using (account_id)
        where parked.account_id is null
    ),
    lines as (
        select coalesce(sum(event_count), 0) as line_event_count
        from (
            select event_count from $schema.fct_applied_billing_rates
            where bill_run_id = $bill_run_id and charge_kind = 'usage'
            union all
            select event_count from $schema.fct_applied_party_billing_rates where bill_run_id = $bill_run_id
        ) as all_lines
    )
    select 'rated usage' as relation_name, billed.event_count, billed.unknown_products, lines.line_event_count
    from billed cross join lines
"""

# Buckets of free quantities: what accounts took, what events say they were given, what is left.
BUCKET_BALANCES = """
    with taken as (
        select bucket_number, sum(units) as taken_units
        from $schema.fct_rated_usage as events
        cross join lateral (
            values
                (bucket_1_number, allowance_units - coalesce(bucket_2_units, 0) - coalesce(bucket_3_units, 0)),
                (bucket_2_number, bucket_2_units),
                (bucket_3_number, bucket_3_units)
        ) as passes (bucket_number, units)
        where events.bill_run_id = $bill_run_id and events.bucket_1_number is not null and bucket_number is not null
        group by bucket_number
    ),
    balances as (
        select bucket_number, min(left_units) as left_units, sum(used_units) as used_units,
            min(granted_units + rolled_over_units - used_before_units) as held_units
        from $schema.fct_bucket_balances where bill_run_id = $bill_run_id group by bucket_number
    )
    select bucket_number, balances.left_units, balances.used_units, balances.held_units,
        coalesce(taken.taken_units, 0) as taken_units
    from balances full join taken using (bucket_number)
"""

# What the run leaves for the next one, against the lines it charged and what it started with.
CLOSING_BALANCES = """
    with charged as (
        select lines.account_id, coalesce(lines.product_id, '') as product_id, lines.offering_id, lines.price_id,
            count(*) as line_count,
            sum(round(lines.amount_exact * minor_units.units) / minor_units.units) as charged_exact
        from $schema.fct_applied_billing_rates as lines
        join catalog.currencies on lines.price_currency_code = currencies.currency_code
        cross join lateral (
            select cast((array[1, 10, 100, 1000, 10000])[minor_digits + 1] as numeric) as units
        ) as minor_units
        where lines.bill_run_id = $bill_run_id and lines.charge_kind = 'usage' and not lines.is_late
        -- Without a product: what all products of the account moved together.
        group by grouping sets (
            (lines.account_id, lines.product_id, lines.offering_id, lines.price_id),
            (lines.account_id, lines.offering_id, lines.price_id)
        )
    ),
    last_runs as (
        select distinct on (account_id) account_id, bill_run_id
        from published.fct_account_outcomes
        join control.bill_runs using (bill_run_id)
        where bill_runs.state = 'posted' and outcome <> 'parked'
        order by account_id, posted_at desc, bill_run_id desc
    ),
    carried as (
        select balances.*
        from published.fct_closing_balances as balances join last_runs using (account_id, bill_run_id)
        where balances.balance_kind = 'counter'
    ),
    brought_in as (
        select product_id, price_id, counter_start, sum(amount_billed) as amount_billed
        from inbox.opening_balances group by product_id, price_id, counter_start
    )
    select concat_ws(' ', balances.account_id, balances.product_id, balances.price_id, balances.balance_kind,
            balances.counter_start, balances.value) as balance,
        balances.quantity, balances.amount_billed, balances.balance_kind,
        coalesce(charged.line_count, 0) as line_count,
        outcomes.outcome,
        case
            when balances.balance_kind = 'fee' then balances.covered_until > scope.period_end
            else coalesce(
                balances.counter_until
                > cast(scope.period_end at time zone coalesce(scope.time_zone, books.time_zone) as date),
                true
            )
        end as goes_on,
        balances.balance_kind <> 'counter' or balances.counter_until is null
            or (balances.product_id = '' and carried.account_id is null)
            or balances.amount_billed - coalesce(charged.charged_exact, 0)
            = coalesce(carried.amount_billed, brought_in.amount_billed, 0) as is_what_was_billed
    from $schema.fct_closing_balances as balances
    join control.bill_runs using (bill_run_id)
    join catalog.book_versions as books on bill_runs.book_id = books.book_id
    left join $schema.run_scope as scope
        on balances.account_id = scope.account_id and scope.bill_run_id = $bill_run_id
    left join $schema.fct_account_outcomes as outcomes
        on balances.account_id = outcomes.account_id and outcomes.bill_run_id = $bill_run_id
    left join charged
        on (balances.account_id, balances.product_id, balances.offering_id, balances.price_id)
            = (charged.account_id, charged.product_id, charged.offering_id, charged.price_id)
    left join carried
        on (balances.account_id, balances.product_id, balances.offering_id, balances.price_id, balances.counter_start)
            = (carried.account_id, carried.product_id, carried.offering_id, carried.price_id, carried.counter_start)
    left join brought_in
        on (balances.product_id, balances.price_id, balances.counter_start)
            = (brought_in.product_id, brought_in.price_id, brought_in.counter_start)
    where balances.bill_run_id = $bill_run_id
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
