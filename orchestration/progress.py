"""Shows a run's progress on a terminal: one line that says what has just been made.

Belongs here: the Dagster logger the command line selects instead of the console logger.
Belongs elsewhere: what is worth reporting at the end (``orchestration.cli.summary``).
"""

import logging
from collections.abc import Callable

import dagster as dg

_listeners: list[Callable[[str], None]] = []


def listen(listener: Callable[[str], None]) -> Callable[[], None]:
    """Call ``listener`` with a short text for each step and asset; returns how to stop."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def show(text: str) -> None:
    """Let the progress line say ``text``; nothing where there is no such line."""
    for listener in _listeners:
        listener(text)


def report(what: str) -> Callable[[int, int], None]:
    """A progress callback for long work inside an asset: shows ``done/total what``."""
    return lambda done, total: show(f"{done:,}/{total:,} {what}")


class _ProgressHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "dagster_event", None) or (getattr(record, "dagster_meta", None) or {}).get(
            "dagster_event"
        )
        text = _text(event) if event is not None else None
        if text:
            for listener in _listeners:
                listener(text)


def _text(event: dg.DagsterEvent) -> str | None:
    if event.is_step_start:
        return f"{event.step_key} ..."
    if event.is_step_materialization and event.asset_key is not None:
        return "/".join(event.asset_key.path)
    return None


@dg.logger(None, description="Feeds the command line's progress line; prints nothing by itself.")
def progress_logger(_context: dg.InitLoggerContext) -> logging.Logger:
    """A logger that only passes Dagster events to the listeners."""
    logger = logging.Logger("apportion.progress", level=logging.INFO)
    logger.addHandler(_ProgressHandler())
    return logger
