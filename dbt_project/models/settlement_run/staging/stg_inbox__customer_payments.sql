select
    payment_id,
    bill_number,
    account_id,

    kind,
    currency_code,

    amount_minor,
    case kind when 'payment' then amount_minor when 'recovery' then amount_minor when 'reversal' then -amount_minor else 0 end
        as collected_minor,
    case kind when 'write_off' then amount_minor when 'recovery' then -amount_minor else 0 end as written_off_minor,

    received_on
from {{ source('inbox', 'customer_payments') }}
