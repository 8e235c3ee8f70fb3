"""What a lane says against the records, and the provisional page of each partner, over rows worked out by hand."""

from datetime import UTC, datetime

import psycopg
import pytest

from assets.publishing.publish import publish
from assets.settling.comparison import compare_with_records
from assets.settling.provisional import provisional_pages, read_running
from tests.database import mini_run

pytestmark = pytest.mark.database


@pytest.fixture
def published(connection: psycopg.Connection) -> tuple[psycopg.Connection, int]:
    """A published draft whose lane still holds the same rows; rolled back after the test."""
    mini_run.prepare(connection)
    run = mini_run.open_build_and_check(connection)
    publish(connection, run)
    return connection, run.bill_run_id


def test_the_same_rows_differ_nowhere(published):
    connection, run_id = published
    found = compare_with_records(connection, "build", run_id, mini_run.PERIOD)
    assert {name: len(rows) for name, rows in found.reports.items()} == {
        "bills": 2, "shares": 2, "settlements": 1, "margins": 2,
    }  # fmt: skip
    assert found.changes == {"bills": [], "shares": [], "settlements": [], "margins": []}


def test_a_partner_that_gets_more_is_shown_with_the_margin_that_falls(published):
    """Streamly gets 1450.7 instead of 1400.7 grosz: half a zloty more, half a zloty less is left of its service."""
    connection, run_id = published
    connection.execute("update build.fct_revenue_shares set amount_exact = 1450.7 where amount_exact = 1400.7")
    connection.execute("update build.fct_party_settlements set payment_minor = 2112")
    connection.execute("delete from build.fct_customer_bills where account_id = 'A2'")
    changes = compare_with_records(connection, "build", run_id, mini_run.PERIOD).changes
    (share,) = changes["shares"]
    assert (share["receiver_party_id"], share["present"], share["other"], share["difference"]) == (
        "streamly", "14.007", "14.507", "0.5",
    )  # fmt: skip
    assert [row["difference"] for row in changes["margins"]] == ["-0.5"]
    assert [row["difference"] for row in changes["settlements"]] == ["0.12"]
    assert [(row["account_id"], row["present"], row["other"]) for row in changes["bills"]] == [("A2", "25", "0")]


def test_a_provisional_page_has_one_partner_s_positions_and_says_that_it_is_provisional(published):
    connection, run_id = published
    running = read_running(connection, "build", run_id, mini_run.PERIOD)
    assert [(row["amount"], row["settlement_amount"]) for row in running.positions] == [
        ("17.50", "17.50"), ("14.01", "3.50"),
    ]  # fmt: skip
    assert [tuple(row.values()) for row in running.unbilled] == [
        ("voice", "EUR", 1, 0, "25.00"), ("voice", "PLN", 2, 2, "30.01"),
    ]  # fmt: skip
    (page,) = provisional_pages(connection, running, datetime(2026, 10, 20, tzinfo=UTC))
    assert (page.party_id, page.language_code) == ("streamly", "pl")
    assert "Zestawienie tymczasowe" in page.html and "nic na jego podstawie nie jest należne" in page.html
    assert "17,50\u00a0EUR" in page.html
