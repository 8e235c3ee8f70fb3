"""Settings of the embedded PostgreSQL server: safe first, then fast.

Belongs here: what is written into the server's own configuration file, worked out from the machine.
Belongs elsewhere: the life of the server (``server``), what is refused on any server (``durability``).
"""

import os
from pathlib import Path

import psutil

MEGABYTE = 1024 * 1024
SHARED_MEMORY = Path("/dev/shm")
# A parallel hash join of millions of rows asks for some hundred megabytes; containers often give 64.
ENOUGH_SHARED_MEMORY_BYTES = 1024 * MEGABYTE

FIXED_SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "password_encryption": "'scram-sha-256'",
    # A table created and filled in one transaction skips the log; the price is no point-in-time recovery.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "jit": "off",
    "max_wal_size": "'4GB'",
    "checkpoint_timeout": "'15min'",
    "random_page_cost": "1.1",
    "max_connections": "60",
    "join_collapse_limit": "20",
    "from_collapse_limit": "20",
    # Attaching and counting partitions locks each of them.
    "max_locks_per_transaction": "256",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_checkpoints": "off",
    # Rows of customers must not leak into the log through error details.
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
}


def memory_settings(total_bytes: int) -> dict[str, str]:
    """Sizes for a machine with ``total_bytes`` of memory: measured best from 8 GB up, in proportion below."""
    megabytes = total_bytes // MEGABYTE
    return {
        "shared_buffers": f"'{min(512, max(32, megabytes // 16))}MB'",
        "work_mem": f"'{min(64, max(8, megabytes // 128))}MB'",
        "maintenance_work_mem": f"'{min(256, max(32, megabytes // 32))}MB'",
        # The first reader of a new table writes its pages to the log (data checksums do); in a small buffer it waits.
        "wal_buffers": f"'{min(256, max(4, megabytes // 64))}MB'",
        "effective_cache_size": f"'{min(4096, max(256, megabytes // 2))}MB'",
    }


def processor_settings(processors: int) -> dict[str, str]:
    """Workers for an index, beside the process that asks for it; more processes than processors hinder each other."""
    return {"max_parallel_maintenance_workers": str(min(4, processors - 1))}


def shared_memory_settings(available_bytes: int) -> dict[str, str]:
    """Where parallel workers meet: /dev/shm when it has room, else files of the data folder (slower, but they fit)."""
    kind = "posix" if available_bytes >= ENOUGH_SHARED_MEMORY_BYTES else "mmap"
    return {"dynamic_shared_memory_type": kind}


def configuration() -> str:
    """The text of the configuration file for this machine."""
    try:
        status = os.statvfs(SHARED_MEMORY)
        available_bytes = status.f_bavail * status.f_frsize
    except OSError:
        available_bytes = 0
    settings = (
        FIXED_SETTINGS
        | memory_settings(psutil.virtual_memory().total)
        | processor_settings(os.cpu_count() or 1)
        | shared_memory_settings(available_bytes)
    )
    lines = ["# Written at every start by orchestration/database/settings.py; edits are lost."]
    return "\n".join([*lines, *(f"{name} = {value}" for name, value in settings.items())]) + "\n"
