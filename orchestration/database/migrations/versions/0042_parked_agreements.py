"""Applies ``sql/0042_parked_agreements.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0042_parked_agreements.sql")
