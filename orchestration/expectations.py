"""The adapter between suites, which are data, and Great Expectations, which runs them as SQL.

Belongs here: turning a door into expectations, running it, turning the answers into results.
Belongs elsewhere: what is checked (``assets.quality``), storing the result (``assets.quality.gate_rows``), the Dagster
checks (``assets.quality.assets``).

Great Expectations takes seconds to import, so nothing here imports it before it is needed; ``warm_up`` does it beside
other work. Results carry counts and keys of offenders, never values: those may be personal.
"""

import importlib
import logging
import os
import sys
import threading
import types
from collections.abc import Mapping, Sequence
from string import Template
from typing import Any

import psycopg
import sqlalchemy

from assets.quality.checks import CheckResult, Door, Relation, Rule, ValueCheck

# More offenders than this are a systemic fault; their keys would only fill memory.
_MOST_OFFENDERS_LISTED = 10_000
_OFFENDERS_SHOWN = 5

# The column that is true where all rules of a relation hold.
_EVERY_RULE = Rule("every_rule_of_the_relation_holds", "")
_FEWEST_ASKED_TOGETHER = 2

_COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}


def warm_up() -> threading.Thread:
    """Import Great Expectations in the background, to be called while dbt works. Harmless when repeated."""
    thread = threading.Thread(target=_great_expectations, name="import great_expectations", daemon=True)
    thread.start()
    return thread


def check_door(connection: psycopg.Connection, door: Door, parameters: Mapping[str, str | int]) -> list[CheckResult]:
    """Run every check of a door and return the results in its order; a check that crashes is a failed result.

    Great Expectations reads over its own connection to the database of ``connection``, so it sees committed rows only.
    ``parameters`` are whole numbers, and ``schema``, which must be a plain lower-case name.
    """
    _refuse_odd_parameters(parameters)
    gx = _great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    source = context.data_sources.add_sql(
        name="apportion",
        connection_string=_connection_string(connection),
        create_temp_table=True,
        # One connection, because a temporary table belongs to its session.
        kwargs={"pool_size": 1, "max_overflow": 0, "hide_parameters": True},
    )
    results: list[CheckResult] = []
    try:
        for relation in door.relations:
            results.extend(_check_relation(gx, source, relation, parameters))
    finally:
        for engine in (source.get_engine(), source.get_execution_engine().engine):
            engine.dispose()
    return results


