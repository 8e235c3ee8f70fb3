"""What a usage price version says besides its tiers, as rows: settings of its tariff, its counter, its event rules.

Belongs here: which setting is in force (price, offering, operator) and the rows of the tables it goes to.
Belongs elsewhere: prices and tiers (``loading.offerings``), what the settings do (dbt).
"""

from dataclasses import dataclass, field
from typing import Any

import psycopg

from assets.catalog.loading.rows import copy_rows
from assets.catalog.models.pricing import Pricing, resolved
from assets.catalog.models.usage_price import PriceVersion, UsagePrice
from assets.catalog.models.usage_specification import QuantityCharacteristic, UsageSpecification

_SETTING_COLUMNS = (
    "price_version_id",
    "bounds",
    "unused",
    "below_zero",
    "beyond_last",
    "free_quantity",
    "minimum_amount",
    "maximum_amount",
    "increment_method",
    "increment_decimals",
    "carry",
)
_COUNTER_COLUMNS = (
    "price_version_id",
    "counter",
    "billed",
    "is_recurring",
    "prorated_by",
    "prorated_slot",
    "is_removal_day_charged",
    "free_events",
    "value_characteristic",
    "removal_characteristic",
    "removal_values",
    "shared_by",
)
_USUAL_COUNTER = ("period", "delta", False, None, None, True, None, None, None, None, "product")
_EVENT_COLUMNS = (
    "price_version_id",
    "round_first_quantity",
    "round_next_quantity",
    "event_amount",
    "minimum_amount",
    "maximum_amount",
    "zero_events",
    "rounding_method",
    "rounding_decimals",
)


def _slot(specification: UsageSpecification, characteristic: str | None) -> int | None:
    found = specification.characteristic(characteristic or "")
    return found.slot if isinstance(found, QuantityCharacteristic) else None


@dataclass
class PriceRules:
    """Rows of all usage price versions of a book, collected and written together."""

    settings: list[tuple[Any, ...]] = field(default_factory=list)
    counters: list[tuple[Any, ...]] = field(default_factory=list)
    event_rules: list[tuple[Any, ...]] = field(default_factory=list)

    def add(
        self,
        version_id: int,
        price: UsagePrice,
        version: PriceVersion,
        specification: UsageSpecification,
        *outer: Pricing | None,
    ) -> None:
        """Add the rows of one version. ``outer``: the offering's settings, then the operator's.

        Only what differs from the usual has a row in counters and event rules.
        """
        pricing = resolved(price.pricing, *outer)
        roundings = {entry.at: (entry.method, entry.decimals) for entry in pricing.rounding}
        self.settings.append(
            (
                version_id,
                pricing.bounds or "up_to_inclusive",
                pricing.unused or "nothing",
                pricing.below_zero or "first_unit",
                pricing.beyond_last,
                price.free_quantity,
                getattr(version.tariff, "minimum", None),
                getattr(version.tariff, "maximum", None),
                *roundings.get("increment", (None, None)),
                pricing.carry or "nothing",
            )
        )
        counter = (
            price.counter,
            price.billed,
            price.recurring,
            price.prorated.by if price.prorated else None,
            _slot(specification, price.prorated.characteristic) if price.prorated else None,
            price.prorated.removal_day_charged if price.prorated else True,
            price.free_events,
            price.measure.characteristic if price.measure.aggregate == "unique_count" else None,
            price.measure.removal.characteristic if price.measure.removal else None,
            price.measure.removal.values if price.measure.removal else None,
            price.shared,
        )
        if counter != _USUAL_COUNTER:
            self.counters.append((version_id, *counter))
        event_rule = (
            *((price.round_up_to.first, price.round_up_to.next) if price.round_up_to else (None, None)),
            price.event_amount,
            price.event_minimum,
            price.event_maximum,
            price.zero_events,
            *roundings.get("event", (None, None)),
        )
        if any(value not in (None, 0, "free") for value in event_rule):
            self.event_rules.append((version_id, *event_rule))

    def write(self, connection: psycopg.Connection) -> None:
        """COPY everything collected."""
        copy_rows(connection, "price_tariff_settings", _SETTING_COLUMNS, self.settings)
        copy_rows(connection, "price_counters", _COUNTER_COLUMNS, self.counters)
        copy_rows(connection, "price_event_rules", _EVENT_COLUMNS, self.event_rules)
