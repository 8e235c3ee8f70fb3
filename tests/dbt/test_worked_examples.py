"""The worked examples of the book's reference cost what the page says, in one build of the models of a bill run."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import psycopg
import pytest

from assets.catalog.docs.worked_examples import WorkedExample, worked_examples
from assets.publishing.account_periods import AccountPeriod
from orchestration.dbt.trial import Trial
from tests.conformance.inbox_files import write_inbox
from tests.conformance.operator_book import assemble
from tests.worked_scenarios import scenario_of

pytestmark = [pytest.mark.database, pytest.mark.slow]
EXAMPLES = worked_examples()


@dataclass
class Figures:
    costs: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    shares: dict[str, Decimal] = field(default_factory=dict)
    bill: dict[str, Decimal] = field(default_factory=dict)


@pytest.fixture(scope="module")
def rated(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Figures]]:
    """The figures of every case by example."""
    folder = tmp_path_factory.mktemp("worked")
    numbered = list(enumerate(((example, case) for example in EXAMPLES for case in example.cases), start=1))
    scenarios = [scenario_of(number, example, case) for number, (example, case) in numbered]
    checked, problems = assemble(scenarios)
    assert not problems, "; ".join(str(problem) for found in problems.values() for problem in found[:1])
    write_inbox(folder / "inbox", scenarios)
    url = new_database()
    with Trial(url, "conformance", folder) as trial:
        trial.load(checked)
        assert trial.take_in(folder / "inbox") == []
        windows = [AccountPeriod.between(one.account_id(), *one.periods[0], one.time_zone) for one in scenarios]
        trial.open(windows, issue_date=date(2025, 3, 1))
        trial.build(["fct_customer_bills", "fct_account_outcomes", "fct_revenue_shares"])
    figures: dict[str, Figures] = {one.account_id(): Figures() for one in scenarios}
    with psycopg.connect(url) as connection:
        parked = connection.execute(
            "select account_id, detail from conformance.fct_account_outcomes where outcome = 'parked'"
        ).fetchall()
        assert parked == []
        for account, price, amount in connection.execute(
            "select account_id, price_id, amount_exact from conformance.fct_applied_billing_rates"
        ):
            figures[account].costs[price] += amount
        for account, party, amount in connection.execute(
            """select account_id, receiver_party_id, sum(shares.amount_exact)
               from conformance.fct_revenue_shares as shares
               inner join conformance.fct_applied_billing_rates as lines using (line_key)
               where agreement_id is not null group by 1, 2"""
        ):
            figures[account].shares[party] = amount.scaleb(-2)
        bills = "select account_id, net_minor, tax_minor, gross_minor from conformance.fct_customer_bills"
        for account, *minor in connection.execute(bills):
            amounts = (Decimal(amount).scaleb(-2) for amount in minor)
            figures[account].bill = dict(zip(("net", "tax", "gross"), amounts, strict=True))
    by_example: dict[str, list[Figures]] = defaultdict(list)
    for (_, (example, _)), scenario in zip(numbered, scenarios, strict=True):
        by_example[example.id].append(figures[scenario.account_id()])
    return by_example


def _stated(amounts: dict[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(amount) for name, amount in amounts.items()}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_the_example_costs_what_the_page_says(rated: dict[str, list[Figures]], example: WorkedExample) -> None:
    for case, figures in zip(example.cases, rated[example.id], strict=True):
        costs = {"usage": case["costs"]} if isinstance(case["costs"], str) else case["costs"]
        found = {price: amount for price, amount in figures.costs.items() if amount or price in costs}
        stated = _stated(costs)
        assert {price: found.get(price, Decimal(0)) for price in {*found, *stated}} == stated, case
        if "shares" in case:
            assert figures.shares == _stated(case["shares"]), case
        if "bill" in case:
            assert figures.bill == _stated(case["bill"]), case


def test_examples_are_named_once() -> None:
    names = [example.id for example in EXAMPLES]
    assert len(names) == len(set(names))
