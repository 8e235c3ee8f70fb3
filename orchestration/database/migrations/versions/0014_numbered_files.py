"""Applies ``sql/0014_numbered_files.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0014_numbered_files.sql")
