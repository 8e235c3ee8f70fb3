"""Bands of time: which band counts at an instant, and what usage costs that starts in one band and ends in another."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest

from assets.catalog.check import check_book
from assets.publishing.account_periods import AccountPeriod
from orchestration.dbt.trial import Trial
from tests.unit.catalog.books import VALID_BOOK, write_book

pytestmark = [pytest.mark.database, pytest.mark.slow]

CALENDARS = """\
calendars:
  - id: week
    holidays: {country: PL}
    bands:
      - {id: night, start: "00:00", end: "06:00", weight: 5}
      - {id: peak, weekdays: [monday, tuesday, wednesday, thursday, friday], start: "08:00"}
      - {id: evening, weekdays: [monday, tuesday, wednesday, thursday, friday], start: "18:00"}
      - {id: weekend, weekdays: [saturday, sunday]}
      - {id: holiday, holidays: only}
      - {id: new-year, dates: ["01-01"], weight: 20}
"""


PRICE = """\
        calendar: week
        counter: event
        versions:
          - effective_from: "2025-01-01"
            tariff: {model: per_unit, unit_amount: "0.1"}
            time_bands:
              - {in: [peak], tariff: {model: per_unit, unit_amount: "1"}}
              - {in: [evening], tariff: {model: package, package_size: "60", package_amount: "30"}}
              - {in: [weekend], tariff: {model: per_unit, unit_amount: "0.2"}}
              - {in: [holiday], tariff: {model: per_unit, unit_amount: "0.3"}}
              - {in: [new-year], tariff: {model: per_unit, unit_amount: "0"}}
