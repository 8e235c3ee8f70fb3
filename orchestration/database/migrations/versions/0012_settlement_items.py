"""Applies ``sql/0012_settlement_items.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0012_settlement_items.sql")
