{# Agreement terms that name at least one receiver by role, so that the seller of the line matters. #}

select distinct terms_id
from {{ ref('stg_catalog__agreement_steps') }}
where receiver_role is not null