"""
# Start, seconds, amount. Warsaw unless an offset says otherwise.
CALLS = [
    # Peak until 18:00, then a started minute of the evening for the other half.
    ("2026-11-09T17:59:30+01:00", 60, "60"),
    ("2026-11-09T12:00:00+01:00", 600, "600"),
    # The evening's last minute reaches 30 seconds into the next day; what is left costs what no band covers.
    ("2026-11-09T23:59:30+01:00", 75, "31.5"),
    ("2026-10-30T23:59:50+01:00", 20, "30"),
    # New Year is free from midnight, or from where the evening's started minute ends.
    ("2025-12-31T23:58:30+01:00", 200, "60"),
    # Independence Day starts at midnight.
    ("2026-11-10T23:59:00+01:00", 120, "48"),
    # The clock goes back within the weekend: two hours are two hours, and no boundary is crossed.
    ("2026-10-25T01:30:00+02:00", 7200, "1440"),
    # The last hour of the day of 23 hours, and the first of Monday.
    ("2026-03-29T23:59:00+02:00", 120, "18"),
    # A whole weekend of 47 hours between an evening and a night without band.
    ("2026-03-27T23:59:00+01:00", 60 + 47 * 3600 + 60, "33876"),
    ("2026-11-09T17:59:59+01:00", 0, "0"),
]
NEW_YORK_CALLS = [("2026-11-09T17:59:30-05:00", 60, "60"), ("2026-11-09T11:59:30-05:00", 60, "60")]


@pytest.fixture(scope="module")
def month(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Ten months of two accounts, one in Warsaw and one in New York, so that both changes of the clock are in it."""
    folder = tmp_path_factory.mktemp("bands")
    old_versions = (
        '        allowance: minutes\n        versions:\n          - effective_from: "2026-01-01"\n'
        '            tariff: {model: per_unit, unit_amount: "0.19", per_quantity: "60"}\n'
    )
    assert old_versions in VALID_BOOK["offerings/mobile.yaml"]
    voice = VALID_BOOK["usage/voice.yaml"].replace("age_limit_days: 90", "age_limit_days: 3650")
    files = {
        **VALID_BOOK,
        "calendars/week.yaml": CALENDARS,
        "offerings/mobile.yaml": VALID_BOOK["offerings/mobile.yaml"].replace(old_versions, PRICE),
        "usage/voice.yaml": voice.replace(
            "  characteristics:\n", "  time_bands: {split: at_boundary, duration: duration}\n  characteristics:\n"
        ).replace('maximum: "86400"', 'maximum: "864000"'),
    }
    checked = check_book(write_book(folder / "book", files))
    assert checked.report() == ""
    calls = "".join(
        f"{user}-{number},{start},{user},48123456789,home,{seconds},0,\n"
        for user, calls in (("48600000001", CALLS), ("48600000002", NEW_YORK_CALLS))
        for number, (start, seconds, _) in enumerate(calls)
    )
    inbox = folder / "inbox"
    write_book(
        inbox,
        {
            "parties_1.csv": "party_id,effective_from,party_kind,name,country_code,tax_number,tax_status,language_code,"
            "parent_party_id,bank_account,address_lines\n"
            "p1,2025-01-01,individual,Ala,PL,,consumer,pl,,,Dom\n",
            "accounts_1.csv": "account_id,effective_from,party_id,currency_code,language_code,bill_cycle,due_days,"
            "time_zone\nwarsaw,2025-01-01,p1,PLN,pl,c01,14,\nnew-york,2025-01-01,p1,PLN,pl,c01,14,America/New_York\n",
            "products_1.csv": "product_id,effective_from,effective_until,account_id,offering_id,seller_party_id\n"
            "w,2025-01-01T00:00:00+01:00,,warsaw,mobile-start,\nn,2025-01-01T00:00:00+01:00,,new-york,mobile-start,\n",
            "identifiers_1.csv": "identifier_kind,identifier,effective_from,effective_until,product_id\n"
            "msisdn,48600000001,2025-01-01T00:00:00+01:00,,w\nmsisdn,48600000002,2025-01-01T00:00:00+01:00,,n\n",
            "voice_1.csv": "call_id,started_at,caller,called,network,duration_s,bytes,note\n" + calls,
        },
    )
    url = new_database()
    with Trial(url, "conformance", folder) as trial:
        trial.load(checked)
        trial.take_in(inbox, now=datetime(2026, 11, 12, tzinfo=UTC))
        # One long window instead of a month: from 1 January to 12 November.
        days = (date(2026, 1, 1), date(2026, 11, 12))
        trial.open(
            [
                AccountPeriod.between("warsaw", *days, "Europe/Warsaw"),
                AccountPeriod.between("new-york", *days, "America/New_York"),
            ],
            issue_date=date(2026, 11, 13),
        )
        trial.build(["fct_rated_usage"])
    return url


def test_a_call_over_a_boundary_is_charged_by_bands_in_whole_blocks(month: str) -> None:
    with psycopg.connect(month) as connection:
        rated = connection.execute(
            """select event_at, quantity_units, amount_exact from conformance.fct_rated_usage
               order by product_number desc, line_number"""
        ).fetchall()
    calls = [*CALLS, *NEW_YORK_CALLS]
    assert len(rated) == len(calls), "one row for each call"
    expected = {(datetime.fromisoformat(at), seconds * 10**6): Decimal(amount) for at, seconds, amount in calls}
    assert {(at, units): amount for at, units, amount in rated} == expected


def band_at(connection: psycopg.Connection, instant: str, account: str = "warsaw") -> str | None:
    rows = connection.execute(
        """select time_band_id from conformance.int_time_band_spans
           join conformance.int_account_windows using (time_zone_number)
           join catalog.calendars using (calendar_number)
           left join catalog.time_bands using (time_band_number)
           where calendar_id = 'week' and account_id = %s and effective_from <= %s and effective_until > %s
               and utc_date = (%s::timestamptz at time zone 'UTC')::date""",
        [account, *[instant] * 3],
    ).fetchall()
    assert len(rows) <= 1, "two spans hold one instant"
    return rows[0][0] if rows else None


