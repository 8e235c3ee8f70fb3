"""The one partition of Apportion: the billing period, a bill cycle and a month.

``2026-10-c01`` is the period that starts on the first of October 2026, for the accounts of cycle c01.
Belongs here: the partition definition and the grammar of its keys. Belongs elsewhere: the instants at which a period
begins and ends (``assets.publishing``).
"""

import re

import dagster as dg

PERIOD_ID_GRAMMAR = re.compile(r"^[0-9]{4}-(0[1-9]|1[0-2])-c(0[1-9]|[12][0-9]|3[01])$")

# Dynamic, because the cycles come from the book; a key is added when its book is loaded, if it fits the grammar.
PERIOD_PARTITIONS = "period_id"
billing_periods = dg.DynamicPartitionsDefinition(name=PERIOD_PARTITIONS)


def checked_period_id(period_id: str) -> str:
    """Return ``period_id`` when it is one, else raise ValueError with the expected form."""
    if not PERIOD_ID_GRAMMAR.match(period_id):
        raise ValueError(f"period {period_id!r}: expected YYYY-MM-cDD, for example 2026-10-c01")
    return period_id
