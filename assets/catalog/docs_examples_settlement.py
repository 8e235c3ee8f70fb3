"""Chapters of the book's reference on settlement: how positions become documents and payments.

Belongs here: what each settlement term is for and a short worked example of it.
Belongs elsewhere: what each party gets (``docs_examples_agreements``).
"""

from assets.catalog.docs_form import Form
from assets.catalog.models.settlement import RetentionTerms, Settlement, SettlementItem, WithholdingTerms

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
tax_category: standard
""",
        "Positions in euro, converted at the source's rate; the payer writes the invoice and pays in 30 days:",
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
- {id: ceiling, kind: cap, to: streamly, amount: "30000", period: year}
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
)
