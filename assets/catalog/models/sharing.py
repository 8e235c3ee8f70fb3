"""The sharing model of an agreement: the waterfall of items that gives out a line's amount.

Belongs here: the forms of an item, what it is taken of, who gets it.
Belongs elsewhere: the agreement and its versions (``agreement``), when and how positions are settled (``settlement``),
resolving items into ranked steps (``assets.catalog.chains``), computing shares (dbt).
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, WithJsonSchema

from assets.catalog.models.grammar import BookModel, Identifier, Percent, Price, matching
from assets.catalog.models.party import Receiver

_BASIS_PATTERN = r"^(after_discount_ex_tax|remaining|item:[a-z0-9][a-z0-9_-]{0,39})$"

Basis = Annotated[
    str,
    matching(
        _BASIS_PATTERN,
        "after_discount_ex_tax, remaining or item:<id of an earlier item>",
        "Choose what the percent is taken of.",
    ),
    WithJsonSchema({"title": "basis", "type": "string", "pattern": _BASIS_PATTERN}),
]


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
