"""Applies ``sql/0050_line_corrections.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0050_line_corrections.sql")
