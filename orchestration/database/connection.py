"""Connections to the one database.

Belongs here: the URL in force, psycopg connections and the SQLAlchemy engine, dbt's environment.
Belongs elsewhere: starting the server (``server``), tables (``migrations``), who may write (``lease``).
"""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import psycopg
import sqlalchemy
from psycopg.conninfo import conninfo_to_dict

from orchestration.paths import DBT_PROJECT

UTC_OPTION = "-c timezone=UTC"
# What of an external server's address dbt's profile has no word for; libpq reads these by itself.
LIBPQ_VARIABLES = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}


def database_url() -> str:
    """``APPORTION_DATABASE_URL``, else the embedded server's URL. Starts nothing.

    Raises:
        DatabaseServerError: there is no such server, or the address is none.
    """
    from orchestration.database.server import embedded_server, external_url

    return external_url() or embedded_server().url()


def application_name(lane: str, token: int) -> str:
    """How sessions of a lease are told apart in pg_stat_activity: taking over ends the old ones."""
    return f"apportion:{lane}:{token}"


def _options(url: str, token: int | None = None) -> str:
    """Session settings: those of the address, then UTC, then the lease's token."""
    parts = [str(conninfo_to_dict(url).get("options") or ""), UTC_OPTION]
    if token is not None:
        parts.append(f"-c apportion.token={token}")
    return " ".join(part for part in parts if part)


@contextmanager
def connect(url: str | None = None, *, token: int | None = None, lane: str = "build") -> Iterator[psycopg.Connection]:
    """One psycopg connection, UTC; commits when the block ends well, else rolls back.

    With ``token`` the session carries the lease's token, which writers' transactions check.
    """
    address = url or database_url()
    name = application_name(lane, token) if token is not None else "apportion"
    with psycopg.connect(address, options=_options(address, token), application_name=name) as connection:
        yield connection


def sqlalchemy_url(url: str | None = None, *, driver: str = "psycopg") -> str:
    """The same address for SQLAlchemy, with psycopg 3 unless another ``driver`` is named. Holds the password."""
    address = sqlalchemy.make_url(url or database_url())
    return address.set(drivername=f"postgresql+{driver}").render_as_string(hide_password=False)


@lru_cache(maxsize=4)
def _engine(url: str) -> sqlalchemy.Engine:
    return sqlalchemy.create_engine(
        sqlalchemy_url(url),
        # Customers' data must not travel in error texts.
        hide_parameters=True,
        # The Dagster processes outlive a restart of the server.
        pool_pre_ping=True,
        connect_args={"options": _options(url), "application_name": "apportion"},
    )


def engine(url: str | None = None) -> sqlalchemy.Engine:
    """The SQLAlchemy engine of the database, one for each address and process; sessions are in UTC."""
    return _engine(url or database_url())


def dbt_environment(*, token: int, lane: str, url: str | None = None) -> dict[str, str]:
    """Environment for a dbt process: the database's address, the lane's schema, the lease's token."""
    address = url or database_url()
    parts = {name: str(value) for name, value in conninfo_to_dict(address).items() if value is not None}
    return {
        "APPORTION_PG_HOST": parts.get("host", "127.0.0.1"),
        "APPORTION_PG_PORT": parts.get("port", "5432"),
        "APPORTION_PG_USER": parts.get("user") or getpass.getuser(),
        "APPORTION_PG_PASSWORD": parts.get("password", ""),
        "APPORTION_PG_DBNAME": parts.get("dbname") or parts.get("user") or getpass.getuser(),
        "APPORTION_LANE": lane,
        "PGAPPNAME": application_name(lane, token),
        "PGOPTIONS": _options(address, token),
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        **{variable: parts[name] for name, variable in LIBPQ_VARIABLES.items() if name in parts},
    }


def placeholder_dbt_environment(lane: str) -> dict[str, str]:
    """What dbt needs to parse without any database."""
    return {"APPORTION_LANE": lane, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
