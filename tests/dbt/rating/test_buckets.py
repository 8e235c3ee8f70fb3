"""Buckets of a month that came through files: who draws from which, in which order, and what is left.

That no bucket is ever overdrawn, whatever the book, is a property: ``test_pricing_properties``.
"""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest

from assets.catalog.check import check_book
from assets.publishing.account_periods import AccountPeriod
from orchestration.dbt.trial import Trial
from tests.unit.catalog.books import VALID_BOOK, write_book

pytestmark = [pytest.mark.database, pytest.mark.slow]

FAMILY = """\
offerings:
  - id: family
    kind: simple
    service: voice
    name: {pl: "Rodzina", en: "Family"}
    tax_category: standard
    supplier: wisla-pl
    effective_from: "2026-01-01"
    allowances:
      - id: shared
        quantity: "1000"
        shared_by: account
        priority: 200
        covers: [{offering: mobile-start, price: calls-national}]
      - id: clan
        quantity: "700"
        prorated: true
        shared_by: group
        priority: 300
        covers: [{offering: mobile-start, price: calls-national}, {offering: mobile-start, price: calls-world}]
      - id: purse
        name: {pl: "Portfel", en: "Purse"}
        amount: "2.50"
        shared_by: group
        covers: [{offering: mobile-start, price: calls-world}]
"""
# Accounts, their group, and how many lines of Mobile Start and packs of Family each has.
ACCOUNTS = {"a": ("g", 2, 1), "b": ("g", 1, 1), "c": (None, 2, 1), "d": (None, 1, 0), "e": ("h", 1, 0)}
OWN = 600
# Personal allowances of single lines: c0's began within October, a1's ended with September.
OVERRIDES = {("c0", False): 90, ("a1", True): 30}


