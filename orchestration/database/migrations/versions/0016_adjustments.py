"""Applies ``sql/0016_adjustments.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0016_adjustments.sql")
