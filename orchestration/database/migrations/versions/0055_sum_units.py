"""Applies ``sql/0055_sum_units.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0055_sum_units.sql")
