"""Applies ``sql/0045_money_allowances.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0045_money_allowances.sql")
