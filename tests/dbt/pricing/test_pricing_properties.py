"""What must hold of prices whatever they are, over the models themselves: hypothesis invents, the models rate.

Each example is a small book, customers and usage of their own; what fails is shrunk and printed as the book writes it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, note, settings

from tests.dbt.compiled_models import CompiledModels, Example
from tests.dbt.pricing.allowance_worlds import (
    AllowanceWorld,
    allowance_worlds,
    emptied_one_after_the_other,
    in_money,
    paid_one_after_the_other,
)
from tests.dbt.pricing.carried_over import MONTHS, Buckets, Months, months
from tests.dbt.pricing.counter_worlds import Counter, counter_worlds, reached, spans
from tests.dbt.pricing.plan_changes import PlanYear, plan_years
from tests.dbt.pricing.small_world import UNIT, World
from tests.dbt.rating.tariff_reference import decimal_of, total_cost

pytestmark = [pytest.mark.database, pytest.mark.slow]
PROPERTY = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True}


@pytest.fixture(scope="module")
def models(new_database: Callable[[], str], target_path: Path) -> Iterator[CompiledModels]:
    """Rating, buckets and fees, compiled once for all properties."""
    made = CompiledModels(new_database(), target_path, ("fct_bucket_balances", "dim_rated_products", "int_fees_exact"))
    made.make()
    yield made
    made.close()


def costs(example: Example) -> dict[str, Decimal]:
    """What each event costs, by its key."""
    return dict(example.rows("select event_key::text, amount_exact from build.fct_rated_usage"))


@settings(max_examples=40, **PROPERTY)
@given(drawn=counter_worlds())
def test_no_order_no_file_and_no_division_changes_what_a_counter_costs(
    models: CompiledModels, drawn: tuple[World, list[Counter]]
) -> None:
    """The events of a counter cost T of where it ends, in whatever files and parts the usage came."""
    world, made = drawn
    note(str(world))
    with models.example() as example:
        world.fill(example)
        example.build()
        found = costs(example)
    assert len(found) == len(world.usage), "every event is rated once"
    by_name = {use.name: found[use.key] for use in world.usage}
    for number, counter in enumerate(made):
        twins = ("ordered", "shuffled", "divided") if counter.measure == "sum" else ("ordered", "shuffled")
        for twin in twins:
            for span, usage in spans(world, counter, f"o{number}-{twin}").items():
                units = reached(counter.measure, usage)
                total = total_cost(counter.tariff, Fraction(units, UNIT)) - total_cost(counter.tariff, Fraction(0))
                paid = sum(found[use.key] for use in usage)
                assert paid == decimal_of(total), f"{twin}, {span}: {units} units cost {paid}, T is {decimal_of(total)}"
    for name, cost in by_name.items():
        if name.endswith("-ordered"):
            shuffled = by_name[name.replace("-ordered", "-shuffled")]
            assert cost == shuffled, f"{name} costs {cost} in order and {shuffled} shuffled"


@settings(max_examples=40, **PROPERTY)
@given(drawn=allowance_worlds())
def test_no_allowance_is_over_consumed_by_anybody_in_any_order_of_files(
    models: CompiledModels, drawn: AllowanceWorld
) -> None:
    """At no moment has a bucket given more than it holds, and every event is covered as far as its buckets reach."""
    world = drawn.world
    note(str(world))
    with models.example() as example:
        world.fill(example)
        example.build()
        shuffled = taken_by_event(example)
        balances = example.rows(
            """select bucket_number, granted_units, used_before_units, sum(used_units), min(left_units), max(left_units)
               from build.fct_bucket_balances group by 1, 2, 3"""
        )
        example.connection.execute(
            "update inbox.usage_rows set file_id = 1, line_number = extract(epoch from event_at)::int"
        )
        example.build()
        assert taken_by_event(example) == shuffled, "the order of files matters"
    for number, granted, used_before, used, least, most in balances:
        assert used_before + used <= granted, f"bucket {number} holds {granted} and gave {used}"
        assert least == most == granted - used_before - used
    expected = emptied_one_after_the_other(drawn)
    given_by: dict[tuple, int] = defaultdict(int)
    for use in sorted(world.usage, key=lambda use: (use.at, use.key)):
        taken = {bucket: units for bucket, units in shuffled[use.key].items() if units}
        for bucket, units in taken.items():
            given_by[bucket] += units
            holds = next(
                drawn.granted(one, bucket[1], is_late=bucket[2])
                for one in drawn.allowances
                if one.allowance_id == bucket[0]
            )
            assert given_by[bucket] <= holds, f"{bucket} holds {holds} and has given {given_by[bucket]} by {use}"
        assert taken == {bucket: units for bucket, units in expected[use.key].items() if units}, use


def taken_by_event(example: Example) -> dict[str, dict[tuple, int]]:
    """What each event took from which bucket: (allowance, who shares it, whether it is of before the period)."""
    taken: dict[str, dict[tuple, int]] = {}
    for key, *parts in example.rows(
        """with buckets as (
               select bucket_number, array[allowance_id, split_part(shared_id, '/', 1),
                   case when period_start < pool_period_start then 'late' end] as bucket
               from build.int_buckets
           )
           select event_key::text, one.bucket,
               allowance_units - coalesce(bucket_2_units, 0) - coalesce(bucket_3_units, 0),
               two.bucket, bucket_2_units, three.bucket, bucket_3_units
           from build.fct_rated_usage
           left join buckets as one on bucket_1_number = one.bucket_number
           left join buckets as two on bucket_2_number = two.bucket_number
           left join buckets as three on bucket_3_number = three.bucket_number"""
    ):
        pairs = zip(parts[::2], parts[1::2], strict=True)
        taken[key] = {(name, holder, late == "late"): units for (name, holder, late), units in pairs_named(pairs)}
    return taken


def pairs_named(pairs: Iterator[tuple]) -> list[tuple]:
    """Those that have a bucket."""
    return [(bucket, units) for bucket, units in pairs if bucket is not None]


@settings(max_examples=25, **PROPERTY)
@given(drawn=allowance_worlds())
def test_no_money_is_spent_twice_by_anybody_in_any_order_of_files(
    models: CompiledModels, drawn: AllowanceWorld
) -> None:
    """Money pays for what events cost until it is spent, in the order of time, whoever caused them."""
    drawn = in_money(drawn)
    note(str(drawn.world))
    query = """select product_id, is_late, array[allowance_id, split_part(shared_id, '/', 1)], sum(paid_exact)
               from build.int_money_draws
               join build.int_buckets using (bucket_number)
               join (select distinct product_number, product_id from build.dim_rated_products) as products
                   using (product_number)
               group by 1, 2, 3 having sum(paid_exact) <> 0"""
    with models.example() as example:
        drawn.world.fill(example)
        example.build()
        rows = example.rows(query)
        balances = example.rows(
            """select bucket_number, granted_units, sum(used_units), min(left_units)
               from build.fct_bucket_balances group by 1, 2"""
        )
        example.connection.execute(
            "update inbox.usage_rows set file_id = 1, line_number = extract(epoch from event_at)::int"
        )
        example.build()
        assert sorted(example.rows(query)) == sorted(rows), "the order of files matters"
    found = {
        (product, is_late, (allowance, holder, is_late)): Fraction(paid)
        for product, is_late, (allowance, holder), paid in rows
    }
    assert found == paid_one_after_the_other(drawn)
    for number, granted, used, left in balances:
        assert 0 <= left == granted - used, f"bucket {number} holds {granted} and paid {used}"


@settings(max_examples=15, **PROPERTY)
@given(drawn=months())
def test_what_is_carried_from_month_to_month_is_handed_out_once(models: CompiledModels, drawn: Months) -> None:
    """Over posted months, with usage that comes late: rest, limit and expiry of rollovers, buckets of months gone."""
    note(str(drawn))
    buckets = {line.product_id: Buckets(line) for line in drawn.lines}
    given_by: dict[str, int] = defaultdict(int)
    with models.example() as example:
        drawn.world.fill(example)
        for month, usage in enumerate(drawn.usage):
            if month:
                drawn.world.go_on(example, (MONTHS[month], MONTHS[month + 1]), usage)
            example.build()
            found = dict(example.rows("select event_key::text, allowance_units from build.fct_rated_usage"))
            for line in drawn.lines:
                its = [use for use in usage if use.product_id == line.product_id]
                expected = buckets[line.product_id].cover(month, its)
                assert {use.key: found[use.key] for use in its} == expected, f"{line} in month {month}"
                given_by[line.product_id] += sum(expected.values())
    for line in drawn.lines:
        # Usage of before the first month has a bucket of its own, where nothing rolls over.
        periods = len(drawn.usage) + (line.expires is None)
        assert given_by[line.product_id] <= line.quantity * UNIT * periods


@settings(max_examples=40, **PROPERTY)
@given(year=plan_years())
def test_a_year_of_plan_changes_adds_up(models: CompiledModels, year: PlanYear) -> None:
    """Twelve bills charge every day, or second, of the year once and by the plan that has it."""
    note(str(year))
    with models.example() as example:
        year.world().fill(example)
        example.build()
        ((total, parts),) = example.rows("select sum(amount_exact), count(*) from build.int_fee_parts")
    assert total == decimal_of(year.cost())
    if len({amount for _, amount in year.plans}) == 1 and year.cycles()[0][0] == year.first:
        # One price all year: the year costs its cycles, up to what rounding sixteen decimals leaves of each part.
        assert abs(total - len(year.cycles()) * year.plans[0][1]) <= parts * Decimal("1e-16")
