"""Migrations: all or nothing, once, one starter at a time; and what every migrated database must be like."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from orchestration.database import migrations
from orchestration.database.connection import connect
from orchestration.database.lease import take_lease
from orchestration.database.migrations import MigrationError, migrate

pytestmark = pytest.mark.database


def shape(url: str) -> list[tuple]:
    """Every column of every table, and every trigger."""
    with psycopg.connect(url) as connection:
        return connection.execute(
            """
            select table_schema, table_name, column_name, data_type from information_schema.columns
            union all
            select trigger_schema, event_object_table, trigger_name, event_manipulation from information_schema.triggers
            order by 1, 2, 3, 4
            """
        ).fetchall()


@pytest.fixture
def empty_url(server_url):
    """A database without tables."""
    name = f"test_empty_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


def test_migrating_twice_changes_nothing(database_url):
    before = shape(database_url)
    migrate(database_url)
    assert shape(database_url) == before


def test_starters_at_once_migrate_once(empty_url, database_url):
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrate, [empty_url] * 3))
    assert shape(empty_url) == shape(database_url)


def test_a_migration_that_fails_leaves_nothing(empty_url, monkeypatch):
    ran = []

    def fail_at_the_last(name: str) -> None:
        if name.startswith("0006"):
            raise ZeroDivisionError(name)
        ran.append(name)
        original(name)

    original = migrations.run_sql_file
    monkeypatch.setattr(migrations, "run_sql_file", fail_at_the_last)
    with pytest.raises(ZeroDivisionError):
        migrate(empty_url)
    assert len(ran) == 5
    with psycopg.connect(empty_url) as connection:
        assert connection.execute("select to_regnamespace('catalog'), to_regclass('schema_version')").fetchone() == (
            None,
            None,
        )
    monkeypatch.undo()
    migrate(empty_url)


def test_tables_of_a_newer_version_are_refused(new_database):
    url = new_database()
    with psycopg.connect(url) as connection:
        connection.execute("update schema_version set version_num = '9999'")
    with pytest.raises(MigrationError, match="9999"):
        migrate(url)


def test_a_run_in_the_middle_of_a_migration_makes_it_refuse_not_hang(empty_url, monkeypatch):
    migrate(empty_url, "0005")
    monkeypatch.setattr(migrations, "LOCK_WAIT", "200ms")
    with psycopg.connect(empty_url) as run:
        run.execute("lock table control.bill_runs in access exclusive mode")  # 0006 refers to it
        with pytest.raises(MigrationError, match="kept a table for 200ms"):
            migrate(empty_url)
        run.rollback()
    migrate(empty_url)


def test_an_ordinary_role_that_owns_its_database_is_enough(server_url):
    name = f"test_owner_{uuid.uuid4().hex[:12]}"
    host = urlsplit(server_url).netloc.rpartition("@")[2]
    own_url = f"postgresql://{name}:secret@{host}/{name}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"create role {name} login password 'secret'")
        connection.execute(f"create database {name} owner {name}")
    try:
        migrate(own_url)
        first = take_lease("build", holder="run-1", period_id="2026-10-c01", url=own_url)
        with connect(own_url, token=first.token) as orphan:
            orphan.execute("select control.assert_token('build')")
            first.release()
            with take_lease("build", holder="run-2", period_id="2026-10-c01", url=own_url) as second:
                assert second.token == first.token + 1
            orphan.close()
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)")
            connection.execute(f"drop role {name}")


def test_no_column_of_money_or_quantity_is_a_float(connection):
    floats = connection.execute(
        """
        select table_schema, table_name, column_name from information_schema.columns
        where data_type in ('real', 'double precision', 'money')
          and table_schema not in ('pg_catalog', 'information_schema', 'dagster')
        """
    ).fetchall()
    assert floats == []


def test_every_decimal_has_a_precision_and_a_scale(connection):
    loose = connection.execute(
        """
        select table_schema, table_name, column_name from information_schema.columns
        where data_type = 'numeric' and numeric_precision is null
          and table_schema not in ('pg_catalog', 'information_schema', 'dagster')
        """
    ).fetchall()
    assert loose == []


def test_whole_units_add_up_as_whole_numbers_or_not_at_all(connection):
    added = (
        "select control.sum_units(units), pg_typeof(control.sum_units(units))::text from unnest(%s::bigint[]) as units"
    )
    assert connection.execute(added, [[2**63 - 8, None, 7]]).fetchone() == (2**63 - 1, "bigint")
    with pytest.raises(psycopg.errors.NumericValueOutOfRange), connection.transaction():
        connection.execute(added, [[2**63 - 8, 8]])


def test_every_table_of_the_ledger_refuses_update_delete_and_truncate(connection):
    tables = connection.execute(
        "select relname from pg_class where relnamespace = 'ledger'::regnamespace and relkind = 'r'"
    )
    guarded = {
        (table, kind)
        for table, kind in connection.execute(
            """
            select relation.relname, kind
            from pg_trigger trigger_row
            join pg_class relation on relation.oid = tgrelid
            cross join lateral (values ('delete', 8), ('update', 16), ('truncate', 32)) as bits (kind, bit)
            where relation.relnamespace = 'ledger'::regnamespace
              and not tgisinternal and tgenabled in ('O', 'A') and (tgtype & bit) <> 0 and (tgtype & 2) <> 0
            """
        ).fetchall()
    }
    names = [name for (name,) in tables.fetchall()]
    assert names
    assert guarded == {(name, kind) for name in names for kind in ("update", "delete", "truncate")}


def test_triggers_of_the_record_hold_back_their_owner_too(connection):
    connection.execute("insert into ledger.number_series (series_id, prefix) values ('T', 'T')")
    connection.execute("select set_config('session_replication_role', 'origin', true)")
    for statement in (
        "delete from ledger.number_series",
        "truncate ledger.number_series cascade",
        "update ledger.number_series set prefix = 'X'",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation), connection.transaction():
            connection.execute(statement)
