"""Applies ``sql/0040_negative_margins.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0040_negative_margins.sql")
