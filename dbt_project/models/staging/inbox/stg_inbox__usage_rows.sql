select
    batch_id,
    file_id,
    line_number,
    usage_specification_id,
    identifier_id,
    characteristic_set_id,

    event_key,
    content_hash,

    quantity_units,
    quantity_2_units,
    quantity_3_units,

    event_at
from {{ source('inbox', 'usage_rows') }}