class _Later(types.ModuleType):
    """A module that is imported when something of it is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__path__":
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def _great_expectations() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    # A third of the import, and of use only to expectations about distributions and to charts.
    for name in ("scipy.stats", "altair"):
        sys.modules.setdefault(name, _Later(name))
    import great_expectations
    import great_expectations.expectations

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    return great_expectations


def _connection_string(connection: psycopg.Connection) -> str:
    info = connection.info
    address = {"host": info.host} if info.host.startswith("/") else {}
    url = sqlalchemy.URL.create(
        "postgresql+psycopg",
        username=info.user,
        password=info.password or None,
        host=None if address else info.host,
        port=info.port,
        database=info.dbname,
        query=address,
    )
    # `$` starts a substitution in Great Expectations' own configuration.
    return url.render_as_string(hide_password=False).replace("$", "\\$")


def _refuse_odd_parameters(parameters: Mapping[str, str | int]) -> None:
    for name, value in parameters.items():
        is_schema = name == "schema" and isinstance(value, str) and value.isascii() and value.isidentifier()
        if not is_schema and type(value) is not int:
            raise ValueError(f"parameter {name}={value!r}: expected a whole number, or a plain schema name")


def _check_relation(gx: Any, source: Any, relation: Relation, parameters: Mapping[str, str | int]) -> list[CheckResult]:
    checks = (_floor(relation), *relation.checks)
    try:
        validator = _validator(source, relation, parameters)
        by_name = _answers(gx, validator, checks)
        offenders = _offenders(gx, validator, relation, by_name)
    except Exception as error:  # a check that cannot run is a failed check, whatever the reason
        return [_crashed(relation, check.name, type(error).__name__) for check in checks]
    rows = _observed_rows(by_name[checks[0].name])
    return [_result(relation, check, by_name[check.name], rows, offenders.get(check.name, ())) for check in checks]


def _answers(gx: Any, validator: Any, checks: Sequence[ValueCheck | Rule]) -> dict[str, Any]:
    """The answer to each check, by its name. Rules are asked for together first, and one by one where that fails.

    Great Expectations takes some 20 ms to put one question, whatever it is; and rules hold, on most days.
    """
    rules = [check for check in checks if isinstance(check, Rule)]
    if len(rules) < _FEWEST_ASKED_TOGETHER:
        return _ask(gx, validator, checks, _COUNTS_ONLY)
    values = [check for check in checks if not isinstance(check, Rule)]
    by_name = _ask(gx, validator, [*values, _EVERY_RULE], _COUNTS_ONLY)
    together = by_name.pop(_EVERY_RULE.name)
    if together.success and not _failures(_EVERY_RULE, together) and _crash_of(together) is None:
        return {**by_name, **{rule.name: together for rule in rules}}
    return {**by_name, **_ask(gx, validator, rules, _COUNTS_ONLY)}


def _floor(relation: Relation) -> ValueCheck:
    """Every relation is counted: a check over no rows proves nothing, unless none is a right answer."""
    return ValueCheck(
        f"{relation.name}_has_at_least_{relation.floor}_rows",
        "ExpectTableRowCountToBeBetween",
        {"min_value": relation.floor},
    )


def _validator(source: Any, relation: Relation, parameters: Mapping[str, str | int]) -> Any:
    """The relation as a temporary table: one pass over its joins, however many checks and questions follow.

    Given the query alone, Great Expectations fetches all its rows to learn the names of their columns; and its public
    ``Batch.validate`` makes the table anew for each question, which the class behind it does not.
    """
    from great_expectations.validator.v1_validator import Validator

    asset = source.add_query_asset(name=relation.name, query=_query(relation, parameters))
    return Validator(batch_definition=asset.add_batch_definition("all"))


def _ask(
    gx: Any, validator: Any, checks: Sequence[ValueCheck | Rule], result_format: Mapping[str, Any]
) -> dict[str, Any]:
    """The answer to each check, by its name."""
    validator.result_format = dict(result_format)
    suite = gx.ExpectationSuite(name="checks", expectations=[_expectation(gx, check) for check in checks])
    answers = validator.validate_expectation_suite(suite).results
    return {answer.expectation_config.meta["check"]: answer for answer in answers}


def _query(relation: Relation, parameters: Mapping[str, str | int]) -> str:
    columns = {relation.key: relation.key}
    for check in relation.checks:
        if isinstance(check, Rule):
            columns[check.name] = f"coalesce(({check.condition}), false) as {check.name}"
        else:
            columns[check.arguments["column"]] = check.arguments["column"]
    query = f"select {', '.join(columns.values())} from ({relation.query}) as relation"  # noqa: S608  texts of assets.quality
    rules = [check.name for check in relation.checks if isinstance(check, Rule)]
    if len(rules) >= _FEWEST_ASKED_TOGETHER:
        query = f"select *, {' and '.join(rules)} as {_EVERY_RULE.name} from ({query}) as checked"  # noqa: S608
    return Template(query).substitute({name: str(value) for name, value in parameters.items()})


def _expectation(gx: Any, check: ValueCheck | Rule) -> Any:
    if isinstance(check, Rule):
        expectation, arguments = "ExpectColumnValuesToBeInSet", {"column": check.name, "value_set": [True]}
    else:
        expectation, arguments = check.expectation, dict(check.arguments)
    return getattr(gx.expectations, expectation)(**arguments, meta={"check": check.name})


def _observed_rows(answer: Any) -> int:
    return int(answer.result.get("observed_value") or 0)


def _failures(check: ValueCheck | Rule, answer: Any) -> int:
    counts = answer.result
    missing = 0 if isinstance(check, ValueCheck) and check.nulls_allowed else int(counts.get("missing_count") or 0)
    return int(counts.get("unexpected_count") or 0) + missing


def _crash_of(answer: Any) -> str | None:
    """The name of what was raised: its text may quote a row."""
    information = answer.exception_info or {}
    details: Sequence[Any] = [information, *[part for part in information.values() if isinstance(part, Mapping)]]
    raised = any(isinstance(detail, Mapping) and detail.get("raised_exception") for detail in details)
    return "the check raised an exception" if raised else None


def _result(
    relation: Relation, check: ValueCheck | Rule, answer: Any, rows: int, offenders: tuple[str, ...]
) -> CheckResult:
    crash = _crash_of(answer)
    failures = _failures(check, answer)
    passed = bool(answer.success) and failures == 0 and crash is None
    # A floor that is not reached has no failing row; it still failed once.
    return CheckResult(
        check.name, relation.name, passed, rows, failures if passed else max(failures, 1), offenders, crash
    )


def _crashed(relation: Relation, check: str, error: str) -> CheckResult:
    return CheckResult(check, relation.name, False, 0, 1, error=f"the check could not run: {error}")


def _offenders(gx: Any, validator: Any, relation: Relation, answers: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Keys of the first rows that failed, per check; asked for only when there are any."""
    failed = [
        check
        for check in relation.checks
        if _crash_of(answers[check.name]) is None
        and 0 < _failures(check, answers[check.name]) <= _MOST_OFFENDERS_LISTED
    ]
    if not failed:
        return {}
    keys_only = {
        "result_format": "COMPLETE",
        "unexpected_index_column_names": [relation.key],
        "exclude_unexpected_values": True,
        "return_unexpected_index_query": False,
        "partial_unexpected_count": _OFFENDERS_SHOWN,
    }
    found = {}
    for name, answer in _ask(gx, validator, failed, keys_only).items():
        rows = answer.result.get("unexpected_index_list") or []
        keys = [str(key) for row in rows for key in _as_list(row[relation.key])]
        found[name] = tuple(sorted(keys)[:_OFFENDERS_SHOWN])
    return found


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
