"""Partitions of Apportion: billing periods (a bill cycle and a month), settlement periods (a cycle and its span).

``2026-10-c01`` is the period that starts on the first of October 2026, for the accounts of cycle c01.
``2026-10-quarter`` is October to December 2026, for the agreements that are settled per quarter.
Belongs here: the partition definition and the grammar of its keys. Belongs elsewhere: the instants at which a period
begins and ends (``assets.publishing``).
"""

import re

import dagster as dg

PERIOD_ID_GRAMMAR = re.compile(r"^[0-9]{4}-(0[1-9]|1[0-2])-c(0[1-9]|[12][0-9]|3[01])$")

# Dynamic, because the cycles come from the book; a key is added when its book is loaded, if it fits the grammar.
PERIOD_PARTITIONS = "period_id"
billing_periods = dg.DynamicPartitionsDefinition(name=PERIOD_PARTITIONS)

SETTLEMENT_PERIOD_PARTITIONS = "settlement_period_id"
settlement_periods = dg.DynamicPartitionsDefinition(name=SETTLEMENT_PERIOD_PARTITIONS)


def partitions_name(period_id: str) -> str:
    """Which partitions a period belongs to."""
    from assets.publishing.settlement_periods import is_settlement_period

    return SETTLEMENT_PERIOD_PARTITIONS if is_settlement_period(period_id) else PERIOD_PARTITIONS


def checked_period_id(period_id: str) -> str:
    """Return ``period_id`` when it is one, else raise ValueError with the expected form."""
    if not PERIOD_ID_GRAMMAR.match(period_id) and partitions_name(period_id) == PERIOD_PARTITIONS:
        raise ValueError(
            f"period {period_id!r}: expected YYYY-MM-cDD, for example 2026-10-c01, or a settlement period: "
            "2026-10-month, 2026-10-quarter, 2026-07-half_year, 2026-01-year"
        )
    return period_id
