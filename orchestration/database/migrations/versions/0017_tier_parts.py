"""Applies ``sql/0017_tier_parts.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0017_tier_parts.sql")
