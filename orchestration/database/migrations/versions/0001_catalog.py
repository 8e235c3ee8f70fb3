"""Applies ``sql/0001_catalog.sql``."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the whole file as it is."""
    sql = (Path(__file__).parents[1] / "sql" / "0001_catalog.sql").read_text(encoding="utf-8")
    op.get_bind().connection.driver_connection.execute(sql)
