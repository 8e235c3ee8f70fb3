"""A whole pipeline for tests: its own home, inbox, book and database; driven through the command line, as people do.

Belongs here: running commands and reading what they left. Belongs elsewhere: making pipelines (the fixture
``new_pipeline`` in ``tests/conftest.py``).
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg

PROJECT_ROOT = Path(__file__).resolve().parents[1]
PERIOD = "2026-10-c01"


@dataclass(frozen=True)
class Pipeline:
    """One home folder and one database."""

    home: Path
    book: Path
    database_url: str

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    def environment(self, **extra: str) -> dict[str, str]:
        return {
            **os.environ,
            "APPORTION_HOME": str(self.home),
            "APPORTION_BOOK": str(self.book),
            "APPORTION_DATABASE_URL": self.database_url,
            "COLUMNS": "180",
            **extra,
        }

    def start(self, *arguments: str, **extra: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "orchestration.cli.main", *arguments],
            cwd=PROJECT_ROOT,
            env=self.environment(**extra),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, expect: int = 0, **extra: str) -> str:
        """Run one command to its end; its output. Fails when the exit code is another than ``expect``."""
        process = self.start(*arguments, **extra)
        output, _ = process.communicate(timeout=400)
        assert process.returncode == expect, f"{arguments} ended with {process.returncode}:\n{output[-6000:]}"
        return output

    def query(self, sql: str, *parameters) -> list[tuple]:
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(sql, parameters or None).fetchall()  # `%` stays as it is without parameters

    def value(self, sql: str, *parameters):
        return self.query(sql, *parameters)[0][0]

    def output_digest(self, period_id: str = PERIOD) -> str:
        return self.value(
            "select output_digest from control.bill_runs where lane = 'build' and period_id = %s and sequence = 0",
            period_id,
        )
