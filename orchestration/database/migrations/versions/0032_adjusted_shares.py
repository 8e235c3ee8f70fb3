"""Applies ``sql/0032_adjusted_shares.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0032_adjusted_shares.sql")
