"""Partners' own figures and flags of parties come in like every record: by the columns that the agreement names."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from psycopg.types.json import Jsonb

from assets.ingestion.ingest import ingest_folder
from tests.database import mini_run

pytestmark = pytest.mark.database

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
STATEMENT = {
    "id": "streamly-figures", "by": "streamly", "name_pattern": "zahlen_*.csv", "grain": "product_day",
    "delimiter": ";", "month": "Monat", "amount": "Betrag", "product": "Produkt", "day": "Tag", "line": None,
}  # fmt: skip


@pytest.fixture
def deliver(connection, tmp_path: Path):
    """``deliver(name, *lines)`` lands a file and takes it in, under a book whose agreement names the feed."""
    mini_run.prepare(connection)
    terms = {"versions": [{"settlement": {"partner_statement": STATEMENT}}]}
    connection.execute("update catalog.agreements set definition = %s", [Jsonb(terms)])
    landing = tmp_path / "inbox"
    landing.mkdir()

    def put(name: str, *lines: str):
        (landing / name).write_text("\n".join(lines) + "\n")
        report = ingest_folder(connection, landing, tmp_path / "store", [], dagster_run_id=None, now=NOW)
        report.clear_landing(landing)
        (outcome,) = report.files
        return outcome

    return put


def test_figures_are_read_by_their_own_columns_and_a_later_file_replaces_a_row(connection, deliver):
    header = "Rechnung;Monat;Tag;Produkt;Betrag"
    first = deliver("zahlen_1.csv", header, "1;2026-10;2026-10-05;P1;12.34", "1;2026-10;2026-10-06;P1;-0.5")
    assert (first.state, first.rows_accepted) == ("loaded", 2)
    second = deliver("zahlen_2.csv", header, "2;2026-10;2026-10-05;P1;12.35", "2;2026-10;2026-10-06;P1;-0.5")
    assert (second.rows_accepted, second.rows_duplicate) == (1, 1)
    rows = connection.execute(
        """select agreement_id, party_id, month, grain, product_id, usage_day, line_key, amount
           from inbox.partner_statement_rows order by usage_day"""
    ).fetchall()
    assert rows == [
        ("streamly-content", "streamly", "2026-10", "product_day", "P1", "2026-10-05", "", Decimal("12.3500")),
        ("streamly-content", "streamly", "2026-10", "product_day", "P1", "2026-10-06", "", Decimal("-0.5000")),
    ]


@pytest.mark.parametrize(
    ("line", "characteristic"),
    [
        ("2026-13;2026-10-05;P1;1", "month"),
        ("2026-10;2026-10-32;P1;1", "usage_day"),
        ("2026-10;2026-10-05;P1;NaN", "amount"),
        ("2026-10;2026-10-05;P1;1,5", "amount"),
        ("2026-10;2026-10-05;;1", "product_id"),
    ],
)
def test_a_row_that_cannot_be_read_is_kept_with_its_reason(connection, deliver, line, characteristic):
    outcome = deliver("zahlen_1.csv", "Monat;Tag;Produkt;Betrag", line)
    assert (outcome.rows_accepted, outcome.rows_rejected) == (0, 1)
    assert connection.execute(
        "select characteristic from inbox.row_dispositions where file_id = %s", [outcome.file_id]
    ).fetchone() == (characteristic,)


def test_a_file_without_a_named_column_is_refused(deliver):
    outcome = deliver("zahlen_1.csv", "Monat;Tag;Produkt;Summe", "2026-10;2026-10-05;P1;1")
    assert outcome.state == "refused" and "Betrag" in outcome.reason


def test_flags_of_parties_come_as_records(connection, deliver):
    header = "party_id,flag,effective_from,effective_until,reason,set_by"
    outcome = deliver("party_flags_1.csv", header, "streamly,insolvency,2026-11-01,,court of Warsaw,eva",
                      "streamly,bankrupt,2026-11-01,,court,eva")  # fmt: skip
    assert (outcome.rows_accepted, outcome.rows_rejected) == (1, 1)
    assert connection.execute("select flag, effective_until, set_by from inbox.party_flags").fetchone() == (
        "insolvency", None, "eva",
    )  # fmt: skip
