"""Chapters of the book's reference on allowances and on tariffs of bands of time.

Belongs here: sentences and examples. Belongs elsewhere: other chapters (``docs.examples``), calendars themselves
(``docs.examples_calendars``).
"""

from assets.catalog.docs.form import Form
from assets.catalog.models.allowance import Allowance, Covered, Rollover
from assets.catalog.models.time_band_tariff import TimeBandTariff

ALLOWANCE_FORMS = (
    Form(
        "Allowances",
        "Free quantities per period. A price draws from the allowance that it names and from those of other offerings "
        "that cover it, lowest `priority` first, at most three one after the other; each event takes what is left in "
        "the order of time, whoever caused it. Groups of accounts arrive as `account_groups_*.csv` (account_id, "
        "effective_from, effective_until, group_id); accounts of a group share within one bill period. A product may "
        "have its own quantity of an allowance, dated, as `allowance_overrides_*.jsonl` (product_id, offering_id, "
        "allowance_id, effective_from, effective_until, quantity): the latest in force in a period counts for it. Late "
        "usage finds what posted runs left of its own period's allowance, or what was carried over from it. An "
        "`amount` is money that pays for what usage costs: of 10.00 EUR calls of 4.00, 5.00 and 3.00 get 4.00, 5.00 "
        "and 1.00, and 2.00 are billed.",
        "offerings/family.yaml",
        (Allowance, Rollover, Covered),
        """\
offerings:
  - id: family-minutes
    kind: simple
    service: voice
    name: {en: "Family minutes"}
    tax_category: standard
    supplier: wisla-pl
    effective_from: "2026-01-01"
    allowances:
      - id: shared
        name: {en: "Family minutes"}
        quantity: "36000"
        shared_by: group
        priority: 200
        rollover: {maximum: "18000", expires: next_period}
        covers: [{offering: mobile-start, price: calls-national}]
      - id: credit
        name: {en: "10 EUR of calls"}
        amount: "10"
        covers: [{offering: mobile-start, price: calls-national}]
""",
        "Mobile Start's own 6,000 seconds (priority 100) are used up first, then the family's 36,000, by whichever "
        "line calls first. Of 36,000 with 31,000 used, 5,000 are carried into the next period, where they are used up "
        "before the new ones and lost at its end. Of an unused 36,000, 18,000 are carried:",
        level=3,
    ),
    Form(
        "Time bands of a price",
        "A version's own tariff is for hours without a band; each entry of `time_bands` is for the bands it names. A "
        "usage specification with `time_bands: {split: at_boundary, duration: duration}` divides a call where bands "
        "change: each part is charged in whole blocks of its band's tariff, and the last block may reach beyond. "
        "Tiers count from the start of the call, and an amount charged once belongs to the band in which it starts. A "
        "divided call is rated by itself, so give such prices `counter: event` unless they are per_unit.",
        "offerings/mobile.yaml",
        (TimeBandTariff,),
        level=3,
    ),
)
