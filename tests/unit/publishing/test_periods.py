"""Billing periods: grammar and local midnights."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from assets.publishing.periods import Period
from assets.publishing.refusal import Refusal


@pytest.mark.parametrize(
    ("period_id", "time_zone", "start", "end", "hours"),
    [
        # October 2026 in Warsaw has an hour more, March an hour less.
        ("2026-10-c01", "Europe/Warsaw", datetime(2026, 9, 30, 22), datetime(2026, 10, 31, 23), 745),
        ("2026-03-c01", "Europe/Warsaw", datetime(2026, 2, 28, 23), datetime(2026, 3, 31, 22), 743),
        ("2026-12-c15", "Europe/Warsaw", datetime(2026, 12, 14, 23), datetime(2027, 1, 14, 23), 744),
        ("2026-02-c28", "UTC", datetime(2026, 2, 28), datetime(2026, 3, 28), 672),
        # A month without the cycle's day has it at its end: 28 February to 31 March, 31 March to 30 April.
        ("2026-02-c31", "UTC", datetime(2026, 2, 28), datetime(2026, 3, 31), 744),
        ("2026-03-c31", "UTC", datetime(2026, 3, 31), datetime(2026, 4, 30), 720),
        ("2028-02-c30", "UTC", datetime(2028, 2, 29), datetime(2028, 3, 30), 720),
        # In Beirut the clock skips the midnight of 29 March 2026: the day begins at the instant of the change.
        ("2026-03-c28", "Asia/Beirut", datetime(2026, 3, 27, 22), datetime(2026, 4, 27, 21), 743),
    ],
)
def test_a_period_lies_between_two_local_midnights(period_id, time_zone, start, end, hours):
    found = Period.parse(period_id).bounds(time_zone)
    assert found == (start.replace(tzinfo=UTC), end.replace(tzinfo=UTC))
    assert found[1] - found[0] == timedelta(hours=hours)


def test_a_midnight_that_the_clock_skips_is_the_instant_of_the_change():
    period = Period("x", "c29", date(2026, 3, 29), date(2026, 4, 29))
    assert period.bounds("Asia/Beirut")[0] == datetime(2026, 3, 28, 22, tzinfo=UTC)


@pytest.mark.parametrize("cycle", ["c01", "c28", "c29", "c30", "c31"])
def test_consecutive_periods_leave_no_instant_out(cycle):
    periods = [Period.parse(f"{year}-{month:02d}-{cycle}") for year in (2027, 2028) for month in range(1, 13)]
    for one, next_one in pairwise(periods):
        assert one.bounds("Europe/Warsaw")[1] == next_one.bounds("Europe/Warsaw")[0]


@pytest.mark.parametrize(
    "text",
    [
        "2026-10",
        "2026-13-c01",
        "2026-10-c00",
        "2026-10-c32",
        "2026-10-c1",
        "２０２６-10-c01",
        "2026-10-c01\n",
        "' or 1=1",
    ],
)
def test_anything_else_is_refused_with_the_form_expected(text):
    with pytest.raises(Refusal, match="YYYY-MM-cDD") as refusal:
        Period.parse(text)
    assert refusal.value.code == "bad_period"
