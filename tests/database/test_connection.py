"""Connections: UTC, the lease's token, dbt's environment, Dagster's storage, hidden parameters."""

import os
import stat

import dagster as dg
import psycopg
import pytest
import sqlalchemy
import yaml

from orchestration.database import connection as connection_module
from orchestration.database.connection import connect, dbt_environment, engine, sqlalchemy_url
from orchestration.database.dagster_home import BATCH_VARIABLE, URL_VARIABLE, prepare_dagster_home, storage_url
from orchestration.dbt.row_counts import ROW_COUNT, with_row_count

pytestmark = pytest.mark.database

WHO_AND_WHEN = """
select current_setting('timezone'), current_setting('apportion.token'), current_setting('application_name')
"""


def test_sessions_are_in_utc_and_carry_the_token(database_url):
    with connect(database_url, token=42, lane="whatif") as opened:
        found = opened.execute(WHO_AND_WHEN).fetchone()
    assert found == ("UTC", "42", "apportion:whatif:42")


def test_options_of_the_address_are_kept(database_url):
    address = f"{database_url}?options=-c%20statement_timeout%3D12345"
    with connect(address, token=7) as opened:
        assert opened.execute("show statement_timeout").fetchone() == ("12345ms",)
        assert opened.execute("select current_setting('apportion.token')").fetchone() == ("7",)


def test_a_block_that_fails_is_rolled_back(database_url):
    with pytest.raises(ZeroDivisionError), connect(database_url) as opened:
        opened.execute("create table left_behind (n int)")
        raise ZeroDivisionError
    with connect(database_url) as opened:
        assert opened.execute("select to_regclass('left_behind')").fetchone() == (None,)


def test_the_engine_hides_what_it_was_asked_with(database_url):
    with engine(database_url).connect() as opened, pytest.raises(sqlalchemy.exc.DBAPIError) as failure:
        opened.execute(sqlalchemy.text("select 1 / (length(:number) - 11)"), {"number": "48600100200"})
    assert "48600100200" not in str(failure.value)


def test_dbt_and_libpq_meet_in_the_same_database_with_the_same_token(database_url, monkeypatch):
    environment = dbt_environment(token=9, lane="build", url=database_url)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with psycopg.connect(
        host=environment["APPORTION_PG_HOST"],
        port=environment["APPORTION_PG_PORT"],
        user=environment["APPORTION_PG_USER"],
        password=environment["APPORTION_PG_PASSWORD"],
        dbname=environment["APPORTION_PG_DBNAME"],
    ) as opened:
        found = opened.execute(WHO_AND_WHEN).fetchone()
    assert found == ("UTC", "9", "apportion:build:9")


def test_addresses_of_other_servers_are_understood():
    environment = dbt_environment(
        token=1,
        lane="build",
        url="postgres://finance:p%40ss@db.example:6543/money?sslmode=verify-full&sslrootcert=/ca.pem",
    )
    assert environment["APPORTION_PG_HOST"] == "db.example"
    assert environment["APPORTION_PG_PORT"] == "6543"
    assert environment["APPORTION_PG_PASSWORD"] == "p@ss"
    assert environment["APPORTION_PG_DBNAME"] == "money"
    assert environment["PGSSLMODE"] == "verify-full"
    assert environment["PGSSLROOTCERT"] == "/ca.pem"
    socket = dbt_environment(token=1, lane="build", url="postgresql:///money?host=/run/postgresql&user=finance")
    assert socket["APPORTION_PG_HOST"] == "/run/postgresql"
    assert socket["APPORTION_PG_USER"] == "finance"
    assert sqlalchemy_url("postgres://a:p%40ss@h/d") == "postgresql+psycopg://a:p%40ss@h/d"


def test_the_address_of_the_environment_wins(monkeypatch):
    monkeypatch.setenv("APPORTION_DATABASE_URL", "postgresql://somewhere/else")
    assert connection_module.database_url() == "postgresql://somewhere/else"


