"""Applies ``sql/0027_price_groups.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0027_price_groups.sql")
