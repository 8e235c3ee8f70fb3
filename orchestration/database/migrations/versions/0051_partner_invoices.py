"""Applies ``sql/0051_partner_invoices.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0051_partner_invoices.sql")
