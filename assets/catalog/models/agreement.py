"""``agreements/*.yaml``: who gets what part of which revenue, in dated versions.

Belongs here: agreements, their parties, versions, covers and the links of chains.
Belongs elsewhere: the items of the waterfall (``sharing``), tariffs (``party_tariff``), settlement terms
(``settlement``), resolving chains into steps (``assets.catalog.chains``), computing shares (dbt).
"""

from typing import Annotated

from pydantic import Field

from assets.catalog.models.grammar import BookModel, Date, Identifier, Text, Texts, Unique
from assets.catalog.models.party import PartyId
from assets.catalog.models.party_tariff import AgreementTariff
from assets.catalog.models.pricing import Pricing
from assets.catalog.models.roles import AgreementRoles
from assets.catalog.models.settlement import Settlement
from assets.catalog.models.sharing import SharingItem
from assets.catalog.models.sharing_terms import Bears, Split


class Cover(BookModel):
    """Lines that an agreement covers; a field left out means any. More fields are more specific and win."""

    offering: Identifier | None = Field(None, description="Offering of the line.")
    price: Identifier | None = Field(None, description="Price of the line.")
    seller: PartyId | None = Field(None, description="Party that sold the product.")


class AgreementVersion(BookModel):
    """The terms of an agreement in a span of days, half-open, operator's local days."""

    version: Text = Field(description="Name of the version, unique in the agreement.")
    effective_from: Date = Field(description="First day.")
    effective_until: Date | None = Field(None, description="The day after the last; without it there is no end.")
    known_from: Date = Field(
        description="Day on which it was signed and known; later than effective_from when back-dated."
    )
    roles: AgreementRoles | None = Field(
        None, description="Roles that differ from those of the offering for the lines that this version covers."
    )
    covers: list[Cover] = Field(
        default_factory=list, description="Which lines; empty for a hop of a chain and for an agreement of tariffs."
    )
    sharing: list[SharingItem] = Field(
        default_factory=list,
        description="The waterfall, in order; the last item is remaining_to or kept. None for tariffs only.",
    )
    split: Split | None = Field(
        None, description="How positions are rounded; without it as the operator says, or by largest remainder."
    )
    bears: Bears = Field(
        default_factory=lambda: Bears.model_validate({}), description="Who bears discounts, trials, bad debt and fraud."
    )
    settlement: Settlement = Field(description="Settlement terms.")


class AssociatedAgreement(BookModel):
    """The hop above: this agreement shares what an item of another agreement gave the payer."""

    agreement: Identifier = Field(description="Id of the agreement above.")
    item: Identifier = Field(description="Id of its item; its receiver is this agreement's payer.")


class Agreement(BookModel):
    """An agreement between two or more parties."""

    id: Identifier = Field(description="Name of the agreement, unique in the book.")
    name: Texts = Field(description="Name on documents, in every language of the operator.")
    payer: PartyId = Field(
        description="The party whose revenue is shared: the operator, or the receiver of the hop above."
    )
    parties: Annotated[list[PartyId], Unique] = Field(min_length=1, description="All parties of the agreement.")
    associated_agreement: AssociatedAgreement | None = Field(None, description="The hop above, for a hop of a chain.")
    tariffs: list[AgreementTariff] = Field(
        default_factory=list,
        description="What the parties charge each other for usage: wholesale, interconnect, roaming. Prices are dated; "
        "each version's settlement terms hold for the usage of its days.",
    )
    pricing: Pricing | None = Field(
        None, description="Settings of the prices of its tariffs, where neither price nor tariff makes them."
    )
    versions: list[AgreementVersion] = Field(min_length=1, description="Terms over time, without overlap or gap.")

    @property
    def hop_above(self) -> AssociatedAgreement:
        """The link of a hop; only for agreements that are one."""
        if self.associated_agreement is None:
            raise ValueError(f"agreement {self.id} is a root agreement")
        return self.associated_agreement


class AgreementsFile(BookModel):
    """The whole of ``agreements/<any name>.yaml``."""

    agreements: list[Agreement] = Field(min_length=1, description="Agreements of the file; ids are unique in the book.")
