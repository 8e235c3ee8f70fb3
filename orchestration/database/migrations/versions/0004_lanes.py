"""Applies ``sql/0004_lanes.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0004_lanes.sql")
