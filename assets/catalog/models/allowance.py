"""Free quantities that are used up before a price's tariff starts, and money that usage is paid from.

Belongs here: allowances of an offering: how much, whose, in which order, what becomes of the rest.
Belongs elsewhere: the prices that draw from them (``usage_price``), buckets of customers (dbt, ``int_buckets``).
"""

from typing import Literal

from pydantic import Field

from assets.catalog.models.grammar import BookModel, Flag, Identifier, Price, Quantity, Texts, WholeNumber


class Rollover(BookModel):
    """What becomes of a rest at the end of a period."""

    maximum: Quantity | None = Field(
        None, gt=0, description="The most that is carried into a period. Left out: all that is left."
    )
    expires: Literal["next_period", "never"] = Field(
        "next_period",
        description="`next_period`: what was carried over is lost at the end of the period it was carried into, and is "
        "used up before the new quantity. `never`: it is carried on.",
    )


class Covered(BookModel):
    """Another offering's usage that draws from the allowance."""

    offering: Identifier = Field(description="A simple offering of the same customer, account or group.")
    price: Identifier = Field(description="A usage price of it that measures the same unit.")


class Allowance(BookModel):
    """A quantity per period that is used up before the price's tariff starts, or an amount that pays for usage."""

    id: Identifier = Field(description="Name of the allowance, unique in the offering.")
    name: Texts | None = Field(None, description="Name on the bill, with what was used and what is left.")
    quantity: Quantity | None = Field(
        None, gt=0, description="Free quantity per period, in the unit that its prices measure; or `amount`."
    )
    amount: Price | None = Field(
        None,
        gt=0,
        description="Instead of a quantity: money per period, in the currency of its prices, that pays for what usage "
        "costs, event by event in the order of time, after all quantities. The line keeps its price and says what was "
        "paid from it.",
    )
    prorated: Flag = Field(False, description="Whether part periods have a part of it.")
    shared_by: Literal["product", "account", "group"] = Field(
        "product",
        description="Who draws from it together: the product that has it, all products of its account, or all accounts "
        "of the group (a family, a company) that the account belongs to. Each product that has it adds its quantity.",
    )
    priority: WholeNumber = Field(
        100, description="Where usage can draw from several allowances, the lowest number is used up first."
    )
    rollover: Rollover | None = Field(None, description="What becomes of a rest. Left out: it is lost.")
    covers: list[Covered] = Field(
        default_factory=list, description="Usage of other offerings that draws from it, besides this offering's prices."
    )
