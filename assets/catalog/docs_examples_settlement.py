"""Chapters of the book's reference on settlement: how positions become documents and payments.

Belongs here: what each settlement term is for and a short worked example of it.
Belongs elsewhere: what each party gets (``docs_examples_agreements``).
"""

from assets.catalog.docs_form import Form
from assets.catalog.models.settlement import Settlement

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
)
