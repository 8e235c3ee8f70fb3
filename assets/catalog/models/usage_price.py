"""Prices for usage: what they match, what they measure, what it costs over time.

Belongs here: conditions, measures, event rules, dated tariffs of usage.
Belongs elsewhere: tariffs (``tariff``), fees (``fee_price``), free quantities (``allowance``).
"""

from typing import Annotated, Literal

from pydantic import Field

from assets.catalog.models.grammar import BookModel, Date, Identifier, Text, Unique
from assets.catalog.models.price_head import PriceHead
from assets.catalog.models.tariff import Tariff


class Condition(BookModel):
    """What a characteristic of the event must be for the price to match."""

    zone_list: Identifier | None = Field(
        None,
        description="Look the value up in this list (longest match wins) and compare the zone; else the value itself.",
    )
    values: Annotated[list[Text], Unique] = Field(
        alias="in", min_length=1, description="The zones or values that match."
    )


class Measure(BookModel):
    """What is counted: the sum of a quantity, or the number of events."""

    aggregate: Literal["sum", "count"] = Field(description="`sum` of a quantity characteristic, or `count` of events.")
    characteristic: Identifier | None = Field(None, description="For `sum`: the quantity characteristic.")


class PriceVersion(BookModel):
    """The tariff of a usage price in a span of days, half-open: from <= day < until, operator's local days."""

    effective_from: Date = Field(description="First day.")
    effective_until: Date | None = Field(None, description="The day after the last; without it there is no end.")
    tariff: Tariff = Field(description="What it costs.")


class UsagePrice(PriceHead):
    """A price for usage. The matching price with the most conditions wins; a tie is an error."""

    kind: Literal["usage"]
    usage: Identifier = Field(description="The usage specification.")
    where: dict[Identifier, Condition] = Field(default_factory=dict, description="Conditions; all must hold.")
    measure: Measure = Field(description="What is counted.")
    allowance: Identifier | None = Field(None, description="Allowance of the offering that is used up first.")
    versions: list[PriceVersion] = Field(min_length=1, description="Tariffs over time, without overlap or gap.")
