"""Applies ``sql/0015_adjustments.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0015_adjustments.sql")
