{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#
    What customers have, as spans of time that do not overlap: the record with the latest start at or before an instant decides.

    Per-event rows carry product_number instead of texts; class_number groups products that share offering and seller, the two
    facts that price and agreement look at.

    A tariff of an agreement is a product of the agreement's account, so that partners' usage is rated like customers'. The tariff of
    a sharing item is nobody's account and in every run: it rates what the run's customers use.
#}

with

products as (

    select * from {{ ref('stg_inbox__products') }}

),

account_windows as (

    select * from {{ ref('int_account_windows') }}

),

run_window as (

    select * from {{ ref('int_run_window') }}

),

spans as (

    select
        product_id,
        account_id,
        offering_id,
        seller_party_id,
        effective_from,
        least(
            coalesce(effective_until, {{ end_of_time() }}),
            coalesce(lead(effective_from) over (partition by product_id order by effective_from), {{ end_of_time() }})
        ) as effective_until,
        min(effective_from) over (partition by product_id) as product_starts_at,
        min(effective_from) over (partition by product_id, offering_id) as offering_starts_at
    from products

),

phases as (

    select * from {{ ref('int_product_phases') }}

),

-- In each phase a product has the prices of the phase's offering. After a last phase that ends it has none.
phased_spans as (

    select
        spans.product_id,
        spans.account_id,
        coalesce(phases.phase_offering_id, spans.offering_id) as offering_id,
        spans.seller_party_id,
        greatest(spans.effective_from, phases.phase_from) as effective_from,
        least(spans.effective_until, phases.phase_until) as effective_until,
        spans.product_starts_at,
        coalesce(phases.phase_from, spans.offering_starts_at) as offering_starts_at,
        phases.term_ends_at,
        max(spans.effective_until) over (partition by spans.product_id, spans.offering_id) as offering_ends_at
    from spans
    left join phases
        on
            spans.product_id = phases.product_id
            and spans.offering_id = phases.offering_id

),

tariffs as (

    select * from {{ ref('stg_catalog__agreement_tariffs') }}

),

agreement_spans as (

    select
        agreement_id,
        min(effective_from) as effective_from,
        max(coalesce(effective_until, {{ end_of_time() }})) as effective_until
    from {{ ref('stg_catalog__agreements') }}
    group by agreement_id

),

all_spans as (

    select
        phased_spans.*,
        cast(null as text) as agreement_id,
        true as is_settled
    from phased_spans

    union all

    select
        tariffs.offering_id as product_id,
        case
            when tariffs.is_settled then {{ agreement_account('tariffs.agreement_id') }} else {{ items_account('tariffs.agreement_id') }}
        end as account_id,
        tariffs.offering_id,
        cast(null as text) as seller_party_id,
        agreement_spans.effective_from,
        agreement_spans.effective_until,
        agreement_spans.effective_from as product_starts_at,
        agreement_spans.effective_from as offering_starts_at,
        cast(null as timestamptz) as term_ends_at,
        agreement_spans.effective_until as offering_ends_at,
        tariffs.agreement_id,
        tariffs.is_settled
    from tariffs
    inner join agreement_spans on tariffs.agreement_id = agreement_spans.agreement_id

),

spans_in_window as (

    select
        all_spans.*,
        account_windows.account_id is not null or not all_spans.is_settled as is_in_scope
    from all_spans
    inner join run_window
        on
            all_spans.effective_from < run_window.period_end
            and all_spans.effective_until > run_window.usage_from
    left join account_windows on all_spans.account_id = account_windows.account_id
    where all_spans.effective_from < all_spans.effective_until

),

numbered as (

    select
        cast(dense_rank() over (order by is_in_scope desc, product_id, account_id, offering_id, seller_party_id) as integer) as product_number,
        cast(dense_rank() over (order by is_in_scope desc, offering_id, seller_party_id) as integer) as class_number,
        product_id,
        account_id,
        offering_id,
        seller_party_id,
        agreement_id,
        is_in_scope,
        effective_from,
        effective_until,
        product_starts_at,
        offering_starts_at,
        -- Leaving the offering before the end of a fixed term may cost something.
        case when offering_ends_at < term_ends_at then offering_ends_at end as early_end_at,
        term_ends_at
    from spans_in_window

)

select * from numbered
