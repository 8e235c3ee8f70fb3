"""The system user the embedded server runs as when Apportion runs as root, which PostgreSQL refuses.

Belongs here: making that user, and letting it reach the binaries and the data folder.
Belongs elsewhere: the server itself (``server``).
"""

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

SYSTEM_USER = "apportion-postgres"


class SystemUserError(RuntimeError):
    """The system user could not be made."""


def is_needed() -> bool:
    """Whether this process is root."""
    return os.geteuid() == 0


def server_user_id() -> int:
    """The user id that owns the server's files."""
    return pwd.getpwnam(SYSTEM_USER).pw_uid if is_needed() else os.geteuid()


def process_arguments() -> dict[str, Any]:
    """How ``subprocess`` starts a program as the server's user."""
    # The working folder must be one that the user may enter.
    return {"user": SYSTEM_USER, "group": SYSTEM_USER, "extra_groups": [], "cwd": "/"} if is_needed() else {}


def ensure_system_user() -> None:
    """As root: make the system user when there is none.

    Raises:
        SystemUserError: with the command to give by hand.
    """
    if not is_needed():
        return
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = [
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell",
            "/usr/sbin/nologin",
            SYSTEM_USER,
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as failure:
            if SYSTEM_USER in {user.pw_name for user in pwd.getpwall()}:
                return  # Another process made it at the same moment.
            raise SystemUserError(
                f"PostgreSQL refuses to run as root, and the system user {SYSTEM_USER} could not be made"
                f" ({getattr(failure, 'stderr', '') or failure}). Run:"
                f" {' '.join(command)}; or run Apportion as an ordinary user."
            ) from failure


def give(path: Path) -> None:
    """Hand ``path`` over to the server's user."""
    if is_needed():
        shutil.chown(path, SYSTEM_USER, SYSTEM_USER)


def open_the_way(target: Path) -> None:
    """As root: let other users pass (not list) each folder above ``target``, saying so, as /root is closed to them."""
    if not is_needed():
        return
    for folder in reversed([*target.parents, *target.resolve().parents]):
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)
            print(f"{folder}: others may pass now (chmod o+x), for PostgreSQL to reach {target}", file=sys.stderr)


def make_readable(folder: Path) -> None:
    """As root: let everybody read the programs in ``folder``, which a strict umask at installation may have closed."""
    if not is_needed() or folder.stat().st_mode & 0o005 == 0o005:
        return
    for path in [folder, *folder.rglob("*")]:
        if path.is_symlink():
            continue
        mode = path.stat().st_mode
        path.chmod(mode | (0o055 if path.is_dir() or mode & 0o100 else 0o044))
