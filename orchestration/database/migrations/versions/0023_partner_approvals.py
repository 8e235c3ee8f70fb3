"""Applies ``sql/0023_partner_approvals.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0023_partner_approvals.sql")
