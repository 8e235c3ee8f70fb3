"""Applies ``sql/0019_partner_access.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0019_partner_access.sql")
