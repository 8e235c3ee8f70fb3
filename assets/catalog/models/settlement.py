"""Settlement terms of an agreement: how the positions that sharing makes become documents and payments.

Belongs here: currency, exchange rates, trigger, document, tax category, due days.
Belongs elsewhere: what each party gets (``sharing``), computing positions and documents (dbt).
"""

from typing import Literal

from pydantic import Field

from assets.catalog.models.grammar import BookModel, CurrencyCode, Identifier, WholeNumber


class Settlement(BookModel):
    """How the positions of the agreement are settled."""

    currency: CurrencyCode = Field(description="Currency in which the receivers are paid.")
    fx_source: Identifier = Field(description="Source of rates, as in fx.yaml.")
    trigger: Literal["billed"] = Field(
        description="What puts a line into a settlement: `billed`, when its bill is posted."
    )
    due_days: WholeNumber = Field(le=365, description="Days from the document to the payment.")
    document: Literal["statement", "self_billed"] = Field(
        description="`statement`, or `self_billed`: the payer writes the receiver's invoice."
    )
    tax_category: Identifier = Field(description="Tax category of the receiver's supply, as in taxes.csv.")
