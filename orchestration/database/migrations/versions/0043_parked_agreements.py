"""Applies ``sql/0043_parked_agreements.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0043_parked_agreements.sql")
