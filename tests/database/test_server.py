"""The embedded server: it survives kills and alien process ids, and wants a password."""

import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest

from orchestration.database import server as server_module
from orchestration.database.durability import UnsafeServerError, refuse_unsafe_server
from orchestration.database.server import DatabaseServerError, EmbeddedServer, main

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def cluster() -> Iterator[EmbeddedServer]:
    """A server of this module's own; each test starts it when it needs it."""
    made = EmbeddedServer(Path(tempfile.mkdtemp(prefix="apportion-server-")))
    yield made
    made.stop()
    shutil.rmtree(made.folder)


@pytest.fixture
def running(cluster: EmbeddedServer) -> str:
    """The URL of the module's server."""
    return cluster.start()


def kill(cluster: EmbeddedServer) -> int:
    """End the server's first process as a crash would; returns its number."""
    process_id = int((cluster.data / "postmaster.pid").read_text().split()[0])
    os.kill(process_id, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while cluster.is_running() and time.monotonic() < deadline:
        time.sleep(0.05)
    return process_id


def test_a_killed_server_starts_again_with_what_was_committed(cluster, running):
    with psycopg.connect(running) as connection:
        connection.execute("create table kept as select generate_series(1, 2)")
    kill(cluster)
    with psycopg.connect(cluster.start()) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (2,)


def test_a_killed_server_starts_again_while_a_statement_of_before_runs_on(cluster, running, monkeypatch):
    monkeypatch.setattr(server_module, "ORPHAN_SECONDS", 1)
    with psycopg.connect(running, autocommit=True) as connection:
        connection.execute("set statement_timeout = 0")
        backend = psutil.Process(connection.info.backend_pid)
        backend.suspend()  # so that it cannot notice that the server is gone
        kill(cluster)
        with psycopg.connect(cluster.start()) as again:
            assert again.execute("select 1").fetchone() == (1,)
        assert not backend.is_running() or backend.status() == psutil.STATUS_ZOMBIE


def test_the_process_id_of_a_killed_server_may_be_anybody_elses_now(cluster, running):
    pid_file = cluster.data / "postmaster.pid"
    process_id = kill(cluster)
    pid_file.write_text(pid_file.read_text().replace(str(process_id), str(os.getpid()), 1))
    assert not cluster.is_running()
    assert not cluster.stop()
    with psycopg.connect(cluster.start()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_starters_at_once_end_with_one_server(cluster):
    cluster.stop()
    with ThreadPoolExecutor(3) as pool:
        urls = set(pool.map(lambda _: EmbeddedServer(cluster.folder).start(), range(3)))
    assert len(urls) == 1


def test_a_lost_port_is_read_from_the_running_server(cluster, running):
    cluster.port_file.write_text("1\n")
    assert cluster.start() == running


def test_a_port_that_somebody_took_is_given_up(cluster, running):
    cluster.stop()
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", int(cluster.port_file.read_text())))
        squatter.listen()
        assert cluster.start() != running


def test_stopping_is_clean_and_a_second_time_does_nothing(cluster, running):
    assert cluster.stop()
    assert not cluster.is_running()
    assert not cluster.stop()
    assert cluster.log.read_text().rstrip().endswith("database system is shut down")


def test_the_server_wants_a_password_and_listens_on_loopback_only(cluster, running):
    user, _, rest = running.removeprefix("postgresql://").partition(":")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://{user}:wrong@{rest.partition('@')[2]}").close()
    with psycopg.connect(running) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("127.0.0.1",)
        assert connection.execute("show unix_socket_directories").fetchone() == ("",)
        assert connection.execute("show data_checksums").fetchone() == ("on",)
    assert cluster.password_file.stat().st_mode & 0o077 == 0
    assert cluster.data.stat().st_mode & 0o077 == 0


def test_rows_of_customers_do_not_reach_the_log(cluster, running):
    with psycopg.connect(running, autocommit=True) as connection:
        connection.execute("create table if not exists customers (number text check (number <> '48600100200'))")
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("insert into customers values ('48600100200')")
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("insert into customers values (%s)", ["48600100200"])
    log = cluster.log.read_text()
    assert "customers_number_check" in log
    assert "48600100200" not in log


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "synchronous_commit"])
def test_a_server_that_could_lose_committed_work_is_refused(running, setting):
    refuse_unsafe_server(running)
    with psycopg.connect(running, autocommit=True) as connection:
        connection.execute(f"alter system set {setting} = off")
        connection.execute("select pg_reload_conf()")
        try:
            time.sleep(0.5)
            with pytest.raises(UnsafeServerError, match=f"{setting}: found 'off', expected 'on'"):
                refuse_unsafe_server(running)
        finally:
            connection.execute(f"alter system reset {setting}")
            connection.execute("select pg_reload_conf()")
            time.sleep(0.5)


def test_a_role_that_commits_without_waiting_is_refused(running):
    with psycopg.connect(running, autocommit=True) as connection:
        connection.execute("alter role apportion set synchronous_commit = off")
        try:
            with pytest.raises(UnsafeServerError, match=r"synchronous_commit: found 'off'.*set by: user"):
                refuse_unsafe_server(running)
        finally:
            connection.execute("alter role apportion reset synchronous_commit")


def test_a_record_table_without_a_log_is_refused(running):
    with psycopg.connect(running, autocommit=True) as connection:
        connection.execute("create schema ledger; create unlogged table ledger.payments (n int)")
        try:
            with pytest.raises(UnsafeServerError, match=r"ledger\.payments: found unlogged"):
                refuse_unsafe_server(running)
        finally:
            connection.execute("drop schema ledger cascade")


def test_an_interrupted_initdb_is_thrown_away_and_made_again():
    folder = Path(tempfile.mkdtemp(prefix="apportion-server-"))
    (folder / "data.new").mkdir()
    (folder / "data.new" / "PG_VERSION").write_text("18\n")
    fresh = EmbeddedServer(folder)
    try:
        fresh.start()
        assert not (folder / "data.new").exists()
        assert not (folder / "password.initdb").exists()
    finally:
        fresh.stop()
        shutil.rmtree(folder)


def test_a_data_folder_that_lost_its_files_is_not_overwritten(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "somebody's").touch()
    server_module.system_user.ensure_system_user()
    server_module.system_user.give(tmp_path / "data")
    with pytest.raises(DatabaseServerError, match="without PG_VERSION"):
        EmbeddedServer(tmp_path).start()
    assert (tmp_path / "data" / "somebody's").exists()


def test_the_command_line_says_what_runs(cluster, running, monkeypatch, capsys):
    monkeypatch.setattr(server_module, "embedded_server", lambda: cluster)
    monkeypatch.delenv("APPORTION_DATABASE_URL", raising=False)
    assert main(["status"]) == 0
    assert main(["url"]) == 0
    assert main(["stop"]) == 0
    assert main(["status"]) == 3
    assert main(["begin"]) == 2
    assert capsys.readouterr().out.splitlines() == ["running", running, "stopped", "not running"]
