"""Applies ``sql/0034_hop_roles.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0034_hop_roles.sql")
