"""Applies ``sql/0049_netting_decisions.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0049_netting_decisions.sql")
