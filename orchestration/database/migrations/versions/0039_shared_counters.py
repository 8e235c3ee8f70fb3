"""Applies ``sql/0039_shared_counters.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0039_shared_counters.sql")
