"""Applies ``sql/0056_content_hash_in_inbox.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0056"
down_revision = "0055"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0056_content_hash_in_inbox.sql")
