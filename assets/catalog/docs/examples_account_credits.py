# ruff: noqa: E501  tables and records read best on one line
"""Chapter of the book's reference on coupons and credits: records of the inbox that the book's prices meet on the bill.

Belongs here: sentences and examples. Belongs elsewhere: their layouts (``assets.ingestion.populations.account_credits``), discounts of
the book itself (``docs.examples_pricing``).
"""

from assets.catalog.docs.form import Form

_TEXT = """\
Whom the operator gives a coupon or a credit is no rule: both arrive through the inbox as dated records, JSON lines with
every value in quotes. What they have in common:

| field | meaning |
|---|---|
| `coupon_id` or `credit_id`, `account_id` | Together they name the record; the same coupon may be many accounts'. |
| `effective_from`, `effective_until` | Instants. It is for lines that cover any time in between; what is left of a credit at its end is lost. |
| `name` | As printed on the bill; without it the id. |
| `amount`, `currency_code` | In the currency of the account, else the account is parked with `credit_currency`. |
| `priority` | The lowest number comes first (100 without it); of equal ones the credit that expires first, the coupon that starts first. |
| `products`, `offerings`, `prices`, `charge_kinds` | Lists with `\\|` between their entries; a line must be in each list that is given. |
| `borne_by` | `everyone` (partners share what is left), or a party or role that bears it alone. |

A **coupon** (`coupons_*.jsonl`) has an `amount` or a `percent`. It is spread over the lines it is for in proportion to
what earlier coupons left, and takes at most what is there. `lasts` is `once`, `periods` (with how many bills in
`periods`) or `forever`; only bills that it takes something off count. `rest: kept` leaves what a bill could not use up to
the next one; `lost` is the default. The operator's `coupon_decimals` says how finely its part of each line is kept; the
whole units of the lines always add up to the coupon.

A **credit** (`credits_*.jsonl`) is money to use up: it eats the lines it is for in the order of the bill, after
discounts and coupons, until nothing is left of it. Neither touches a line below zero. Of prices with tax both take from
the gross; the tax is that of what is left. `fct_account_credits` holds what each had, took and leaves, and bills print it.

```json
{"coupon_id": "SPRING", "account_id": "a000004", "effective_from": "2026-10-01T00:00:00+02:00", "percent": "10", "lasts": "periods", "periods": "3", "borne_by": "operator"}
{"coupon_id": "WELCOME", "account_id": "a000004", "effective_from": "2026-10-01T00:00:00+02:00", "amount": "30.00", "currency_code": "PLN", "rest": "kept", "charge_kinds": "recurring", "priority": "200"}
```

With a fee of 25.00 and calls of 15.00, SPRING (priority 100) takes 4.00: 2.50 and 1.50. WELCOME is for the fee only and
takes the 22.50 that are left of it; 7.50 wait for the next bill. The bill has 13.50 before tax.
"""

ACCOUNT_CREDIT_FORMS = (Form("Coupons and credits", _TEXT, "coupons_2026-10.jsonl"),)
