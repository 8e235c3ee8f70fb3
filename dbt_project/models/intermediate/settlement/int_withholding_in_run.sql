{{ config(materialized='table') }}

{#
    The rate of tax withheld for each agreement version with a payment class and each of its receivers: the rule of both
    countries on the issue date, the lower rate while a certificate is valid. No row: the class has no rule for them.
#}

with

run as (

    select * from {{ ref('int_run') }}

),

agreements as (

    select * from {{ ref('stg_catalog__agreements') }}

),

parties as (

    select * from {{ ref('int_parties_in_force') }}

),

withholding_rules as (

    select * from {{ ref('stg_catalog__withholding_rules') }}

),

certificates as (

    select distinct on (tax_certificates.party_id) tax_certificates.party_id, tax_certificates.reference
    from {{ ref('stg_inbox__tax_certificates') }} as tax_certificates
    inner join run
        on tax_certificates.effective_from <= run.issue_date
        and run.issue_date < tax_certificates.effective_until
    order by tax_certificates.party_id, tax_certificates.effective_until desc, tax_certificates.reference

)

select
    agreements.agreement_version_id,
    receivers.party_id as receiver_party_id,
    agreements.payment_class,
    agreements.is_grossed_up,
    withholding_rules.is_rounded_to_major,
    case
        when certificates.party_id is not null then coalesce(withholding_rules.certificate_rate_percent, withholding_rules.rate_percent)
        else withholding_rules.rate_percent
    end as rate_percent,
    certificates.reference
from agreements
cross join run
inner join parties as payers on agreements.payer_party_id = payers.party_id
inner join withholding_rules
    on agreements.payment_class = withholding_rules.payment_class
    and payers.country_code = withholding_rules.payer_country_code
    and withholding_rules.effective_from <= run.issue_date
    and (withholding_rules.effective_until is null or run.issue_date < withholding_rules.effective_until)
inner join parties as receivers on withholding_rules.receiver_country_code = receivers.country_code
left join certificates on receivers.party_id = certificates.party_id
