"""Applies ``sql/0044_covered_margins.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0044_covered_margins.sql")
