"""Applies ``sql/0048_parked_agreements.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0048_parked_agreements.sql")
