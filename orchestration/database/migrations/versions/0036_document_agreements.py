"""Applies ``sql/0036_document_agreements.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0036_document_agreements.sql")
