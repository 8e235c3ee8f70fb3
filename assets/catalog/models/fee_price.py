"""Fees: recurring and one-time prices.

Belongs here: how often, when and for which part of a period a fee is charged, dated amounts.
Belongs elsewhere: prices for usage (``usage_price``).
"""

from typing import Annotated, Literal

from pydantic import Field

from assets.catalog.models.grammar import BookModel, Date, Flag, Identifier, Unique, WholeNumber
from assets.catalog.models.price_head import PriceHead
from assets.catalog.models.proration import Proration
from assets.catalog.models.tariff import FlatTariff


class FlatPriceVersion(BookModel):
    """The amount of a recurring or one-time price in a span of days, half-open."""

    effective_from: Date = Field(description="First day.")
    effective_until: Date | None = Field(None, description="The day after the last; without it there is no end.")
    tariff: FlatTariff = Field(description="What it costs.")


class _CyclePrice(PriceHead):
    every: Literal["bill_period", "day", "week", "month", "quarter", "year"] = Field(
        "bill_period", description="The cycle that the amount pays for."
    )
    count: WholeNumber = Field(1, ge=1, le=999, description="Cycles of so many units: `every: week, count: 2`.")
    anchor: Literal["cycle_day", "calendar", "anniversary"] = Field(
        "cycle_day",
        description="Where cycles of months start: on the cycle day from the month of the product's start on, on the "
        "calendar's first days (weeks on Mondays), or on the day of the month of the product's start.",
    )
    cycle_day: WholeNumber | None = Field(
        None,
        ge=1,
        le=31,
        description="Day of the month on which cycles start, or the last day of a month without it; by default the "
        "account's.",
    )
    charged: Literal["in_advance", "in_arrears"] = Field(
        "in_advance",
        description="Which bill has a cycle: that of the period in which it starts, or ends. A fee per bill "
        "period is on the bill of that period either way.",
    )
    prorated: Flag = Field(True, description="Whether a part of a cycle costs a part of the fee.")
    proration: Proration | None = Field(None, description="How parts are counted, if not as the offering says.")
    trial: Flag = Field(False, description="Whether the fee is free while the product is in its trial.")
    versions: list[FlatPriceVersion] = Field(min_length=1, description="Amounts over time, without overlap or gap.")


class RecurringPrice(_CyclePrice):
    """A fee per billing period, or per cycle of its own."""

    kind: Literal["recurring"]


class MinimumPrice(_CyclePrice):
    """What prices of the offering cost together at least: a line of its own for what is missing."""

    kind: Literal["minimum"]
    counts: Annotated[list[Identifier], Unique] = Field(
        default_factory=list,
        description="Prices that count towards it; by default all, which makes it a commitment of the offering.",
    )


class OneTimePrice(PriceHead):
    """A fee charged once: when the product starts, or when it leaves its fixed term early."""

    kind: Literal["one_time"]
    charged: Literal["at_start", "at_early_end"] = Field(
        "at_start",
        description="`at_early_end`: when the product ends, or changes to another offering, before the end of its "
        "phase of kind fixed_term.",
    )
    per_month_left: Flag = Field(
        False, description="For `at_early_end`: times the months of the term that are left, a started one counts whole."
    )
    versions: list[FlatPriceVersion] = Field(min_length=1, description="Amounts over time, without overlap or gap.")
