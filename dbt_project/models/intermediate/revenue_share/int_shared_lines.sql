{#
    Charge lines with what sharing may take a part of, in minor units: the list price, the price before discounts, what is billed,
    and what discounts that one party bears alone have taken away.

    A settlement run shares posted lines once more, under terms that were known later.
#}

{% if target.schema == 'settle' %}

with

lines as (

    select * from {{ ref('int_lines_to_reshare') }}

),

borne as (

    select line_key, - cast(sum(amount_exact) as numeric(38, 16)) as discount_amount
    from {{ ref('int_borne_discounts') }}
    group by line_key

)

select
    lines.line_key,
    lines.terms_id,
    lines.account_id,
    lines.customer_party_id,
    lines.product_id,
    lines.seller_party_id,
    lines.content_provider_party_id,

    lines.currency_code,
    lines.tax_category,

    cast(lines.amount_minor as numeric(38, 16)) as line_amount,
    cast(lines.list_minor as numeric(38, 16)) as list_amount,
    cast(lines.before_discount_minor as numeric(38, 16)) as before_discount_amount,
    coalesce(borne.discount_amount, cast(0 as numeric(38, 16))) as borne_amount,
    lines.billed_quantity,

    lines.covered_from,
    lines.consumed_on,
    lines.billed_on
from lines
left join borne on lines.line_key = borne.line_key

{% else %}

with

lines as (

    select * from {{ ref('fct_applied_billing_rates') }}

),

accounts as (

    select * from {{ ref('int_billing_accounts_in_run') }}

),

offerings as (

    select * from {{ ref('stg_catalog__offerings') }}

),

borne as (

    select line_key, - cast(sum(amount_exact) as numeric(38, 16)) as discount_amount
    from {{ ref('int_borne_discounts') }}
    group by line_key

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

run as (

    select * from {{ ref('int_run') }}

)

select
    lines.line_key,
    lines.terms_id,
    lines.account_id,
    accounts.party_id as customer_party_id,
    lines.product_id,
    lines.seller_party_id,
    offerings.content_provider_party_id,

    lines.currency_code,
    lines.tax_category,

    cast(lines.amount_minor as numeric(38, 16)) as line_amount,
    cast(lines.list_minor as numeric(38, 16)) as list_amount,
    cast(lines.before_discount_minor as numeric(38, 16)) as before_discount_amount,
    -- Back on top of the line before it is shared, and taken from who bears it.
    coalesce(borne.discount_amount, cast(0 as numeric(38, 16))) as borne_amount,
    lines.billed_quantity,

    lines.covered_from,
    cast(lines.covered_from at time zone run.time_zone as date) as consumed_on,
    account_windows.period_end_date - 1 as billed_on
from lines
cross join run
inner join accounts on lines.account_id = accounts.account_id
inner join account_windows on lines.account_id = account_windows.account_id
left join borne on lines.line_key = borne.line_key
left join offerings on lines.offering_id = offerings.offering_id

{% endif %}
