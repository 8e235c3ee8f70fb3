"""Fee cycles and proration on PostgreSQL: peers' rules, odd days, price changes, a year of plan changes."""

import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest

from tests.dbt.dbt_runner import PROJECT_ROOT
from tests.dbt.periods.fee_fixture import Case, Fee, Part, build_fees

pytestmark = [pytest.mark.database, pytest.mark.slow]
CASES = PROJECT_ROOT.parent / "shared" / "cases"
KILL_BILL = {"divisor": "stepping", "decimals": 9}
UNITS = {"monthly": "month", "quarterly": "quarter", "annual": "year"}
D = Decimal
OCTOBER = (date(2026, 10, 1), date(2026, 11, 1))
EVENING_OF_THE_11TH = datetime(2026, 10, 11, 20, tzinfo=UTC)
CHANGES_ON_THE_11TH = ((date(2020, 1, 1), date(2026, 10, 11), "31"), (date(2026, 10, 11), None, "62"))


def october(fee: Fee, start: date, end: date | None = None, **more) -> Case:
    return Case(fee, start, end, OCTOBER, **more)


# name: the case, and what is expected of its parts (kind, factor, amount).
ODD_DAYS: dict[str, tuple[Case, list[tuple[str, str, str]]]] = {
    "the bill period is one cycle: 17 of 31 days": (
        october(Fee("31", "bill_period"), date(2026, 10, 15)),
        [("leading", "0.5483870968", "17")],
    ),
    "trial days are skipped": (
        october(Fee("31", "bill_period", trial_days=14), date(2026, 10, 1)),
        [("whole", "0.5483870968", "17")],
    ),
    "a trial over the whole period leaves a part of 0": (
        october(Fee("31", "bill_period", trial_days=45), date(2026, 10, 1)),
        [("whole", "0", "0")],
    ),
    "not prorated: whole and once": (
        october(Fee("31", "bill_period", prorated=False), date(2026, 10, 30)),
        [("leading", "1", "31")],
    ),
    "the price changes on the 11th: 10 days of one, 21 of the other": (
        october(Fee(every="bill_period", versions=CHANGES_ON_THE_11TH), date(2026, 1, 1)),
        [("trailing", "0.3225806452", "10"), ("leading", "0.6774193548", "42")],
    ),
    "not prorated and the price changes: what is in force first": (
        october(Fee(every="bill_period", prorated=False, versions=CHANGES_ON_THE_11TH), date(2026, 1, 1)),
        [("trailing", "1", "31")],
    ),
    "the day of 25 hours is a day": (
        october(Fee("31"), date(2026, 10, 25), date(2026, 10, 26), time_zone="Europe/Warsaw"),
        [("inner", "0.0322580645", "1")],
    ),
    "by second it is 25 of 745 hours": (
        october(Fee("745", by_second=True), date(2026, 10, 25), date(2026, 10, 26), time_zone="Europe/Warsaw"),
        [("inner", "0.0335570470", "25")],
    ),
    "by second the day of 23 hours is 23 of 743": (
        Case(
            Fee("743", by_second=True),
            date(2026, 3, 29),
            date(2026, 3, 30),
            (date(2026, 3, 1), date(2026, 4, 1)),
            "Europe/Warsaw",
        ),
        [("inner", "0.0309555855", "23")],
    ),
    "a product that ends in the evening pays its last day only where the setting says so": (
        october(Fee("31"), date(2026, 10, 1), EVENING_OF_THE_11TH),
        [("trailing", "0.3225806452", "10")],
    ),
    "the last day is charged": (
        october(Fee("31", last_day_charged=True), date(2026, 10, 1), EVENING_OF_THE_11TH),
        [("trailing", "0.3548387097", "11")],
    ),
    "leap day": (
        Case(Fee("29"), date(2028, 2, 29), None, (date(2028, 2, 1), date(2028, 3, 1))),
        [("leading", "0.0344827586", "1")],
    ),
    "cycle day 31 comes back after February": (
        Case(Fee("1", cycle_day=31), date(2027, 1, 31), None, (date(2027, 1, 31), date(2027, 5, 31))),
        [("whole", "1", "1")] * 4,
    ),
    "an anniversary of 31 January is the last of February, then 31 March": (
        Case(
            Fee("28", anchor="anniversary"), date(2027, 1, 31), date(2027, 3, 14), (date(2027, 1, 31), date(2027, 4, 1))
        ),
        [("whole", "1", "28"), ("trailing", "0.4516129032", "12.6451612903225806")],
    ),
    "a year from a leap day": (
        Case(Fee("366", "year", anchor="anniversary"), date(2028, 2, 29), None, (date(2028, 2, 29), date(2029, 3, 1))),
        [("whole", "1", "366"), ("whole", "1", "366")],
    ),
    "a quarter in advance is on the bill of its first month": (
        Case(Fee("90", "quarter", anchor="calendar"), date(2025, 1, 1), None, OCTOBER),
        [("whole", "1", "90")],
    ),
    "and on no other": (
        Case(Fee("90", "quarter", anchor="calendar"), date(2025, 1, 1), None, (date(2026, 11, 1), date(2026, 12, 1))),
        [],
    ),
    "in arrears it is on that of its last": (
        Case(
            Fee("90", "quarter", anchor="calendar", charged="in_arrears"),
            date(2025, 1, 1),
            None,
            (date(2026, 12, 1), date(2027, 1, 1)),
        ),
        [("whole", "1", "90")],
    ),
    "in arrears nothing before the cycle ends": (
        Case(Fee("90", charged="in_arrears"), date(2026, 10, 1), None, (date(2026, 10, 1), date(2026, 10, 20))),
        [],
    ),
    "in arrears what ends is billed when it ends": (
        Case(
            Fee("92", "quarter", anchor="calendar", charged="in_arrears"),
            date(2026, 10, 1),
            date(2026, 10, 11),
            OCTOBER,
        ),
        [("trailing", "0.1086956522", "10")],
    ),
    "calendar weeks start on Mondays: Wednesday to Sunday are 5 of 7": (
        Case(Fee("7", "week", anchor="calendar"), date(2022, 6, 22), None, (date(2022, 6, 20), date(2022, 6, 27))),
        [("leading", "0.7142857143", "5")],
    ),
    "two weeks from the product's first day": (
        Case(Fee("14", "week", 2, "anniversary"), date(2026, 10, 7), date(2026, 10, 28), OCTOBER),
        [("whole", "1", "14"), ("trailing", "0.5", "7")],
    ),
    "four days over the change of the clock": (
        Case(
            Fee("1", "day"),
            date(2024, 3, 9),
            date(2024, 3, 13),
            (date(2024, 3, 1), date(2024, 4, 1)),
            "America/New_York",
        ),
        [("whole", "1", "1")] * 4,
    ),
    "the account's time zone decides the first day": (
        Case(
            Fee("7", "week", anchor="calendar"),
            datetime(2023, 6, 16, 5, tzinfo=UTC),
            None,
            (date(2023, 6, 12), date(2023, 6, 19)),
            "America/Denver",
        ),
        [("leading", "0.5714285714", "4")],
    ),
    "months of thirty days: 23 June to 15 July are 22": (
        Case(
            Fee("1", cycle_day=23, divisor="thirty_days", decimals=9),
            date(2023, 6, 23),
            date(2023, 7, 15),
            (date(2023, 6, 23), date(2023, 7, 23)),
        ),
        [("trailing", "0.733333333", "0.733333333")],
    ),
    "and so are 23 February to 15 March": (
        Case(
            Fee("1", cycle_day=23, divisor="thirty_days", decimals=9),
            date(2024, 2, 23),
            date(2024, 3, 15),
            (date(2024, 2, 23), date(2024, 3, 23)),
        ),
        [("trailing", "0.733333333", "0.733333333")],
    ),
    "stepping on from 30 June is 30 July, although the cycle ends on the 31st": (
        Case(
            Fee("30", cycle_day=31, **KILL_BILL),
            date(2012, 6, 30),
            date(2012, 7, 15),
            (date(2012, 6, 30), date(2012, 7, 16)),
        ),
        [("trailing", "0.5", "15")],
    ),
    "stepping back from 31 July is 30 June": (
        Case(Fee("1000", cycle_day=31, **KILL_BILL), date(2012, 7, 25), None, (date(2012, 7, 25), date(2012, 7, 26))),
        [("leading", "0.193548387", "193.548387")],
    ),
}


