"""Applies ``sql/0005_published.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0005_published.sql")
