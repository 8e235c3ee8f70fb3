"""Applies ``sql/0054_corrected_documents.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0054_corrected_documents.sql")
