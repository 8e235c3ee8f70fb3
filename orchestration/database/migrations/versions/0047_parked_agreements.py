"""Applies ``sql/0047_parked_agreements.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0047_parked_agreements.sql")
