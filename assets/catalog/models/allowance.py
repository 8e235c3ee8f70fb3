"""Free quantities that are used up before a price's tariff starts.

Belongs here: allowances of an offering. Belongs elsewhere: the prices that draw from them (``usage_price``).
"""

from pydantic import Field

from assets.catalog.models.grammar import BookModel, Flag, Identifier, Quantity


class Allowance(BookModel):
    """A quantity per period that is used up before the price's tariff starts."""

    id: Identifier = Field(description="Name of the allowance, unique in the offering.")
    quantity: Quantity = Field(gt=0, description="Free quantity per period, in the unit that its prices measure.")
    prorated: Flag = Field(False, description="Whether part periods have a part of it.")
