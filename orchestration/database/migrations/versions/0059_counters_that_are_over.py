"""Applies ``sql/0059_counters_that_are_over.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0059"
down_revision = "0058"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0059_counters_that_are_over.sql")
