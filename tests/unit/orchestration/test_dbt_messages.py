"""dbt's messages are put together where somebody reads them, and what is read is as dbt writes it."""

from types import SimpleNamespace

import pytest
from dbt.artifacts.schemas.results import NodeStatus
from dbt.tracking import track_behavior_change_warn
from dbt_common.events import event_manager_client
from dbt_common.events.base_types import EventLevel

from orchestration.dbt import messages


def _log(level: EventLevel) -> SimpleNamespace:
    return SimpleNamespace(level=level)


def test_a_log_makes_lines_of_its_level_and_above_and_of_what_is_printed():
    lines = []
    write_line = messages.written_if_of_level(lambda _log, message: lines.append(message.info.name))
    for name, level in (
        ("Row", "info"),
        ("PrintEvent", "info"),
        ("Odd", "warn"),
        ("Wrong", "error"),
        ("Fine", "debug"),
    ):
        write_line(_log(EventLevel.WARN), SimpleNamespace(info=SimpleNamespace(name=name, level=level)))
    assert lines == ["PrintEvent", "Odd", "Wrong"]


@pytest.mark.parametrize(
    ("level", "callbacks", "is_written"),
    [
        (EventLevel.INFO, [], True),
        (EventLevel.ERROR, [], False),
        (EventLevel.ERROR, [track_behavior_change_warn], False),
        (EventLevel.ERROR, [print], True),
    ],
    ids=["a log of level info", "quiet", "dbt listens to itself", "somebody listens"],
)
def test_good_results_are_reported_where_they_are_read_and_others_always(monkeypatch, level, callbacks, is_written):
    manager = SimpleNamespace(loggers=[_log(level)], callbacks=callbacks)
    monkeypatch.setattr(event_manager_client, "_EVENT_MANAGER", manager)
    printed = []
    report = messages.printed_if_read(lambda _runner, result: printed.append(result.status))
    others = [NodeStatus.Error, NodeStatus.Fail, NodeStatus.Warn, NodeStatus.Skipped]
    for status in (NodeStatus.Success, NodeStatus.Pass, *others):
        report(None, SimpleNamespace(status=status))
    assert printed == [*((NodeStatus.Success, NodeStatus.Pass) if is_written else ()), *others]


def test_a_statement_names_the_node_that_sends_it():
    assert messages.query_comment(None, "master", None) == '{"app": "dbt", "connection_name": "master"}'
    node = SimpleNamespace(unique_id="model.apportion.int_run")
    assert messages.query_comment(None, "it", node) == '{"app": "dbt", "node_id": "model.apportion.int_run"}'
