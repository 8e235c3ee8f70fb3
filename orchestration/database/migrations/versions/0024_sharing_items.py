"""Applies ``sql/0024_sharing_items.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0024_sharing_items.sql")
