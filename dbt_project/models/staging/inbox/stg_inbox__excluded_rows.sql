{# A row has at most a few dispositions; duplicates and conflicts are well-formed rows that must not be rated. #}
select distinct
    file_id,
    line_number
from {{ source('inbox', 'row_dispositions') }}
where disposition in ('duplicate', 'conflict')
