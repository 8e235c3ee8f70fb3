{# Well-formed rows that must not be rated. A row can be here twice. #}
select
    file_id,
    line_number,
    decided_in_batch_id,

    disposition
from {{ source('inbox', 'row_dispositions') }}
where disposition in ('duplicate', 'conflict')
