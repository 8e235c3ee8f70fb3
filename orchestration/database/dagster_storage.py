"""Dagster's storage in PostgreSQL, with connections that are kept and a run's plan written at once.

Belongs here: how many connections a Dagster process keeps, that a dead one is replaced, how a run's plan is written.
Belongs elsewhere: which database, and the rest of ``dagster.yaml`` (``dagster_home``).

dagster-postgres opens a connection for every question it asks; a bill run asks about two thousand.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dagster import DagsterEventType
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log.schema import AssetKeyTable
from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage, PostgresEventLogStorage
from dagster_postgres.utils import create_pg_engine, get_token_provider_from_config, pg_url_from_config
from sqlalchemy.dialects.postgresql import insert

# One is enough for a run; more are opened when a webserver's threads ask at once, and closed again.
KEPT, MOST_AT_ONCE = 1, 20


class PlanAtOnceEventLogStorage(PostgresEventLogStorage):
    """Before a run Dagster notes each asset it plans to make: two statements for all of them, not three for each."""

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events that belong together."""
        planned = [e for e in events if e.dagster_event_type is DagsterEventType.ASSET_MATERIALIZATION_PLANNED]
        rows = [
            {"asset_key": e.get_dagster_event().asset_key.to_string(), **self._get_asset_entry_values(e, 0, True)}
            for e in planned
        ]
        if not rows or len({row["asset_key"] for row in rows}) < len(rows):
            super().store_event_batch(events)
            return
        upsert = insert(AssetKeyTable).values(rows)
        changed = {name: upsert.excluded[name] for name in rows[0] if name != "asset_key"}
        with self._connect() as connection:
            connection.execute(self.prepare_insert_event_batch(planned))
            connection.execute(upsert.on_conflict_do_update(index_elements=[AssetKeyTable.c.asset_key], set_=changed))
        for event in events:
            if event.dagster_event_type is not DagsterEventType.ASSET_MATERIALIZATION_PLANNED:
                self.store_event(event)


class KeptConnectionsPostgresStorage(DagsterPostgresStorage):
    """``DagsterPostgresStorage``; runs, events and schedules each keep one connection of their own."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._event_log_storage = PlanAtOnceEventLogStorage(
            self.postgres_url, self.should_autocreate_tables, token_provider=settings.get("token_provider")
        )
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
