"""dbt's messages, put together only where a log writes them or somebody listens.

Belongs here: which messages are read, the lines and names that many of them hold.
Belongs elsewhere: other parts of dbt that are replaced (``orchestration.dbt.lean``).

dbt makes some ten messages per node, most of level debug, writes a line of each for every log there is, and then looks
at the log's level. For each line it goes through the environment, for secrets to leave out.
"""

import json
from collections.abc import Callable
from typing import Any


def is_debug_written() -> bool:
    """Whether any log of this process writes messages of level debug (``--log-level debug``)."""
    from dbt_common.events.base_types import EventLevel
    from dbt_common.events.event_manager_client import get_event_manager

    return any(logger.level == EventLevel.DEBUG for logger in get_event_manager().loggers)


def is_info_written(manager: Any) -> bool:
    """Whether messages of level info are written by a log, or listened to; as long as there is no log they may be."""
    from dbt.tracking import track_behavior_change_warn
    from dbt_common.events.base_types import EventLevel

    above = (EventLevel.WARN, EventLevel.ERROR)
    # dbt itself listens always, for one warning.
    is_heard = any(callback is not track_behavior_change_warn for callback in manager.callbacks)
    return is_heard or not manager.loggers or any(log.level not in above for log in manager.loggers)


def is_printed(name: str) -> bool:
    """Whether messages of this name are what a command or a macro was asked to print: a quiet dbt writes them too."""
    from dbt_common.events.logger import PRINT_EVENT_NAMES

    return name in PRINT_EVENT_NAMES


def made_if_debug_is_written(event: Any, *arguments: Any, **values: Any) -> None:
    """In place of ``DebugLevel.__init__``: an event without values where nobody reads them."""
    from dbt_common.events.base_types import BaseEvent

    if is_debug_written():
        BaseEvent.__init__(event, *arguments, **values)
    else:
        _make_without_values(event)


def made_if_info_is_written(event: Any, *arguments: Any, **values: Any) -> None:
    """In place of ``InfoLevel.__init__``, likewise."""
    from dbt_common.events.base_types import BaseEvent
    from dbt_common.events.event_manager_client import get_event_manager

    if is_info_written(get_event_manager()) or is_printed(type(event).__name__):
        BaseEvent.__init__(event, *arguments, **values)
    else:
        _make_without_values(event)


def _make_without_values(event: Any) -> None:
    event.pb_msg = getattr(event.PROTO_TYPES_MODULE, type(event).__name__)()


def fired_if_read(fire_any_event: Callable[..., None]) -> Callable[..., None]:
    """In place of ``EventManager.fire_event``."""
    from dbt_common.events.base_types import EventLevel

    def fire_event(
        manager: Any, e: Any, level: Any = None, node: Any = None, force_warn_or_error_handling: bool = False
    ) -> None:
        of_level = level or e.level_tag()
        is_read = (
            is_debug_written() if of_level == EventLevel.DEBUG
            else is_info_written(manager) or is_printed(type(e).__name__) if of_level == EventLevel.INFO
            else True
        )  # fmt: skip
        if is_read or force_warn_or_error_handling:
            fire_any_event(manager, e, level, node, force_warn_or_error_handling)

    return fire_event


def written_if_of_level(write_any_line: Callable[..., None]) -> Callable[..., None]:
    """In place of ``write_line`` of a log, which makes its line before it looks at the level."""
    from dbt_common.events.base_types import EventLevel

    ranks = {level.value: rank for rank, level in enumerate(EventLevel)}

    def write_line(log: Any, message: Any) -> None:
        if ranks[message.info.level] >= ranks[log.level.value] or is_printed(message.info.name):
            write_any_line(log, message)

    return write_line


def query_comment(_generator: Any, connection_name: str, node: Any) -> str:
    """In place of the macro that names the node in front of each statement, for PostgreSQL's logs and views."""
    named = {"connection_name": connection_name} if node is None else {"node_id": node.unique_id}
    return json.dumps({"app": "dbt", **named})


def named_by_schema(named_anew: Callable[..., str]) -> Callable[..., str]:
    """In place of ``get_node_representation``, which makes a relation to print its name."""

    def get_node_representation(runner: Any) -> str:
        node, database = runner.node, runner.config.credentials.database
        return f"{node.schema}.{node.alias}" if node.database == database else named_anew(runner)

    return get_node_representation


def printed_if_read(print_result_line: Callable[..., None]) -> Callable[..., None]:
    """In place of ``print_result_line``: only a result decides of what level its message is."""
    from dbt.artifacts.schemas.results import NodeStatus
    from dbt_common.events.event_manager_client import get_event_manager

    def print_if_read(runner: Any, result: Any) -> None:
        is_good = result.status in (NodeStatus.Success, NodeStatus.Pass)
        if not is_good or is_info_written(get_event_manager()):
            print_result_line(runner, result)

    return print_if_read
