"""Applies ``sql/0053_corrected_documents.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0053_corrected_documents.sql")