def kill_bill_cases() -> dict[str, tuple[Case, Fraction]]:
    """The peer's proration in advance: cycles up to a target date, each part rounded to nine decimals."""
    found = {}
    for line in _lines("killbill.jsonl", '"kb-prorate-'):
        usage, params = line["usage"], line["params"]
        fee = Fee(every=UNITS[params["billing_period"]], cycle_day=int(params["bill_cycle_day"]), **KILL_BILL)
        start, target = date.fromisoformat(usage["start"]), date.fromisoformat(usage["target_date"])
        end = date.fromisoformat(usage["end"]) if usage["end"] else None
        window = (start, max(target, start) + timedelta(days=1))
        found[line["id"]] = (Case(fee, start, end, window), Fraction(line["expected"]["cycles"]))
    return found


def bill_run_cases() -> dict[str, tuple[Case, Fraction]]:
    """The peer's months between two days, both counted; the days in each month by itself."""
    found = {}
    for line in _lines("billrun.jsonl", '"br-months-'):
        first, last = (date.fromisoformat(line["usage"][name]) for name in ("from", "to"))
        end = last + timedelta(days=1)
        fee = Fee(anchor="calendar", charged="in_arrears")
        found[line["id"]] = (Case(fee, first, end, (first, end)), Fraction(line["expected"]["exact"]))
    return found


