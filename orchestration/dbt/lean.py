"""dbt as the runs call it: the same dbt, without what it does around each model that nobody needs here.

Belongs here: parts of dbt replaced because they cost more than most models, running a command with them.
Belongs elsewhere: in which process it runs (``command``, ``ahead``), which models are built when
(``orchestration.dbt.assets``), how one is built (``dbt_project``).

Most of a bill run's 230 nodes are small, and more than half of their time went into what dbt does around them:

- a connection for every node: here a thread keeps its own, which spares PostgreSQL a login and an empty cache of its
  catalogue each time;
- what a template may look at, made whole and twice for every node (``orchestration.dbt.context``);
- templates compiled anew in every run (``orchestration.dbt.templates``), and rendered to the same text as in every run
  (``orchestration.dbt.statements``);
- tables of no rows, made as a model's answer, and parsers of dates for each table of rows;
- messages put together for logs that do not write them (``orchestration.dbt.messages``), and reports that are not sent;
- a relation looked for among all there are;
- waiting for the disk at each commit: a lane is a draft, and becomes a record by the commit that publishes it;
- nodes handed from thread to thread, in an order that leaves some without work (``orchestration.dbt.order``);
- walks of the garbage collector through the manifest;
- the manifest written out anew, twice;
- parsing the project anew because the database's port or user is another one: no model reads them.

The methods replaced are those of dbt-core 1.11 and dbt-postgres 1.11, as the requirements pin them.
"""

import gc
import os
import sys
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

# The name by which dbt's modules know the function that writes the manifest.
WRITES_MANIFEST = "write_manifest"
# New objects until the collector looks through young, middle and old ones; dbt leaves little behind.
COLLECT_AFTER = (50_000, 20, 100)
# psycopg2's TRANSACTION_STATUS_IDLE: no transaction is open.
IDLE = 0


def release_and_keep(manager: Any) -> None:
    """End a node's use of its thread's connection: nothing of a transaction is left, the session stays."""
    connection = manager.get_if_exists()
    if connection is None:
        return
    if connection.state == "open" and not connection.handle.closed:
        try:
            if connection.handle.info.transaction_status != IDLE:
                connection.handle.cursor().execute("rollback")
        except Exception:
            manager.clear_thread_connection()
            raise
        connection.transaction_open = False
        return
    manager.close(connection)


def parsed_address(_credentials: Any) -> tuple[str, ...]:
    """What of a database's address the parsed project depends on: names of relations hold these two."""
    return ("database", "schema")


def relation_by_name(get_relation_anew: Callable[..., Any]) -> Callable[..., Any]:
    """In place of ``get_relation`` of the adapter, which compares a name with those of all relations there are."""
    from dbt.adapters.reference_keys import _ReferenceKey

    def get_relation(adapter: Any, database: str, schema: str, identifier: str) -> Any:
        cached = adapter.cache.relations.get(_ReferenceKey(database, schema, identifier))
        return cached.inner if cached else get_relation_anew(adapter, database, schema, identifier)

    return get_relation


def kept_types(types_anew: Callable[..., Any]) -> Callable[..., Any]:
    """In place of ``build_type_tester``, which makes parsers of dates for every answer."""
    kept: dict[tuple[Any, ...], Any] = {}

    def build_type_tester(text_columns: Any, string_null_values: Any = ("null", "")) -> Any:
        # Such parsers are of one thread.
        asked = (threading.get_ident(), *sorted(text_columns), string_null_values)
        if asked not in kept:
            kept[asked] = types_anew(text_columns, string_null_values)
        return kept[asked]

    return build_type_tester


def make_lean() -> None:
    """Replace these parts of dbt in this process."""
    from dbt import compilation
    from dbt.adapters.base.impl import BaseAdapter
    from dbt.adapters.clients.jinja import QueryStringGenerator
    from dbt.adapters.postgres.connections import PostgresConnectionManager, PostgresCredentials
    from dbt.task import run, test
    from dbt.task.compile import CompileRunner
    from dbt_common.clients import agate_helper
    from dbt_common.clients.jinja import MacroFuzzEnvironment
    from dbt_common.events import functions
    from dbt_common.events.base_types import DebugLevel, InfoLevel
    from dbt_common.events.event_manager import EventManager
    from dbt_common.events.logger import _Logger

    from orchestration.dbt import messages, statements, templates
    from orchestration.dbt.context import lean_model_context

    templates.load()
    no_rows = agate_helper.empty_table()
    for owner, name, ours in (
        (PostgresConnectionManager, "release", release_and_keep),
        (PostgresCredentials, "_connection_keys", parsed_address),
        (BaseAdapter, "get_relation", relation_by_name(BaseAdapter.get_relation)),
        (agate_helper, "empty_table", lambda: no_rows),
        (agate_helper, "build_type_tester", kept_types(agate_helper.build_type_tester)),
        (DebugLevel, "__init__", messages.made_if_debug_is_written),
        (InfoLevel, "__init__", messages.made_if_info_is_written),
        (EventManager, "fire_event", messages.fired_if_read(EventManager.fire_event)),
        (_Logger, "write_line", messages.written_if_of_level(_Logger.write_line)),
        (functions, "env_secrets", lru_cache(maxsize=1)(functions.env_secrets)),
        (QueryStringGenerator, "__call__", messages.query_comment),
        (CompileRunner, "get_node_representation", messages.named_by_schema(CompileRunner.get_node_representation)),
        *(
            (runner, "print_result_line", messages.printed_if_read(runner.print_result_line))
            for runner in (run.ModelRunner, test.TestRunner)
        ),
        (run, "track_model_run", lambda *_values, **_named: None),
        *((module, "generate_runtime_model_context", lean_model_context) for module in (compilation, run, test)),
        (MacroFuzzEnvironment, "compile", templates.take_or_compile(MacroFuzzEnvironment)),
        (run.ModelRunner, "compile", statements.taken_or_compiled(run.ModelRunner.compile)),
        (test.TestRunner, "compile", statements.taken_or_compiled(test.TestRunner.compile)),
        (run.ModelRunner, "execute", statements.sent_or_materialized(run.ModelRunner.execute)),
        (test.TestRunner, "execute_data_test", statements.sent_or_tested(test.TestRunner.execute_data_test)),
    ):
        setattr(owner, name, ours)


def run_dbt(arguments: Sequence[str], manifest: Any = None) -> int:
    """Run dbt's command line in this process, on a project that is parsed already if one is given; the exit code."""
    from dbt.cli.main import dbtRunner
    from dbt.graph.queue import GraphQueue
    from dbt.parser import manifest as parsing
    from dbt.task import runnable

    from orchestration.dbt import order

    # Of this process only: whoever starts it writes records.
    os.environ["PGOPTIONS"] = f"{os.environ.get('PGOPTIONS', '')} -c synchronous_commit=off"
    if {"build", "run"} & set(arguments):
        # The manifest is prepared (`python -m orchestration.dbt prepare`); dbt would write it anew twice.
        for module in (parsing, runnable):
            setattr(module, WRITES_MANIFEST, lambda *_arguments: None)
    for owner, name, ours in (
        (GraphQueue, "_get_scores", order.longest_way_first),
        (GraphQueue, "get", order.best_node),
        (runnable.GraphRunnableTask, "run_queue", order.run_queue),
    ):
        setattr(owner, name, ours)
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    gc.enable()
    outcome = dbtRunner(manifest=manifest).invoke(list(arguments))
    if outcome.exception is not None:
        print(outcome.exception, file=sys.stderr)
        return 2
    return 0 if outcome.success else 1
