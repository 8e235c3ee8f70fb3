{#
    Our figures at each grain of a partner's statement: product_id, usage_day, line_key (empty text where the grain has none) and
    ours_minor, in minor units of the settlement currency, exact.
#}

{% macro statement_figures_by_period() -%}
    select '' as product_id, '' as usage_day, '' as line_key, cast(sum(items.amount_minor) as numeric(38, 16)) as ours_minor
    from {{ recorded('ledger', 'settlement_items') }} as items
    where
        items.settlement_key = any(cast(%(settlement_keys)s as uuid []))
        and items.stage = 'position'
        and items.agreement_id = %(agreement_id)s
{%- endmacro %}

{% macro statement_figures_by_line() -%}
    select '' as product_id, '' as usage_day, cast(shares.line_key as text) as line_key, cast(sum(shares.ours_minor) as numeric(38, 16)) as ours_minor
    from ({{ settled_shares_of_lines() }}) as shares
    group by shares.line_key

    union all

    {{ settled_party_lines() }}
{%- endmacro %}

{# The share of a line with usage is spread over its events in proportion to what each of them cost: a figure to compare, never one to pay. #}
{% macro statement_figures_by_product_day() -%}
    select
        spread.product_id,
        spread.usage_day,
        '' as line_key,
        cast(sum(
            case
                when spread.total_exact is null then spread.ours_minor
                else {{ ratio_round(
                    'spread.ours_minor * spread.amount_exact * sign(spread.total_exact)', 'abs(spread.total_exact)', 16
                ) }}
            end
        ) as numeric(38, 16)) as ours_minor
    from (
        select
            shares.product_id,
            case
                when totals.line_key is null then cast(cast(shares.covered_from at time zone shares.time_zone as date) as text)
                else events.usage_day
            end as usage_day,
            shares.ours_minor,
            events.amount_exact,
            totals.amount_exact as total_exact
        from shares
        left join totals on shares.line_key = totals.line_key
        left join events on totals.line_key = events.line_key
    ) as spread
    group by spread.product_id, spread.usage_day
{%- endmacro %}

{# Shares of the lines on the documents, at the rate of their position. One row per line. #}
{% macro settled_shares_of_lines() -%}
    select
        shares.source_bill_run_id, shares.line_key, lines.product_number, lines.price_version_id, lines.price_override_id,
        lines.is_late, lines.terms_id, lines.charge_kind, lines.covered_from, lines.product_id, book_versions.time_zone,
        cast(sum(
            shares.amount_exact * positions.fx_rate * {{ minor_units_per_major('settled.minor_digits') }} * {{ minor_to_major('1', 'charged.minor_digits') }}
        ) as numeric(38, 16)) as ours_minor
    from {{ recorded('ledger', 'shares_by_settlement') }} as shares
    inner join {{ recorded('published', 'fct_positions') }} as positions
        on shares.bill_run_id = positions.bill_run_id
        and shares.agreement_version_id = positions.agreement_version_id
        and shares.hop_number = positions.hop_number
        and shares.item_id = positions.item_id
        and shares.payer_party_id = positions.payer_party_id
        and shares.receiver_party_id = positions.receiver_party_id
        and shares.currency_code = positions.currency_code
        and shares.tax_category = positions.tax_category
    inner join {{ recorded('ledger', 'posted_positions') }} as posted on positions.position_key = posted.position_key
    inner join {{ recorded('catalog', 'currencies') }} as charged on shares.currency_code = charged.currency_code
    inner join {{ recorded('catalog', 'currencies') }} as settled on positions.settlement_currency_code = settled.currency_code
    inner join {{ recorded('published', 'fct_applied_billing_rates') }} as lines
        on shares.source_bill_run_id = lines.bill_run_id
        and shares.line_key = lines.line_key
    inner join {{ recorded('control', 'bill_runs') }} as bill_runs on shares.bill_run_id = bill_runs.bill_run_id
    inner join {{ recorded('catalog', 'book_versions') }} as book_versions on bill_runs.book_id = book_versions.book_id
    where
        shares.bill_run_id = any(cast(%(bill_run_ids)s as integer []))
        and shares.agreement_id = %(agreement_id)s
        and posted.settlement_key = any(cast(%(settlement_keys)s as uuid []))
        and shares.receiver_party_id = %(party_id)s
    group by
        shares.source_bill_run_id, shares.line_key, lines.product_number, lines.price_version_id, lines.price_override_id,
        lines.is_late, lines.terms_id, lines.charge_kind, lines.covered_from, lines.product_id, book_versions.time_zone
{%- endmacro %}

{# Usage by a tariff between the two parties: a line of it is nobody's bill. Its amount is in major units. #}
{% macro settled_party_lines() -%}
    select
        '' as product_id, '' as usage_day, cast(lines.line_key as text) as line_key,
        cast(sum(lines.amount_exact * positions.fx_rate * {{ minor_units_per_major('settled.minor_digits') }}) as numeric(38, 16)) as ours_minor
    from {{ recorded('published', 'fct_applied_party_billing_rates') }} as lines
    inner join {{ recorded('published', 'fct_positions') }} as positions
        on lines.bill_run_id = positions.bill_run_id
        and lines.agreement_version_id = positions.agreement_version_id
        and lines.tariff_id = positions.item_id
        and positions.hop_number = 0
        and lines.payer_party_id = positions.payer_party_id
        and lines.receiver_party_id = positions.receiver_party_id
        and lines.currency_code = positions.currency_code
        and lines.tax_category = positions.tax_category
    inner join {{ recorded('ledger', 'posted_positions') }} as posted on positions.position_key = posted.position_key
    inner join {{ recorded('catalog', 'currencies') }} as settled on positions.settlement_currency_code = settled.currency_code
    where
        lines.is_settled
        and lines.bill_run_id = any(cast(%(bill_run_ids)s as integer []))
        and lines.agreement_id = %(agreement_id)s
        and lines.receiver_party_id = %(party_id)s
        and posted.settlement_key = any(cast(%(settlement_keys)s as uuid []))
    group by lines.line_key
{%- endmacro %}

{# The lines with usage, what each day's events of them cost and what all of them did: only that grain reads events. #}
{% macro statement_days() -%}
shares as (

    {{ settled_shares_of_lines() }}

),

events as (

    select
        shares.line_key,
        cast(cast(rated.event_at at time zone shares.time_zone as date) as text) as usage_day,
        cast(sum(rated.amount_exact) as numeric(38, 16)) as amount_exact
    from shares
    inner join {{ recorded('published', 'fct_rated_usage') }} as rated
        on shares.source_bill_run_id = rated.bill_run_id
        and shares.product_number = rated.product_number
        and shares.price_version_id = rated.price_version_id
        and shares.is_late = rated.is_late
        and shares.price_override_id is not distinct from rated.price_override_id
        and shares.terms_id is not distinct from rated.terms_id
    where shares.charge_kind = 'usage'
    group by 1, 2

),

totals as (

    select line_key, cast(sum(amount_exact) as numeric(38, 16)) as amount_exact
    from events
    group by line_key
    having sum(amount_exact) <> 0

),
{%- endmacro %}

{# Both sides of a partner's statement, figure by figure, with the class of each and the difference in whole minor units. #}
{% macro statement_matches(figures, days='') -%}
with

{{ days }}

ours as (

    select product_id, usage_day, line_key, {{ round_to_minor('ours_minor', 0) }} as ours_minor
    from (
        {{ figures }}
    ) as figures
    where ours_minor is not null and {{ round_to_minor('ours_minor', 0) }} <> 0

),

theirs as (

    select
        rows.product_id,
        rows.usage_day,
        rows.line_key,
        rows.amount * {{ minor_units_per_major('currencies.minor_digits') }} as theirs_minor
    from {{ recorded('inbox', 'partner_statement_rows') }} as rows
    inner join {{ recorded('catalog', 'currencies') }} as currencies on currencies.currency_code = %(currency_code)s
    where rows.agreement_id = %(agreement_id)s and rows.party_id = %(party_id)s and rows.month = %(month)s

),

terms as (

    select
        agreements.tolerance_percent,
        agreements.tolerance_amount * {{ minor_units_per_major('currencies.minor_digits') }} as tolerance_minor
    from {{ recorded('ledger', 'document_agreements') }} as agreements
    inner join {{ recorded('catalog', 'currencies') }} as currencies on currencies.currency_code = %(currency_code)s
    where
        agreements.agreement_id = %(agreement_id)s
        and agreements.settlement_key = any(cast(%(settlement_keys)s as uuid []))
    order by agreements.effective_from desc
    limit 1

),

compared as (

    select
        product_id,
        usage_day,
        line_key,
        ours.ours_minor,
        theirs.theirs_minor,
        coalesce(theirs.theirs_minor, 0) - coalesce(ours.ours_minor, 0) as difference
    from ours
    full join theirs using (product_id, usage_day, line_key)
    where ours.ours_minor is not null or theirs.theirs_minor <> 0

)

select
    compared.product_id,
    compared.usage_day,
    compared.line_key,
    case
        when compared.ours_minor is null then 'missing_here'
        when compared.theirs_minor is null then 'missing_there'
        when compared.difference = 0 then 'matched'
        when
            abs(compared.difference)
            <= greatest(terms.tolerance_minor, abs(compared.ours_minor) * terms.tolerance_percent * 0.01)
            then 'within_tolerance'
        else 'mismatched'
    end as match_class,
    compared.ours_minor,
    compared.theirs_minor,
    {{ round_to_minor('compared.difference', 0) }} as difference_minor
from compared
cross join terms
{%- endmacro %}
