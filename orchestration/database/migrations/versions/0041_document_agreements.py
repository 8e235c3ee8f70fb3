"""Applies ``sql/0041_document_agreements.sql``."""

from orchestration.database.migrations import run_sql_file

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    """Run the whole file as it is."""
    run_sql_file("0041_document_agreements.sql")
