select
    batch_id,

    events_from,
    events_until
from {{ source('inbox', 'batches') }}
