"""Tables, applied by Alembic; one revision per SQL file in ``sql/``, in the order of their numbers.

Belongs here: running what has not been run yet. Belongs elsewhere: the tables themselves (the SQL files).
Alembic is imported where it works: it takes most of a second, and many commands only ask for the version.
"""

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import sqlalchemy

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).resolve().parent
# Any number will do as long as it stays: two starters of one database wait for each other.
MIGRATION_LOCK = 7_260_641
# A migration during a run waits for the run's transaction this long, then refuses; it never blocks the run for longer.
LOCK_WAIT = "30s"


class MigrationError(RuntimeError):
    """The tables could not be brought to this version; nothing was changed."""


def _configuration(connection: sqlalchemy.Connection) -> "Config":
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(FOLDER))
    configuration.attributes["connection"] = connection
    return configuration


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at ``url`` to a revision, all or nothing; does nothing when it is there already.

    Raises:
        MigrationError: the database is newer than this code, or a transaction of somebody else is in the way.
    """
    from alembic import command
    from alembic.util import CommandError

    from orchestration.database.connection import sqlalchemy_url

    engine = sqlalchemy.create_engine(sqlalchemy_url(url), poolclass=sqlalchemy.NullPool, hide_parameters=True)
    try:
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("select pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            connection.execute(sqlalchemy.text(f"set local lock_timeout = '{LOCK_WAIT}'"))
            command.upgrade(_configuration(connection), revision)
    except CommandError as problem:
        raise MigrationError(
            f"the tables of this database are not of this version or an older one ({problem})."
            " Use the newer code that made them, or another database."
        ) from problem
    except (sqlalchemy.exc.OperationalError, psycopg.errors.LockNotAvailable) as problem:
        if "lock timeout" not in str(problem):
            raise
        raise MigrationError(
            f"a transaction of somebody else kept a table for {LOCK_WAIT}; nothing was changed."
            " Wait for the run to end, or look at pg_stat_activity, then start again."
        ) from problem


def run_sql_file(name: str) -> None:
    """Run one file of ``sql/`` as it is, on the connection of the revision that calls this."""
    from alembic import op

    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute((FOLDER / "sql" / name).read_text(encoding="utf-8"))


def version_digest() -> str:
    """Eight hexadecimal digits that change with any SQL file: names the template database of tests."""
    content = b"".join(path.read_bytes() for path in sorted((FOLDER / "sql").glob("*.sql")))
    return sha256(content).hexdigest()[:8]
