"""Dagster's storage in PostgreSQL, with connections that are kept.

Belongs here: how many connections a Dagster process keeps, and that a dead one is replaced.
Belongs elsewhere: which database, and the rest of ``dagster.yaml`` (``dagster_home``).

dagster-postgres opens a connection for every question it asks; a bill run asks about two thousand.
"""

from collections.abc import Mapping
from typing import Any

from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.utils import create_pg_engine, get_token_provider_from_config, pg_url_from_config

# One is enough for a run; more are opened when a webserver's threads ask at once, and closed again.
KEPT, MOST_AT_ONCE = 1, 20


class KeptConnectionsPostgresStorage(DagsterPostgresStorage):
    """``DagsterPostgresStorage``; runs, events and schedules each keep one connection of their own."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for part in (self._run_storage, self._event_log_storage, self._schedule_storage):
            part._engine = create_pg_engine(
                self.postgres_url,
                settings.get("token_provider"),
                isolation_level="AUTOCOMMIT",
                pool_size=KEPT,
                max_overflow=MOST_AT_ONCE,
                # Taking over a lease ends sessions, and Dagster's processes outlive a restart of the server.
                pool_pre_ping=True,
            )

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "KeptConnectionsPostgresStorage":
        """What Dagster calls with the settings of ``dagster.yaml``."""
        return cls(
            inst_data=inst_data,
            postgres_url=pg_url_from_config(dict(config_value)),
            should_autocreate_tables=config_value.get("should_autocreate_tables", True),
            token_provider=get_token_provider_from_config(config_value),
        )
