"""Rating on PostgreSQL against an independent calculation, event by event."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.dbt.conftest import BuiltMonth
from tests.dbt.dbt_runner import compiled_sql
from tests.dbt.rating.tariff_reference import EventRules, charged_units, costs_of, decimal_of, span_of, total_cost

pytestmark = [pytest.mark.database, pytest.mark.slow]


def rows_of(rated_month: BuiltMonth, query: str) -> list[tuple]:
    with psycopg.connect(rated_month.database_url) as connection:
        return connection.execute(query).fetchall()


def test_every_event_costs_what_the_reference_says_to_the_last_digit(rated_month: BuiltMonth) -> None:
    rated = rows_of(
        rated_month, "select event_key::text, quantity_units, allowance_units, amount_exact from build.fct_rated_usage"
    )
    expected = costs_of(rated_month.month.expected)
    found = {key: tuple(values) for key, *values in rated}
    assert len(rated) == len(found), "an event was rated twice"
    differing = {key: (found.get(key), expected[key]) for key in expected if found.get(key) != expected[key]}
    assert not differing, f"{len(differing)} events differ (found, expected), first: {list(differing.items())[:5]}"
    assert found.keys() == expected.keys()


def test_the_events_of_a_counter_add_up_to_the_tariff_of_its_total(rated_month: BuiltMonth) -> None:
    """However a quantity comes in parts: nothing is lost or made between the events of one counter."""
    rated = rows_of(
        rated_month,
        "select event_key::text, quantity_units - allowance_units, amount_exact from build.fct_rated_usage",
    )
    found = {key: (units, amount) for key, units, amount in rated}
    totals: dict[tuple, list] = {}
    for event in rated_month.month.expected:
        # What an event pays besides its tariff, and prices of single events, are no matter of a total.
        if event.rules == EventRules(round_up_to=event.rules.round_up_to) and event.counter != "event":
            key = (event.product_id, event.counter_of, event.is_late, span_of(event))
            total = totals.setdefault(key, [event, 0, Decimal(0), 0])
            units, amount = found[event.event_key]
            total[1], total[2], total[3] = total[1] + units, total[2] + amount, total[3] + 1
    assert sum(count > 1 for _, _, _, count in totals.values()) > 500
    for event, units, amount, _ in totals.values():
        total = total_cost(event.tariff, Fraction(units, 10**event.scale)) - total_cost(event.tariff, Fraction(0))
        assert amount == decimal_of(total)


def test_price_version_and_override_are_those_in_force_at_the_instant(rated_month: BuiltMonth) -> None:
    found = rows_of(
        rated_month,
        """select event_key::text, price_version_id, price_override_id, is_late, quantity_units
           from build.fct_rated_usage""",
    )
    expected = {
        event.event_key: (*event.counter_of, event.is_late, charged_units(event))
        for event in rated_month.month.expected
    }
    assert {row[0]: row[1:] for row in found} == expected
    assert any(row[2] is not None for row in found), "the month has no personalised event"


def test_usage_without_product_or_price_is_suspended_and_parks_its_account(rated_month: BuiltMonth) -> None:
    found = rows_of(rated_month, "select event_key::text, reason_code from build.fct_suspended_usage")
    assert dict(found) == rated_month.month.suspended
    assert len(found) == len(rated_month.month.suspended)
    parked = rows_of(
        rated_month, "select count(*) from build.int_account_problems_rating where reason_code = 'no_price'"
    )
    assert parked[0][0] > 0


def test_usage_of_the_second_share_without_product_is_guided_in_the_first(
    rated_month: BuiltMonth, target_path: Path
) -> None:
    """Guiding passes over identifiers of the other share, but not where their product is there for a while only."""
    names = [f"int_usage_guided_{share}" for share in (1, 2)]
    halves = [sql.SQL(compiled_sql(rated_month.database_url, target_path, name)) for name in names]
    counts = sql.SQL("select {}, count(*), count(product_number) from ({})")
    query = sql.SQL(" union all ").join(counts.format(share, half) for share, half in enumerate(halves, start=1))
    with psycopg.connect(rated_month.database_url, options="-c timezone=UTC") as connection:
        before = connection.execute(query).fetchall()
        connection.execute(
            """update build.int_guided_identifiers
               set effective_from = effective_until - (effective_until - effective_from) * 0.1
               where share_number = 2"""
        )
        after = connection.execute(query).fetchall()
        connection.rollback()
    (_, all_before, found_before), (_, second_before, _) = before
    (_, all_after, found_after), (_, second_after, _) = after
    lost = second_before - second_after
    assert lost > 0
    assert (all_after, found_after) == (all_before + lost, found_before)


def test_duplicates_and_conflicts_are_neither_rated_nor_suspended(rated_month: BuiltMonth) -> None:
    keys = rows_of(
        rated_month,
        """select event_key::text from build.fct_rated_usage
           union all select event_key::text from build.fct_suspended_usage""",
    )
    assert rated_month.month.left_out
    assert not rated_month.month.left_out & {key for (key,) in keys}


def test_lines_add_up_to_their_events(rated_month: BuiltMonth) -> None:
    lines = rows_of(
        rated_month,
        "select sum(amount_exact), sum(event_count), count(*), count(distinct line_key) from build.int_charges_exact",
    )[0]
    amount, count = rows_of(rated_month, "select sum(amount_exact), count(*) from build.fct_rated_usage")[0]
    unused = rows_of(rated_month, "select sum(amount_exact), count(*) from build.int_usage_openings")[0]
    assert (lines[0], lines[1]) == (amount + unused[0], count)
    assert unused[1] > 0
    assert lines[2] == lines[3], "two lines share a key"


def test_the_parts_of_a_line_add_up_to_it_and_their_quantities_to_what_was_charged(rated_month: BuiltMonth) -> None:
    differing = rows_of(
        rated_month,
        """with parts as (
               select line_key, sum(amount_exact) as amount_exact, sum(quantity) as quantity
               from build.int_usage_parts group by line_key
           )
           select lines.price_id, lines.amount_exact, parts.amount_exact, lines.billed_quantity, parts.quantity
           from build.int_charges_exact as lines left join parts using (line_key)
           where lines.charge_kind = 'usage'
               and (parts.amount_exact is distinct from lines.amount_exact
                   or parts.quantity is distinct from lines.billed_quantity)""",
    )
    assert not differing, f"{len(differing)} lines, first: {differing[:5]}"
    kinds = dict(rows_of(rated_month, "select part_kind, count(*) from build.int_usage_parts group by 1"))
    assert kinds["tier"] > kinds["events"] > 0
    tiers = rows_of(rated_month, "select max(tier_number) from build.int_usage_parts")[0][0]
    assert tiers > 1, "no line reached a second tier"


def test_lines_of_a_bundle_belong_to_the_component_used(rated_month: BuiltMonth) -> None:
    found = rows_of(
        rated_month, "select distinct bundle_offering_id, offering_id from build.int_charges_exact order by 1, 2"
    )
    assert found == [("pair", "o1"), ("pair", "o2"), (None, "o1"), (None, "o2")]


def test_quantities_are_in_the_unit_of_the_specification(rated_month: BuiltMonth) -> None:
    billed, free = rows_of(
        rated_month,
        """select sum(billed_quantity), sum(allowance_quantity) from build.int_charges_exact
           where offering_id = 'o1' and price_id <> 'o1-premium'""",
    )[0]
    # Premium prices count events from 15 October on; the others measure seconds all month.
    summed = _summed_versions(rated_month)
    units = sum(charged_units(event) for event in rated_month.month.expected if event.counter_of[0] in summed)
    assert billed + free == Decimal(units) / 10**6


def _summed_versions(rated_month: BuiltMonth) -> set[int]:
    return {
        row[0]
        for row in rows_of(
            rated_month,
            "select price_version_id from catalog.prices where offering_id = 'o1' and price_id <> 'o1-premium'",
        )
    }
