"""Dagster's storage in PostgreSQL, with connections that are kept and a run's plan written at once.

Belongs here: how many connections a Dagster process keeps, that a dead one is replaced, what need not be asked again.
Belongs elsewhere: which database, and the rest of ``dagster.yaml`` (``dagster_home``).

dagster-postgres opens a connection for every question it asks, and a bill run asks some thousands: a third of them
whether its own tables and columns are there.
"""

import select
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dagster import DagsterEventType
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log.schema import AssetKeyTable
from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage, PostgresEventLogStorage
from dagster_postgres.utils import create_pg_engine, get_token_provider_from_config, pg_url_from_config
from sqlalchemy import Engine, event
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, DisconnectionError

# One is enough for a run; more are opened when a webserver's threads ask at once, and closed again.
KEPT, MOST_AT_ONCE = 1, 20
# After so long a firewall may have forgotten a connection without a word to either end.
IDLE_SECONDS = 60


class LeanEventLogStorage(PostgresEventLogStorage):
    """Events, with fewer statements around them."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        self._seen: set[tuple[str, ...]] = set()
        super().__init__(*arguments, **settings)

    def _once_seen(self, *what: str, ask: Callable[[], bool]) -> bool:
        """What was there once stays there; what was not is asked for again."""
        if what not in self._seen and ask():
            self._seen.add(what)
        return what in self._seen

    def has_table(self, table_name: str) -> bool:
        """Whether Dagster's own table is there."""
        ask = super().has_table
        return self._once_seen("table", table_name, ask=lambda: ask(table_name))

    def has_asset_key_col(self, column_name: str) -> bool:
        """Whether Dagster's table of assets has a column."""
        ask = super().has_asset_key_col
        return self._once_seen("column", column_name, ask=lambda: ask(column_name))

    def has_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> bool:
        """Whether a period is among the partitions: a run asks for its own four times per asset."""
        ask = super().has_dynamic_partition
        return self._once_seen(
            "partition", partitions_def_name, partition_key, ask=lambda: ask(partitions_def_name, partition_key)
        )

    def delete_dynamic_partition(self, partitions_def_name: str, partition_key: str) -> None:
        """Remove a partition."""
        self._seen.discard(("partition", partitions_def_name, partition_key))
        super().delete_dynamic_partition(partitions_def_name, partition_key)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events that belong together.

        Before a run Dagster notes each asset it plans to make: two statements for all of them, not three for each.
        """
        planned = [e for e in events if e.dagster_event_type is DagsterEventType.ASSET_MATERIALIZATION_PLANNED]
        keys = [key.to_string() for e in planned if (key := e.get_dagster_event().asset_key)]
        rows = [
            {"asset_key": key, **self._get_asset_entry_values(e, 0, True)} for key, e in zip(keys, planned, strict=True)
        ]
        if not rows or len(set(keys)) < len(keys):
            super().store_event_batch(events)
            return
        upsert = insert(AssetKeyTable).values(rows)
        changed = {name: upsert.excluded[name] for name in rows[0] if name != "asset_key"}
        with self._connect() as connection:
            connection.execute(self.prepare_insert_event_batch(planned))
            connection.execute(upsert.on_conflict_do_update(index_elements=[AssetKeyTable.c.asset_key], set_=changed))
        for stored in events:
            if stored.dagster_event_type is not DagsterEventType.ASSET_MATERIALIZATION_PLANNED:
                self.store_event(stored)


class KeptConnectionsPostgresStorage(DagsterPostgresStorage):
    """``DagsterPostgresStorage``; runs, events and schedules each keep one connection of their own."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._event_log_storage = LeanEventLogStorage(
            self.postgres_url, self.should_autocreate_tables, token_provider=settings.get("token_provider")
        )
        for part in (self._run_storage, self._event_log_storage, self._schedule_storage):
            part._engine = create_pg_engine(
                self.postgres_url,
                settings.get("token_provider"),
                isolation_level="AUTOCOMMIT",
                pool_size=KEPT,
                max_overflow=MOST_AT_ONCE,
            )
            _replace_dead_connections(part._engine)

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


def _replace_dead_connections(engine: Engine) -> None:
    """Taking over a lease ends sessions, and Dagster's processes outlive a restart of the server.

    A session that was ended has said so, and nobody has heard it yet: its socket can be read. Asking each time instead
    (``pool_pre_ping``) doubles the round trips.
    """

    @event.listens_for(engine, "checkin")
    def note_time(_connection: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def refuse_dead(connection: Any, record: Any, _proxy: Any) -> None:
        if select.select([connection], [], [], 0)[0]:
            raise DisconnectionError("the server has ended this session")
        if time.monotonic() - record.info.get("idle_since", time.monotonic()) > IDLE_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except (DBAPIError, engine.dialect.loaded_dbapi.Error) as error:
                raise DisconnectionError(str(error)) from error
