"""Applies ``sql/0033_account_credits.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0033_account_credits.sql")
