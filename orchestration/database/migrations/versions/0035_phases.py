"""Applies ``sql/0035_phases.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0035_phases.sql")