def test_dagster_keeps_its_runs_in_a_schema_of_its_own_and_no_password_in_its_file(database_url, tmp_path, monkeypatch):
    monkeypatch.setenv("APPORTION_HOME", str(tmp_path))
    monkeypatch.setenv("APPORTION_DATABASE_URL", database_url)
    monkeypatch.setenv(URL_VARIABLE, "")
    monkeypatch.setenv("DAGSTER_HOME", "")
    assert prepare_dagster_home() == tmp_path / "dagster"
    assert prepare_dagster_home() == tmp_path / "dagster"
    text = (tmp_path / "dagster" / "dagster.yaml").read_text()
    settings = yaml.safe_load(text)
    assert settings["telemetry"] == {"enabled": False}
    assert settings["run_monitoring"]["enabled"] is True
    password = sqlalchemy.make_url(database_url).password
    assert password is None or password not in text
    assert os.environ[URL_VARIABLE] == storage_url(database_url)
    assert stat.S_ISDIR((tmp_path / "dagster").stat().st_mode)
    storage = sqlalchemy.create_engine(storage_url(f"{database_url}?connect_timeout=5"))
    with storage.connect() as opened:
        assert opened.execute(sqlalchemy.text("select current_schema()")).scalar() == "dagster"
    storage.dispose()


def test_dagster_asks_over_kept_connections_and_replaces_a_dead_one(database_url, tmp_path, monkeypatch):
    monkeypatch.setenv("APPORTION_HOME", str(tmp_path))
    monkeypatch.setenv("APPORTION_DATABASE_URL", database_url)
    monkeypatch.setenv("DAGSTER_HOME", str(prepare_dagster_home()))
    sessions = """select array_agg(pid order by pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
            and query not ilike 'listen%%'"""
    with dg.DagsterInstance.get() as instance, psycopg.connect(database_url, autocommit=True) as watcher:
        instance.get_runs_count()
        before = watcher.execute(sessions).fetchone()
        for _ in range(5):
            instance.get_runs_count()
        assert watcher.execute(sessions).fetchone() == before
        watcher.execute("select pg_terminate_backend(unnest(%s::int[]), 10000)", before)
        assert instance.get_runs_count() == 0


@pytest.mark.parametrize("most_in_a_batch", ["0", "1000"])
def test_a_plan_written_at_once_is_what_dagster_writes_one_by_one(database_url, tmp_path, monkeypatch, most_in_a_batch):
    monkeypatch.setenv("APPORTION_HOME", str(tmp_path))
    monkeypatch.setenv("APPORTION_DATABASE_URL", database_url)
    monkeypatch.setenv("DAGSTER_HOME", str(prepare_dagster_home()))
    monkeypatch.setenv(BATCH_VARIABLE, most_in_a_batch)
    keys = [dg.AssetKey([name]) for name in ("one", "two", "three")]

    @dg.multi_asset(
        specs=[dg.AssetSpec(key) for key in keys],
        check_specs=[dg.AssetCheckSpec("holds", asset=keys[0])],
        can_subset=True,
    )
    def makes_two_of_three():
        yield dg.MaterializeResult(keys[0], check_results=[dg.AssetCheckResult(passed=True)])
        yield dg.MaterializeResult(keys[1])

    with dg.DagsterInstance.get() as instance:
        for _ in range(2):
            run = dg.materialize([makes_two_of_three], instance=instance, raise_on_error=False)
        planned = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED)
        assert {entry.get_dagster_event().asset_key for entry in planned} == set(keys)
        checks = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED)
        assert len(planned) == 3 and len(checks) == 1
        assert set(instance.all_asset_keys()) == set(keys)
        records = instance.get_asset_records(keys)
        assert {record.asset_entry.last_run_id for record in records} == {run.run_id}
        assert sum(record.asset_entry.last_materialization is not None for record in records) == 2


def test_row_counts_are_those_of_tables_and_views_are_left_alone(connection):
    connection.execute(
        "create table build.counted as select generate_series(1, 3); create view build.looked as select 1"
    )

    def built(model: str) -> dg.Output:
        return dg.Output(None, model, metadata={"unique_id": f"model.apportion.{model}"})

    assert with_row_count(connection, "build", built("counted")).metadata[ROW_COUNT].value == 3
    assert ROW_COUNT not in with_row_count(connection, "build", built("looked")).metadata
    check = dg.AssetCheckResult(passed=True)
    assert with_row_count(connection, "build", check) is check
