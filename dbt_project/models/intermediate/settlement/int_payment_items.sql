{#
    What comes off the payment of a document: tax withheld on the gross position of each agreement, and what is retained of
    it. Signed as the receiver sees it, so negative for a document above 0, and the other way round for a credit.
#}

with

position_items as (

    select * from {{ ref('int_position_items') }}

),

withholding as (

    select * from {{ ref('int_withholding_in_run') }}

),

currencies as (

    select * from {{ ref('stg_catalog__currencies') }}

),

positions_by_agreement as (

    select
        settlement_key,
        agreement_version_id,
        agreement_id,
        payer_party_id,
        receiver_party_id,
        currency_code,
        max(retention_percent) as retention_percent,
        max(retention_days) as retention_days,
        cast(sum(amount_minor) as bigint) as position_minor
    from position_items
    group by settlement_key, agreement_version_id, agreement_id, payer_party_id, receiver_party_id, currency_code

),

withheld as (

    select
        positions_by_agreement.settlement_key,
        positions_by_agreement.agreement_version_id,
        positions_by_agreement.agreement_id,
        positions_by_agreement.payer_party_id,
        positions_by_agreement.receiver_party_id,
        positions_by_agreement.currency_code,
        'withholding' as item_kind,
        withholding.payment_class as item_id,
        positions_by_agreement.position_minor as basis_minor,
        withholding.rate_percent,
        case
            when withholding.is_rounded_to_major then -cast(
                {{ round_to_minor(
                    minor_to_major('positions_by_agreement.position_minor', 'currencies.minor_digits') ~ ' * withholding.rate_percent * 0.01', 0
                ) }} * {{ minor_units_per_major('currencies.minor_digits') }} as bigint
            )
            else -{{ round_to_minor('positions_by_agreement.position_minor * withholding.rate_percent * 0.01', 0) }}
        end as amount_minor,
        cast(null as integer) as retention_days,
        withholding.reference
    from positions_by_agreement
    inner join withholding
        on positions_by_agreement.agreement_version_id = withholding.agreement_version_id
        and positions_by_agreement.receiver_party_id = withholding.receiver_party_id
    inner join currencies on positions_by_agreement.currency_code = currencies.currency_code

),

retained as (

    select
        settlement_key,
        agreement_version_id,
        agreement_id,
        payer_party_id,
        receiver_party_id,
        currency_code,
        'retention' as item_kind,
        'retention' as item_id,
        position_minor as basis_minor,
        retention_percent as rate_percent,
        -{{ round_to_minor('position_minor * retention_percent * 0.01', 0) }} as amount_minor,
        retention_days,
        cast(null as text) as reference
    from positions_by_agreement
    -- What is owed to the payer is not secured by holding it back.
    where retention_percent is not null and position_minor > 0

)

select * from withheld
where amount_minor <> 0
union all
select * from retained
where amount_minor <> 0
