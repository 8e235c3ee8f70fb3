"""Refuses a server whose settings could lose committed work."""

import psycopg

REQUIRED = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
# Stricter settings of synchronous_commit are as safe as `on`.
ALSO_SAFE = {"synchronous_commit": {"on", "remote_write", "remote_apply", "local"}}


class UnsafeServerError(RuntimeError):
    """The server may lose committed transactions in a crash."""


def refuse_unsafe_server(url: str) -> None:
    """Read the durability settings from the server itself; raise UnsafeServerError naming each unsafe one."""
    with psycopg.connect(url) as connection:
        found = dict(
            connection.execute("select name, setting from pg_settings where name = any(%s)", [list(REQUIRED)]).fetchall()
        )
    unsafe = [
        f"{name}: found {found.get(name)!r}, expected {expected!r}"
        for name, expected in REQUIRED.items()
        if found.get(name) not in ALSO_SAFE.get(name, {expected})
    ]
    if unsafe:
        raise UnsafeServerError(
            "this PostgreSQL could lose committed bills in a crash: " + "; ".join(unsafe) + ". Set them and restart the server."
        )
