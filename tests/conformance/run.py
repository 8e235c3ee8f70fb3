"""All cases in few runs: translate, check, load, rate, read back, compare.

Belongs here: the order of the steps, and what becomes of a case that stops at one of them.
Belongs elsewhere: each step (the other modules), the runs themselves (``orchestration.dbt.trial``).
"""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from assets.catalog.check import CheckedBook
from assets.ingestion.populations.registry import POPULATIONS
from assets.publishing.account_periods import AccountPeriod
from orchestration.dbt.trial import LeftOut, Trial, TrialFailed
from tests.conformance import verdicts
from tests.conformance.cases import Case
from tests.conformance.fields import NotApplicable, NotTranslated
from tests.conformance.inbox_files import write_balances, write_inbox
from tests.conformance.operator_book import assemble
from tests.conformance.readings import EACH, Figures, Unreadable, read_figures, read_shares, read_splits
from tests.conformance.scenario import Scenario
from tests.conformance.sources import TRANSLATORS
from tests.conformance.split_rows import write_splits
from tests.conformance.verdicts import Verdict

LANE = "conformance"
# An id of a case at the start of any id in a row.
_PREFIX = re.compile(r"\bn[0-9]+\b")
ISSUE_DATE = date(2026, 1, 15)
BILLS = (
    "fct_customer_bills",
    "fct_rate_parts",
    "fct_account_outcomes",
    "fct_suspended_usage",
    "dim_rated_products",
)
SHARES = ("fct_positions",)
SPLITS = ("split_case_parts",)


@dataclass
class Translated:
    """What became of the cases before anything ran."""

    scenarios: list[Scenario] = field(default_factory=list)
    verdicts: dict[str, Verdict] = field(default_factory=dict)


def translate(cases: list[Case]) -> Translated:
    """Each case in Apportion's words, or the verdict why not."""
    made = Translated()
    for number, case in enumerate(cases, start=1):
        scenario = Scenario(case, number)
        try:
            translator = TRANSLATORS.get(case.source)
            if translator is None:
                raise NotTranslated(f"unknown source {case.source}")
            translator(scenario)
            _refuse_unknown_feeds(scenario)
            missing = [key for key in scenario.case.expected if key not in scenario.readings and key in ASSERTED]
            if missing:
                raise NotTranslated(f"nothing is read for expected.{', '.join(missing)}")
        except NotApplicable as reason:
            made.verdicts[case.id] = verdicts.not_applicable(case, str(reason))
        except NotTranslated as reason:
            made.verdicts[case.id] = verdicts.failed(case, f"not translated: {reason}")
        else:
            made.scenarios.append(scenario)
    return made


def _refuse_unknown_feeds(scenario: Scenario) -> None:
    known = {population.layout.feed for population in POPULATIONS}
    unknown = sorted(scenario.records.keys() - known)
    if unknown:
        raise NotTranslated(f"unknown population {', '.join(unknown)}")


# Figures that decide a case wherever they stand; what else is in `expected` is the translator's to take or to explain.
ASSERTED = frozenset({"amount", "parts", "total", "net", "tax", "cycles", "months", "quantity"})


def run_cases(
    cases: list[Case], url: str, folder: Path, progress: Callable[[str], None] = lambda _text: None
) -> list[Verdict]:
    """The verdict of every case, in the order given.

    Args:
        url: A migrated database that nobody bills from.
        folder: An empty folder for files.
    """
    progress("translating")
    made = translate(cases)
    checked, scenarios = _sound_book(made)
    if scenarios:
        progress(f"{len(scenarios)} cases: loading")
        write_inbox(folder / "inbox", scenarios)
        with Trial(url, LANE, folder) as trial:
            trial.load(checked)
            scenarios = _without_rows_left_out(made, scenarios, trial.take_in(folder / "inbox"))
            _run_steps(trial, scenarios, made, progress)
    return [made.verdicts[case.id] for case in cases]


def _run_steps(trial: Trial, scenarios: list[Scenario], made: Translated, progress: Callable[[str], None]) -> None:
    """All steps of the cases together; where a model fails, of each half alone, until the guilty case is alone."""
    try:
        _run_together(trial, scenarios, made, progress)
    except TrialFailed as failure:
        if len(scenarios) == 1:
            made.verdicts[scenarios[0].case.id] = verdicts.failed(
                scenarios[0].case, f"no figures: {failure.what[-300:]}"
            )
            return
        middle = len(scenarios) // 2
        for half in (scenarios[:middle], scenarios[middle:]):
            _run_steps(trial, half, made, progress)


