select
    account_id,
    credit_id,

    coalesce(name, credit_id) as credit_name,
    currency_code,
    borne_by,
    products as covered_product_ids,
    offerings as covered_offering_ids,
    prices as covered_price_ids,
    charge_kinds as covered_charge_kinds,

    amount,
    priority,

    effective_from,
    effective_until
from {{ source('inbox', 'credits') }}
