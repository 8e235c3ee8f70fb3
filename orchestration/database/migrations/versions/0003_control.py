"""Applies ``sql/0003_control.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0003_control.sql")
