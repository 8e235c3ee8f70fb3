"""The embedded server: it survives a kill, refuses unsafe settings, and migrations run once."""

import os
import signal
import time

import psycopg
import pytest

from orchestration.database.durability import UnsafeServerError, refuse_unsafe_server
from orchestration.database.migrations import migrate
from orchestration.database.server import EmbeddedServer

pytestmark = pytest.mark.database


@pytest.fixture
def own_server(tmp_path_factory):
    import tempfile
    from pathlib import Path

    server = EmbeddedServer(Path(tempfile.mkdtemp(prefix="apportion-server-")))
    yield server
    server.stop()


def test_a_killed_server_starts_again_with_what_was_committed(own_server):
    url = own_server.start()
    with psycopg.connect(url) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept values (1), (2)")
    process_id = int((own_server.data / "postmaster.pid").read_text().split()[0])
    os.kill(process_id, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while own_server.is_running() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1)  # the killed postmaster's children notice and leave
    with psycopg.connect(own_server.start()) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (2,)
    assert own_server.stop()
    assert not own_server.is_running()
    assert not own_server.stop()


def test_the_server_wants_a_password_and_listens_on_loopback_only(own_server):
    url = own_server.start()
    user, _, rest = url.removeprefix("postgresql://").partition(":")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://{user}:wrong@{rest.partition('@')[2]}").close()
    with psycopg.connect(url) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("127.0.0.1",)
    assert own_server.password_file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
def test_a_server_that_could_lose_committed_work_is_refused(own_server, setting):
    url = own_server.start()
    refuse_unsafe_server(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"alter system set {setting} = off")
        connection.execute("select pg_reload_conf()")
    time.sleep(0.5)
    with pytest.raises(UnsafeServerError, match=f"{setting}: found 'off', expected 'on'"):
        refuse_unsafe_server(url)


def test_migrating_twice_changes_nothing(database_url):
    with psycopg.connect(database_url) as connection:
        before = connection.execute("select count(*) from information_schema.columns").fetchone()
    migrate(database_url)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select count(*) from information_schema.columns").fetchone() == before


def test_no_column_of_money_or_quantity_is_a_float(connection):
    floats = connection.execute(
        """
        select table_schema, table_name, column_name from information_schema.columns
        where data_type in ('real', 'double precision', 'money')
          and table_schema not in ('pg_catalog', 'information_schema', 'dagster')
        """
    ).fetchall()
    assert floats == []
