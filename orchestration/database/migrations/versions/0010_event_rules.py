"""Applies ``sql/0010_event_rules.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0010_event_rules.sql")
