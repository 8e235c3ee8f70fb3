"""Applies ``sql/0028_roles.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0028_roles.sql")
