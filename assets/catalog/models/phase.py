"""Phases of an offering: what a product pays in the first weeks, during its term, and afterwards.

Belongs here: how long each phase lasts and whose prices it has. Belongs elsewhere: the prices (``usage_price``,
``fee_price``), trial fees of one price (``fee_price``), early termination fees (``fee_price``).
"""

from typing import Literal

from pydantic import Field

from assets.catalog.models.grammar import BookModel, Identifier, WholeNumber


class PhaseLength(BookModel):
    """How long a phase lasts, counted on the local calendar from the product's start."""

    count: WholeNumber = Field(ge=1, le=999, description="So many units.")
    unit: Literal["day", "week", "month", "year"] = Field(
        description="A month from 31 January ends on the last day of February; the next one on 31 March."
    )


class Phase(BookModel):
    """A part of a product's life with prices of its own."""

    id: Identifier = Field(description="Name of the phase, unique in the offering.")
    kind: Literal["trial", "discount", "fixed_term", "evergreen"] = Field(
        description="What it is called. A `fixed_term` has an end before which leaving may cost something: one-time "
        "prices `charged: at_early_end`."
    )
    offering: Identifier | None = Field(
        None, description="The offering whose prices are in force; without it the offering that has the phases."
    )
    lasts: PhaseLength | None = Field(
        None,
        description="How long; only the last phase may go on without end. If the last one has a length, the product "
        "costs nothing after it.",
    )
