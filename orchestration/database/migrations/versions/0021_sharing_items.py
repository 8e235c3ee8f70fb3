"""Applies ``sql/0021_sharing_items.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0021_sharing_items.sql")
