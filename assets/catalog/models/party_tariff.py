"""Tariffs of agreements: what partners charge each other for usage, by the same prices that customers pay by.

Belongs here: which usage a tariff is for, who pays whom for it.
Belongs elsewhere: the prices themselves (``usage_price``), what an agreement gives away of customers' lines
(``sharing``), how the lines of a tariff are settled (``settlement``), rating (dbt).
"""

from typing import Annotated

from pydantic import Field

from assets.catalog.models.adjustment import Adjustment
from assets.catalog.models.grammar import BookModel, Flag, Identifier, Texts
from assets.catalog.models.party import PartyId
from assets.catalog.models.pricing import Pricing
from assets.catalog.models.usage_price import Condition, UsagePrice


class IdentifiedBy(BookModel):
    """The characteristic by which an event finds the agreement, as ``served_by`` finds a product."""

    characteristic: Identifier = Field(description="A code that prices compare: trunk, PLMN, partner ...")
    identifier_kind: Identifier = Field(
        description="Kind of the identifier; `identifiers_*.csv` names the agreement as its `product_id`."
    )


class TariffCover(BookModel):
    """Usage that a tariff is for; all that is said must hold."""

    usage: Identifier = Field(description="The usage specification.")
    where: dict[Identifier, Condition] = Field(
        default_factory=dict, description="Conditions on characteristics: route, direction, A- or B-number's zone."
    )
    identified_by: IdentifiedBy | None = Field(
        None, description="Besides `where`: an identifier of the agreement that the event must carry."
    )


class AgreementTariff(BookModel):
    """A full tariff between two parties: each event that it covers becomes a line one of them owes the other."""

    id: Identifier = Field(description="Name of the tariff, unique in the agreement.")
    name: Texts = Field(description="Name on documents, in every language of the operator.")
    payer: PartyId = Field(description="Who owes what is rated: the operator for a cost, the partner for an income.")
    receiver: PartyId = Field(description="Who gets it.")
    covers: Annotated[list[TariffCover], Field(min_length=1)] = Field(description="Which usage.")
    settled: Flag = Field(
        True,
        description="`false`: the amount of a sharing item (`tariff: <id>`), owed through that item only. It rates the "
        "events of the lines that the item shares, so its covers may be of all usage, and each event by itself "
        "(`counter: event`).",
    )
    pricing: Pricing | None = Field(None, description="Settings of its prices that make none themselves.")
    prices: list[UsagePrice] = Field(
        min_length=1, description="Prices as of an offering; the matching one with the most conditions wins."
    )

    @property
    def adjustments(self) -> list[Adjustment]:
        """Partners' tariffs have no discounts of their own; what a partner grants is an item of the settlement."""
        return []
