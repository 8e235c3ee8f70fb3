{{ config(pre_hook=sharing_session()) }}

{#
    Tax per bill and rule: the lines are summed first and the tax of the sum is rounded once. The operator may round per line
    instead, or once for the bill. Tax that prices include is what they include. Several taxes on a supply have the same base
    each; what was worked out for all of them together is split in proportion to their rates.
#}

with

lines as (

    select * from {{ ref('fct_applied_billing_rates') }}

),

run as (

    select * from {{ ref('int_run') }}

),

accounts as (

    select * from {{ ref('int_billing_accounts_in_run') }}

),

legal_entities as (

    select * from {{ ref('stg_catalog__legal_entities') }}

),

currencies as (

    select * from {{ ref('stg_catalog__currencies') }}

),

tax_rules as (

    select * from {{ ref('int_tax_rules_in_run') }}

),

fx_rates as (

    select * from {{ ref('int_fx_rates_in_run') }}

),

lines_by_category as (

    select
        account_id,
        legal_entity_id,
        tax_category,
        cast(sum(amount_minor) as bigint) as base_minor,
        coalesce(cast(sum(amount_minor) filter (where not is_tax_inclusive) as bigint), 0) as exclusive_minor,
        coalesce(cast(sum(tax_minor) filter (where is_tax_inclusive) as bigint), 0) as inclusive_tax_minor,
        cast(sum(tax_minor) as bigint) as line_taxes_minor,
        -- Lines before they were rounded, in the bill's currency, and what coupons and credits took off them.
        coalesce(cast(sum(amount_exact * fx_rate) filter (where not is_tax_inclusive) as numeric(38, 16)), 0) as exclusive_exact,
        coalesce(
            cast(sum(coupon_exact_minor + credit_minor) filter (where not is_tax_inclusive) as numeric(38, 16)), 0
        ) as exclusive_off_exact_minor
    from lines
    group by account_id, legal_entity_id, tax_category

),

bases_taxed as (

    select
        run.bill_run_id,
        {{ bill_key('lines_by_category', 'run') }} as bill_key,
        lines_by_category.tax_category,
        tax_rules.tax_id,
        tax_rules.treatment as tax_treatment,
        tax_rules.rate_percent as tax_rate_percent,
        tax_rules.all_rates_percent,
        tax_rules.mention as tax_mention,
        accounts.currency_code,
        lines_by_category.base_minor,
        lines_by_category.account_id,
        lines_by_category.legal_entity_id,
        lines_by_category.inclusive_tax_minor,
        lines_by_category.line_taxes_minor,
        {{ round_to_minor('lines_by_category.exclusive_minor * tax_rules.rate_percent * 0.01', 0) }} as rule_tax_minor,
        cast(
            (
                lines_by_category.exclusive_exact * {{ minor_units_per_major('accounts.minor_digits') }}
                - lines_by_category.exclusive_off_exact_minor
            ) * tax_rules.rate_percent * 0.01
            as numeric(38, 16)
        ) as exclusive_tax_exact_minor,
        run.tax_rounding,
        legal_entities.currency_code as home_currency_code,
        fx_rates.fx_source as home_fx_source,
        fx_rates.fx_date as home_fx_date,
        coalesce(fx_rates.fx_rate, cast(1 as numeric(20, 10))) as home_fx_rate,
        accounts.minor_digits,
        home_currencies.minor_digits as home_minor_digits
    from lines_by_category
    cross join run
    inner join accounts on lines_by_category.account_id = accounts.account_id
    inner join legal_entities on lines_by_category.legal_entity_id = legal_entities.legal_entity_id
    inner join currencies as home_currencies on legal_entities.currency_code = home_currencies.currency_code
    inner join tax_rules
        on legal_entities.country_code = tax_rules.supplier_country_code
        and accounts.country_code = tax_rules.receiver_country_code
        and accounts.tax_status = tax_rules.receiver_status
        and lines_by_category.tax_category = tax_rules.tax_category
    left join fx_rates
        on run.fx_source = fx_rates.fx_source
        and accounts.currency_code = fx_rates.from_currency_code
        and legal_entities.currency_code = fx_rates.to_currency_code

),

-- All rates of a bill added up and rounded once, for those who round per bill.
bills_taxed as (

    select
        *,
        {{ round_to_minor('sum(exclusive_tax_exact_minor) over (partition by bill_key)', 0) }} as bill_tax_minor
    from bases_taxed

),

-- What lines say of all their taxes together, by tax.
bills_split as (

    select
        *,
        {{ split_amount(
            none, 'line_taxes_minor', 'bill_key, tax_category', 'tax_id', weight='tax_rate_percent', weight_total='all_rates_percent'
        ) }} as line_tax_minor,
        {{ split_amount(
            none, 'inclusive_tax_minor', 'bill_key, tax_category', 'tax_id', weight='tax_rate_percent', weight_total='all_rates_percent'
        ) }} as included_tax_minor,
        {{ split_amount(
            'exclusive_tax_exact_minor', 'bill_tax_minor', 'bill_key', 'tax_category, tax_treatment, tax_rate_percent, tax_id'
        ) }} as bill_part_minor
    from bills_taxed

),

taxes as (

    select
        *,
        case tax_rounding
            when 'per_line' then line_tax_minor
            when 'per_bill' then included_tax_minor + bill_part_minor
            else included_tax_minor + rule_tax_minor
        end as tax_minor
    from bills_split

)

select
    bill_run_id,
    bill_key,
    tax_category,
    tax_treatment,
    tax_rate_percent,
    tax_mention,
    currency_code,
    base_minor,
    tax_minor,
    home_currency_code,
    home_fx_source,
    home_fx_date,
    home_fx_rate,
    {{ convert_minor('tax_minor', 'home_fx_rate', 'minor_digits', 'home_minor_digits') }} as tax_home_minor,
    tax_id
from taxes
