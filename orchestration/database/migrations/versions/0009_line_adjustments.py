"""Applies ``sql/0009_line_adjustments.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0009_line_adjustments.sql")
