"""``offerings/*.yaml``: what can be sold, and its prices.

Belongs here: offerings, bundles, prices with conditions, allowances.
Belongs elsewhere: tariffs (``tariff``), who gets a part of the revenue (``agreement``).
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from assets.catalog.models.grammar import (
    BookModel,
    CurrencyCode,
    Date,
    Flag,
    Identifier,
    Price,
    Quantity,
    Text,
    Texts,
    Unique,
    WholeNumber,
)
from assets.catalog.models.tariff import FlatTariff, Tariff


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


class FlatPriceVersion(BookModel):
    """The amount of a recurring or one-time price in a span of days, half-open."""

    effective_from: Date = Field(description="First day.")
    effective_until: Date | None = Field(None, description="The day after the last; without it there is no end.")
    tariff: FlatTariff = Field(description="What it costs.")


class _Price(BookModel):
    id: Identifier = Field(description="Name of the price, unique in the offering.")
    name: Texts = Field(description="Name on the bill, in every language of the operator.")
    currency: CurrencyCode = Field(description="Currency of the amounts, one of the operator's.")
    tax_inclusive: Flag = Field(
        False, description="Whether amounts include VAT; then the tax is derived from the gross."
    )


class UsagePrice(_Price):
    """A price for usage. The matching price with the most conditions wins; a tie is an error."""

    kind: Literal["usage"]
    usage: Identifier = Field(description="The usage specification.")
    where: dict[Identifier, Condition] = Field(default_factory=dict, description="Conditions; all must hold.")
    measure: Measure = Field(description="What is counted.")
    allowance: Identifier | None = Field(None, description="Allowance of the offering that is used up first.")
    versions: list[PriceVersion] = Field(min_length=1, description="Tariffs over time, without overlap or gap.")


class RecurringPrice(_Price):
    """A fee per billing period."""

    kind: Literal["recurring"]
    charged: Literal["in_advance", "in_arrears"] = Field(
        "in_advance", description="How the fee is labelled on the bill."
    )
    prorated: Flag = Field(True, description="Whether part periods cost days / days of the period.")
    trial: Flag = Field(False, description="Whether the fee is free while the product is in its trial.")
    versions: list[FlatPriceVersion] = Field(min_length=1, description="Amounts over time, without overlap or gap.")


class OneTimePrice(_Price):
    """A fee charged once, when the product starts."""

    kind: Literal["one_time"]
    versions: list[FlatPriceVersion] = Field(min_length=1, description="Amounts over time, without overlap or gap.")


def _kind_tag(value: Any) -> str | None:
    found = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return f"kind={found}" if isinstance(found, str) else None


AnyPrice = Annotated[
    Annotated[UsagePrice, Tag("kind=usage")]
    | Annotated[RecurringPrice, Tag("kind=recurring")]
    | Annotated[OneTimePrice, Tag("kind=one_time")],
    Discriminator(_kind_tag),
]
FeePrice = Annotated[
    Annotated[RecurringPrice, Tag("kind=recurring")] | Annotated[OneTimePrice, Tag("kind=one_time")],
    Discriminator(_kind_tag),
]


class Allowance(BookModel):
    """A quantity per period that is used up before the price's tariff starts."""

    id: Identifier = Field(description="Name of the allowance, unique in the offering.")
    quantity: Quantity = Field(gt=0, description="Free quantity per period, in the unit that its prices measure.")
    prorated: Flag = Field(False, description="Whether part periods have a part of it.")


class BundleComponent(BookModel):
    """A part of a bundle and its weight when the bundle's price is split."""

    offering: Identifier = Field(description="A simple offering.")
    weight: Price = Field(description="Relative weight; not all may be zero.")


class _Offering(BookModel):
    id: Identifier = Field(description="Name of the offering, unique in the book.")
    service: Identifier = Field(
        description="voice, sms, data, ott, iot, cloud, ehealth, bundle ...: grouping on the bill."
    )
    name: Texts = Field(description="Name on the bill, in every language of the operator.")
    tax_category: Identifier = Field(description="Tax category, as in taxes.csv.")
    supplier: Identifier = Field(description="Legal entity that supplies and invoices it.")
    effective_from: Date = Field(description="First day on which it can be had.")
    effective_until: Date | None = Field(None, description="The day after the last; without it there is no end.")
    trial_days: WholeNumber = Field(
        0, le=3650, description="Days from the product's start in which trial fees are free."
    )


class SimpleOffering(_Offering):
    """A service with its own prices."""

    kind: Literal["simple"]
    prices: list[AnyPrice] = Field(default_factory=list, description="Prices, in the order of the bill.")
    allowances: list[Allowance] = Field(default_factory=list, description="Free quantities per period.")


class BundleOffering(_Offering):
    """Several offerings for one fee; the fee is split over the components by weight."""

    kind: Literal["bundle"]
    prices: list[FeePrice] = Field(default_factory=list, description="Recurring and one-time prices only.")
    components: list[BundleComponent] = Field(min_length=1, description="What is in the bundle.")


Offering = Annotated[
    Annotated[SimpleOffering, Tag("kind=simple")] | Annotated[BundleOffering, Tag("kind=bundle")],
    Discriminator(_kind_tag),
]


class OfferingsFile(BookModel):
    """The whole of ``offerings/<any name>.yaml``."""

    offerings: list[Offering] = Field(min_length=1, description="Offerings of the file; ids are unique in the book.")