def lengths(connection: psycopg.Connection, band: str, account: str = "warsaw") -> dict[date, float]:
    """Hours of the spans of a band, by UTC day of their end."""
    rows = connection.execute(
        """select distinct (effective_until at time zone 'UTC')::date,
               extract(epoch from effective_until - effective_from) / 3600
           from conformance.int_time_band_spans
           join conformance.int_account_windows using (time_zone_number)
           join catalog.calendars using (calendar_number)
           left join catalog.time_bands using (time_band_number)
           where calendar_id = 'week' and account_id = %s and time_band_id = %s""",
        [account, band],
    ).fetchall()
    return dict(rows)


CASES = [
    # Warsaw is UTC+1 in winter and UTC+2 in summer. Monday 9 November 2026.
    ("2026-11-09T05:59:59+01:00", "night"),
    ("2026-11-09T06:00:00+01:00", None),
    ("2026-11-09T07:59:59+01:00", None),
    ("2026-11-09T08:00:00+01:00", "peak"),
    ("2026-11-09T17:59:59+01:00", "peak"),
    ("2026-11-09T18:00:00+01:00", "evening"),
    ("2026-11-09T23:59:59+01:00", "evening"),
    # Midnight ends the evening.
    ("2026-11-10T00:00:00+01:00", "night"),
    # Independence Day is a Wednesday: days chosen as holidays are narrower than weekdays, whatever starts later.
    ("2026-11-11T09:00:00+01:00", "holiday"),
    ("2026-11-11T19:00:00+01:00", "holiday"),
    # 3 May is a Sunday and a holiday.
    ("2026-05-03T12:00:00+02:00", "holiday"),
    ("2026-05-02T03:00:00+02:00", "weekend"),
    # New Year has the higher weight than the holiday that it also is.
    ("2026-01-01T12:00:00+01:00", "new-year"),
    ("2025-12-31T23:59:59+01:00", "evening"),
    ("2026-01-02T00:00:00+01:00", "night"),
    # Clocks go forward on 29 March and back on 25 October, both Sundays, so the weekend shows it.
    ("2026-03-29T03:30:00+02:00", "weekend"),
    ("2026-03-30T00:00:00+02:00", "night"),
    ("2026-10-25T02:30:00+02:00", "weekend"),
    ("2026-10-25T02:30:00+01:00", "weekend"),
    ("2026-10-26T08:00:00+01:00", "peak"),
]  # fmt: skip


def test_each_instant_has_the_band_that_counts(month: str) -> None:
    with psycopg.connect(month) as connection:
        found = [(instant, band_at(connection, instant)) for instant, _ in CASES]
        assert found == CASES
        # The same calendar on the account's own clock: 18:00 in New York is midnight in Warsaw.
        assert band_at(connection, "2026-11-09T18:00:00-05:00", "new-york") == "evening"
        assert band_at(connection, "2026-11-09T17:59:59-05:00", "new-york") == "peak"


def test_days_of_23_and_25_hours_keep_their_bands(month: str) -> None:
    with psycopg.connect(month) as connection:
        weekend = lengths(connection, "weekend")
        # A weekend has 48 hours, 47 when the clock goes forward and 49 when it goes back.
        assert (
            weekend[date(2026, 3, 22)] == 48 and weekend[date(2026, 3, 29)] == 47 and weekend[date(2026, 10, 25)] == 49
        )
        assert set(lengths(connection, "night").values()) == {6}


def test_spans_follow_each_other_without_overlap(month: str) -> None:
    with psycopg.connect(month) as connection:
        overlaps = connection.execute(
            """select count(*), min(effective_from) from (
                   select effective_from, effective_until, lead(effective_from) over (
                       partition by calendar_number, time_zone_number order by effective_from) as next_from
                   from (select distinct calendar_number, time_zone_number, effective_from, effective_until
                         from conformance.int_time_band_spans) as spans) as pairs
               where next_from < effective_until or effective_until <= effective_from"""
        ).fetchone()
        assert overlaps == (0, None)
        assert (
            datetime(2026, 11, 12, tzinfo=UTC)
            < connection.execute("select max(effective_until) from conformance.int_time_band_spans").fetchone()[0]
        )
