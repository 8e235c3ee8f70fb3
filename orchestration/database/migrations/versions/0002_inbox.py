"""Applies ``sql/0002_inbox.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0002_inbox.sql")
