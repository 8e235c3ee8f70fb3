"""dbt that has started before it is needed: imported, the lanes' projects parsed, waiting for a command.

Belongs here: the waiting process (``wait_for_commands``), starting it, handing a command over to it.
Belongs elsewhere: dbt and what is left out of it (``orchestration.dbt.lean``), its models (``dbt_project``).

dbt takes four seconds to start on one processor, and a month calls it twice. ``make run`` lets it start while usage is
generated and taken in. Nothing else changes: who calls dbt still starts a process, which hands over its arguments,
environment and output, passes on signals, and ends with the exit code; where nobody waits it is dbt itself.

Each command runs in a fork of its own, so none sees what an earlier one left behind.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

# Where the waiting process listens; in the environment of the process that started it, and of what that starts.
ADDRESS_VARIABLE = "APPORTION_DBT_AHEAD"
# Names of relations hold the database; a manifest of another one is of no use.
PARSED_FOR = ("APPORTION_LANE", "APPORTION_PG_DBNAME")
LOOK_FOR_PARENT_SECONDS = 1.0
FIRST_BYTES = 65_536


def start_ahead(lanes: Sequence[str]) -> None:
    """Start the waiting process for these lanes of the database in use; it ends with this process."""
    from orchestration.database.connection import dbt_environment
    from orchestration.dbt.manifest import run_artifacts_folder

    if os.environ.get(ADDRESS_VARIABLE):
        return
    folder = tempfile.mkdtemp(prefix="apportion-dbt-")
    address = str(Path(folder) / "commands")
    environments = {lane: dbt_environment(token=0, lane=lane) for lane in lanes}
    targets = {lane: str(run_artifacts_folder(lane)) for lane in lanes}
    with socket.socket(socket.AF_UNIX) as listener:
        # Commands that come while dbt still starts wait in the queue of the socket.
        try:
            listener.bind(address)
        except OSError:  # Such an address may be too long; then dbt starts when it is called.
            Path(folder).rmdir()
            return
        listener.listen()
        process = subprocess.Popen(
            [sys.executable, "-m", "orchestration.dbt.ahead", str(listener.fileno()), address],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )
    assert process.stdin is not None
    with process.stdin as pipe:
        given = {"parent": os.getpid(), "environments": environments, "targets": targets}
        pipe.write(json.dumps(given).encode())
    os.environ[ADDRESS_VARIABLE] = address


def hand_over(arguments: Sequence[str]) -> int | None:
    """Let the waiting process run dbt with these arguments; its exit code, or None where nobody waits for it."""
    address = os.environ.get(ADDRESS_VARIABLE)
    if not address or "--vars" in arguments:  # Other variables are another project.
        return None
    command = json.dumps({"arguments": list(arguments), "environment": dict(os.environ), "folder": str(Path.cwd())})
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(address)
            content = command.encode() + b"\n"
            socket.send_fds(line, [content[:FIRST_BYTES]], [1, 2])
            line.sendall(content[FIRST_BYTES:])
            answers = line.makefile("r")
            process_id = int(answers.readline() or 0)
        except (OSError, ValueError):
            return None
        if not process_id:
            return None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda received, _frame: _pass_on(process_id, received))
        return int(answers.readline() or 2)


def _pass_on(process_id: int, received: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process_id, received)


def wait_for_commands(listener: socket.socket, address: Path) -> None:
    """Import dbt, parse the project of each lane, then run what comes, one command after the other."""
    given = json.loads(sys.stdin.buffer.read())
    try:
        manifests = _parsed(given["environments"], given["targets"])
        listener.settimeout(LOOK_FOR_PARENT_SECONDS)
        while os.getppid() == given["parent"]:
            with suppress(TimeoutError):
                line, _ = listener.accept()
                with line:
                    _run(line, given["environments"], manifests)
    finally:
        address.unlink()
        address.parent.rmdir()


def _parsed(environments: dict[str, dict[str, str]], targets: dict[str, str]) -> dict[str, Any]:
    import gc

    gc.disable()
    from dbt.cli.main import dbtRunner

    from orchestration.dbt.lean import make_lean
    from orchestration.dbt.manifest import load_statements
    from orchestration.paths import DBT_PROJECT

    make_lean()
    load_statements(environments)
    manifests = {}
    for lane, environment in environments.items():
        os.environ.update(environment)
        parse = ["--quiet", "--log-level-file", "none", "--no-write-json", "parse", "--project-dir", str(DBT_PROJECT)]
        parsed = dbtRunner().invoke([*parse, "--target-path", targets[lane]])
        if parsed.success:
            manifests[lane] = parsed.result
    return manifests


def _run(line: socket.socket, environments: dict[str, dict[str, str]], manifests: dict[str, Any]) -> None:
    """One command in a fork. A lane or database that was not parsed for is not answered: the caller runs dbt itself."""
    content, outputs, _, _ = socket.recv_fds(line, FIRST_BYTES, 2)
    while not content.endswith(b"\n"):
        more = line.recv(FIRST_BYTES)
        if not more:
            return
        content += more
    command = json.loads(content)
    lane = command["environment"].get("APPORTION_LANE")
    is_parsed = lane in manifests and all(
        command["environment"].get(name) == environments[lane][name] for name in PARSED_FOR
    )
    if not is_parsed or len(outputs) != 2:
        return
    process_id = os.fork()
    if not process_id:
        _become(command, outputs, manifests[lane])
    for output in outputs:
        os.close(output)
    with suppress(OSError):
        line.sendall(f"{process_id}\n".encode())
    _, status = os.waitpid(process_id, 0)
    with suppress(OSError):
        line.sendall(f"{abs(os.waitstatus_to_exitcode(status))}\n".encode())


def _become(command: dict[str, Any], outputs: list[int], manifest: Any) -> None:
    from orchestration.dbt.lean import run_dbt

    code = 2
    try:
        for number, output in enumerate(outputs, start=1):
            os.dup2(output, number)
            os.close(output)
        os.environ.clear()
        os.environ.update(command["environment"])
        os.chdir(command["folder"])
        code = run_dbt(command["arguments"], manifest)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    wait_for_commands(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2]))
