"""Applies ``sql/0037_negative_margins.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0037_negative_margins.sql")
