select
    characteristic_set_id,
    usage_specification_id,

    characteristics
from {{ source('inbox', 'characteristic_sets') }}
