"""The five roles of a supply as separate facts: who supplies, who invoices, whose brand, who collects, whose revenue.

Belongs here: how offerings and agreements state them.
Belongs elsewhere: which combinations are allowed (``assets/catalog/role_combinations.csv``, ``checks.roles``), rows
(``loading.roles``), what they do to bills and the journal (dbt, documents).

A fact that is left out is the one above it: the supplier invoices in its own brand and collects itself.
"""

from typing import Literal

from pydantic import Field

from assets.catalog.models.grammar import BookModel, Date, Identifier, Text
from assets.catalog.models.party import PartyId


class Revenue(BookModel):
    """Whether the operator's revenue is the whole price or what it keeps of it, and who decided so."""

    recognised_as: Literal["principal", "agent"] = Field(
        description="`principal`: the price is the operator's revenue and shares are its cost. `agent`: the price is "
        "owed to the principal, and only what the operator keeps is its revenue."
    )
    principal: PartyId | None = Field(
        None, description="Of an agent: for whom it acts; without it the party of the supplier."
    )
    reason: Text = Field(description="Why, in a sentence that an auditor can follow.")
    approved_by: Text = Field(description="Who approved it.")
    approved_on: Date = Field(description="The day of the approval.")


class OfferingRoles(BookModel):
    """Roles of the supply to the customer beside its supplier."""

    issuer: Identifier | None = Field(
        None, description="Legal entity that writes the invoice; the supplier itself without it."
    )
    mandate: Text | None = Field(
        None, description="Reference of the agreement by which the issuer writes invoices in the supplier's name."
    )
    brand: Identifier | None = Field(None, description="Brand that the bill shows; the collector's name without it.")
    collector: Identifier | None = Field(
        None, description="Legal entity that collects the money; the issuer without it."
    )


class AgreementRoles(OfferingRoles):
    """Roles of the supply of the lines that an agreement version covers."""

    supplier: Identifier | None = Field(
        None, description="Legal entity that supplies them for VAT; the offering's supplier without it."
    )
    revenue: Revenue | None = Field(None, description="Principal or agent; principal without it.")
