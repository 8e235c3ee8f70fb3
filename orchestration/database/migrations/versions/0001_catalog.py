"""Applies ``sql/0001_catalog.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0001_catalog.sql")
