"""The models as dbt compiles them, over tables of a few rows: compiled once, filled again for each example.

Belongs here: a session over kept models (``orchestration.dbt.kept_models``), one example that leaves nothing behind.
Belongs elsewhere: rows of an example (``small_world``), what must hold of it (the property tests).

A dbt run costs seconds, an example a tenth of one: hypothesis tries many and shrinks what fails. What is compiled
serves any book: lookups that a run leaves out for want of rules are all in it. Runs that leave out are in other tests.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from orchestration.database.connection import dbt_environment
from orchestration.dbt import kept_models

# Small tables, plans that are made once: no statistics to wait for, no vacuum that throws the plans away.
_OPTIONS = "-c timezone=UTC -c jit=off -c max_parallel_workers_per_gather=0 -c apportion.token=0"
_KEEP_PLANS = """
do $$ declare each text; begin
    for each in select oid::regclass from pg_class
        where relkind = 'r' and relnamespace in ('inbox'::regnamespace, 'catalog'::regnamespace, 'build'::regnamespace)
    loop execute format('alter table %s set (autovacuum_enabled = false)', each); end loop;
end $$"""


@dataclass
class CompiledModels:
    """The models asked for and what they stand on, in lane ``build`` of a database of its own."""

    url: str
    target_path: Path
    models: Sequence[str]
    _connection: psycopg.Connection | None = field(default=None, repr=False)

    def make(self) -> None:
        """Compile, and make every relation once. Nothing is in them before an example fills them."""
        environment = dbt_environment(token=0, lane="build", url=self.url)
        nodes = kept_models.compile_models(self.models, self.target_path / "kept_models", environment)
        self._connection = psycopg.connect(self.url, options=_OPTIONS, autocommit=True)
        # In one function PostgreSQL plans each statement once for the session, which costs more than running it.
        kept_models.make_relations(self._connection, "build", nodes)
        self._connection.execute("create table inbox.usage_rows_b1 partition of inbox.usage_rows for values in (1)")
        self._connection.execute(_KEEP_PLANS)
        # A session whose schema of temporary tables comes and goes with an example would plan everything again.
        self._connection.execute("create temporary table session_has_temporary_tables ()")

    def close(self) -> None:
        """End the session."""
        if self._connection is not None:
            self._connection.close()

    @contextmanager
    def example(self) -> Iterator["Example"]:
        """A transaction that is rolled back: the rows of one example, and the models over them."""
        assert self._connection is not None, "make() comes first"
        with self._connection.transaction(force_rollback=True):
            yield Example(self._connection)


@dataclass(frozen=True)
class Example:
    """One example's rows and models."""

    connection: psycopg.Connection

    def build(self) -> None:
        """Fill every model from the rows as they are now; again after they have changed."""
        kept_models.fill_tables(self.connection, "build")

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple]:
        """Rows of a query over the models."""
        return self.connection.execute(query, parameters).fetchall()
