"""Applies ``sql/0008_tariffs.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0008_tariffs.sql")
