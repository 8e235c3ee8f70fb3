"""Settlement periods: the grammar of their ids and the days they stand for."""

from datetime import UTC, date, datetime

import pytest

from assets.publishing.refusal import Refusal
from assets.publishing.settlement_periods import SettlementPeriod, is_settlement_period, periods_of
from orchestration.partitions import (
    PERIOD_PARTITIONS,
    SETTLEMENT_PERIOD_PARTITIONS,
    checked_period_id,
    partitions_name,
)


@pytest.mark.parametrize(
    ("period_id", "first", "end"),
    [
        ("2026-10-month", date(2026, 10, 1), date(2026, 11, 1)),
        ("2026-12-month", date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-10-quarter", date(2026, 10, 1), date(2027, 1, 1)),
        ("2026-07-half_year", date(2026, 7, 1), date(2027, 1, 1)),
        ("2026-01-year", date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_an_id_is_its_first_month_and_the_cycle(period_id, first, end):
    period = SettlementPeriod.parse(period_id)
    assert (period.start_date, period.end_date, period.cycle) == (first, end, period_id[8:])
    assert checked_period_id(period_id) == period_id
    assert partitions_name(period_id) == SETTLEMENT_PERIOD_PARTITIONS


@pytest.mark.parametrize(
    "wrong", ["2026-10-c01", "2026-11-quarter", "2026-10-half_year", "2026-02-year", "2026-13-month"]
)
def test_other_ids_are_refused_with_the_form_that_is_expected(wrong):
    assert not is_settlement_period(wrong)
    assert partitions_name(wrong) == PERIOD_PARTITIONS
    with pytest.raises(Refusal) as refused:
        SettlementPeriod.parse(wrong)
    assert refused.value.code == "bad_period"
    assert "2026-10-quarter" in str(refused.value)


def test_days_begin_at_local_midnight_also_where_the_clock_changes():
    start, end = SettlementPeriod.parse("2026-10-month").bounds("Europe/Warsaw")
    assert start == datetime(2026, 9, 30, 22, tzinfo=UTC)
    assert end == datetime(2026, 10, 31, 23, tzinfo=UTC)


def test_periods_that_touch_a_span_of_days():
    assert periods_of("quarter", date(2026, 5, 3), date(2026, 10, 1)) == [
        "2026-04-quarter", "2026-07-quarter", "2026-10-quarter",
    ]  # fmt: skip
    assert periods_of("month", date(2025, 12, 31), date(2026, 1, 1)) == ["2025-12-month", "2026-01-month"]
