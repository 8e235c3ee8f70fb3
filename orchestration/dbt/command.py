"""dbt as the runs call it: the same dbt, without what it does around each model that nobody needs here.

Belongs here: parts of dbt replaced because they cost more than most models (``python -m orchestration.dbt.command``).
Belongs elsewhere: which models are built when (``orchestration.dbt.assets``), how one is built (``dbt_project``).

Most of a bill run's 230 nodes are small, and more than half of their time went into what dbt does around them:

- a connection for every node: here a thread keeps its own, which spares PostgreSQL a login and an empty cache of its
  catalogue each time;
- what a template may look at, made whole and twice for every node (``orchestration.dbt.context``);
- templates compiled anew in every run (``orchestration.dbt.templates``);
- tables of no rows, made as a model's answer;
- messages put together for logs that do not write them: of level debug, and those of level info of a quiet dbt (errors
  and warnings are of other levels);
- waiting for the disk at each commit: a lane is a draft, and becomes a record by the commit that publishes it;
- walks of the garbage collector through the manifest;
- the manifest written out anew, twice;
- parsing the project anew because the database's port or user is another one: no model reads them.

The methods replaced are those of dbt-core 1.11 and dbt-postgres 1.11, as the requirements pin them.
"""

import gc
import os
import sys
from collections.abc import Sequence
from typing import Any

from orchestration.dbt.ahead import hand_over

# New objects until the collector looks through young, middle and old ones; dbt leaves little behind.
COLLECT_AFTER = (50_000, 20, 100)
WRITES_MANIFEST = "write_manifest"
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


def is_debug_written() -> bool:
    """Whether any log of this process writes messages of level debug (``--log-level debug``)."""
    from dbt_common.events.base_types import EventLevel
    from dbt_common.events.event_manager_client import get_event_manager

    return any(logger.level == EventLevel.DEBUG for logger in get_event_manager().loggers)


def is_info_written(manager: Any) -> bool:
    """Whether messages of level info are written by a log, or listened to; as long as there is no log they may be."""
    from dbt_common.events.base_types import EventLevel

    above = (EventLevel.WARN, EventLevel.ERROR)
    return bool(manager.callbacks) or not manager.loggers or any(log.level not in above for log in manager.loggers)


def make_lean() -> None:
    """Replace these parts of dbt in this process."""
    from dbt import compilation
    from dbt.adapters.postgres.connections import PostgresConnectionManager, PostgresCredentials
    from dbt.task import run, test
    from dbt_common.clients import agate_helper
    from dbt_common.clients.jinja import MacroFuzzEnvironment
    from dbt_common.events.base_types import BaseEvent, DebugLevel, EventLevel
    from dbt_common.events.event_manager import EventManager

    from orchestration.dbt import templates
    from orchestration.dbt.context import lean_model_context

    templates.load()
    fire_any_event = EventManager.fire_event
    no_rows = agate_helper.empty_table()

    def make_event(event: Any, *arguments: Any, **values: Any) -> None:
        if is_debug_written():
            BaseEvent.__init__(event, *arguments, **values)
        else:
            event.pb_msg = getattr(event.PROTO_TYPES_MODULE, type(event).__name__)()

    def fire_event(
        manager: Any, e: Any, level: Any = None, node: Any = None, force_warn_or_error_handling: bool = False
    ) -> None:
        of_level = level or e.level_tag()
        is_read = (
            is_debug_written() if of_level == EventLevel.DEBUG
            else is_info_written(manager) if of_level == EventLevel.INFO
            else True
        )  # fmt: skip
        if is_read or force_warn_or_error_handling:
            fire_any_event(manager, e, level, node, force_warn_or_error_handling)

    for owner, name, ours in (
        (PostgresConnectionManager, "release", release_and_keep),
        (PostgresCredentials, "_connection_keys", parsed_address),
        (DebugLevel, "__init__", make_event),
        (EventManager, "fire_event", fire_event),
        *((module, "generate_runtime_model_context", lean_model_context) for module in (compilation, run, test)),
        (MacroFuzzEnvironment, "compile", templates.take_or_compile(MacroFuzzEnvironment)),
        (agate_helper, "empty_table", lambda: no_rows),
    ):
        setattr(owner, name, ours)


def run_dbt(arguments: Sequence[str], manifest: Any = None) -> int:
    """Run dbt's command line in this process, on a project that is parsed already if one is given; the exit code."""
    from dbt.cli.main import dbtRunner
    from dbt.parser import manifest as parsing
    from dbt.task import runnable

    # Of this process only: whoever starts it writes records.
    os.environ["PGOPTIONS"] = f"{os.environ.get('PGOPTIONS', '')} -c synchronous_commit=off"
    if {"build", "run"} & set(arguments):
        # The manifest is prepared (`python -m orchestration.dbt prepare`); dbt would write it anew twice.
        for module in (parsing, runnable):
            setattr(module, WRITES_MANIFEST, lambda *_arguments: None)
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    gc.enable()
    outcome = dbtRunner(manifest=manifest).invoke(list(arguments))
    if outcome.exception is not None:
        print(outcome.exception, file=sys.stderr)
        return 2
    return 0 if outcome.success else 1


def main() -> None:
    """Run dbt's command line: by the process that waits for it, or here."""
    code = hand_over(sys.argv[1:])
    if code is None:
        gc.disable()
        make_lean()
        code = run_dbt(sys.argv[1:])
    sys.exit(code)


if __name__ == "__main__":
    main()
