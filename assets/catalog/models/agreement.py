"""``agreements/*.yaml``: who gets what part of which revenue, in dated versions.

Belongs here: agreements, covers, sharing items, settlement terms.
Belongs elsewhere: resolving chains into steps (``chains``), computing shares (dbt).
"""

import re
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, WithJsonSchema

from assets.catalog.models.grammar import (
    BookModel,
    CurrencyCode,
    Date,
    Identifier,
    Percent,
    Price,
    Text,
    Texts,
    Unique,
    WholeNumber,
    matching,
)

PARTY_PATTERN = r"^[A-Za-z0-9_-]{1,40}$"
ROLE_PATTERN = r"^seller(\.parent){0,22}$"
_BASIS_PATTERN = r"^(after_discount_ex_tax|remaining|item:[a-z0-9][a-z0-9_-]{0,39})$"


def is_role(receiver: str) -> bool:
    """Whether a receiver is a role that is resolved per line (``seller.parent``) rather than a party."""
    return re.fullmatch(ROLE_PATTERN, receiver, re.ASCII) is not None


PartyId = Annotated[
    str,
    matching(PARTY_PATTERN, "a party id: letters, digits, '_' and '-', at most 40", "Use the id of the party record."),
    WithJsonSchema({"title": "party id", "type": "string", "pattern": PARTY_PATTERN}),
]
Receiver = Annotated[
    str,
    matching(
        rf"{PARTY_PATTERN}|{ROLE_PATTERN}",
        "a party id, or a role: seller, seller.parent, seller.parent.parent ...",
        "Name the party, or the role that is looked up per line.",
    ),
    WithJsonSchema({"title": "party id or role", "type": "string", "pattern": rf"{PARTY_PATTERN}|{ROLE_PATTERN}"}),
]
Basis = Annotated[
    str,
    matching(
        _BASIS_PATTERN,
        "after_discount_ex_tax, remaining or item:<id of an earlier item>",
        "Choose what the percent is taken of.",
    ),
    WithJsonSchema({"title": "basis", "type": "string", "pattern": _BASIS_PATTERN}),
]


class Cover(BookModel):
    """Lines that an agreement covers; a field left out means any. More fields are more specific and win."""

    offering: Identifier | None = Field(None, description="Offering of the line.")
    price: Identifier | None = Field(None, description="Price of the line.")
    seller: PartyId | None = Field(None, description="Party that sold the product.")


class PercentItem(BookModel):
    """A part of an amount."""

    id: Identifier = Field(description="Name of the item, unique in the version.")
    to: Receiver = Field(description="Who gets it: a party, or a role that is resolved per line.")
    basis: Basis = Field(
        "after_discount_ex_tax",
        description="`after_discount_ex_tax`: the amount that is shared. `remaining`: what earlier items left. "
        "`item:<id>`: what an earlier item gave.",
    )
    percent: Percent = Field(le=100, description="Percent of the basis.")


class PerUnitItem(BookModel):
    """An amount per billed unit, in the line's currency."""

    id: Identifier = Field(description="Name of the item, unique in the version.")
    to: Receiver = Field(description="Who gets it: a party, or a role that is resolved per line.")
    basis: Literal["quantity"] = Field("quantity", description="Always the billed quantity.")
    per_unit: Price = Field(description="Amount per billed unit, in the line's currency.")


class RemainingItem(BookModel):
    """All that is left; always the last item, so a waterfall leaves nothing over."""

    id: Identifier = Field(description="Name of the item, unique in the version.")
    remaining_to: Receiver = Field(description="Who gets the rest; the payer itself when the rest is kept.")


def _rule_tag(value: Any) -> str | None:
    for rule in ("remaining_to", "per_unit", "percent"):
        if (rule in value) if isinstance(value, dict) else hasattr(value, rule):
            return f"rule={rule}"
    return None


SharingItem = Annotated[
    Annotated[PercentItem, Tag("rule=percent")]
    | Annotated[PerUnitItem, Tag("rule=per_unit")]
    | Annotated[RemainingItem, Tag("rule=remaining_to")],
    Discriminator(_rule_tag),
]


class Settlement(BookModel):
    """How the positions of the agreement are settled."""

    currency: CurrencyCode = Field(description="Currency in which the receivers are paid.")
    fx_source: Identifier = Field(description="Source of rates, as in fx.yaml.")
    trigger: Literal["billed"] = Field(
        description="What puts a line into a settlement: `billed`, when its bill is posted."
    )
    due_days: WholeNumber = Field(le=365, description="Days from the document to the payment.")
    document: Literal["statement", "self_billed"] = Field(
        description="`statement`, or `self_billed`: the payer writes the receiver's invoice."
    )
    tax_category: Identifier = Field(description="Tax category of the receiver's supply, as in taxes.csv.")


class AgreementVersion(BookModel):
    """The terms of an agreement in a span of days, half-open, operator's local days."""

    version: Text = Field(description="Name of the version, unique in the agreement.")
    effective_from: Date = Field(description="First day.")
    effective_until: Date | None = Field(None, description="The day after the last; without it there is no end.")
    known_from: Date = Field(
        description="Day on which it was signed and known; later than effective_from when back-dated."
    )
    covers: list[Cover] = Field(default_factory=list, description="Which lines; empty for a hop of a chain.")
    sharing: list[SharingItem] = Field(
        min_length=1, description="The waterfall, in order; the last item is remaining_to."
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
