{{ config(materialized='table') }}

select
    cast(null as uuid) as line_key,
    cast(null as text) as account_id,
    cast(null as text) as product_id,
    cast(null as integer) as product_number,
    cast(null as text) as offering_id,
    cast(null as text) as bundle_offering_id,
    cast(null as text) as price_id,
    cast(null as integer) as price_version_id,
    cast(null as integer) as price_override_id,
    cast(null as text) as charge_kind,
    cast(null as text) as service_kind,
    cast(null as text) as seller_party_id,
    cast(null as integer) as terms_id,
    cast(null as text) as tax_category,
    cast(null as text) as legal_entity_id,
    cast(null as timestamptz) as covered_from,
    cast(null as timestamptz) as covered_until,
    cast(null as boolean) as is_late,
    cast(null as bigint) as event_count,
    cast(null as numeric(38,6)) as billed_quantity,
    cast(null as numeric(38,6)) as allowance_quantity,
    cast(null as numeric(18,10)) as period_factor,
    cast(null as text) as price_currency_code,
    cast(null as numeric(38,16)) as amount_exact
where false
