{# Agreement terms that name at least one receiver by role, so that the seller of the line or its content provider matters. #}

select
    terms_id,
    bool_or(receiver_role like 'content\_provider%') as has_content_provider
from {{ ref('stg_catalog__agreement_steps') }}
where receiver_role is not null
group by terms_id
