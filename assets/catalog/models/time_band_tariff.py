"""What usage costs in bands of time.

Belongs here: the tariff of a band, as a version of a usage price writes it.
Belongs elsewhere: which hours a band holds (``calendar``), tariffs themselves (``tariff``).
"""

from typing import Annotated

from pydantic import Field

from assets.catalog.models.grammar import BookModel, Identifier, Unique
from assets.catalog.models.tariff import Tariff


class TimeBandTariff(BookModel):
    """The tariff of some bands of the price's calendar; outside them the version's own tariff counts."""

    bands: Annotated[list[Identifier], Unique] = Field(
        alias="in", min_length=1, description="Bands of the calendar; each in one entry only."
    )
    tariff: Tariff = Field(description="What usage in these bands costs.")
