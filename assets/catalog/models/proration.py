"""How a part of a fee's cycle is counted.

Belongs here: the settings of proration, which a price, an offering or the operator can make.
Belongs elsewhere: how often a fee is charged (``fee_price``), counting itself (dbt).
"""

from typing import Literal

from pydantic import Field

from assets.catalog.models.grammar import BookModel, WholeNumber


class Proration(BookModel):
    """How a part of a cycle is counted; a field left out comes from the offering, the operator, or the default."""

    by: Literal["day", "second"] | None = Field(
        None, description="`day`: local days (default); `second`: time, so that a day of 23 hours costs less."
    )
    last_day: Literal["not_charged", "charged"] | None = Field(
        None,
        description="Whether the day on which a product ends is charged; by default `not_charged`. "
        "A day on which another plan follows belongs to that plan.",
    )
    divisor: Literal["cycle", "stepping", "thirty_days"] | None = Field(
        None,
        description="What a part is a part of. `cycle` (default): the cycle as it is. `stepping`: one cycle counted "
        "back from the day on which the part's cycle ends, or on from the day on which it starts, by the day of the "
        "month of that very day. `thirty_days`: months of 30 days, also when days are counted.",
    )
    factor_decimals: WholeNumber | None = Field(
        None, le=10, description="Each part is rounded half up to this many decimals before the amount; by default not."
    )


def resolved(*settings: Proration | None) -> dict[str, str | int | None]:
    """The first value given for each field: price, then offering, then operator, then the default."""
    defaults = {"by": "day", "last_day": "not_charged", "divisor": "cycle", "factor_decimals": None}
    given = [entry for entry in settings if entry is not None]
    return {
        field: next((value for entry in given if (value := getattr(entry, field)) is not None), default)
        for field, default in defaults.items()
    }
