"""Connections to the one database.

Belongs here: the URL in force, psycopg connections and the SQLAlchemy engine, dbt's environment.
Belongs elsewhere: starting the server (``server``), tables (``migrations``), who may write (``lease``).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from urllib.parse import unquote, urlsplit

import psycopg
import sqlalchemy

from orchestration.paths import DBT_PROJECT


def database_url() -> str:
    """``APPORTION_DATABASE_URL``, else the embedded server's URL. Starts nothing."""
    external = os.environ.get("APPORTION_DATABASE_URL")
    if external:
        return external
    from orchestration.database.server import embedded_server

    return embedded_server().url()


def application_name(lane: str, token: int) -> str:
    """How sessions of a lease are told apart in pg_stat_activity: taking over ends the old ones."""
    return f"apportion:{lane}:{token}"


@contextmanager
def connect(url: str | None = None, *, token: int | None = None, lane: str = "build") -> Iterator[psycopg.Connection]:
    """One psycopg connection, UTC; commits when the block ends well, else rolls back.

    With ``token`` the session carries the lease's token, which writers' transactions check.
    """
    options = "-c timezone=UTC" + (f" -c apportion.token={token}" if token is not None else "")
    name = application_name(lane, token) if token is not None else "apportion"
    with psycopg.connect(url or database_url(), options=options, application_name=name) as connection:
        yield connection


def sqlalchemy_url(url: str | None = None) -> str:
    """The same URL for SQLAlchemy with psycopg 3."""
    return (url or database_url()).replace("postgresql://", "postgresql+psycopg://", 1)


@lru_cache(maxsize=4)
def _engine(url: str) -> sqlalchemy.Engine:
    # Parameters are hidden, so that customers' data does not travel in error texts.
    return sqlalchemy.create_engine(sqlalchemy_url(url), hide_parameters=True, connect_args={"options": "-c timezone=UTC"})


def engine(url: str | None = None) -> sqlalchemy.Engine:
    """The SQLAlchemy engine of the database."""
    return _engine(url or database_url())


def dbt_environment(*, token: int, lane: str, url: str | None = None) -> dict[str, str]:
    """Environment for a dbt process: where the database is, the lane's schema, and the lease's token as a connection option."""
    parts = urlsplit(url or database_url())
    return {
        "APPORTION_PG_HOST": parts.hostname or "127.0.0.1",
        "APPORTION_PG_PORT": str(parts.port or 5432),
        "APPORTION_PG_USER": unquote(parts.username or ""),
        "APPORTION_PG_PASSWORD": unquote(parts.password or ""),
        "APPORTION_PG_DBNAME": parts.path.lstrip("/"),
        "APPORTION_LANE": lane,
        "PGAPPNAME": application_name(lane, token),
        "PGOPTIONS": f"-c apportion.token={token} -c timezone=UTC",
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def placeholder_dbt_environment(lane: str) -> dict[str, str]:
    """What dbt needs to parse without any database."""
    return {"APPORTION_LANE": lane, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