def _run_together(trial: Trial, scenarios: list[Scenario], made: Translated, progress: Callable[[str], None]) -> None:
    """One run for each bill period that some case has; the first one has the splits as well."""
    figures: dict[int, dict[str, Figures]] = {}
    with trial.connect() as connection:
        write_splits(connection, LANE, scenarios)
    for step in range(1, max(len(scenario.periods) for scenario in scenarios) + 1):
        windows = [
            AccountPeriod.between(scenario.account_id(step), *scenario.periods[step - 1], scenario.time_zone)
            for scenario in scenarios
            if len(scenario.periods) >= step and scenario.products
        ]
        progress(f"{len(windows)} accounts: rating, run {step}")
        if windows:
            trial.open(windows, issue_date=ISSUE_DATE)
        has_splits = step == 1 and any(scenario.splits for scenario in scenarios)
        has_shares = step == 1 and any(scenario.agreements for scenario in scenarios)
        chosen = (windows, BILLS), (has_shares, SHARES), (has_splits, SPLITS)
        trial.build(model for is_needed, models in chosen if is_needed for model in models)
        with trial.connect() as connection:
            figures[step] = read_figures(connection, LANE, step) if windows else {}
            if has_shares:
                read_shares(connection, LANE, figures[step])
            splits = read_splits(connection, LANE) if has_splits else {}
        _carry_over(trial, scenarios, step, figures[step])
        if step == 1:
            for scenario in scenarios:
                if scenario.number in splits:
                    figures[1].setdefault(scenario.account_id(), Figures()).splits = splits[scenario.number]
    for scenario in scenarios:
        made.verdicts[scenario.case.id] = _verdict(scenario, figures)


def _carry_over(trial: Trial, scenarios: list[Scenario], step: int, figures: dict[str, Figures]) -> None:
    """Hand what the bills of a step counted and charged on to the accounts of later steps, as the tables say it."""
    records = [
        {
            "product_id": f"{line['product_id'].removesuffix(f'-s{step}')}-s{later}",
            "price_id": line["price_id"],
            "counter_start": scenario.periods[0][0].replace(day=1).isoformat(),
            "value": f"step-{step}",
            "quantity": format(line["billed_quantity"], "f"),
            "amount_billed": format(figures[scenario.account_id(step)].major(line["amount_minor"]), "f"),
        }
        for scenario in scenarios
        for later in range(step + 1, len(scenario.periods) + 1)
        if scenario.account_id(step) in figures
        for line in figures[scenario.account_id(step)].lines_of(charge_kind="usage")
    ]
    if records:
        name = uuid.uuid4().hex[:12]
        inbox = trial.folder / f"inbox-{name}"
        write_balances(inbox, name, records)
        left_out = trial.take_in(inbox)
        if left_out:
            raise AssertionError(f"a balance was left out: {left_out[0]}")


def _sound_book(made: Translated) -> tuple[CheckedBook, list[Scenario]]:
    """The book of the cases whose parts are sound; a case with a problem fails with the book's own message."""
    scenarios = made.scenarios
    while True:
        checked, problems = assemble(scenarios)
        if not problems:
            return checked, scenarios
        guilty = {scenario.case.id for scenario in scenarios} & problems.keys()
        if not guilty:
            raise AssertionError(f"the conformance operator's own book is wrong:\n{checked.report()}")
        for scenario in scenarios:
            if scenario.case.id in guilty:
                reason = "; ".join(str(problem) for problem in problems[scenario.case.id][:3])
                made.verdicts[scenario.case.id] = verdicts.failed(scenario.case, f"not translated: {reason}")
        scenarios = [scenario for scenario in scenarios if scenario.case.id not in guilty]


def _without_rows_left_out(made: Translated, scenarios: list[Scenario], left_out: list[LeftOut]) -> list[Scenario]:
    """The cases all of whose rows were accepted; another one fails with what ingestion said."""
    reasons: dict[str, str] = {}
    for row in left_out:
        for prefix in _PREFIX.findall(row.raw_line or ""):
            reasons.setdefault(prefix, f"not translated: {row}")
    if left_out and not reasons:
        raise AssertionError(f"rows of no case were left out: {left_out[0]}")
    for scenario in scenarios:
        if scenario.prefix in reasons:
            made.verdicts[scenario.case.id] = verdicts.failed(scenario.case, reasons[scenario.prefix])
    return [scenario for scenario in scenarios if scenario.prefix not in reasons]


def _verdict(scenario: Scenario, figures: dict[int, dict[str, Figures]]) -> Verdict:
    steps = range(1, len(scenario.periods) + 1)
    of_account = {step: figures[step].get(scenario.account_id(step), Figures(step)) for step in steps}
    try:
        for figures_of_step in of_account.values():
            figures_of_step.refuse_parked()
            if not any(reading.may_be_suspended for reading in scenario.readings.values()):
                figures_of_step.refuse_suspended()
        found = {
            key: [reading.find(of_account[step]) for step in steps]
            if reading.step == EACH
            else reading.find(of_account[reading.step or len(steps)])
            for key, reading in scenario.readings.items()
        }
    except Unreadable as problem:
        return verdicts.failed(scenario.case, str(problem))
    except KeyError as column:
        return verdicts.failed(scenario.case, f"not translated: no published column {column}")
    return verdicts.compare(scenario.case, found)
