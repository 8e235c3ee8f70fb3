"""A dbt that has started before it is needed answers as dbt does, and nothing else."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from orchestration.database.connection import dbt_environment
from orchestration.dbt.ahead import ADDRESS_VARIABLE, hand_over, start_ahead
from orchestration.paths import DBT_COMMAND, DBT_PROJECT


@pytest.fixture(scope="module")
def waiting(tmp_path_factory):
    """A waiting process for lane build; listing models asks no database, so there need be none."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("APPORTION_HOME", str(tmp_path_factory.mktemp("home")))
        monkeypatch.setenv("APPORTION_DATABASE_URL", "postgresql://nobody:nothing@127.0.0.1:1/apportion")
        monkeypatch.setenv(ADDRESS_VARIABLE, "")
        monkeypatch.delenv(ADDRESS_VARIABLE)
        start_ahead(("build",))
        for name, value in dbt_environment(token=3, lane="build").items():
            monkeypatch.setenv(name, value)
        yield Path(os.environ[ADDRESS_VARIABLE])


def _list(tmp_path: Path, model: str) -> list[str]:
    places = ("--project-dir", str(DBT_PROJECT), "--target-path", str(tmp_path), "--log-path", str(tmp_path))
    return ["--quiet", "ls", "--select", model, *places]


def test_a_command_is_run_by_the_waiting_process_and_its_output_and_exit_code_come_back(waiting, tmp_path, capfd):
    for _ in range(2):
        assert hand_over(_list(tmp_path, "stg_lane__run_inputs")) == 0
        assert capfd.readouterr().out.split() == ["apportion.staging.lane.stg_lane__run_inputs"]
    assert hand_over(["ls", "--no-such-option"]) == 2
    assert "no-such-option" in capfd.readouterr().err
    finished = subprocess.run(
        [*DBT_COMMAND, *_list(tmp_path, "int_run")], capture_output=True, text=True, timeout=60, check=True
    )
    assert finished.stdout.split() == ["apportion.intermediate.billing.int_run"]


@pytest.mark.parametrize(
    "environment", [{"APPORTION_LANE": "whatif"}, {"APPORTION_PG_DBNAME": "trial"}, {ADDRESS_VARIABLE: "/nobody/here"}]
)
def test_what_nobody_waits_for_is_not_answered(waiting, tmp_path, monkeypatch, environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert hand_over(_list(tmp_path, "int_run")) is None


def test_other_variables_are_another_project(waiting, tmp_path):
    assert hand_over([*_list(tmp_path, "int_run"), "--vars", "{}"]) is None


def test_an_address_that_is_too_long_is_no_failure(tmp_path, monkeypatch):
    monkeypatch.setenv("APPORTION_HOME", str(tmp_path))
    monkeypatch.delenv(ADDRESS_VARIABLE, raising=False)
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    start_ahead(())
    assert ADDRESS_VARIABLE not in os.environ and list(long.iterdir()) == []


def test_the_waiting_process_ends_with_the_one_that_started_it(tmp_path):
    program = """
import os
os.environ["APPORTION_DATABASE_URL"] = "postgresql://nobody:nothing@127.0.0.1:1/apportion"
from orchestration.dbt.ahead import ADDRESS_VARIABLE, start_ahead
start_ahead(())
assert os.path.exists(os.environ[ADDRESS_VARIABLE])
print(os.environ[ADDRESS_VARIABLE])
"""
    finished = subprocess.run(
        [DBT_COMMAND[0], "-c", program],
        env={**os.environ, "APPORTION_HOME": str(tmp_path), ADDRESS_VARIABLE: ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    address = Path(finished.stdout.strip())
    for _ in range(300):
        if not address.parent.exists():
            return
        time.sleep(0.2)
    raise AssertionError(f"{address} is still there")
