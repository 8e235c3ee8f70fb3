select
    identifier_id,

    identifier_kind,
    identifier
from {{ source('inbox', 'identifiers') }}
