"""Applies ``sql/0020_tier_parts.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0020_tier_parts.sql")
