{#
    Accepted, unbilled usage of customers in the run's window with everything that rates it. One row per event; product_number is null
    when no product was in force, price_version_id when no price matched.
#}
{%- set has_billed = has_rows('int_billed_events') %}
{%- set has_clock = has_rows('int_clock_spans') %}
{%- set has_overrides, has_buckets = has_rows('int_price_overrides_in_force'), has_rows('int_bucket_draws') %}
{%- set has_partners = has_rows('stg_catalog__usage_specifications', "guided_to = 'agreement'") %}
{%- set has_shared = has_rows('stg_catalog__usage_specifications', "guided_to = 'either'") %}

with

usage_rows as (
    select * from {{ ref('stg_inbox__usage_rows') }}
    -- The first condition skips whole partitions. The others are one boolean, because PostgreSQL takes two open bounds on
    -- a column for a two-hundredth of the table, and would then hash the events instead of the rules. What was left out is asked
    -- here: a condition of its own would be a step of its own, in which every row is copied.
    where
        batch_id >= (select first_batch_id from {{ ref('int_run_window') }})
        and case
            when
                batch_id <= (select sealed_batch_id from {{ ref('int_run_window') }})
                and event_at >= (select usage_from from {{ ref('int_run_window') }})
                and event_at < (select period_end from {{ ref('int_run_window') }})
                and (select {{ nothing_left_out([
                    (has_billed, 'int_billed_events'), (has_clock, 'int_clock_spans'),
                    (has_overrides, 'int_price_overrides_in_force'), (has_buckets, 'int_bucket_draws'),
                    (has_partners, 'stg_catalog__usage_specifications', "guided_to = 'agreement'"),
                    (has_shared, 'stg_catalog__usage_specifications', "guided_to = 'either'")
                ]) }})
                then true
            else false
        end
),

excluded_rows as (
    select * from {{ ref('stg_inbox__excluded_rows') }}
    where decided_in_batch_id <= (select sealed_batch_id from {{ ref('int_run_window') }})
),

billed_events as (
    select * from {{ ref('int_billed_events') }}
),

guided_identifiers as (
    select * from {{ ref('int_guided_identifiers') }}
),

characteristic_groups as (
    select characteristic_set_id, characteristic_group_number from {{ ref('int_characteristic_groups') }}
),

rating_rules as (
    select * from {{ ref('int_rating_rules') }}
),

clock_spans as (
    select * from {{ ref('int_clock_spans') }}
),

price_overrides as (
    select * from {{ ref('int_price_overrides_in_force') }}
),

bucket_draws as (
    select * from {{ ref('int_bucket_draws') }}
),

-- A set of characteristics has its group's number at its place: what each event asks for is no join.
open_rows as (
    select
        usage_rows.*,
        {{ number_of(
            'usage_rows.characteristic_set_id', 'characteristic_groups', 'characteristic_set_id', 'characteristic_group_number'
        ) }} as characteristic_group_number
    from usage_rows
    where
        not exists (
            select 1 from excluded_rows
            where usage_rows.file_id = excluded_rows.file_id and usage_rows.line_number = excluded_rows.line_number
        )
        {%- if has_billed %}
        and not exists (select 1 from billed_events where usage_rows.event_key = billed_events.event_key)
        {%- endif %}
)

select
    -- What rows are chosen by stands first: PostgreSQL then need not look further into those it passes over.
    guided_identifiers.share_number,
    -- Bands of time: the band at the start counts, unless the event goes on beyond it and can be divided.
    {{ may_be_divided(
        'rating_rules.is_divisible' ~ (' and price_overrides.price_override_id is null' if has_overrides else ''),
        if_joined(has_clock, 'clock_spans.time_band_until', 'timestamptz')
    ) }} as is_divisible,
    open_rows.event_at < guided_identifiers.period_start as is_late,
    open_rows.usage_specification_id,
    {{ measured_units() }} as quantity_units,
    rating_rules.counter_rule_id,
    -- Allowances: products that draw from none have no row there.
    {%- for number in range(1, 4) %}
    {{ if_joined(has_buckets, 'bucket_draws.bucket_' ~ number ~ '_number', 'integer') }} as bucket_{{ number }}_number,
    {{ if_joined(has_buckets, 'bucket_draws.bucket_' ~ number ~ '_limit_units', 'bigint') }} as bucket_{{ number }}_limit_units,
    {%- endfor %}
    open_rows.event_key,
    open_rows.file_id,
    open_rows.line_number,
    open_rows.identifier_id,
    open_rows.characteristic_set_id,
    open_rows.event_at,
    guided_identifiers.product_number,
    rating_rules.price_version_id,
    {{ if_joined(has_overrides, 'price_overrides.price_override_id', 'integer') }} as price_override_id,
    coalesce(
        {{ if_joined(has_overrides, 'price_overrides.tariff_number', 'integer') }},
        {{ if_joined(has_clock, 'clock_spans.tariff_number', 'integer') }}, rating_rules.tariff_number
    ) as tariff_number,
    rating_rules.calendar_number,
    guided_identifiers.time_zone_number,
    {{ if_joined(has_clock, 'clock_spans.time_band_until', 'timestamptz') }} as time_band_until,
    rating_rules.terms_id,
    rating_rules.counts_events_alone,
    -- Counters of an hour or a day: which one. All others have one counter; -1 is late usage that still belongs to it.
    coalesce({{ if_joined(has_clock, 'clock_spans.span_number', 'integer') }}, 0) as span_number,
    rating_rules.is_opened,
    case rating_rules.prorated_slot
        when 1 then open_rows.quantity_units
        when 2 then open_rows.quantity_2_units
        when 3 then open_rows.quantity_3_units
    end as prorated_units,
    rating_rules.event_rule_id,
    rating_rules.round_first_units,
    rating_rules.round_next_units,
    coalesce({{ if_joined(has_buckets, 'bucket_draws.pool_number', 'integer') }}, guided_identifiers.product_number) as pool_number
from open_rows
left join guided_identifiers
    on
        open_rows.identifier_id = guided_identifiers.identifier_id
        and open_rows.event_at >= guided_identifiers.effective_from
        and open_rows.event_at < guided_identifiers.effective_until
left join rating_rules
    on
        guided_identifiers.class_number = rating_rules.class_number
        and open_rows.characteristic_group_number = rating_rules.characteristic_group_number
        and open_rows.event_at >= rating_rules.effective_from
        and open_rows.event_at < rating_rules.effective_until
{%- if has_overrides %}
-- Prices that nobody has a personal price of have no key here, as those that look at no clock below, and cost next to nothing.
left join price_overrides
    on
        rating_rules.override_price_id = price_overrides.price_version_id
        and guided_identifiers.product_number = price_overrides.product_number
        and open_rows.event_at >= price_overrides.effective_from
        and open_rows.event_at < price_overrides.effective_until
{%- endif %}
{%- if has_clock %}
left join clock_spans
    on
        rating_rules.clock_price_id = clock_spans.price_version_id
        and guided_identifiers.time_zone_number = clock_spans.time_zone_number
        and case when rating_rules.clock_price_id is not null then {{ utc_date('open_rows.event_at') }} end = clock_spans.utc_date
        and open_rows.event_at >= clock_spans.effective_from
        and open_rows.event_at < clock_spans.effective_until
{%- endif %}
{%- if has_buckets %}
left join bucket_draws
    on
        rating_rules.allowance_set_number = bucket_draws.allowance_set_number
        and guided_identifiers.product_number = bucket_draws.product_number
        and open_rows.event_at >= bucket_draws.effective_from
        and open_rows.event_at < bucket_draws.effective_until
{%- endif %}
where
    guided_identifiers.is_in_scope is not false
    -- Usage of partners alone, and usage that may be theirs where no product is: int_usage_guided_agreements has it.
    {%- if has_partners %}
    and not {{ is_one_of('open_rows.usage_specification_id', specifications_guided_to('agreement')) }}
    {%- endif %}
    {%- if has_shared %}
    and (
        guided_identifiers.product_number is not null
        or not {{ is_one_of('open_rows.usage_specification_id', specifications_guided_to('either')) }}
    )
    {%- endif %}
