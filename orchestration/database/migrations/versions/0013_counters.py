"""Applies ``sql/0013_counters.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0013_counters.sql")
