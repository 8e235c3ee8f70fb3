"""Calculations of commands: dbt analyses, compiled with the project and executed in the command's own transaction.

Belongs here: the compiled text of an analysis.
Belongs elsewhere: the SQL itself (``dbt_project/analyses``), compiling it (``orchestration.dbt.manifest``), what a
command does with the rows (``assets.settling``, ``assets.payments``).

Money is calculated by dbt's macros here as everywhere; starting dbt for one dispute would cost seconds and another
transaction than the one that records it.
"""

from functools import cache
from typing import LiteralString

from orchestration.failures import PermanentFailure
from orchestration.paths import DBT_PROJECT

FOLDER = DBT_PROJECT / "analyses"


@cache
def analysis(name: str) -> LiteralString:
    """The compiled SQL of ``dbt_project/analyses/<name>.sql``; its parameters are psycopg's.

    Raises:
        PermanentFailure: it was not compiled, or has changed since.
    """
    from orchestration.dbt.manifest import is_prepared, manifest_path

    path = manifest_path().parent / "compiled" / "apportion" / "analyses" / f"{name}.sql"
    if not path.exists() or not is_prepared():
        what = "missing" if not path.exists() else "older than the dbt project"
        remedy = "run `make setup` or `python -m orchestration.dbt prepare`"
        raise PermanentFailure(f"{path.relative_to(DBT_PROJECT.parent)} is {what}: {remedy}")
    # A file of this repository, compiled by dbt without any input of a user.
    return path.read_text(encoding="utf-8")
