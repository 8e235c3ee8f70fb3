"""Applies ``sql/0022_partner_access.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0022_partner_access.sql")