@pytest.fixture(scope="module")
def month(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """October of a few accounts that share allowances; the usage arrives shuffled, in five files."""
    folder = tmp_path_factory.mktemp("buckets")
    minutes = '{id: minutes, quantity: "6000", covers: [{offering: mobile-start, price: calls-world}]}'
    assert minutes in VALID_BOOK["offerings/mobile.yaml"]
    mobile = VALID_BOOK["offerings/mobile.yaml"].replace(minutes, f'{{id: minutes, quantity: "{OWN}"}}')
    files = {**VALID_BOOK, "offerings/mobile.yaml": mobile, "offerings/family.yaml": FAMILY}
    checked = check_book(write_book(folder / "book", files))
    assert checked.report() == ""
    since = "2026-01-01T00:00:00+01:00"
    lines = [(account, f"{account}{n}") for account, (_, count, _) in ACCOUNTS.items() for n in range(count)]
    packs = [(account, f"{account}-pack{n}") for account, (_, _, count) in ACCOUNTS.items() for n in range(count)]
    inbox = {
        "parties_1.csv": "party_id,effective_from,party_kind,name,country_code,tax_number,tax_status,language_code,"
        "parent_party_id,bank_account,address_lines\np1,2025-01-01,individual,Ala,PL,,consumer,pl,,,Dom\n",
        "accounts_1.csv": "account_id,effective_from,party_id,currency_code,language_code,bill_cycle,due_days\n"
        + "".join(f"{account},2025-01-01,p1,PLN,pl,c01,14\n" for account in ACCOUNTS),
        "account_groups_1.csv": "account_id,effective_from,effective_until,group_id\n"
        + "".join(f"{account},{since},,{group}\n" for account, (group, _, _) in ACCOUNTS.items() if group),
        "products_1.csv": "product_id,effective_from,effective_until,account_id,offering_id,seller_party_id\n"
        + "".join(f"{product},{since},,{account},mobile-start,\n" for account, product in lines)
        + "".join(
            # The pack of account b starts on 17 October: 15 of 31 days.
            f"{product},{'2026-10-17T00:00:00+02:00' if account == 'b' else since},,{account},family,\n"
            for account, product in packs
        ),
        "identifiers_1.csv": "identifier_kind,identifier,effective_from,effective_until,product_id\n"
        + "".join(f"msisdn,4860000000{n},{since},,{product}\n" for n, (_, product) in enumerate(lines)),
    }
    own = '"offering_id": "mobile-start", "allowance_id": "minutes"'
    inbox["allowance_overrides_1.jsonl"] = (
        f'{{"product_id": "c0", {own}, "effective_from": "2026-10-11T00:00:00+02:00", "quantity": "90"}}\n'
        f'{{"product_id": "a1", {own}, "effective_from": "2026-08-01T00:00:00+02:00",'
        ' "effective_until": "2026-10-01T00:00:00+02:00", "quantity": "30"}\n'
    )
    chance = random.Random(7)
    calls = [
        (n, datetime(2026, 9, 25, tzinfo=UTC) + timedelta(minutes=chance.randrange(36 * 24 * 60)))
        for n in range(len(lines))
        for _ in range(40)
    ]
    chance.shuffle(calls)
    header = "call_id,started_at,caller,called,network,duration_s,bytes,note\n"
    rows = [
        f"c{number},{at.isoformat()},4860000000{line},{chance.choice(('48123456789', '49301234567'))},home,"
        f"{chance.randrange(0, 120)},0,\n"
        for number, (line, at) in enumerate(calls)
        if at < datetime(2026, 10, 31, 23, tzinfo=UTC)
    ]
    inbox |= {f"voice_{n}.csv": header + "".join(rows[n::5]) for n in range(5)}
    write_book(folder / "inbox", inbox)
    url = new_database()
    with Trial(url, "conformance", folder) as trial:
        trial.load(checked)
        trial.take_in(folder / "inbox", now=datetime(2026, 11, 1, tzinfo=UTC))
        days = (date(2026, 10, 1), date(2026, 11, 1))
        trial.open([AccountPeriod.between(account, *days, "Europe/Warsaw") for account in ACCOUNTS],
                   issue_date=date(2026, 11, 2))  # fmt: skip
        trial.build(["fct_bucket_balances", "dim_rated_products", "int_line_adjustments"])
    return url


def _expected_events(connection: psycopg.Connection) -> dict[str, int]:
    """What buckets cover of each call, walking through all calls in the order of time, one bucket after the other."""
    calls = connection.execute(
        """select event_key::text, event_at, account_id, product_id, price_id, is_late, quantity_units
           from conformance.fct_rated_usage
           join conformance.dim_rated_products using (product_number)
           join catalog.prices using (price_version_id)
           where price_id in ('calls-national', 'calls-world') order by event_at, event_key"""
    ).fetchall()
    left: dict[tuple, int] = {}

    def limit(bucket: tuple) -> int:
        kind, who, late = bucket
        if kind == "own":
            return OVERRIDES.get((who, late), OWN)
        members = [account for account in ACCOUNTS if kind == "shared" and account == who]
        if kind == "clan":
            members = [account for account in ACCOUNTS if (ACCOUNTS[account][0] or account) == who]
        full = {"shared": 1000, "clan": 700}[kind]
        total = 0
        for account in members:
            is_part = kind == "clan" and account == "b" and not late
            total += ACCOUNTS[account][2] * ((full * 15 * 10**6 * 2 + 31) // 62 if is_part else full * 10**6)
        return total

    covered: dict[str, int] = {}
    for key, _, account, product, price, is_late, units in calls:
        group = ACCOUNTS[account][0] or account
        chain = [("own", product, is_late)] if price == "calls-national" else []
        chain += [("shared", account, is_late)] if price == "calls-national" else []
        chain += [("clan", group, is_late)]
        taken = 0
        for bucket in chain:
            there = left.setdefault(bucket, limit(bucket) * (10**6 if bucket[0] == "own" else 1))
            part = min(units - taken, there)
            left[bucket] = there - part
            taken += part
        covered[key] = taken
    return covered


def test_every_call_is_covered_as_if_one_bucket_after_the_other_were_emptied_in_time(month: str) -> None:
    with psycopg.connect(month) as connection:
        expected = _expected_events(connection)
        found = dict(
            connection.execute(
                "select event_key::text, allowance_units from conformance.fct_rated_usage where bucket_1_number is not"
                " null or bucket_2_number is not null or bucket_3_number is not null"
            ).fetchall()
        )
    assert len(expected) > 200 and any(units > 0 for units in expected.values())
    differing = {key: (found.get(key, 0), units) for key, units in expected.items() if found.get(key, 0) != units}
    assert not differing, f"{len(differing)} calls differ (found, expected), first: {list(differing.items())[:3]}"


def test_balances_say_what_was_taken_and_what_is_left(month: str) -> None:
    with psycopg.connect(month) as connection:
        overdrawn = connection.execute(
            """select count(*) from (
                   select bucket_number, max(granted_units + rolled_over_units - used_before_units) as there,
                       sum(used_units) as used, max(left_units) as rest
                   from conformance.fct_bucket_balances group by bucket_number) as buckets
               where used > there or rest <> there - used or rest < 0"""
        ).fetchone()
        assert overdrawn == (0,)
        taken = connection.execute(
            "select sum(used_units) from conformance.fct_bucket_balances where allowance_id <> 'purse'"
        ).fetchone()
        assert taken == connection.execute("select sum(allowance_units) from conformance.fct_rated_usage").fetchone()
        clan = connection.execute(
            """select distinct shared_id, granted_units from conformance.fct_bucket_balances
               where allowance_id = 'clan' and period_start > '2026-09-01' order by 1"""
        ).fetchall()
        # a has a whole pack, b 15 of 31 days of one; c is alone, d and e have none.
        assert clan == [("c", 700_000_000), ("d", 0), ("group g", 1_038_709_677), ("group h", 0)]


def test_money_pays_for_what_calls_cost_until_there_is_no_more(month: str) -> None:
    """Call by call in the order of time, whoever of the group calls; late calls have the month before's money."""
    with psycopg.connect(month) as connection:
        calls = connection.execute(
            """select account_id, is_late, amount_exact
               from conformance.fct_rated_usage
               join conformance.dim_rated_products using (product_number)
               join catalog.prices using (price_version_id)
               where price_id = 'calls-world' order by event_at, event_key"""
        ).fetchall()
        paid = connection.execute(
            """select account_id, is_late, -sum(adjustments.amount_exact)
               from conformance.int_line_adjustments as adjustments
               join conformance.int_charges_exact using (line_key)
               where kind = 'allowance' and adjustment_id = 'family/purse' group by account_id, is_late"""
        ).fetchall()
        balances = connection.execute(
            """select account_id, period_start <= '2026-09-01', used_units, left_units
               from conformance.fct_bucket_balances where allowance_id = 'purse'"""
        ).fetchall()
    left: dict[tuple, Decimal] = {}
    expected: dict[tuple, Decimal] = {}
    for account, is_late, amount in calls:
        group = ACCOUNTS[account][0] or account
        packs = sum(count for member, (_, _, count) in ACCOUNTS.items() if (ACCOUNTS[member][0] or member) == group)
        there = left.setdefault((group, is_late), packs * Decimal("2.50"))
        part = min(amount, there)
        left[group, is_late] -= part
        expected[account, is_late] = expected.get((account, is_late), Decimal(0)) + part
    assert {(account, is_late): amount for account, is_late, amount in paid} == {
        key: amount for key, amount in expected.items() if amount
    }
    # Both a purse that was emptied and one that was not.
    assert {rest == 0 for (group, _), rest in left.items() if group in ("g", "c")} == {True, False}
    for account, is_late, used, rest in balances:
        group = ACCOUNTS[account][0] or account
        assert Decimal(used).scaleb(-10) - expected.get((account, is_late), Decimal(0)) < Decimal("0.0000000001")
        assert Decimal(rest).scaleb(-10) <= left.get((group, is_late), Decimal("5.00"))
