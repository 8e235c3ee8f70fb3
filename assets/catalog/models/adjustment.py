"""What changes a line after its price: discounts and caps, in the order in which the book lists them.

Belongs here: adjustments of a price or an offering. Belongs elsewhere: minimums (``fee_price``), coupons of accounts
(populations of the inbox), free quantities (``usage_price``, ``allowance``).
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from assets.catalog.models.grammar import BookModel, Date, Flag, Identifier, Percent, Price, Text, Texts


class _Adjustment(BookModel):
    id: Identifier = Field(description="Name of the adjustment, unique in the offering.")
    name: Texts = Field(description="Name on the bill, in every language of the operator.")
    from_amount: Price = Field(
        "0", validate_default=True, description="What the line must reach, before this adjustment, for it to apply."
    )
    borne_by: Text = Field(
        "everyone",
        description="`everyone`: partners share what is left. Otherwise who bears it alone: a party id, or a role.",
    )
    effective_from: Date | None = Field(None, description="First day on which a line may start; by default any.")
    effective_until: Date | None = Field(None, description="The day after the last; by default there is no end.")


class PercentDiscount(_Adjustment):
    """Takes a part of what earlier adjustments left."""

    kind: Literal["percent"]
    percent: Percent = Field(gt=0, le=100, description="Percent of the line.")


class AmountDiscount(_Adjustment):
    """Takes an amount, at most what is left."""

    kind: Literal["amount"]
    amount: Price = Field(gt=0, description="Amount in the price's currency.")
    prorated: Flag = Field(False, description="Whether a fee of a part of a cycle gets a part of it.")


class Maximum(_Adjustment):
    """Takes what is above an amount."""

    kind: Literal["maximum"]
    amount: Price = Field(description="What a line costs at most, in the price's currency.")
    prorated: Flag = Field(False, description="Whether a fee of a part of a cycle has a part of it.")


def _kind_tag(value: Any) -> str | None:
    found = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return f"kind={found}" if isinstance(found, str) else None


Adjustment = Annotated[
    Annotated[PercentDiscount, Tag("kind=percent")]
    | Annotated[AmountDiscount, Tag("kind=amount")]
    | Annotated[Maximum, Tag("kind=maximum")],
    Discriminator(_kind_tag),
]
