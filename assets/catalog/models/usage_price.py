"""Prices for usage: what they match, what they measure, what it costs over time.

Belongs here: conditions, measures, event rules, dated tariffs of usage.
Belongs elsewhere: tariffs (``tariff``), fees (``fee_price``), free quantities (``allowance``).
"""

from typing import Annotated, Literal

from pydantic import Field

from assets.catalog.models.grammar import (
    BookModel,
    Date,
    Flag,
    Identifier,
    Price,
    Quantity,
    Text,
    Unique,
    WholeNumber,
)
from assets.catalog.models.price_head import Combine, PriceHead
from assets.catalog.models.pricing import Pricing
from assets.catalog.models.tariff import Tariff
from assets.catalog.models.time_band_tariff import TimeBandTariff


class Condition(BookModel):
    """What a characteristic of the event must be for the price to match."""

    zone_list: Identifier | None = Field(
        None,
        description="Look the value up in this list (longest match wins) and compare the zone; else the value itself.",
    )
    values: Annotated[list[Text], Unique] = Field(
        alias="in", min_length=1, description="The zones or values that match."
    )


class Removal(BookModel):
    """Which events of a count of distinct values take the value out again."""

    characteristic: Identifier = Field(description="A code that prices compare.")
    values: Annotated[list[Text], Unique] = Field(alias="in", min_length=1, description="Its values that remove.")


class Measure(BookModel):
    """What is counted of the events of a product."""

    aggregate: Literal["sum", "count", "max", "latest", "unique_count", "weighted_sum"] = Field(
        description="`sum` of a quantity, `count` of events, `max` (the largest quantity) and `latest` (the last one) "
        "of the counter's time, `unique_count` of distinct values, `weighted_sum`: each change of a level, times the "
        "part of the period that is left."
    )
    characteristic: Identifier | None = Field(
        None, description="The quantity; for `unique_count` a code that prices compare; none for `count`."
    )
    removal: Removal | None = Field(None, description="For `unique_count`: what removes a value.")


class Proration(BookModel):
    """Which part of its variable price an event pays; flat amounts are charged in full once a tier is reached."""

    by: Literal["days_left", "characteristic"] = Field(
        description="`days_left`: local days from the event's to the period's last, of the period's days. "
        "`characteristic`: the event says its prorated quantity."
    )
    characteristic: Identifier | None = Field(None, description="For `characteristic`: the prorated quantity.")
    removal_day_charged: Flag = Field(
        True, description="Whether a value that `unique_count` removes is still charged for that day."
    )


class RoundUpTo(BookModel):
    """Event by event the quantity is rounded up to whole increments: 60/1 charges a first minute, then seconds."""

    first: Quantity = Field(gt=0, description="The first increment: the least quantity of an event that has any.")
    next: Quantity = Field(gt=0, description="Every increment after the first.")


class PriceVersion(BookModel):
    """The tariff of a usage price in a span of days, half-open: from <= day < until, operator's local days.

    A version that begins within a bill period counts from nothing for the rest of that period, as a plan does that the
    customer changes to: its tiers are other tiers. A longer counter goes on with all versions from the next period on.
    Let versions begin where periods do if that is not meant.
    """

    effective_from: Date = Field(description="First day.")
    effective_until: Date | None = Field(None, description="The day after the last; without it there is no end.")
    tariff: Tariff = Field(description="What it costs; with time bands, what it costs outside them.")
    time_bands: list[TimeBandTariff] = Field(
        default_factory=list, description="What it costs in bands of the calendar."
    )


class UsagePrice(PriceHead):
    """A price for usage. The matching price with the most conditions wins; a tie is an error."""

    kind: Literal["usage"]
    usage: Identifier = Field(description="The usage specification.")
    where: dict[Identifier, Condition] = Field(default_factory=dict, description="Conditions; all must hold.")
    combine: Combine | None = Field(
        None, description="A group of prices of which only the greatest is paid: capacity, measured in several units."
    )
    measure: Measure = Field(description="What is counted.")
    allowance: Identifier | None = Field(None, description="Allowance of the offering that is used up first.")
    counter: Literal["period", "event", "hour", "day", "month", "quarter", "year"] = Field(
        "period",
        description="Over what the tariff's quantity adds up: the bill `period`; each `event` for itself, which makes "
        "tiers and blocks those of one call; each local `hour` or `day`; or the calendar `month`, `quarter` or `year` "
        "in which the period starts. A longer counter goes on from bill to bill, and so do what it charged, its "
        "`maximum` and the free events; `opening_balances_*.jsonl` opens it for customers who move in. Late usage goes "
        "on where its counter stands or, when that is over, stood; that of an hour or day, or which one position does "
        "not tell (`latest`, distinct values, free events, bands of time), counts from nothing (docs/moving-in.md).",
    )
    shared: Literal["product", "account"] = Field(
        "product",
        description="Who moves the counter: each `product` its own, or all products of the `account` that have the "
        "price together, in the order of time. Sums and counts only; the first flat amount of an unused product is not "
        "charged.",
    )
    recurring: Flag = Field(
        False, description="Whether the quantity stays until it changes: an opening balance is charged in full."
    )
    prorated: Proration | None = Field(None, description="Whether events pay a part of the price for a part of time.")
    billed: Literal["delta", "cumulative", "highest_so_far"] = Field(
        "delta",
        description="`delta`: what the events of the period add. `cumulative`: the rounded cost of all that the "
        "counter holds, less what earlier bills charged. `highest_so_far`: only what exceeds the highest quantity yet.",
    )
    free_events: WholeNumber | None = Field(
        None, ge=1, description="So many first events are free; with `free_quantity`, until either is used up."
    )
    free_quantity: Quantity = Field(
        "0", validate_default=True, description="Quantity on the counter that is free before the first tier starts."
    )
    round_up_to: RoundUpTo | None = Field(
        None, description="Increments to which the quantity of an event is rounded up, before allowance and tariff."
    )
    event_amount: Price = Field(
        "0",
        validate_default=True,
        description="Amount of every event that is not wholly free, on top of the tariff: a connect fee. An event that "
        "takes something back gives it back, unless what it takes back was free.",
    )
    event_minimum: Price | None = Field(None, description="Least cost of an event that is not wholly free.")
    event_maximum: Price | None = Field(None, description="Most that an event can cost.")
    zero_events: Literal["free", "charged"] = Field(
        "free",
        description="Whether an event of quantity 0 pays `event_amount` and `event_minimum`. Of `max` and `latest` it "
        "is one that leaves the counter as it was; one that lowers it mirrors these amounts, as a reversal does.",
    )
    pricing: Pricing | None = Field(None, description="Settings of this price; without them its offering's count.")
    calendar: Identifier | None = Field(None, description="Calendar whose bands the versions' time_bands name.")
    versions: list[PriceVersion] = Field(min_length=1, description="Tariffs over time, without overlap or gap.")
