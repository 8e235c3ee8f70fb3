"""Applies ``sql/0052_prorated_items.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0052_prorated_items.sql")
