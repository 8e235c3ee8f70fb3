"""Amounts of a sharing item that depend on a period: tiers, and fixed amounts per product, customer or period.

Belongs here: how tiers and fixed amounts are written.
Belongs elsewhere: the items that use them (``sharing``), adding up over a period (dbt).
"""

from typing import Annotated, Literal

from pydantic import Field

from assets.catalog.models.grammar import BookModel, Percent, Price, Quantity

MeasuredOver = Annotated[
    Literal["month", "quarter", "year"],
    Field(
        description="The period that is measured, in the operator's local time. A line counts in the period in which "
        "it was consumed when the settlement's trigger is `consumed`, else in the one that is billed."
    ),
]


class SharingTier(BookModel):
    """A span of what is measured, from where the tier before ends; it gives a percent or an amount per unit."""

    up_to: Quantity | None = Field(
        None, gt=0, description="Inclusive upper bound: an amount, a quantity or a count; left out in the last tier."
    )
    percent: Percent | None = Field(None, le=100, description="Percent of the basis in this tier.")
    per_unit: Price | None = Field(None, description="Amount per unit of what is measured in this tier.")


class Tiers(BookModel):
    """Tiers on what the item's lines reach in a period."""

    of: Literal["revenue", "quantity", "customers"] = Field(
        description="What is measured: the item's basis, the billed quantity, or how many customers there are."
    )
    mode: Literal["marginal", "whole_volume"] = Field(
        description="`marginal`: each tier counts for the part that falls into it. `whole_volume`: the tier that is "
        "reached counts for all."
    )
    measured_over: MeasuredOver = "month"
    steps: list[SharingTier] = Field(min_length=1, description="Tiers with increasing `up_to`; the last has none.")


class FixedAmount(BookModel):
    """An amount that does not depend on the revenue."""

    amount: Price = Field(description="The amount.")
    per: Literal["line", "product", "customer", "period"] = Field(
        description="`line`: each line. `product`, `customer`: once for each of them in the period. `period`: once."
    )
    measured_over: MeasuredOver = "month"
