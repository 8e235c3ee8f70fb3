"""Adjustments and minimums of prices as rows.

Belongs here: the order of adjustments (the price's own, then the offering's) and the rows of their tables.
Belongs elsewhere: prices and tiers (``loading.offerings``), what adjustments do (dbt).
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from assets.catalog.loading.rows import copy_rows
from assets.catalog.models.fee_price import MinimumPrice, OneTimePrice
from assets.catalog.models.offering import Offering
from assets.catalog.models.party_tariff import AgreementTariff
from assets.catalog.models.pricing import Pricing, resolved
from assets.catalog.models.usage_price import UsagePrice

_COLUMNS = (
    "price_version_id",
    "adjustment_number",
    "adjustment_id",
    "kind",
    "percent",
    "amount",
    "is_prorated",
    "from_amount",
    "borne_by",
    "effective_from",
    "effective_until",
)


@dataclass
class AdjustmentRows:
    """Rows of all price versions of a book, collected and written together."""

    at_midnight: Callable[[datetime.date | None], datetime.datetime | None]
    adjustments: list[tuple[Any, ...]] = field(default_factory=list)
    counts: list[tuple[Any, ...]] = field(default_factory=list)
    groups: list[tuple[Any, ...]] = field(default_factory=list)
    early_ends: list[tuple[Any, ...]] = field(default_factory=list)
    line_roundings: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, version_id: int, price: Any, offering: Offering | AgreementTariff) -> None:
        """Add the rows of one version; a minimum says what counts towards it instead."""
        if isinstance(price, MinimumPrice):
            self.counts += [(version_id, counted) for counted in price.counts]
            return
        if isinstance(price, UsagePrice) and price.combine is not None:
            self.groups.append((version_id, price.combine.group))
            return
        for number, entry in enumerate([*price.adjustments, *offering.adjustments], start=1):
            self.adjustments.append(
                (
                    version_id,
                    number,
                    entry.id,
                    entry.kind,
                    getattr(entry, "percent", None),
                    getattr(entry, "amount", None),
                    getattr(entry, "prorated", False),
                    entry.from_amount,
                    entry.borne_by,
                    self.at_midnight(entry.effective_from),
                    self.at_midnight(entry.effective_until),
                )
            )

    def add_settings(self, version_id: int, price: Any, *outer: Pricing | None) -> None:
        """Add how the version's lines are rounded, and whether it is a fee for leaving early.

        ``outer``: the offering's settings, then the operator's.
        """
        settings = resolved(getattr(price, "pricing", None), *outer)
        self.line_roundings += [
            (version_id, entry.method, entry.decimals) for entry in settings.rounding if entry.at == "line"
        ]
        if isinstance(price, OneTimePrice) and price.charged == "at_early_end":
            self.early_ends.append((version_id, price.per_month_left))

    def write(self, connection: psycopg.Connection) -> None:
        """Write what was collected."""
        copy_rows(connection, "price_adjustments", _COLUMNS, self.adjustments)
        copy_rows(connection, "minimum_counts", ("price_version_id", "counted_price_id"), self.counts)
        copy_rows(connection, "price_groups", ("price_version_id", "price_group"), self.groups)
        copy_rows(connection, "price_early_ends", ("price_version_id", "is_per_month_left"), self.early_ends)
        rounding_columns = ("price_version_id", "rounding_method", "rounding_decimals")
        copy_rows(connection, "price_line_roundings", rounding_columns, self.line_roundings)
