{# Calls with a tariff of their own, because they go on beyond a band of time. #}

select
    event_key,
    tariff_number
from {{ ref('int_split_segments') }}
where piece_number = 0
