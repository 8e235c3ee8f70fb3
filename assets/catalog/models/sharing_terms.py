"""Terms of sharing beside the waterfall: how positions are rounded, who bears what the revenue does not bring.

Belongs here: the settings of an agreement's version and the operator's defaults for them.
Belongs elsewhere: the items (``sharing``), documents and payments (``settlement``).
"""

from typing import Annotated, Literal

from pydantic import Field

from assets.catalog.models.grammar import BookModel, Identifier, WholeNumber
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
    left_over_to: Identifier | None = Field(
        None,
        description="In an agreement: the item whose receiver gets all that is left over; `left_over` counts only "
        "where that item has no part.",
    )
    negatives: Literal["mirrored", "floor"] = Field(
        "mirrored",
        description="`mirrored`: a credit is split as the charge it takes back. `floor`: cut towards minus infinity.",
    )
    step: WholeNumber = Field(
        1, ge=1, le=100, description="The smallest amount that is paid, in minor units: 5 for cash in Swiss francs."
    )


def resolved_split(*nearest_first: Split | None) -> Split:
    """The split in force: each setting as the nearest one that makes it says."""
    given = [entry.model_dump(exclude_unset=True) for entry in reversed(nearest_first) if entry is not None]
    return Split.model_validate({name: value for entry in given for name, value in entry.items()})


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
