"""Applies ``sql/0007_tariffs.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0007_tariffs.sql")
