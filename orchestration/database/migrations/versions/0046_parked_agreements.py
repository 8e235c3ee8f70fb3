"""Applies ``sql/0046_parked_agreements.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0046_parked_agreements.sql")
