"""Applies ``sql/0030_adjusted_shares.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0030_adjusted_shares.sql")