# Ways to cut a year of 2028, a leap year, into cycles: the fee, its cycles in the year, the year's first day. Amounts
# are divisible by whatever a cycle can be divided into (days of every month, of every quarter; minutes; thirty days),
# so that no part is rounded and a year of parts must be the year's fees exactly.
_MONTH = 31 * 30 * 29
YEARS: dict[str, tuple[Fee, int, date]] = {
    "months": (Fee(str(_MONTH), anchor="calendar"), 12, date(2028, 1, 1)),
    "quarters": (Fee(str(91 * 92), "quarter", anchor="calendar"), 4, date(2028, 1, 1)),
    "cycle day 31": (Fee(str(_MONTH), cycle_day=31), 12, date(2028, 1, 31)),
    "cycle day 15": (Fee(str(_MONTH), cycle_day=15), 12, date(2028, 1, 15)),
    "months of thirty days": (Fee("30", anchor="calendar", divisor="thirty_days"), 12, date(2028, 1, 1)),
    "thirty days from the 23rd": (Fee("30", cycle_day=23, divisor="thirty_days"), 12, date(2028, 1, 23)),
    "by second": (Fee(str(_MONTH * 1440), anchor="calendar", by_second=True), 12, date(2028, 1, 1)),
    "by second from day 31": (Fee(str(_MONTH * 1440), cycle_day=31, by_second=True), 12, date(2028, 1, 31)),
}
CHANGES = [(year, charged, seed) for year in YEARS for charged in ("in_advance", "in_arrears") for seed in range(5)]


def years_of_plan_changes() -> dict[tuple[str, str, int], list[Case]]:
    """A customer who changes plan at random minutes of a year: one span after the other, all year long."""
    found = {}
    for number, (year, charged, seed) in enumerate(CHANGES):
        chance = random.Random(number)
        fee, _, day = YEARS[year]
        window = (day, day.replace(year=2029))
        first = datetime(day.year, day.month, day.day, tzinfo=UTC)
        # One change lies on the first day of a cycle.
        on_first_day = (first.replace(month=6) - first).days * 1440 + chance.randrange(1, 1440) if day.day < 29 else 7
        minutes = sorted({on_first_day, *chance.sample(range(1, 366 * 1440), 1 + seed * 3)})
        changes = [first, *(first + timedelta(minutes=minute) for minute in minutes), first.replace(year=2029)]
        spans = [replace(fee, charged=charged) for _ in changes[1:]]
        found[year, charged, seed] = [
            Case(span, start, until, window) for span, (start, until) in zip(spans, pairwise(changes), strict=True)
        ]
    return found


def _lines(name: str, marker: str) -> list[dict]:
    path = CASES / name
    return [json.loads(line) for line in path.read_text().splitlines() if marker in line] if path.is_file() else []


@pytest.fixture(scope="module")
def built(new_database, target_path) -> dict[str, list[Part]]:
    """Every case of this file, in one dbt run."""
    cases = {name: case for name, (case, _) in {**ODD_DAYS, **kill_bill_cases(), **bill_run_cases()}.items()}
    for name, spans in years_of_plan_changes().items():
        cases |= {f"{name} {number}": case for number, case in enumerate(spans)}
    parts = build_fees(new_database(), target_path, list(cases.values()))
    return dict(zip(cases, parts, strict=True))


def test_odd_days_cost_what_the_rules_say(built) -> None:
    found = {name: [(part.kind, part.factor, part.amount) for part in built[name]] for name in ODD_DAYS}
    expected = {
        name: [(kind, D(factor), D(amount)) for kind, factor, amount in parts] for name, (_, parts) in ODD_DAYS.items()
    }
    assert {name: found[name] for name in found if found[name] != expected[name]} == {}


@pytest.mark.skipif(not CASES.is_dir(), reason="the peers' cases are not beside the project")
def test_cycles_in_advance_are_kill_bills(built) -> None:
    expected = kill_bill_cases()
    found = {name: sum((Fraction(part.factor) for part in built[name]), Fraction(0)) for name in expected}
    assert len(expected) > 80
    assert {name: str(found[name]) for name in found if found[name] != expected[name][1]} == {}


@pytest.mark.skipif(not CASES.is_dir(), reason="the peers' cases are not beside the project")
def test_months_are_billruns(built) -> None:
    expected = bill_run_cases()
    assert expected
    differing = {
        name: (built[name], months)
        for name, (_, months) in expected.items()
        if abs(sum((Fraction(part.amount) for part in built[name]), Fraction(0)) - months)
        > len(built[name]) * Fraction(1, 10**16)
    }
    assert differing == {}


@pytest.mark.parametrize("year", YEARS)
def test_a_year_of_plan_changes_adds_up_to_the_year(built, year) -> None:
    """Whenever plans change, also in the middle of a day, each day (or second) is charged once and by one of them."""
    fee, cycles, _ = YEARS[year]
    differing = {}
    for name, spans in years_of_plan_changes().items():
        if name[0] == year:
            parts = [part for number in range(len(spans)) for part in built[f"{name} {number}"]]
            total = sum(part.amount for part in parts)
            if total != D(fee.amount) * cycles:
                differing[name] = total
    assert differing == {}
