"""What `apportion ui` starts ends with it."""

import signal
import subprocess
import sys
import time

import psutil

CHILD = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); {}"
PARENT = """
import sys
from orchestration.cli import ui
ui.SECONDS_TO_END = 1
sys.exit(ui.run_with_children([sys.executable, "-c", {child!r}], {{}}))
"""


def test_nothing_is_left_when_the_command_is_ended() -> None:
    child = CHILD.format("time.sleep(60)")
    parent = subprocess.Popen([sys.executable, "-c", PARENT.format(child=child)])
    try:
        deadline = time.monotonic() + 60
        while len(family := psutil.Process(parent.pid).children(recursive=True)) < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        assert len(family) == 2
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(timeout=30) == 0
        assert psutil.wait_procs(family, timeout=5)[1] == []
    finally:
        parent.kill()


def test_the_exit_code_is_that_of_what_was_run() -> None:
    ended = subprocess.run([sys.executable, "-c", PARENT.format(child="import sys; sys.exit(3)")], check=False)
    assert ended.returncode == 3
