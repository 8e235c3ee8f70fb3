"""Runs dbt against a test database, the way a bill run does.

Belongs here: one dbt invocation as a process, with everything from the environment.
Belongs elsewhere: what is in the database (``rating_fixture``, ``settlement_fixture``).
"""

import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from orchestration.database.connection import dbt_environment
from orchestration.paths import DBT_COMMAND

PROJECT_ROOT = Path(__file__).parents[2]
DBT_PROJECT = PROJECT_ROOT / "dbt_project"


class DbtFailed(AssertionError):
    """dbt ended with an error; the message is what dbt said."""


def run_dbt(
    url: str, target_path: Path, *arguments: str, token: int = 0, environment: dict[str, str] | None = None
) -> str:
    """Run ``dbt <arguments>`` on a database and return what it printed.

    What dbt compiles names the database. It is kept in a folder of the database, under ``target_path``: tests of one
    database do not read what was compiled for another one, whichever was built last.

    Raises:
        DbtFailed: dbt ended with another exit code than 0.
    """
    target = _target_of(url, target_path)
    command = [
        *DBT_COMMAND,
        *arguments,
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(target), "--log-path", str(target)),
    ]
    finished = subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env={**os.environ, **dbt_environment(token=token, lane="build", url=url), **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise DbtFailed(f"dbt {' '.join(arguments)} failed:\n{finished.stdout[-8000:]}\n{finished.stderr[-2000:]}")
    return finished.stdout


def compiled_sql(url: str, target_path: Path, name: str) -> str:
    """A model or data test as dbt last compiled it for this database.

    Raises:
        ValueError: not one file of this name was compiled.
    """
    (file,) = (_target_of(url, target_path) / "compiled").rglob(f"{name}.sql")
    return file.read_text()


def _target_of(url: str, target_path: Path) -> Path:
    return target_path / urlsplit(url).path.strip("/")
