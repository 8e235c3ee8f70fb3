{# Who is the seller or content provider, its parent, and so on up, for each of them and each day that an agreement asks about. #}

with recursive

resolutions as (

    select 'seller' as root_role, seller_party_id as root_party_id, role_date
    from {{ ref('int_agreement_resolutions') }}
    where seller_party_id <> ''

    union

    select 'content_provider', content_provider_party_id, role_date
    from {{ ref('int_agreement_resolutions') }}
    where content_provider_party_id <> ''

),

parties as (

    select * from {{ ref('stg_inbox__parties') }}

),

-- Few parties are resellers below another; only their records need dates.
parents_in_time as materialized (

    select
        party_id,
        parent_party_id,
        effective_from,
        lead(effective_from) over (partition by party_id order by effective_from) as effective_until
    from parties
    where party_id in (select parties.party_id from parties where parties.parent_party_id is not null)

),

chains as (

    select
        root_party_id,
        role_date,
        cast(root_role as text) as receiver_role,
        root_party_id as party_id,
        0 as parent_count
    from resolutions

    union all

    select
        chains.root_party_id,
        chains.role_date,
        chains.receiver_role || '.parent',
        parents_in_time.parent_party_id,
        chains.parent_count + 1
    from chains
    inner join parents_in_time
        on chains.party_id = parents_in_time.party_id
        and chains.role_date >= parents_in_time.effective_from
        and (parents_in_time.effective_until is null or chains.role_date < parents_in_time.effective_until)
    where
        parents_in_time.parent_party_id is not null
        -- A hierarchy that runs in a circle must end; no agreement asks deeper than its ranks go.
        and chains.parent_count < {{ var('max_step_rank', 24) }}

)

select
    root_party_id,
    role_date,
    receiver_role,
    party_id
from chains
