"""How prices are read where systems differ: bounds, unused and negative quantities, rounding on the way.

Belongs here: settings that a price, its offering or the operator may make; the nearest that makes one decides.
Belongs elsewhere: tariffs (``tariff``), what a price matches and measures (``usage_price``).
"""

from typing import Literal

from pydantic import Field, field_validator

from assets.catalog.models.grammar import BookModel, Flag, WholeNumber, wrong


class Rounding(BookModel):
    """A rounding that is part of the price. The line itself is still rounded once, to the currency's minor unit."""

    at: Literal["increment", "event", "line"] = Field(
        description="`increment`: the price of one block, before it is multiplied. `event`: what one event costs. "
        "`line`: what the line costs after discounts, also a fee's."
    )
    method: Literal["half_up", "half_even", "up", "down"] = Field(
        "half_up", description="Half away from zero, half to the even digit, away from zero, towards zero."
    )
    decimals: WholeNumber = Field(le=10, description="Decimals kept, of the currency's major unit.")


class Pricing(BookModel):
    """Settings of prices. A price's own come first, then its offering's, then the operator's, then the default.

    For the tariffs of an agreement: the price's, the tariff's, the agreement's, the operator's.
    """

    bounds: Literal["up_to_inclusive", "from_inclusive"] | None = Field(
        None,
        description="Whether a quantity on a tier's `up_to` belongs to that tier (`up_to_inclusive`, the default) or "
        "to the next one (`from_inclusive`).",
    )
    unused: Literal["nothing", "first_flat"] | None = Field(
        None,
        description="What a product without usage pays: `nothing` (the default), or the first tier's flat amount on a "
        "line of its own.",
    )
    below_zero: Literal["first_unit", "mirrored", "nothing"] | None = Field(
        None,
        description="What a quantity below zero (credits before any use) costs: the `first_unit`'s price (the "
        "default), the positive quantity's cost negated (`mirrored`), or `nothing`.",
    )
    beyond_last: Literal["free", "last"] | None = Field(
        None,
        description="For tariffs whose last tier has an `up_to`: units beyond it are `free`, or cost as in the `last` "
        "tier. Without the setting a last tier must have no end.",
    )
    tax_inclusive: Flag | None = Field(
        None,
        description="Whether amounts include tax, for prices that do not say it themselves; without tax by default. "
        "Prices between partners never do.",
    )
    carry: Literal["nothing", "cents"] | None = Field(
        None,
        description="What becomes of the part of a minor unit that rounding a usage line leaves or adds: `nothing` "
        "(the default), or `cents`: it is added to the price's line on the next bill, so that a year of tiny lines is "
        "not rounded away.",
    )
    rounding: list[Rounding] = Field(
        default_factory=list, description="Roundings on the way to the line, each place once; each place decides alone."
    )

    @field_validator("rounding")
    @classmethod
    def _each_place_once(cls, values: list[Rounding]) -> list[Rounding]:
        places = [entry.at for entry in values]
        if len(places) != len(set(places)):
            raise wrong("each place of rounding once", "Keep one entry for each `at`.")
        return values


def resolved(*nearest_first: Pricing | None) -> Pricing:
    """The settings in force: for each the nearest one made, nearest first."""
    made = [entry for entry in nearest_first if entry is not None]
    places = {rounding.at: rounding for entry in reversed(made) for rounding in entry.rounding}
    values = {
        name: next((found for entry in made if (found := getattr(entry, name)) is not None), None)
        for name in Pricing.model_fields
        if name != "rounding"
    }
    return Pricing(**values, rounding=list(places.values()))
