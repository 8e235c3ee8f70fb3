"""What is in a bundle, and how its revenue is split over the parts.

Belongs here: components, their weights and standalone prices, the ways to split.
Belongs elsewhere: the bundle as an offering (``offering``), the split itself (dbt).
"""

from typing import Literal

from pydantic import Field

from assets.catalog.models.grammar import BookModel, Flag, Identifier, Price

AllocationMethod = Literal["weights", "standalone_price", "usage", "residual"]

ALLOCATION_DESCRIPTION = (
    "How a recurring fee is split over the components. `weights`: by their weights. `standalone_price`: by what each "
    "costs by itself. `usage`: by weight times the quantity used in the period; without any use by weight alone. "
    "`residual`: each gets its standalone price and one component what is left. One-time fees are split by weight."
)


class BundleComponent(BookModel):
    """A part of a bundle and what decides its part of the bundle's price."""

    offering: Identifier = Field(description="A simple offering.")
    weight: Price = Field(
        "1", validate_default=True, description="Relative weight; with `usage` of one unit used. Not all may be zero."
    )
    standalone_amount: Price | None = Field(
        None,
        description="What it costs by itself per period, in the currency of the bundle's fee. Without it the "
        "component's own recurring prices in force count.",
    )
    takes_residual: Flag = Field(False, description="With `residual`: whether it gets what the others leave.")
