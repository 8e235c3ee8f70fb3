"""Applies ``sql/0031_term_sheets.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0031_term_sheets.sql")
