"""The words a suite is written in, and the result of one check.

Belongs here: doors, relations, checks, results: plain data. Belongs elsewhere: the suites themselves
(``assets.quality.usage_in``, ``lines_before_posting``, ``payouts_before_paying``) and running them
(``orchestration.expectations``).

A relation is one query; all its checks run in one pass over it, so a check across tables is a joined column of the
relation and not a query of its own. Queries may use ``$schema``, ``$bill_run_id`` and ``$batch_id``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ValueCheck:
    """A Great Expectations column expectation by its name, on a column of the relation. A null fails unless allowed."""

    name: str
    expectation: str
    arguments: Mapping[str, Any]
    nulls_allowed: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition that every row must meet, in SQL over the relation's columns. Neither true nor false fails too."""

    name: str
    condition: str


@dataclass(frozen=True, slots=True)
class Relation:
    """What is looked at: a query, the key that names an offender, the least rows it must have.

    ``key`` must not be personal: it is shown. A relation that may rightly be empty (a month without partners) has
    floor 0; that nothing is missing from it is then a check of the relation it is derived from.
    """

    name: str
    query: str
    key: str
    floor: int
    checks: tuple[ValueCheck | Rule, ...]


@dataclass(frozen=True, slots=True)
class Door:
    """One gate: everything that must hold before the next stage may act."""

    gate: str
    relations: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check, run once. A check that raised has ``error`` and did not pass."""

    check: str
    relation: str
    passed: bool
    rows_checked: int
    failures: int
    offenders: tuple[str, ...] = ()
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The form stored in ``control.gates.checks`` and shown in Dagster."""
        result: dict[str, Any] = {
            "check": self.check,
            "relation": self.relation,
            "passed": self.passed,
            "rows_checked": self.rows_checked,
            "failures": self.failures,
        }
        if self.offenders:
            result["offenders"] = list(self.offenders)
        if self.error:
            result["error"] = self.error
        return result


def in_set(name: str, column: str, *values: str) -> ValueCheck:
    """Every value of ``column`` is one of ``values``."""
    return ValueCheck(name, "ExpectColumnValuesToBeInSet", {"column": column, "value_set": list(values)})


def not_null(name: str, column: str) -> ValueCheck:
    """No value of ``column`` is missing."""
    return ValueCheck(name, "ExpectColumnValuesToNotBeNull", {"column": column})


def between(name: str, column: str, minimum: int, maximum: int) -> ValueCheck:
    """Every value lies between the bounds, inclusive. NaN does not: PostgreSQL sorts it above every number."""
    bounds = {"column": column, "min_value": minimum, "max_value": maximum}
    return ValueCheck(name, "ExpectColumnValuesToBeBetween", bounds)


def currency_code(column: str = "currency_code") -> ValueCheck:
    """Three capital letters."""
    pattern = {"column": column, "regex": "^[A-Z]{3}$"}
    return ValueCheck(f"{column}_is_an_iso_code", "ExpectColumnValuesToMatchRegex", pattern)
