"""``offerings/*.yaml``: what can be sold.

Belongs here: offerings and bundles as a whole.
Belongs elsewhere: prices (``usage_price``, ``fee_price``), ``allowance``, ``bundle``, sharing (``agreement``).
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from assets.catalog.models.adjustment import Adjustment
from assets.catalog.models.allowance import Allowance
from assets.catalog.models.bundle import ALLOCATION_DESCRIPTION, AllocationMethod, BundleComponent
from assets.catalog.models.fee_price import MinimumPrice, OneTimePrice, RecurringPrice
from assets.catalog.models.grammar import BookModel, Date, Identifier, Texts, WholeNumber
from assets.catalog.models.party import PartyId
from assets.catalog.models.phase import Phase
from assets.catalog.models.pricing import Pricing
from assets.catalog.models.proration import Proration
from assets.catalog.models.roles import OfferingRoles
from assets.catalog.models.usage_price import UsagePrice


def _kind_tag(value: Any) -> str | None:
    found = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return f"kind={found}" if isinstance(found, str) else None


AnyPrice = Annotated[
    Annotated[UsagePrice, Tag("kind=usage")]
    | Annotated[RecurringPrice, Tag("kind=recurring")]
    | Annotated[OneTimePrice, Tag("kind=one_time")]
    | Annotated[MinimumPrice, Tag("kind=minimum")],
    Discriminator(_kind_tag),
]
FeePrice = Annotated[
    Annotated[RecurringPrice, Tag("kind=recurring")] | Annotated[OneTimePrice, Tag("kind=one_time")],
    Discriminator(_kind_tag),
]


class _Offering(BookModel):
    id: Identifier = Field(description="Name of the offering, unique in the book.")
    service: Identifier = Field(
        description="voice, sms, data, ott, iot, cloud, ehealth, bundle ...: grouping on the bill."
    )
    name: Texts = Field(description="Name on the bill, in every language of the operator.")
    tax_category: Identifier = Field(description="Tax category, as in taxes.csv.")
    supplier: Identifier = Field(
        description="Legal entity that supplies it for VAT, unless the agreement of the line names another."
    )
    roles: OfferingRoles | None = Field(
        None, description="Who writes the invoice, whose brand it shows, who collects; the supplier's own without it."
    )
    content_provider: PartyId | None = Field(
        None, description="The party behind the receiver `content_provider` of agreements that cover it."
    )
    effective_from: Date = Field(description="First day on which it can be had.")
    effective_until: Date | None = Field(None, description="The day after the last; without it there is no end.")
    trial_days: WholeNumber = Field(
        0, le=3650, description="Days from the product's start in which trial fees are free."
    )
    phases: list[Phase] = Field(
        default_factory=list,
        description="Trial, discount, fixed term, evergreen, one after the other from a product's start; without them "
        "its prices hold for ever.",
    )
    pricing: Pricing | None = Field(None, description="Settings of its prices that make none themselves.")
    proration: Proration | None = Field(
        None, description="How part cycles of its fees are counted, where it differs from the operator."
    )
    adjustments: list[Adjustment] = Field(
        default_factory=list, description="Discounts and caps of each of its lines, after those of the price."
    )


class SimpleOffering(_Offering):
    """A service with its own prices."""

    kind: Literal["simple"]
    prices: list[AnyPrice] = Field(default_factory=list, description="Prices, in the order of the bill.")
    allowances: list[Allowance] = Field(default_factory=list, description="Free quantities per period.")


class BundleOffering(_Offering):
    """Several offerings for one fee; the fee is split over the components."""

    kind: Literal["bundle"]
    prices: list[FeePrice] = Field(default_factory=list, description="Recurring and one-time prices only.")
    components: list[BundleComponent] = Field(min_length=1, description="What is in the bundle.")
    allocation: AllocationMethod = Field("weights", description=ALLOCATION_DESCRIPTION)


Offering = Annotated[
    Annotated[SimpleOffering, Tag("kind=simple")] | Annotated[BundleOffering, Tag("kind=bundle")],
    Discriminator(_kind_tag),
]


class OfferingsFile(BookModel):
    """The whole of ``offerings/<any name>.yaml``."""

    offerings: list[Offering] = Field(min_length=1, description="Offerings of the file; ids are unique in the book.")
