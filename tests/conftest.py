"""A throwaway PostgreSQL for the test session and a fresh migrated database wherever one is asked for.

Belongs here: fixtures that every kind of test may use.
Belongs elsewhere: what a whole pipeline can do (``tests/pipeline.py``).
``APPORTION_TEST_DATABASE_URL`` (a server on which databases may be created) replaces the embedded server.
"""

import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from assets.synthetic.generate import generate_month
from tests.pipeline import PERIOD, PROJECT_ROOT, Pipeline

CUSTOMERS = 60
SERVER_FOLDER = "APPORTION_TEST_SERVER_FOLDER"
# Quick feedback first, then the long ones, so that many small modules fill what is left of the time.
FOLDER_ORDER = ("unit", "drift", "integration", "browser", "dbt", "database")


def generate_small_month(folder: Path) -> None:
    """The files of the small month; the same bytes every time."""
    book = PROJECT_ROOT / "examples" / "book"
    generate_month(folder, book, period_month=PERIOD[:7], events=3_000, customers=CUSTOMERS)


def _server_folder() -> Path:
    return Path(os.environ[SERVER_FOLDER])


def pytest_configure(config: pytest.Config) -> None:
    """The controller names the server's folder; xdist workers inherit it."""
    if not hasattr(config, "workerinput"):
        os.environ[SERVER_FOLDER] = tempfile.mkdtemp(prefix="apportion-test-")
    # Nothing of a developer's own settings may leak into tests.
    for name in ("APPORTION_DATABASE_URL", "APPORTION_BOOK", "APPORTION_INBOX", "APPORTION_FAILPOINT", "DAGSTER_HOME"):
        os.environ.pop(name, None)
    os.environ["APPORTION_HOME"] = str(_server_folder() / "home")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests by folder."""

    def rank(item: pytest.Item) -> int:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        return FOLDER_ORDER.index(folder) if folder in FOLDER_ORDER else len(FOLDER_ORDER)

    items.sort(key=rank)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The controller ends the server when all workers are done."""
    if hasattr(session.config, "workerinput"):
        return
    from orchestration.database.server import EmbeddedServer

    folder = _server_folder()
    EmbeddedServer(folder / "postgres").stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server_url() -> str:
    """URL of a database on the test server from which others can be created."""
    given = os.environ.get("APPORTION_TEST_DATABASE_URL")
    if given:
        return given
    from orchestration.database.server import EmbeddedServer

    return EmbeddedServer(_server_folder() / "postgres").start()


def _with_database(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@pytest.fixture(scope="session")
def template_database(server_url: str) -> str:
    """A migrated database that fresh ones are copied from (fast), made once for all workers."""
    from orchestration.database.migrations import migrate, version_digest

    # On a server that outlives the session an older template may be left: its name says which tables it has.
    name = f"apportion_template_{version_digest()}"
    with (_server_folder() / "template.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with psycopg.connect(server_url, autocommit=True) as connection:
            if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None:
                # Under another name until it is whole: a killed session must not leave half a template.
                connection.execute(f"drop database if exists {name}_new with (force)")
                connection.execute(f"create database {name}_new")
                migrate(_with_database(server_url, f"{name}_new"))
                connection.execute(f"alter database {name}_new rename to {name}")
    return name


@pytest.fixture(scope="session")
def new_database(server_url: str, template_database: str) -> Iterator[Callable[..., str]]:
    """Make fresh migrated databases: ``new_database()`` returns the URL of one; ``template`` names another to copy."""
    made: list[str] = []

    def make(template: str = template_database) -> str:
        name = f"test_{uuid.uuid4().hex[:12]}"
        with (_server_folder() / "template.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            with psycopg.connect(server_url, autocommit=True) as connection:
                connection.execute(f"create database {name} template {template}")
        made.append(name)
        return _with_database(server_url, name)

    yield make
    if "APPORTION_TEST_DATABASE_URL" not in os.environ:
        return  # The whole server goes at the end; each drop would wait for a checkpoint.
    with psycopg.connect(server_url, autocommit=True) as connection:
        for name in made:
            connection.execute(f"drop database if exists {name} with (force)")


@pytest.fixture(scope="module")
def database_url(new_database: Callable[[], str]) -> str:
    """One fresh database for a test module."""
    return new_database()


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    """A psycopg connection to the module's database; what a test did is rolled back unless it commits."""
    with psycopg.connect(database_url, options="-c timezone=UTC") as opened:
        yield opened
        opened.rollback()


@pytest.fixture(scope="module")
def new_pipeline(tmp_path_factory, new_database):
    """Make pipelines: ``new_pipeline(book=..., inbox=...)``; each has a fresh migrated database."""

    def make(book: Path = PROJECT_ROOT / "examples" / "book", inbox: Path | None = None) -> Pipeline:
        home = tmp_path_factory.mktemp("home")
        if inbox is not None:
            shutil.copytree(inbox, home / "inbox")
        return Pipeline(home=home, book=book, database_url=new_database())

    return make


@pytest.fixture(scope="session")
def small_month(tmp_path_factory, server_url: str, new_database) -> Callable[[str], Pipeline]:
    """Make pipelines that hold a small month: ``small_month("taken in")`` or ``small_month("billed")``.

    The month is made once for all workers, by the commands people use; each caller gets a copy of its own.
    """
    folder = _server_folder() / "months"
    folder.mkdir(exist_ok=True)

    def copy_of(made: Pipeline) -> Pipeline:
        home = tmp_path_factory.mktemp("home") / "home"
        shutil.copytree(made.home, home)
        return Pipeline(home, made.book, new_database(template=urlsplit(made.database_url).path.strip("/")))

    def made(stage: str) -> Pipeline:
        """The month that copies are made from; nothing is connected to its database once it is made."""
        home, name = folder / stage.replace(" ", "_"), f"month_{stage.replace(' ', '_')}"
        pipeline = Pipeline(home, PROJECT_ROOT / "examples" / "book", _with_database(server_url, name))
        if home.exists():
            return pipeline
        if stage == "taken in":
            filled = Pipeline(tmp_path_factory.mktemp("home"), pipeline.book, new_database())
            generate_small_month(filled.inbox)
            filled.run("ingest")
        else:
            filled = copy_of(made("taken in"))
            filled.run("bill-run", PERIOD)
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f"alter database {urlsplit(filled.database_url).path.strip('/')} rename to {name}")
        shutil.copytree(filled.home, folder / "unfinished", dirs_exist_ok=True)
        (folder / "unfinished").rename(home)
        return pipeline

    def make(stage: str) -> Pipeline:
        with (folder / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            return copy_of(made(stage))

    return make
