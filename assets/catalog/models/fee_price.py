"""Fees: recurring and one-time prices.

Belongs here: how often, when and for which part of a period a fee is charged, dated amounts.
Belongs elsewhere: prices for usage (``usage_price``).
"""

from typing import Literal

from pydantic import Field

from assets.catalog.models.grammar import BookModel, Date, Flag
from assets.catalog.models.price_head import PriceHead
from assets.catalog.models.tariff import FlatTariff


class FlatPriceVersion(BookModel):
    """The amount of a recurring or one-time price in a span of days, half-open."""

    effective_from: Date = Field(description="First day.")
    effective_until: Date | None = Field(None, description="The day after the last; without it there is no end.")
    tariff: FlatTariff = Field(description="What it costs.")


class RecurringPrice(PriceHead):
    """A fee per billing period."""

    kind: Literal["recurring"]
    charged: Literal["in_advance", "in_arrears"] = Field(
        "in_advance", description="How the fee is labelled on the bill."
    )
    prorated: Flag = Field(True, description="Whether part periods cost days / days of the period.")
    trial: Flag = Field(False, description="Whether the fee is free while the product is in its trial.")
    versions: list[FlatPriceVersion] = Field(min_length=1, description="Amounts over time, without overlap or gap.")


class OneTimePrice(PriceHead):
    """A fee charged once, when the product starts."""

    kind: Literal["one_time"]
    versions: list[FlatPriceVersion] = Field(min_length=1, description="Amounts over time, without overlap or gap.")
