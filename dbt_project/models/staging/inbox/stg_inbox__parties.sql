select
    party_id,
    parent_party_id,

    party_kind,
    name,
    country_code,
    tax_number,
    tax_status,
    language_code,
    bank_account,
    address_lines,

    effective_from
from {{ source('inbox', 'parties') }}
