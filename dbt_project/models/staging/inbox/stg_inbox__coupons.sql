select
    account_id,
    coupon_id,

    coalesce(name, coupon_id) as coupon_name,
    currency_code,
    lasts,
    rest,
    borne_by,
    products as covered_product_ids,
    offerings as covered_offering_ids,
    prices as covered_price_ids,
    charge_kinds as covered_charge_kinds,

    percent,
    amount,
    periods as period_count,
    priority,

    effective_from,
    effective_until
from {{ source('inbox', 'coupons') }}
