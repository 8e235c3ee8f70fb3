"""Terms of sharing beside the waterfall: how positions are rounded, who bears what the revenue does not bring.

Belongs here: the settings of an agreement's version and the operator's defaults for them.
Belongs elsewhere: the items (``sharing``), documents and payments (``settlement``).
"""

from typing import Annotated, Literal

from pydantic import Field

from assets.catalog.models.grammar import BookModel, WholeNumber
from assets.catalog.models.party import PartyId

Bearer = Annotated[
    Literal["everyone"] | PartyId, Field(description="`everyone`: in proportion to the shares; or one party alone.")
]


class Split(BookModel):
    """How a rounded amount is split over the parties, so that the parts add up to it."""

    left_over: Literal[
        "largest_remainder",
        "largest_remainder_ties_last",
        "first_parts",
        "last_parts",
        "largest_weights",
        "carry_from_last",
    ] = Field(
        "largest_remainder",
        description="Who gets the units left over when every part is cut: the parts that were cut the most (ties to "
        "the first or the last), the first or last items, the largest parts; or each part is cut from what is left "
        "after the parts behind it.",
    )
    negatives: Literal["mirrored", "floor"] = Field(
        "mirrored",
        description="`mirrored`: a credit is split as the charge it takes back. `floor`: cut towards minus infinity.",
    )
    step: WholeNumber = Field(
        1, ge=1, le=100, description="The smallest amount that is paid, in minor units: 5 for cash in Swiss francs."
    )


class Bears(BookModel):
    """Who bears what the revenue does not bring."""

    discounts: Bearer = Field(
        "everyone",
        description="Discounts that do not name who bears them. One party: the others share what the line would have "
        "brought, and the discount is taken from that party.",
    )
    trials: Bearer = Field("everyone", description="Free trials, in the same way.")
    bad_debt: Bearer = Field("everyone", description="What is written off: `everyone` gives back their shares.")
    fraud: Bearer = Field("everyone", description="What turns out to be fraud, in the same way.")
