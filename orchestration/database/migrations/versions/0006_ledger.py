"""Applies ``sql/0006_ledger.sql``."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Run the whole file as it is."""
    sql = (Path(__file__).parents[1] / "sql" / "0006_ledger.sql").read_text(encoding="utf-8")
    op.get_bind().connection.driver_connection.execute(sql)
