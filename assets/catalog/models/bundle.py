"""What is in a bundle, and how its revenue is split over the parts.

Belongs here: components and weights. Belongs elsewhere: the bundle as an offering (``offering``).
"""

from pydantic import Field

from assets.catalog.models.grammar import BookModel, Identifier, Price


class BundleComponent(BookModel):
    """A part of a bundle and its weight when the bundle's price is split."""

    offering: Identifier = Field(description="A simple offering.")
    weight: Price = Field(description="Relative weight; not all may be zero.")
