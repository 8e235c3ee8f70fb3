"""What a bill remembers of the one before: two months billed and posted in a row, with sums that one can follow."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tests.dbt.periods.late_months import (
    LATE_ALLOWANCES,
    LATE_AMOUNTS,
    LATE_CALLS,
    LATE_OFFERINGS,
    LATE_POPULATIONS,
    LATE_PRODUCTS,
    TWO_TIERS,
    usage,
)
from tests.dbt.periods.posted_months import PostedMonths
from tests.unit.catalog.books import VALID_BOOK

pytestmark = [pytest.mark.database, pytest.mark.slow]

D = Decimal
_FEE = """\
      - id: fee
        kind: recurring
        name: {{pl: "Opłata", en: "Fee"}}
        currency: PLN
        every: year
        anchor: anniversary
        charged: in_advance
        versions: [{{effective_from: "2026-01-01", tariff: {{model: flat, amount: "{amount}"}}}}]
"""
_MINIMUM = """\
      - id: least
        kind: minimum
        name: {pl: "Minimum", en: "Minimum"}
        currency: PLN
        every: quarter
        anchor: calendar
        charged: in_arrears
        counts: [calls]
        versions: [{effective_from: "2026-01-01", tariff: {model: flat, amount: "30"}}]
"""
# The prices of each offering; a product of it has the same name.
OFFERINGS = {
    "yearly": usage("counter: year", TWO_TIERS),
    "seats": usage(
        "recurring: true",
        '{model: per_unit, unit_amount: "5"}',
        "{aggregate: unique_count, characteristic: network}",
    ),
    "metered": usage(
        "{counter: quarter, billed: cumulative}"[1:-1].replace(", ", "\n        "),
        '{model: volume, tiers: [{up_to: "1000", unit_amount: "0.01"}, {unit_amount: "0.005"}]}',
    ),
    "pack": usage("allowance: seconds"),
    "capped": usage(
        "counter: year\n"
        '        adjustments: [{id: most, kind: maximum, name: {pl: "Limit", en: "Limit"}, amount: "12"}]'
    ),
    # Two products of it count together.
    "pool": usage("counter: year\n        shared: account", TWO_TIERS),
    "crumbs": usage("pricing: {carry: cents}", '{model: per_unit, unit_amount: "0.0125"}'),
    "floor": usage("counter: quarter") + _MINIMUM,
    "hosting-s": _FEE.format(amount="365"),
    "hosting-l": _FEE.format(amount="730"),
    **LATE_OFFERINGS,
}
_OFFERING = """\
  - id: {name}
    kind: simple
    service: voice
    name: {{pl: "{name}", en: "{name}"}}
    tax_category: standard
    supplier: wisla-pl
    effective_from: "2026-01-01"
    prices:
{prices}"""
ALLOWANCES = LATE_ALLOWANCES | {
    "pack": '    allowances: [{id: seconds, quantity: "600", rollover: {expires: next_period}}]\n'
}
PHONES = {
    name: f"486000000{n:02}"
    for n, name in enumerate([*OFFERINGS, "pool-2", "joint-2"])
    if not name.startswith("hosting")
}
SINCE = "2026-09-01T00:00:00+02:00"
PRODUCTS = [
    *((name, SINCE, name.split("-")[0]) for name in PHONES),
    ("hosting", "2026-10-11T00:00:00+02:00", "hosting-s"),
]
PRODUCT_COLUMNS = "product_id,effective_from,effective_until,account_id,offering_id,seller_party_id\n"
# Known only after October was posted.
PLAN_CHANGE = PRODUCT_COLUMNS + "hosting,2026-11-21T00:00:00+01:00,,a,hosting-l,\n"
POPULATIONS = {
    "parties_1.csv": "party_id,effective_from,party_kind,name,country_code,tax_number,tax_status,language_code,"
    "parent_party_id,bank_account,address_lines\np1,2025-01-01,individual,Ala,PL,,consumer,pl,,,Dom\n",
    "accounts_1.csv": "account_id,effective_from,party_id,currency_code,language_code,bill_cycle,due_days\n"
    "a,2025-01-01,p1,PLN,pl,c01,14\nb,2025-01-01,p1,PLN,pl,c01,14\n",
    "products_1.csv": PRODUCT_COLUMNS
    + "".join(f"{product},{since},,a,{offering},\n" for product, since, offering in PRODUCTS)
    + f"moved,{SINCE},,b,yearly,\ntiered-b,{SINCE},,b,tiered,\n",
    "identifiers_1.csv": "identifier_kind,identifier,effective_from,effective_until,product_id\n"
    + "".join(f"msisdn,{phone},{SINCE},,{name}\n" for name, phone in PHONES.items())
    + f"msisdn,48600000099,{SINCE},,moved\nmsisdn,48600000098,{SINCE},,tiered-b\n",
    "opening_balances_1.jsonl": '{"product_id": "moved", "price_id": "calls", "counter_start": "2026-01-01",'
    ' "quantity": "550", "amount_billed": "11.00"}\n',
    "bucket_balances_1.jsonl": '{"holder_id": "pack", "offering_id": "pack", "allowance_id": "seconds",'
    ' "carried_on": "2026-10-01", "quantity": "50"}\n',
    **LATE_POPULATIONS,
}
# Seconds of each product's only call in October and November.
CALLS = {
    "yearly": (500, 200),
    "seats": (1, None),
    "metered": (800, 400),
    "pack": (200, 1100),
    "capped": (900, 700),
    "floor": (500, 300),
    "pool": (400, None),
    "pool-2": (400, 100),
    "crumbs": (33, 33),
}


def _calls(name: str, seconds: dict[str, int], day: str) -> dict[str, str]:
    header = "call_id,started_at,caller,called,network,duration_s,bytes,note\n"
    phones = {**PHONES, "moved": "48600000099", "tiered-b": "48600000098"}
    return {
        f"voice_{name}.csv": header
        + "".join(
            f"{name}-{product},{day}T10:00:00Z,{phones[product]},48123456789,home,{count},0,\n"
            for product, count in seconds.items()
        )
    }


def _deliver(months: PostedMonths, month: str) -> None:
    for number, (day, seconds) in enumerate(LATE_CALLS[month].items()):
        months.deliver(_calls(f"{month}-{number}", seconds, day))


def _counters_over(months: PostedMonths, run_id: int) -> list[tuple]:
    return months.rows(
        """select product_id, offering_id, counter_start::text, counter_until::text, value, trim_scale(quantity)
           from published.fct_closing_balances where bill_run_id = %s and balance_kind = 'ended'
           order by 1, 2, 3, 5""",
        run_id,
    )


def _late_amounts(months: PostedMonths, run_id: int) -> dict[str, Decimal]:
    rows = months.rows(
        """select offering_id, sum(amount_minor) from published.fct_applied_billing_rates
           where bill_run_id = %s and is_late group by 1""",
        run_id,
    )
    return {offering: D(int(amount)).scaleb(-2) for offering, amount in rows if offering in LATE_OFFERINGS}


def _amounts(months: PostedMonths, run_id: int) -> dict[tuple[str, str], Decimal]:
    rows = months.rows(
        """select case when product_id = 'moved' then product_id end, offering_id, charge_kind, sum(amount_minor)
           from published.fct_applied_billing_rates where bill_run_id = %s and not product_id = any(%s)
           group by 1, 2, 3""",
        run_id,
        LATE_PRODUCTS,
    )
    return {
        (product if product == "moved" else offering, kind): D(int(amount)).scaleb(-2)
        for product, offering, kind, amount in rows
    }


@pytest.fixture(scope="module")
def months(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory, target_path: Path) -> dict:
    """October drafted, corrected and posted; November drafted twice."""
    made = PostedMonths(new_database(), tmp_path_factory.mktemp("months"), target_path)
    offerings = "offerings:\n" + "".join(
        _OFFERING.format(name=name, prices=prices) + ALLOWANCES.get(name, "") for name, prices in OFFERINGS.items()
    )
    made.load({**VALID_BOOK, "offerings/memory.yaml": offerings})
    made.deliver(POPULATIONS)
    made.deliver(_calls("october", {name: first for name, (first, _) in CALLS.items()}, "2026-10-12"))
    _deliver(made, "october")
    found: dict = {"months": made}
    run = made.draft("2026-10-c01")
    found["first draft"] = _balances(made, run.bill_run_id)
    # A file of October that comes before the draft is posted.
    made.deliver(_calls("correction", {"yearly": 50, "moved": 100}, "2026-10-13"))
    run = made.draft("2026-10-c01")
    made.post(run)
    found["october"] = run.bill_run_id
    made.deliver({"products_2.csv": PLAN_CHANGE})
    # What another system says of a counter that a posted bill has counted on.
    made.deliver({"opening_balances_2.jsonl": POPULATIONS["opening_balances_1.jsonl"].replace("550", "560")})
    made.deliver(_calls("november", {name: second for name, (_, second) in CALLS.items() if second}, "2026-11-12"))
    # Calls of October that come when it is posted.
    made.deliver(_calls("late", {"yearly": 100, "pool": 50}, "2026-10-20"))
    _deliver(made, "november")
    first = made.draft("2026-11-c01")
    found["over"] = [_counters_over(made, first.bill_run_id)]
    second = made.draft("2026-11-c01")
    found["over"].append(_counters_over(made, second.bill_run_id))
    digests = "select input_digest, output_digest from control.bill_runs where bill_run_id = %s"
    found["november"] = second.bill_run_id
    found["replays"] = [first.input_digest, second.input_digest]
    found["digest"] = made.rows(digests, second.bill_run_id)
    made.post(second)
    _deliver(made, "december")
    found["december"] = made.draft("2026-12-c01").bill_run_id
    return found


def _balances(months: PostedMonths, run_id: int) -> dict[tuple[str, str], tuple]:
    rows = months.rows(
        """select product_id, balance_kind, quantity, amount_billed, counter_until
           from published.fct_closing_balances where bill_run_id = %s and balance_kind <> 'ended'
               and not product_id = any(%s)""",
        run_id,
        LATE_PRODUCTS,
    )
    return {(product, kind): (quantity, amount, until) for product, kind, quantity, amount, until in rows}


OCTOBER = {
    # 550 x 0.02.
    ("yearly", "usage"): D("11.00"),
    ("seats", "usage"): D("5.00"),
    ("metered", "usage"): D("8.00"),
    # 200 of the 650 that October and the other system left.
    ("pack", "usage"): D("0.00"),
    ("capped", "usage"): D("9.00"),
    ("floor", "usage"): D("5.00"),
    # 600 x 0.02 + 200 x 0.01, whichever of the two called first.
    ("pool", "usage"): D("14.00"),
    # 41.25 cents.
    ("crumbs", "usage"): D("0.41"),
    ("hosting-s", "recurring"): D("365.00"),
    # 550 before, so 50 x 0.02 + 50 x 0.01.
    ("moved", "usage"): D("1.50"),
}
NOVEMBER = {
    # 550 before: the late 100 seconds of October are 50 x 0.02 + 50 x 0.01, November 200 x 0.01.
    ("yearly", "usage"): D("3.50"),
    # The seat is still there.
    ("seats", "usage"): D("5.00"),
    # 1,200 x 0.005 less 8.00.
    ("metered", "usage"): D("-2.00"),
    # 600 new and 450 carried over cover all but 50.
    ("pack", "usage"): D("0.50"),
    # 7.00, of which the year's 12.00 leave 3.00.
    ("capped", "usage"): D("3.00"),
    # The quarter's minimum is not due yet.
    ("floor", "usage"): D("3.00"),
    # 800 before: 50 late and 100 of November, all x 0.01.
    ("pool", "usage"): D("1.50"),
    # 41.25 cents and the quarter of October.
    ("crumbs", "usage"): D("0.42"),
    # 324 of 365 days are given back; the new plan costs two a day for them.
    ("hosting-s", "recurring"): D("-324.00"),
    ("hosting-l", "recurring"): D("648.00"),
}


@pytest.mark.parametrize(("month", "expected"), [("october", OCTOBER), ("november", NOVEMBER)])
def test_a_bill_goes_on_where_the_one_before_ended(months: dict, month: str, expected: dict) -> None:
    assert _amounts(months["months"], months[month]) == expected


def test_tiers_of_late_usage_start_where_the_posted_bill_ended(months: dict) -> None:
    found = months["months"].rows(
        """select lines.is_late, parts.part_kind, parts.tier_number, parts.quantity, parts.amount_exact
           from published.fct_rate_parts as parts
           join published.fct_applied_billing_rates as lines using (bill_run_id, line_key)
           where bill_run_id = %s and lines.product_id = 'yearly' and parts.quantity <> 0 order by 1 desc, 3""",
        months["november"],
    )
    assert found == [
        (True, "tier", 1, 50, D(1)),
        (True, "tier", 2, 50, D("0.5")),
        (False, "tier", 2, 200, D(2)),
    ]


@pytest.mark.parametrize("month", list(LATE_AMOUNTS))
def test_late_usage_of_a_counter_that_is_over_costs_what_it_costs_where_it_stood(months: dict, month: str) -> None:
    assert _late_amounts(months["months"], months[month]) == LATE_AMOUNTS[month]


def test_a_late_line_shows_the_tiers_of_each_counter_that_it_moved(months: dict) -> None:
    """September from 580 on, October from 550."""
    found = months["months"].rows(
        """select parts.part_kind, parts.tier_number, parts.quantity, parts.amount_exact
           from published.fct_rate_parts as parts
           join published.fct_applied_billing_rates as lines using (bill_run_id, line_key)
           where bill_run_id = %s and lines.product_id = 'tiered' and lines.is_late order by part_number""",
        months["november"],
    )
    assert found == [
        ("tier", 1, 20, D("0.4")),
        ("tier", 1, 50, D(1)),
        ("tier", 2, 80, D("0.8")),
        ("tier", 2, 50, D("0.5")),
    ]


def test_only_counters_whose_position_matters_are_remembered_when_they_are_over(months: dict) -> None:
    october, version = ("2026-10-01", "2026-11-01"), "2025-12-31T23:00:00.000000Z"
    assert _counters_over(months["months"], months["october"]) == [
        ("", "joint", *october, version, 550),
        ("longest", "longest", *october, version, 500),
        ("monthly", "monthly", *october, "", 550),
        ("once", "once", *october, version, 60),
        ("own", "own", *october, f"{version} own 2026-01-01T00:00:00.000000Z", 80),
        ("packaged", "packaged", *october, version, 150),
        ("repriced", "repriced", *october, version, 500),
        ("repriced", "repriced", *october, "2026-10-14T22:00:00.000000Z", 50),
        ("tiered", "tiered", *october, version, 550),
        ("tiered-b", "tiered", *october, version, 550),
        ("volumes", "volumes", *october, version, 900),
    ]
    moved = _counters_over(months["months"], months["november"])
    assert [(start, quantity) for product, _, start, _, _, quantity in moved if product == "tiered"] == [
        ("2026-09-01", 680),
        ("2026-10-01", 650),
        ("2026-11-01", 650),
    ]
    assert [row[2:] for row in moved if row[0] == "quarterly"] == [("2026-07-01", "2026-10-01", "", 650)]
    # Its account is parked, whatever came late.
    assert [row for row in moved if row[0] == "tiered-b"] == []


def test_a_draft_that_is_built_again_leaves_its_counters_where_they_were(months: dict) -> None:
    first, second = months["over"]
    assert first == second != []


def test_a_correction_of_the_draft_before_it_is_posted_changes_what_the_next_bill_starts_with(months: dict) -> None:
    assert months["first draft"]["yearly", "counter"][:2] == (500, D("10"))
    assert _balances(months["months"], months["october"])["yearly", "counter"][:2] == (550, D("11"))


def test_closing_balances_say_what_goes_on(months: dict) -> None:
    found = _balances(months["months"], months["november"])
    until = {key: value[2] and value[2].isoformat() for key, value in found.items()}
    assert {key: value[:2] for key, value in found.items()} == {
        # What late lines charged is no part of it.
        ("yearly", "counter"): (850, D("13.00")),
        ("seats", "value"): (1, 0),
        ("metered", "counter"): (1200, D(6)),
        ("capped", "counter"): (1600, D(12)),
        ("floor", "counter"): (800, D(8)),
        ("floor", "minimum"): (0, D(8)),
        ("hosting", "fee"): (0, D(648)),
        # 41.5 cents were rounded up.
        ("crumbs", "carry"): (0, D("-0.5")),
        # A counter of the account has no product.
        ("", "counter"): (950, D(15)),
    }
    assert until["yearly", "counter"] == "2027-01-01"
    assert until["seats", "value"] is None
    assert until["hosting", "fee"] == "2027-10-11"


def test_a_second_draft_of_the_same_input_has_the_same_digests(months: dict) -> None:
    first, second = months["replays"]
    assert first == second == months["digest"][0][0]


def test_a_balance_that_contradicts_a_posted_bill_parks_the_account(months: dict) -> None:
    ((outcome, reason, detail),) = months["months"].rows(
        "select outcome, reason_code, detail from published.fct_account_outcomes"
        " where account_id = 'b' and bill_run_id = %s",
        months["november"],
    )
    assert (outcome, reason) == ("parked", "balance_clash")
    assert "price calls from 2026-01-01 says 560 (billed 11), the bill of 2026-10-c01 left 650 (billed 12.5)" in detail


def test_what_a_posted_run_left_never_changes(months: dict) -> None:
    with pytest.raises(Exception, match="it is posted"):
        months["months"].rows(
            "update published.fct_closing_balances set quantity = 0 where bill_run_id = %s returning 1",
            months["october"],
        )
