"""Prices whose late usage costs what it costs where its counter stood, and usage of four months, each worked by hand.

Belongs here: a product for each price, its calls by the month in which they come, and what lines of that month cost.
Belongs elsewhere: billing the months (``test_memory``).
"""

from decimal import Decimal

D = Decimal
USAGE = """\
      - id: calls
        kind: usage
        name: {{pl: "Rozmowy", en: "Calls"}}
        currency: PLN
        usage: voice
        measure: {measure}
        {settings}
        versions: [{{effective_from: "2026-01-01", tariff: {tariff}}}]
"""
SECONDS = "{aggregate: sum, characteristic: duration}"
CENT_A_SECOND = '{model: per_unit, unit_amount: "0.01"}'
TWO_TIERS = '{model: graduated, tiers: [{up_to: "600", unit_amount: "0.02"}, {unit_amount: "0.01"}]}'
TWO_SMALL_TIERS = '{model: graduated, tiers: [{up_to: "100", unit_amount: "0.05"}, {unit_amount: "0.03"}]}'


def usage(settings: str, tariff: str = CENT_A_SECOND, measure: str = SECONDS) -> str:
    """One usage price of calls, as a book has it."""
    return USAGE.format(measure=measure, settings=settings, tariff=tariff)


PERIOD = "counter: period"
# The prices of each offering; a product of it has the same name.
LATE_OFFERINGS = {
    "tiered": usage(PERIOD, TWO_TIERS),
    "monthly": usage("counter: month", TWO_TIERS),
    "quarterly": usage("counter: quarter", TWO_TIERS),
    "packaged": usage(PERIOD, '{model: package, package_amount: "5", package_size: "100"}'),
    "volumes": usage(PERIOD, '{model: volume, tiers: [{up_to: "1000", unit_amount: "0.01"}, {unit_amount: "0.005"}]}'),
    "once": usage(PERIOD, '{model: flat, amount: "3"}'),
    "longest": usage(PERIOD, measure="{aggregate: max, characteristic: duration}"),
    # The price changes on the 15th.
    "repriced": usage(PERIOD, TWO_TIERS).replace(
        "versions: [{",
        f'versions: [{{effective_from: "2026-10-15", tariff: {TWO_SMALL_TIERS}}}, {{effective_until: "2026-10-15", ',
    ),
    # A price of the customer's own.
    "own": usage(PERIOD),
    # Two products of it count together.
    "joint": usage("shared: account", TWO_TIERS),
    "covered": usage("allowance: seconds", TWO_SMALL_TIERS),
    "linear": usage(PERIOD),
}
# 600 a month, and nothing is carried on.
LATE_ALLOWANCES = {"covered": '    allowances: [{id: seconds, quantity: "600"}]\n'}
# The last is of account b, which is parked in November.
LATE_PRODUCTS = [*LATE_OFFERINGS, "joint-2", "tiered-b"]
LATE_POPULATIONS = {
    # What another system counted in September, which was never billed here, and in the quarter that ended with it.
    "opening_balances_3.jsonl": '{"product_id": "tiered", "price_id": "calls", "counter_start": "2026-09-01",'
    ' "quantity": "580", "amount_billed": "11.60"}\n'
    '{"product_id": "quarterly", "price_id": "calls", "counter_start": "2026-07-01",'
    ' "quantity": "550", "amount_billed": "11.00"}\n',
    "price_overrides_1.jsonl": '{"product_id": "own", "price_id": "calls", "effective_from": "2026-01-01T00:00:00Z",'
    ' "tariff": {"model": "graduated", "tiers": [{"up_to": "100", "unit_amount": "1"}, {"unit_amount": "0.5"}]}}\n',
}
# By the month in which they come, and their day: seconds of calls.
LATE_CALLS = {
    "october": {
        "2026-10-12": {
            "tiered": 550, "monthly": 550, "packaged": 150, "volumes": 900, "once": 60, "longest": 500, "repriced": 500,
            "own": 80, "joint": 400, "joint-2": 150, "covered": 500, "linear": 300, "tiered-b": 550,
        },
        "2026-10-25": {"repriced": 50},
    },
    "november": {
        "2026-09-20": {"tiered": 100, "quarterly": 100},
        "2026-10-13": {
            "tiered": 100, "monthly": 100, "packaged": 40, "volumes": 300, "once": 60, "longest": 700, "repriced": 200,
            "own": 40, "joint-2": 100, "covered": 150, "linear": 100, "tiered-b": 100,
        },
        "2026-10-26": {"repriced": 100},
        "2026-11-12": {"tiered": 650, "linear": 100},
    },
    "december": {
        "2026-09-21": {"tiered": 100, "quarterly": 100},
        "2026-10-14": {
            "tiered": 100, "monthly": 100, "packaged": 20, "volumes": 100, "longest": 600, "repriced": 100, "own": 40,
            "joint": 100, "covered": 100,
        },
        "2026-11-13": {"tiered": 100},
    },
}  # fmt: skip
# By the month that is billed: what its lines of late usage cost.
LATE_AMOUNTS = {
    "november": {
        # September stood at 580: 20 x 0.02 + 80 x 0.01. October at 550: 50 x 0.02 + 50 x 0.01.
        "tiered": D("2.70"),
        "monthly": D("1.50"),
        # The quarter stood at 550.
        "quarterly": D("1.50"),
        # 190 are two packs, as 150 were.
        "packaged": D("0.00"),
        # 1,200 x 0.005 less the 9.00 of 900.
        "volumes": D("-3.00"),
        # Charged with October's first call.
        "once": D("0.00"),
        # 700 instead of 500.
        "longest": D("2.00"),
        # Each version where it stood: 100 x 0.02 + 100 x 0.01, and 50 x 0.05 + 50 x 0.03.
        "repriced": D("7.00"),
        # 80 before: 20 x 1 + 20 x 0.5.
        "own": D("30.00"),
        "joint": D("1.50"),
        # October's allowance has 100 left; the other 50 are the first that cost anything.
        "covered": D("2.50"),
        "linear": D("1.00"),
    },
    "december": {
        # September from 680 on, October from 650, November from 650: 300 x 0.01.
        "tiered": D("3.00"),
        "monthly": D("1.00"),
        "quarterly": D("1.00"),
        # 210 are three packs.
        "packaged": D("5.00"),
        "volumes": D("0.50"),
        # October's longest is 700.
        "longest": D("0.00"),
        # Before the 15th: 700 so far.
        "repriced": D("1.00"),
        "own": D("20.00"),
        "joint": D("1.00"),
        # The allowance is used up, and 50 of the first 100 are.
        "covered": D("4.00"),
    },
}
