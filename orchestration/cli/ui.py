"""Starts the Dagster webserver and daemon as children of this process, on the loopback address only.

Belongs here: starting them, and that they end when this process is ended, however it is.
Belongs elsewhere: what they show (``orchestration.definitions``).
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

import psutil

from orchestration.cli.runner import dagster_instance
from orchestration.cli.terminal import console
from orchestration.database.server import ensure_database
from orchestration.paths import PROJECT_ROOT

SECONDS_TO_END = 20


def serve(port: int) -> int:
    """Run `dagster dev` until it ends; returns its exit code."""
    ensure_database()
    dagster_instance()
    console.print(f"Dagster: http://127.0.0.1:{port}  (Ctrl-C stops it; PostgreSQL goes on until `make stop`)")
    command = [
        str(Path(sys.executable).parent / "dagster"), "dev",
        "--host", "127.0.0.1", "--port", str(port),
        "--workspace", str(PROJECT_ROOT / "workspace.yaml"),
    ]  # fmt: skip
    # The code location is imported from the project folder, whatever folder the command was given in.
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    return run_with_children(command, environment)


def run_with_children(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command in the project folder until it ends, or until this process is interrupted, terminated or hung up.

    Then it is interrupted, and what is left of it and its children after a while is killed: a webserver or a daemon
    that nobody sees any more would go on to launch runs.
    """
    # Also where interrupts are ignored, in the background of a script: the child would inherit that.
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _interrupt)
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, env=dict(environment))
    try:
        return process.wait()
    except KeyboardInterrupt:
        for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(ending, signal.SIG_IGN)
        own = psutil.Process()
        family = own.children(recursive=True)
        process.send_signal(signal.SIGINT)
        _, left = psutil.wait_procs(family, timeout=SECONDS_TO_END)
        for member in left:
            member.kill()
        return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
