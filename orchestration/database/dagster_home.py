"""Dagster's own storage, in the same PostgreSQL server, and its settings.

Belongs here: ``dagster.yaml`` of the state folder. Belongs elsewhere: definitions and jobs.
"""

import os
from pathlib import Path
from urllib.parse import quote

import psycopg
import yaml

from orchestration.database.connection import database_url, sqlalchemy_url
from orchestration.paths import home

URL_VARIABLE = "APPORTION_DAGSTER_DATABASE_URL"
SCHEMA = "dagster"
SCHEMA_LOCK = 7_260_643
# Events show what happened and are no record: a bill run writes two thousand, and none waits for the disk.
OPTIONS = f"-csearch_path={SCHEMA} -csynchronous_commit=off"
# Dagster hands over events that belong together, up to so many at once; without this variable one by one.
BATCH_VARIABLE, MOST_IN_A_BATCH = "DAGSTER_EVENT_BATCH_SIZE", 1000


def storage_url(url: str) -> str:
    """The address of Dagster's storage in the database at ``url``: its own schema. Holds the password."""
    # SQLAlchemy 2.1 takes psycopg 3 for a bare postgresql:// address; dagster-postgres needs psycopg2 (NOTIFY with
    # parameters).
    storage = sqlalchemy_url(url, driver="psycopg2")
    return f"{storage}{'&' if '?' in storage else '?'}options={quote(OPTIONS)}"


def prepare_dagster_home() -> Path:
    """Write ``dagster.yaml``, make the schema, put the storage address into the environment; returns DAGSTER_HOME.

    The address holds a password, so it stays in the environment and out of the file.
    """
    folder = home() / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    url = database_url()
    with psycopg.connect(url) as connection:
        # `if not exists` alone lets two starters collide.
        connection.execute("select pg_advisory_xact_lock(%s)", [SCHEMA_LOCK])
        connection.execute(f"create schema if not exists {SCHEMA}")
    os.environ[URL_VARIABLE] = storage_url(url)
    os.environ["DAGSTER_HOME"] = str(folder)
    os.environ.setdefault(BATCH_VARIABLE, str(MOST_IN_A_BATCH))
    settings = {
        "storage": {
            "custom": {
                "module": "orchestration.database.dagster_storage",
                "class": "KeptConnectionsPostgresStorage",
                "config": {"postgres_url": {"env": URL_VARIABLE}},
            }
        },
        "telemetry": {"enabled": False},
        "nux": {"enabled": False},
        # Without monitoring a killed run stays STARTED for ever.
        "run_monitoring": {"enabled": True, "poll_interval_seconds": 15, "start_timeout_seconds": 180},
        "compute_logs": {
            "module": "dagster._core.storage.local_compute_log_manager",
            "class": "LocalComputeLogManager",
            "config": {"base_dir": str(folder / "logs")},
        },
    }
    text = yaml.safe_dump(settings, sort_keys=False)
    path = folder / "dagster.yaml"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        # A reader of a half-written file would fall back to other storage: write beside it, then rename.
        beside = folder / f"dagster.yaml.{os.getpid()}"
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    return folder
