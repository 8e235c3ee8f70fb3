"""The relations behind the doors before posting: rated usage and what a run remembers, one query each.

Belongs here: what a check compares, joined to every row of the run's lane; sums are taken anew from the lowest rows,
not from the run's own reconciliation.
Belongs elsewhere: the checks (``..._before_posting``), ``bill_relations``, ``share_relations``.
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
        -- What sharing items take by a tariff is rated besides and has no lines.
        where parked.account_id is null
            and not coalesce(left(account_id, 10) = 'agreement:' and right(account_id, 6) = '/items', false)
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

# Buckets: what accounts took, what events say they were given, what is left. What money paid stands on lines, not on
# events: it is compared for each allowance as a whole, where the last decimal of a bucket may be a part.
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
        -- A bucket of an earlier period that is used up gives nothing more, and has no balance in this run.
        having sum(units) <> 0
    ),
    paid as (
        select adjustment_id, -sum(amount_exact) as paid_exact
        from $schema.fct_line_adjustments where bill_run_id = $bill_run_id and kind = 'allowance' group by adjustment_id
    ),
    money as (
        select balances.bucket_number, allowances.is_whole
        from $schema.fct_bucket_balances as balances
        join (
            select offering_id, allowance_id, bool_or(outcomes.outcome = 'parked') or (
                coalesce(max(paid_exact), 0) * 10000000000 > sum(used_units) - count(*)
                and coalesce(max(paid_exact), 0) * 10000000000 <= sum(used_units)
            ) as is_whole
            from $schema.fct_bucket_balances
            join control.bill_runs using (bill_run_id)
            join catalog.allowances using (book_id, offering_id, allowance_id)
            left join $schema.fct_account_outcomes as outcomes using (bill_run_id, account_id)
            left join paid on paid.adjustment_id = offering_id || '/' || allowance_id
            where bill_run_id = $bill_run_id and amount is not null
            group by offering_id, allowance_id
        ) as allowances using (offering_id, allowance_id)
        where balances.bill_run_id = $bill_run_id
    ),
    balances as (
        select bucket_number, min(left_units) as left_units, sum(used_units) as used_units,
            min(granted_units + rolled_over_units - used_before_units) as held_units
        from $schema.fct_bucket_balances where bill_run_id = $bill_run_id group by bucket_number
    )
    select bucket_number, balances.left_units, balances.used_units, balances.held_units,
        case
            when bucket_number in (select bucket_number from money where is_whole) then balances.used_units
            else coalesce(taken.taken_units, 0)
        end as taken_units
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
            when balances.balance_kind = 'ended' then balances.counter_until
                <= cast(scope.period_end at time zone coalesce(scope.time_zone, books.time_zone) as date)
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
