"""Applies ``sql/0026_partner_approvals.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0026_partner_approvals.sql")
