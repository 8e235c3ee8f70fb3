"""Applies ``sql/0018_tier_parts.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0018_tier_parts.sql")
