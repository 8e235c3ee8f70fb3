"""Starts the Dagster webserver and daemon as children of this process, on the loopback address only."""

import os
import subprocess
import sys
from pathlib import Path

from orchestration.cli.runner import dagster_instance
from orchestration.cli.terminal import console
from orchestration.database.server import ensure_database
from orchestration.paths import PROJECT_ROOT


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
    try:
        return subprocess.call(command, cwd=PROJECT_ROOT, env=environment)
    except KeyboardInterrupt:
        return 0
