"""Applies ``sql/0029_term_sheets.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0029_term_sheets.sql")
