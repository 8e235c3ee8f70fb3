"""Chapters of the book's reference on what usage costs: tariffs, what happens to one event, settings of prices.

Belongs here: what each form is for and a short worked example of it.
Belongs elsewhere: offerings and the prices around them (``docs.examples``).
"""

from assets.catalog.docs.form import Form
from assets.catalog.models.pricing import Pricing, Rounding
from assets.catalog.models.tariff import (
    DynamicTariff,
    FlatTariff,
    GraduatedPercentageTariff,
    GraduatedTariff,
    PackageTariff,
    PercentageTariff,
    PercentageTier,
    PerUnitTariff,
    Tier,
    VolumeTariff,
)
from assets.catalog.models.usage_price import Proration, Removal, RoundUpTo

PRICING_FORMS: tuple[Form, ...] = (
    Form(
        "Single events",
        "What happens to one event besides its tariff, in this order: its quantity is rounded up to whole increments, "
        "the "
        "allowance and then the free quantity cover what they can, the tariff prices the rest, `event_amount` is "
        "added, "
        "`event_minimum` and `event_maximum` limit the sum, and it is rounded where a rounding says so. An event that "
        "is "
        "covered whole pays nothing of it; a credit mirrors what it takes back.",
        "price",
        (RoundUpTo,),
        """\
id: calls-abroad
kind: usage
name: {en: "Calls abroad"}
currency: PLN
usage: voice
measure: {aggregate: sum, characteristic: duration}
round_up_to: {first: "60", next: "1"}
event_amount: "0.50"
event_maximum: "20.00"
pricing: {rounding: [{at: event, method: up, decimals: 2}]}
versions:
  - {effective_from: "2026-01-01", tariff: {model: per_unit, unit_amount: "1.00", per_quantity: "60"}}
""",
        "A call of 20 seconds is charged as 60: 1.00 and 0.50, 1.50. A call of 61 seconds is 1.0166... and 0.50, "
        "rounded up "
        "to 1.52. A call of an hour would be 60.50 and costs 20.00. With `counter: event` the tiers of a tariff are "
        "those of "
        "one call: a first minute at one price, the rest at another.",
        level=3,
    ),
    Form(
        "Counters",
        "Over what a price adds up, what it counts, and what a counter had reached before. Without any of it a price "
        "adds "
        "up a quantity over the bill period.",
        "price",
        (Proration, Removal),
        """\
id: seats
kind: usage
name: {en: "Seats"}
currency: PLN
usage: voice
measure:
  aggregate: unique_count
  characteristic: network
  removal: {characteristic: network, in: [gone]}
recurring: true
prorated: {by: days_left}
versions:
  - effective_from: "2026-01-01"
    tariff: {model: graduated, tiers: [{up_to: "1", unit_amount: "10", flat_amount: "100"}, {unit_amount: "5"}]}
""",
        "A seat that comes on 10 September and goes on the 12th costs 100.00 flat and 10.00 for 3 of 30 days, 101.00. "
        "A "
        "seat held from before costs 110.00. `max` of 5, 20 and 3 is 20, `latest` 3. A `sum` of +10, -4 and +8 that is "
        "billed at its `highest_so_far` bills 10, 0 and 4. `free_events: 3` with a `free_quantity` of 15 makes two "
        "events "
        "of 10 cost the last 5. A yearly tier of 100 at 1.00, then 0.50, and an opening balance of 95 charge 10 units "
        "as 5 "
        "at 1.00 and 5 at 0.50, 7.50. `billed: cumulative` with an opening balance of 333 units and 0.33 billed at "
        "0.001 "
        "bills another 333 units at 0.34, because all 666 cost 0.67.",
        level=3,
    ),
    Form(
        "Settings of prices",
        "Where billing systems differ, a setting says how a price is read. A price's own settings come first, then its "
        "offering's, then the operator's, then the default; so who moves from another system writes them once. Prices "
        "of an agreement's tariffs have the tariff's and then the agreement's settings in between. An offering of the "
        "consumer market with `tax_inclusive: true` has prices with tax, except those that say `tax_inclusive: false`.",
        "pricing",
        (Pricing, Rounding),
        """\
bounds: from_inclusive
unused: first_flat
below_zero: mirrored
beyond_last: free
tax_inclusive: true
rounding:
  - {at: increment, method: half_up, decimals: 5}
  - {at: event, method: up, decimals: 4}
""",
        "With tiers up to 100 at 0.10 and then at 0.05, and 3.00 flat in the first: 100 units of a volume tariff are "
        "10.00 "
        "and 3.00 with `up_to_inclusive`, and 5.00 with `from_inclusive`. A product without usage pays nothing, or "
        "3.00 "
        "with `first_flat`. -10 units before any use are -1.00 with `first_unit`, -4.00 with `mirrored`. If the last "
        "tier "
        "ends at 500, the 501st unit is free, or 0.05 with `beyond_last: last`. With a block of 1 second at 0.02 per "
        "60 "
        "the price of one second is 0.00033 when it is rounded at the increment, so 60 seconds are 0.0198 and not "
        "0.02:",
        level=3,
    ),
    Form("Tariffs", "What a quantity of one product and period costs.", "offerings/mobile.yaml", level=3),
    Form(
        "flat",
        "",
        "tariff",
        (FlatTariff,),
        '{model: flat, amount: "25.00"}',
        "25.00, whatever the quantity:",
        level=4,
    ),
    Form(
        "per_unit",
        "",
        "tariff",
        (PerUnitTariff,),
        '{model: per_unit, unit_amount: "0.19", per_quantity: "60"}',
        '90 seconds at 0.19 for 60 are 0.285. With `block_size: "60"` they are two started blocks, 0.38, with '
        '`block_rounding: down` one, 0.19. `maximum: "0.25"` would cap the 0.285 at 0.25:',
        level=4,
    ),
    Form(
        "graduated",
        "",
        "tariff",
        (GraduatedTariff, Tier),
        '{model: graduated, tiers: [{up_to: "100", unit_amount: "0.10"}, {unit_amount: "0.05", flat_amount: "1.00"}]}',
        "150 units are 100 at 0.10, then 1.00 once and 50 at 0.05, together 13.50. A `maximum` of 8.00 in the first "
        "tier "
        "would make it 8.00, 1.00 and 2.50, together 11.50. Tariffs of other systems may say how much a tier takes "
        'instead of where it ends: `{from: "10", up_to: "30", ...}` takes 20 units of what is left, and '
        '`{blocks: "4", block_size: "5", ...}` as many:',
        level=4,
    ),
    Form(
        "volume",
        "",
        "tariff",
        (VolumeTariff,),
        '{model: volume, tiers: [{up_to: "100", unit_amount: "0.10"}, {unit_amount: "0.05"}]}',
        "100 units are 10.00; 150 units are all at 0.05, together 7.50:",
        level=4,
    ),
    Form(
        "package",
        "",
        "tariff",
        (PackageTariff,),
        '{model: package, package_size: "1000", package_amount: "5.00"}',
        "1,001 units are two packages, 10.00; with `rounding: down` one, 5.00. A `free_quantity` of 10 on the price "
        "makes "
        "1,010 units one package:",
        level=4,
    ),
    Form(
        "percentage",
        "",
        "tariff",
        (PercentageTariff,),
        '{model: percentage, rate_percent: "2.9"}',
        "2.9 percent of 40.00 are 1.16; the measure is the sum of the amount that comes with the event:",
        level=4,
    ),
    Form(
        "graduated_percentage",
        "",
        "tariff",
        (GraduatedPercentageTariff, PercentageTier),
        '{model: graduated_percentage, tiers: [{up_to: "10", rate_percent: "1", flat_amount: "2"}, {rate_percent: '
        '"2"}]}',
        "12.00 are 1 percent of 10.00 and 2.00 once, then 2 percent of 2.00, together 2.14:",
        level=4,
    ),
    Form(
        "dynamic",
        "",
        "tariff",
        (DynamicTariff,),
        '{model: dynamic, multiplier: "1.2"}',
        "Events that carry 10.10 and 4.00 are charged at 12.12 and 4.80:",
        level=4,
    ),
)
