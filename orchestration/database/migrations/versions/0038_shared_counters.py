"""Applies ``sql/0038_shared_counters.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0038_shared_counters.sql")
