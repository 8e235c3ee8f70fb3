"""What every price has, whatever its kind.

Belongs here: id, name, currency, tax. Belongs elsewhere: usage prices (``usage_price``), fees (``fee_price``).
"""

from typing import Literal

from pydantic import Field

from assets.catalog.models.adjustment import Adjustment
from assets.catalog.models.grammar import BookModel, CurrencyCode, Flag, Identifier, Texts


class Combine(BookModel):
    """Prices that are paid together as one."""

    group: Identifier = Field(description="Name of the group within the offering.")
    by: Literal["greatest"] = Field(description="Only the greatest of the group's amounts is paid.")


class PriceHead(BookModel):
    """The fields that usage prices and fees share."""

    id: Identifier = Field(description="Name of the price, unique in the offering.")
    name: Texts = Field(description="Name on the bill, in every language of the operator.")
    currency: CurrencyCode = Field(description="Currency of the amounts, one of the operator's.")
    tax_inclusive: Flag | None = Field(
        None,
        description="Whether amounts include VAT; then the tax is derived from the gross. Without it `pricing` of the "
        "offering or the operator decides.",
    )
    adjustments: list[Adjustment] = Field(
        default_factory=list, description="Discounts and caps of its lines, in order; the offering's follow."
    )
