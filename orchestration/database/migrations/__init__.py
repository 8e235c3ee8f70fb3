"""Tables, applied by Alembic; one revision per SQL file in ``sql/``, in the order of their numbers.

Belongs here: running what has not been run yet. Belongs elsewhere: the tables themselves (the SQL files).
"""

from pathlib import Path

import sqlalchemy
from alembic import command
from alembic.config import Config

FOLDER = Path(__file__).resolve().parent
# Any number will do as long as it stays: two starters of one database wait for each other.
MIGRATION_LOCK = 7_260_641


def _configuration(connection: sqlalchemy.Connection) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(FOLDER))
    configuration.attributes["connection"] = connection
    return configuration


def migrate(url: str) -> None:
    """Bring the database at ``url`` to the newest revision; does nothing when it is there already."""
    from orchestration.database.connection import sqlalchemy_url

    engine = sqlalchemy.create_engine(sqlalchemy_url(url), poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("select pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        command.upgrade(_configuration(connection), "head")
