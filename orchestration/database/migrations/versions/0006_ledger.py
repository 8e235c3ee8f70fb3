"""Applies ``sql/0006_ledger.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0006_ledger.sql")
