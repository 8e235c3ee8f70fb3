"""Applies ``sql/0025_partner_approvals.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0025_partner_approvals.sql")
