"""Refuses a server on which committed work could be lost.

Belongs here: durability as the server itself reports it, on embedded and external servers alike.
Belongs elsewhere: the settings the embedded server is given (``settings``).
"""

import psycopg

# The values of each setting under which a commit that was acknowledged survives a crash of this server.
SAFE_VALUES = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "local", "remote_write", "remote_apply"),
}
RECORD_SCHEMAS = ("catalog", "inbox", "control", "published", "ledger")


class UnsafeServerError(RuntimeError):
    """The server may lose committed transactions in a crash."""


def refuse_unsafe_server(url: str) -> None:
    """Read the durability of settings and tables from the server at ``url``.

    Raises:
        UnsafeServerError: names each unsafe setting and each record table that has no log, and what to do.
    """
    with psycopg.connect(url) as connection:
        settings = connection.execute(
            "select name, setting, source from pg_settings where name = any(%s)", [list(SAFE_VALUES)]
        ).fetchall()
        unlogged = connection.execute(
            "select oid::regclass::text from pg_class"
            " where relpersistence = 'u' and relkind = 'r' and relnamespace::regnamespace::text = any(%s)",
            [list(RECORD_SCHEMAS)],
        ).fetchall()
    problems = [
        f"{name}: found {setting!r}, expected {SAFE_VALUES[name][0]!r} (set by: {source})"
        for name, setting, source in settings
        if setting not in SAFE_VALUES[name]
    ]
    problems += [
        f"table {name}: found unlogged, expected logged (alter table {name} set logged)" for (name,) in unlogged
    ]
    if problems:
        raise UnsafeServerError(
            "this PostgreSQL could lose committed bills in a crash: "
            + "; ".join(problems)
            + ". Put that right, reload the server's configuration and start again."
        )
