"""Counters of every kind on PostgreSQL against an independent calculation, and what no order or division may change.

Random books, customers and usage go through the pipeline in one trial; see ``random_counters``.
"""

import csv
import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import psycopg
import pytest

from assets.publishing.account_periods import AccountPeriod
from orchestration.dbt.trial import Trial
from tests.conformance.inbox_files import write_inbox
from tests.conformance.operator_book import assemble
from tests.dbt.rating.counter_reference import UNIT, counts_apart, rate
from tests.dbt.rating.random_counters import KINDS, RandomCounter, random_counters
from tests.dbt.rating.random_prices import MODELS
from tests.dbt.rating.tariff_reference import decimal_of, total_cost

pytestmark = [pytest.mark.database, pytest.mark.slow]
PRICES = 20 * len(KINDS)
# Where the parts of a quantity cost what the whole does: everything that adds up and is not charged for a part of time.
DIVISIBLE = ("sum", "highest_so_far", "cumulative", "recurring", "opened")


@dataclass(frozen=True)
class Built:
    url: str
    counters: list[RandomCounter]
    # By product: the cost of each event by its instant, and what its lines hold besides.
    events: dict[str, dict[datetime, Decimal]]
    besides: dict[str, Decimal]


def _shuffle_files(inbox: Path, ordered: set[str]) -> None:
    """Put the rows of all but some products into files of any order; those of one event lie in any of them."""
    chance = random.Random(5)
    for path in sorted(inbox.glob("metered_*.csv")):
        with path.open(encoding="utf-8", newline="") as source:
            header, *rows = csv.reader(source)
        user = header.index("user")
        kept = [row for row in rows if row[user] in ordered]
        others = [row for row in rows if row[user] not in ordered]
        chance.shuffle(others)
        manifest_path = path.with_name(path.name + ".manifest.json")
        manifest = json.loads(manifest_path.read_text())
        path.unlink()
        manifest_path.unlink()
        for number, part in enumerate((kept, *(others[n::7] for n in range(7)))):
            target = path.with_name(f"{path.stem}-{number}.csv")
            with target.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([header, *part])
            digest = hashlib.sha256(target.read_bytes()).hexdigest()
            stated = manifest | {"rows": len(part), "sha256": digest}
            target.with_name(target.name + ".manifest.json").write_text(json.dumps(stated))


@pytest.fixture(scope="module")
def built(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("counters")
    counters, scenarios = random_counters(PRICES, seed=20_261_125)
    checked, problems = assemble(scenarios)
    assert not problems, next(iter(problems.values()))
    write_inbox(folder / "inbox", scenarios)
    _shuffle_files(folder / "inbox", {counter.products["as_it_came"] for counter in counters})
    url = new_database()
    with Trial(url, "conformance", folder) as trial:
        trial.load(checked)
        assert trial.take_in(folder / "inbox") == []
        trial.open(
            [AccountPeriod.between(one.account_id(), *one.periods[0], one.time_zone) for one in scenarios],
            issue_date=date(2026, 1, 15),
        )
        trial.build(["fct_rated_usage", "dim_rated_products", "int_usage_openings"])
    with psycopg.connect(url, options="-c timezone=UTC") as connection:
        events: dict[str, dict[datetime, Decimal]] = {}
        for product, at, amount in connection.execute(
            "select product_id, event_at, amount_exact from conformance.fct_rated_usage"
            " join conformance.dim_rated_products using (product_number)"
        ):
            assert at not in events.setdefault(product, {}), "an event was rated twice"
            events[product][at] = amount
        besides = dict(
            connection.execute(
                "select product_id, sum(amount_exact) from conformance.int_usage_openings"
                " join conformance.dim_rated_products using (product_number) group by 1"
            ).fetchall()
        )
    return Built(url, counters, events, besides)


def test_every_event_of_every_counter_costs_what_the_reference_says(built: Built) -> None:
    differing, kinds = [], Counter()
    for number, counter in enumerate(built.counters):
        rated = rate(counter.price, counter.events, counter.opening, counter.window, counter.over)
        expected = {at: decimal_of(cost) for at, cost in rated.events.items()}
        found = built.events[counter.products["as_it_came"]]
        assert found.keys() == expected.keys()
        kinds[counter.kind] += sum(cost != 0 for cost in expected.values())
        differing += [
            (number, counter.kind, at, found[at], expected[at]) for at in expected if found[at] != expected[at]
        ]
    by_kind = Counter(entry[1] for entry in differing)
    assert not differing, f"{len(differing)} events differ {dict(by_kind)}, first: {differing[:4]}"
    assert all(kinds[kind] > 50 for kind in KINDS), kinds
    assert sum(len(events) for events in built.events.values()) > 20_000
    assert sum(len(counter.over) for counter in built.counters) > 50


def test_lines_hold_what_counters_had_reached_before(built: Built) -> None:
    differing, count = [], 0
    for number, counter in enumerate(built.counters):
        rated = rate(counter.price, counter.events, counter.opening, counter.window, counter.over)
        found = built.besides.get(counter.products["as_it_came"], Decimal(0))
        count += rated.besides != 0
        if found != decimal_of(rated.besides):
            differing.append((number, counter.kind, found, decimal_of(rated.besides)))
    assert differing == []
    assert count > 30


def test_the_order_of_arrival_changes_nothing(built: Built) -> None:
    """The same usage in one file in order, and in seven files in any order."""
    for counter in built.counters:
        assert built.events[counter.products["shuffled"]] == built.events[counter.products["as_it_came"]]


def test_a_quantity_in_parts_costs_what_it_costs_as_one(built: Built) -> None:
    """Whatever the tariff: divided at any point, in files of any order, the parts cost the whole, exactly."""
    models = Counter()
    for counter in built.counters:
        if counter.kind in DIVISIBLE:
            whole, parts = (built.events[counter.products[twin]] for twin in ("as_it_came", "divided"))
            assert len(parts) > len(whole)
            assert sum(parts.values()) == sum(whole.values())
            models[counter.price.tariff.model] += 1
    assert models.keys() == set(MODELS)


def test_the_events_of_a_period_add_up_to_the_tariff_of_their_total(built: Built) -> None:
    """With late ones of a counter that is still open: they go on where it stands."""
    late = Counter()
    for counter in built.counters:
        if counter.kind in ("sum", "count", "recurring", "opened"):
            start = counter.window.midnight(counter.window.first)
            counted = [event for event in counter.events if not counts_apart(counter.price, event, counter.window)]
            late[counter.price.counter] += sum(event.at < start for event in counted)
            units = sum(UNIT if counter.kind == "count" else event.units for event in counted)
            tariff, before = counter.price.tariff, counter.opening.units
            total = total_cost(tariff, Fraction(before + units, UNIT)) - total_cost(tariff, Fraction(before, UNIT))
            found = built.events[counter.products["as_it_came"]]
            assert sum(found[event.at] for event in counted) == decimal_of(total)
    assert late["quarter"] > 10 and late["year"] > 10 and not late["month"]
