"""Suites are data: readable, named, and free of what must not be in them."""

import subprocess
import sys
from string import Template

import pytest

from assets.quality import lines_before_posting, payouts_before_paying, usage_in
from assets.quality.checks import CheckResult, Rule
from assets.quality.gate_rows import gate_result
from orchestration.failpoints import FAILPOINTS, VARIABLE, reach

DOORS = [usage_in.DOOR, lines_before_posting.DOOR, payouts_before_paying.DOOR]
PASSED = CheckResult("a", "r", True, 3, 0)
FAILED = CheckResult("b", "r", False, 3, 1)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.gate)
def test_checks_of_a_relation_have_names_of_their_own_that_fit_postgresql(door):
    for relation in door.relations:
        names = [check.name for check in relation.checks]
        assert len(names) == len(set(names))
        assert all(name.isidentifier() and len(name) <= 63 for name in names)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.gate)
def test_queries_take_only_the_known_parameters(door):
    for relation in door.relations:
        texts = [relation.query, *(check.condition for check in relation.checks if isinstance(check, Rule))]
        for text in texts:
            assert set(Template(text).get_identifiers()) <= {"schema", "bill_run_id", "batch_id"}


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.gate)
def test_a_money_check_tolerates_nothing(door):
    for relation in door.relations:
        for check in relation.checks:
            assert not isinstance(check, Rule) or "abs(" not in check.condition or "bound" in check.name
            assert isinstance(check, Rule) or "mostly" not in check.arguments


def test_importing_the_doors_does_not_import_great_expectations():
    program = "import sys, assets.quality.gates; print('great_expectations' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


def test_a_gate_passes_when_all_checks_do_and_there_is_one():
    assert gate_result("usage_in", [PASSED]).passed
    assert not gate_result("usage_in", [PASSED, FAILED]).passed
    assert not gate_result("usage_in", []).passed
    assert gate_result("usage_in", [PASSED, FAILED]).rows_checked == 6
    assert gate_result("usage_in", [PASSED, FAILED]).failures() == (FAILED,)


def test_a_failpoint_that_is_off_does_nothing(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    for name in FAILPOINTS:
        reach(name)


def test_a_misspelt_failpoint_is_an_error_and_not_a_test_that_proves_nothing(monkeypatch):
    with pytest.raises(ValueError, match="mid_post"):
        reach("mid_pots")
    monkeypatch.setenv(VARIABLE, "mid_pots")
    with pytest.raises(ValueError, match="mid_pots"):
        reach("after_open")
