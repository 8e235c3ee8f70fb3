"""dbt with less around each model: its sessions, its messages, what it parses again."""

import subprocess
import sys

import psycopg

# In a process of its own: it replaces parts of the dbt that is imported.
TWO_NODES = """
from multiprocessing import get_context
from types import SimpleNamespace

from dbt.adapters.postgres.connections import PostgresConnectionManager, PostgresCredentials
from orchestration.dbt.lean import make_lean

make_lean()
credentials = PostgresCredentials(
    host={host!r}, port={port}, user={user!r}, password={password!r}, database={dbname!r}, schema="public",
    autocommit=True,
)
manager = PostgresConnectionManager(SimpleNamespace(credentials=credentials), get_context("spawn"))


def ask(statement):
    return manager.add_query(statement, auto_begin=False)[1].fetchone()[0]


manager.set_connection_name("first node")
manager.add_query("create table of_first_node as select 1 as one", auto_begin=False)
assert ask("set local work_mem = '77MB'; select current_setting('work_mem')") == "77MB", "sent together, not one"
assert ask("show work_mem") != "77MB", "a statement's settings outlived it"
session = ask("select pg_backend_pid()")
manager.release()

manager.set_connection_name("second node")
manager.add_query("begin; create table of_second_node as select 1 as one", auto_begin=False)
manager.add_query("set local work_mem = '77MB'", auto_begin=False)
assert ask("select pg_backend_pid()") == session, "the thread has another session"
assert ask("show work_mem") == "77MB", "the transaction has ended"
manager.release()

manager.set_connection_name("third node")
assert ask("select to_regclass('of_first_node') is not null"), "what was committed is gone"
assert ask("select to_regclass('of_second_node') is null"), "what was not committed is there"
assert ask("show work_mem") != "77MB", "a node's settings outlived it"
manager.get_thread_connection().handle.close()
manager.release()
manager.set_connection_name("fourth node")
assert ask("select pg_backend_pid()") != session, "a session that was ended is used again"
manager.cleanup_all()

from dbt_common.events.functions import fire_event
from dbt_common.events.event_manager_client import get_event_manager
from dbt.events.types import NodeStart, MainReportVersion

heard = []
get_event_manager().callbacks.append(lambda message: heard.append(message.info.name))
fire_event(NodeStart(node_info={{}}))
fire_event(MainReportVersion(version="1.11", log_version=3))
assert heard == ["MainReportVersion"], heard

from dbt_common.events.base_types import EventLevel
from dbt.events.types import MainEncounteredError

# As with --quiet and a log file of warnings.
written, manager = [], get_event_manager()
manager.callbacks.clear()
manager.loggers[:] = [
    SimpleNamespace(level=level, filter=lambda _: True, write_line=lambda message: written.append(message.info.name))
    for level in (EventLevel.ERROR, EventLevel.WARN)
]
fire_event(MainReportVersion(version="1.11", log_version=3))
fire_event(MainEncounteredError(exc="told"))
assert written == ["MainEncounteredError"] * 2, written
print("two nodes, one session")
"""


def test_a_thread_keeps_its_session_and_each_node_has_a_transaction_of_its_own(database_url):
    """And messages are put together where somebody reads them: of level debug nobody, of level info unless quiet."""
    with psycopg.connect(database_url) as opened:
        info = opened.info
        program = TWO_NODES.format(
            host=info.host, port=info.port, user=info.user, password=info.password, dbname=info.dbname
        )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert finished.stdout.endswith("two nodes, one session\n"), finished.stderr
