{# Shares that this settlement run makes from posted ones and settles: those of parked agreements wait for a later run. #}

select * from {{ ref('int_shares_adjusted') }}
where {{ not_parked('agreement_id') }}
