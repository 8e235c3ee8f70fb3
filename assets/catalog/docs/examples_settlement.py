"""Chapters of the book's reference on settlement: how positions become documents and payments.

Belongs here: what each settlement term is for and a short worked example of it.
Belongs elsewhere: what each party gets (``docs.examples_agreements``).
"""

from assets.catalog.docs.form import Form
from assets.catalog.models.settlement import RetentionTerms, Settlement, SettlementItem, WithholdingTerms
from assets.catalog.models.settlement_conduct import DisputeTerms, PartnerStatement, PayoutTerms, SelfBillingTerms

SETTLEMENT_FORMS: tuple[Form, ...] = (
    Form(
        "Settlement terms",
        "Currency, document and days of payment of what each receiver of the agreement gets.",
        "settlement",
        (Settlement,),
        """\
currency: EUR
fx_source: ecb
trigger: billed
due_days: "30"
document: self_billed
self_billing: {agreed_on: "2025-11-20"}
tax_category: standard
items:
  - {id: hosting, kind: fee, to: streamly, amount: "25", direction: from_receiver}
""",
        "Positions in euro, converted at the source's rate; the payer writes the invoice and pays in 30 days:",
        level=3,
    ),
    Form(
        "A settlement calendar of its own",
        "",
        "settlement",
        (),
        """\
currency: EUR
fx_source: ecb
cycle: quarter
time_zone: Europe/Dublin
cut_off_days: "10"
trigger: consumed
due_days: "30"
document: statement
tax_category: standard
""",
        "Usage of 31 December at 23:30 in Dublin belongs to the fourth quarter, although it was January in Warsaw. The "
        "document is issued on 11 January, ten days after the quarter, and paid 30 days later:",
        level=4,
    ),
    Form(
        "Settlement calendar",
        "When and for what: without `cycle` each bill run settles what it bills; with one, settlement runs take posted "
        "shares into calendar periods (`apportion settle 2026-10-month`).",
        "settlement",
        (),
        """\
currency: EUR
fx_source: ecb
cycle: quarter
time_zone: Europe/Dublin
cut_off_days: "10"
trigger: collected
payment_allocation: tax_first
due_days: "30"
document: statement
tax_category: standard
""",
        "The payments of the fourth quarter, received to 31 December in Dublin, on a document of 11 January. "
        "Of a bill of 1,000 + 230 VAT 410 are paid: 230 are tax, 180 of 1,000 are collected; 70 percent is 126:",
        level=3,
    ),
    Form(
        "Agreement items",
        "Amounts of a period that no line gives, in order. An item is worked out of all that was earned in its "
        "measurement so far, less what it gave in posted periods: late lines correct a guarantee, months add up "
        "to the year.",
        "items",
        (SettlementItem,),
        """\
- {id: floor, kind: minimum_guarantee, to: streamly, amount: "12000", period: year, true_up: each_period}
- {id: advance, kind: recoupment, to: streamly, amount: "5000", percent: "50"}
- {id: ceiling, kind: cap, to: streamly, amount: "30000", period: year, prorated: true}
- {id: hosting, kind: fee, to: streamly, amount: "25", direction: from_receiver}
""",
        "Of 900 earned in January the guarantee (12000 / 12 = 1000 so far) makes 1000; half of it goes into the "
        "advance: 500; the cap is far; the fee leaves 475:",
        level=3,
    ),
    Form(
        "Withholding and retention",
        "Tax that the payer keeps back by the class of payment (rates: `withholding` in operator.yaml); a security.",
        "settlement",
        (WithholdingTerms, RetentionTerms),
        """\
currency: PLN
fx_source: ecb
trigger: billed
due_days: "30"
document: statement
tax_category: standard
withholding: {payment_class: royalty, borne_by: receiver}
retention: {percent: "5", release_days: "90"}
""",
        "At 20 percent a position of 7,000 pays 7,000 - 1,400 - 350 = 5,250 now and 350 after 90 days:",
        level=3,
    ),
    Form(
        "Self-billing",
        "The prior agreement that the payer writes the receiver's invoices, and how the receiver accepts each of them. "
        "Needed for `document: self_billed`. Nothing is paid on a document that is not accepted.",
        "settlement",
        (SelfBillingTerms,),
        """\
currency: EUR
fx_source: ecb
trigger: billed
due_days: "30"
document: self_billed
tax_category: standard
self_billing: {agreed_on: "2025-11-20", accept_within_days: "14", silence: accepts, corrections_by: payer}
""",
        "A document of 2 February that nobody answered counts as accepted on 16 February and is paid on 4 March:",
        level=3,
    ),
    Form(
        "The receiver's own invoice",
        "A partner that writes its own invoices gets a statement to invoice by. `apportion documents invoice` takes "
        "the invoice in: over another amount than the statement, or a second time, it is refused.",
        "settlement",
        (),
        """\
currency: EUR
fx_source: ecb
trigger: billed
due_days: "30"
document: statement
partner_invoice: true
tax_category: standard
""",
        "A statement over 8,610.00 of 2 February, due on 4 March, whose invoice comes on 10 March, is paid then:",
        level=3,
    ),
    Form(
        "The receiver's own figures, and disputes",
        "Files with the receiver's figures are matched row by row with what was settled. Rows within the tolerance "
        "agree. The rest is a dispute: what the receiver claims less is held back of the payment, the undisputed part "
        "is paid on time.",
        "settlement",
        (PartnerStatement, DisputeTerms),
        """\
currency: EUR
fx_source: ecb
trigger: billed
due_days: "30"
document: statement
tax_category: standard
partner_statement:
  id: streamly-figures
  by: streamly
  name_pattern: "streamly_figures_*.csv"
  grain: product_day
  delimiter: ";"
  month: Monat
  product: Produkt
  day: Tag
  amount: Betrag
disputes:
  prevails: payer
  tolerance_percent: "0.5"
  tolerance_amount: "0.10"
  raise_within_days: "30"
  answer_within_days: "45"
  escalate_after_days: ["10", "20"]
""",
        "Ours 100.00, theirs 100.40: within 0.5 percent. Ours 10.00, theirs 9.00: 1.00 is held back; if nobody "
        "resolves it, the payer's figure stands from day 46:",
        level=3,
    ),
    Form(
        "Figures line by line",
        "",
        "settlement",
        (),
        """\
currency: EUR
fx_source: ecb
trigger: billed
due_days: "30"
document: statement
tax_category: standard
partner_statement:
  {id: alfa-lines, by: alfa, name_pattern: "alfa_lines_*.csv", grain: line, month: month, line: key, amount: amount}
""",
        "A row is one charge line, named by the key that the CSV beside our statement gives it:",
        level=4,
    ),
    Form(
        "Netting and threshold",
        "Both shorten or delay the transfer and never change a document.",
        "settlement",
        (PayoutTerms,),
        """\
currency: EUR
fx_source: ecb
trigger: billed
due_days: "30"
document: statement
tax_category: standard
payout: {netting: true, threshold: "50", longest_wait_days: "180", rate_difference: receiver}
""",
        "We owe 120.00 and are owed 80.00, both due and undisputed: 40.00 is left, less than 50, so all of it waits "
        "for the next settlement, at most 180 days or until the statutory latest day of payment:",
        level=3,
    ),
)
