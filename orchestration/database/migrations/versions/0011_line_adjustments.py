"""Applies ``sql/0011_line_adjustments.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0011_line_adjustments.sql")
