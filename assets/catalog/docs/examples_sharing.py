"""Chapters of the book's reference on sharing: the items of the waterfall and the terms beside them.

Belongs here: what each form of an item is for and a short worked example of it.
Belongs elsewhere: covers and chains (``docs.examples_agreements``), documents and payments
(``docs.examples_settlement``).
"""

from assets.catalog.docs.form import Form
from assets.catalog.models.sharing import (
    FixedItem,
    KeptItem,
    PercentItem,
    PerUnitItem,
    RemainingItem,
    TariffItem,
    TiersItem,
)
from assets.catalog.models.sharing_measured import FixedAmount, SharingTier, Tiers
from assets.catalog.models.sharing_terms import Bears, Split

SHARING_FORMS: tuple[Form, ...] = (
    Form(
        "Sharing items",
        "The waterfall is worked through in order. Receivers are parties, or roles that are looked up for each line: "
        "`seller` is the party that sold the product, `seller.parent` the party above it, and so on. The last item is "
        "always `remaining_to` or `kept`, so nothing is left over. The items before never give out more than there is: "
        "percents are checked with the book, everything else is held to what is left of each line, unless the item is "
        "a `cost`. On a credit every amount turns around, so that it takes back what the charge gave.",
        "sharing",
        (PercentItem, PerUnitItem, RemainingItem, KeptItem),
        """\
- {id: distribution, to: alfa, basis: after_discount_ex_tax, percent: "30"}
- {id: bonus, to: beta, basis: "item:distribution", percent: "10"}
- {id: content, to: streamly, basis: remaining, percent: "50"}
- {id: messages, to: alfa, per_unit: "0.002"}
- {id: kept, remaining_to: wisla-telekom}
""",
        "Of 100.00 for 500 messages: distribution 30.00, bonus 3.00, content 33.50, messages 1.00, kept 32.50:",
        level=3,
    ),
    Form(
        "Two bases",
        "A line of the list price 10.00 that is billed at 8.00 after a discount. `higher` and `lower` compare the two "
        "for each line.",
        "sharing",
        (),
        """\
- {id: content, to: streamly, basis: higher of list and after_discount_ex_tax, percent: "50"}
- {id: label, to: beta, basis: lower of list and remaining, percent: "10"}
- {id: own, kept: true}
""",
        "Content is half of 10.00, 5.00; label a tenth of the 3.00 that remain, 0.30; 2.70 are kept:",
        level=4,
    ),
    Form(
        "Limits and costs",
        "`min` and `max` are per line. An item gives at most what the items before it have left; a `cost` is owed in "
        "any case, and then what is kept can be negative; table `int_negative_margins` of the run shows where.",
        "sharing",
        (),
        """\
- {id: content, to: streamly, percent: "40", max: "2.50"}
- {id: network, to: alfa, per_unit: "0.05", cost: true}
- {id: own, kept: true}
""",
        "Of 10.00 for 200 units: content 4.00, cut to 2.50; network 10.00; kept -2.50. Without `cost` network would "
        "get the 7.50 that are left:",
        level=4,
    ),
    Form(
        "Wholesale by a tariff",
        "The amount is what a tariff of the agreement (`settled: false`) asks for the events of the line, by zone and "
        "time or any other rule of prices, whatever the customer pays for them. It stands in the waterfall like any "
        "other item: `min` and `max` per line, the next items share what is left, and as a `cost` it is owed where the "
        "revenue does not reach. Each event is rated by itself (`counter: event`), in the run that bills the line; a "
        "calendar without a time zone is on the customer's clock. Amounts in another currency are converted by the "
        "agreement's `fx_source`. Terms with such an item are known when they begin.",
        "sharing",
        (TariffItem,),
        """\
- {id: network, to: alfa, tariff: calls-abroad, cost: true}
- {id: content, to: streamly, basis: remaining, percent: "50", min: "0"}
- {id: own, kept: true}
""",
        "Two calls of a minute to the EU, one at peak, that customers pay 1.00 each for; by the tariff a minute is "
        "1.80 at peak and 0.60 else. Network 2.40, owed although the line has 2.00; content nothing (without `min` it "
        "would bear half of the loss); kept -0.40, a negative margin that somebody approves:",
        level=4,
    ),
    Form(
        "Tiers",
        "What is reached in a period decides the percent, or the amount per unit. What is measured: `revenue` (the "
        "item's basis), `quantity` or the number of `customers`, for each receiver of the item. The lines of a period "
        "stand in a fixed order, by their start. `marginal`: each line gets the tiers that it crosses, so the lines "
        "add up to what the tiers give of the total; the tenth customer's lines get the tier of the tenth. "
        "`whole_volume`: all lines get the tier that the total reaches. Lines in other currencies are converted when "
        "the item names a `currency`, otherwise each currency is measured by itself. A new version of an agreement "
        "starts to count again.",
        "sharing",
        (TiersItem, Tiers, SharingTier),
        """\
- id: content
  to: streamly
  currency: EUR
  tiers:
    of: revenue
    mode: marginal
    measured_over: month
    steps:
      - {up_to: "1000", percent: "60"}
      - {percent: "70"}
- {id: own, kept: true}
""",
        "Lines of 800.00 and 400.00 in a month: 480.00, then 200 at 60 and 200 at 70 percent, 260.00. In "
        "`whole_volume` the 1,200.00 are all at 70 percent, 560.00 and 280.00:",
        level=4,
    ),
    Form(
        "Fixed amounts",
        "`line`: each line. `product`, `customer`, `period`: once in the period for each product, for each customer or "
        "at all; given out over the lines in their order, as far as what is left of them reaches. As a `cost` it "
        "stands on the first of the lines in full.",
        "sharing",
        (FixedItem, FixedAmount),
        """\
- {id: handling, to: alfa, fixed: {amount: "0.10", per: line}}
- {id: licence, to: streamly, fixed: {amount: "2.00", per: customer, measured_over: month}}
- {id: own, kept: true}
""",
        "A customer with lines of 1.50 and 9.00: handling 0.10 twice; licence 1.40 of the first line, 0.60 of the "
        "second; kept 0.00 and 8.30:",
        level=4,
    ),
    Form(
        "Rounding and who bears what",
        "Shares stay exact. They are rounded once, per position, and `split` says who gets the units left over; an "
        "agreement's `split` goes before the operator's, each of its settings by itself, and without both it is by "
        "largest remainder. `left_over_to` names the receiver. `bears` names "
        "who takes a discount, a trial, bad debt or fraud alone; `everyone` means in proportion to the shares.",
        "agreement version",
        (Split, Bears),
        level=3,
    ),
)
