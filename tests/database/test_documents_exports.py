"""Exports: exact amounts, text that no spreadsheet runs, a reconciliation that says what was compared."""

import csv
import json
from decimal import Decimal

import psycopg
import pytest

from assets.documents.exports import export_period
from assets.documents.files import FolderInUseError, only_writer, write_durably
from assets.publishing.refusal import Refusal
from tests.database.documents_ledger import PERIOD, post_month

pytestmark = [pytest.mark.database, pytest.mark.xdist_group("documents")]


@pytest.fixture(scope="module")
def exported(database_url, tmp_path_factory):
    folder = tmp_path_factory.mktemp("period")
    with psycopg.connect(database_url, options="-c timezone=UTC") as connection:
        post_month(connection, 5)
        written = export_period(connection, PERIOD, folder)
    return folder, written


def rows(folder, name: str) -> list[dict[str, str]]:
    with (folder / "csv" / f"{name}.csv").open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def test_every_csv_has_as_many_rows_as_it_says(exported):
    folder, written = exported
    assert written.row_counts == {
        "bills": 5, "lines": 15, "shares": 15, "positions": 3, "settlements": 2, "settlement_items": 0,
        "rejected_rows": 1, "suspended_usage": 1,
    }  # fmt: skip
    assert {name: len(rows(folder, name)) for name in written.row_counts} == written.row_counts


def test_amounts_are_exact_decimals_in_major_units_with_their_currency(exported):
    folder, _ = exported
    bill = rows(folder, "bills")[4]
    assert (bill["bill_number"], bill["net_amount"], bill["tax_amount"], bill["gross_amount"], bill["currency"]) == (
        "WT/2026/5", "144.14", "33.15", "177.29", "PLN",
    )  # fmt: skip
    films = next(row for row in rows(folder, "lines") if row["price_id"] == "films")
    assert (films["exact_amount"], films["price_currency"], films["fx_rate"], films["net_amount"]) == (
        "29.97", "USD", "3.64", "109.09",
    )  # fmt: skip
    shares = rows(folder, "shares")
    assert sum(Decimal(row["share_exact_amount"]) for row in shares if row["hop"] == "1") == 5 * Decimal("109.09")


def test_text_that_looks_like_a_formula_is_text_and_numbers_stay_numbers(exported):
    folder, _ = exported
    assert rows(folder, "bills")[0]["customer_name"] == "'=2+5 <b>{{7*7}}</b> Łódź"
    rejected = rows(folder, "rejected_rows")[0]
    assert rejected["file_name"] == "'=cmd|calc!A1.csv"
    assert rejected["line_as_delivered"] == '\'=HYPERLINK("x"),-5'
    assert rejected["found"] == "'=1+1"
    assert rows(folder, "suspended_usage")[0]["detail"] == "'@SUM(A1)"
    for name in ("bills", "lines", "shares", "positions", "settlements", "rejected_rows", "suspended_usage"):
        for row in rows(folder, name):
            for cell in row.values():
                assert cell[:1] not in ("=", "+", "@", "\t", "\r")
                assert not cell.startswith("-") or Decimal(cell) < 0


def test_reconciliation_json_holds_checks_digests_counts_and_no_float(exported):
    folder, _ = exported
    found = json.loads((folder / "reconciliation.json").read_text(), parse_float=lambda text: pytest.fail(text))
    assert found["all_equal"] is True
    assert found["checks"][0]["check_name"] == "bills_are_lines"
    assert found["bill_runs"][0]["book_digest"] == "b" * 64
    assert found["bill_totals"] == [
        {"bills": 5, "currency_code": "PLN", "net": "720.60", "tax": "165.71", "gross": "886.31"}
    ]
    assert found["account_outcomes"] == [{"accounts": 5, "bill_run_id": 1, "outcome": "billed", "reason_code": ""}]
    assert found["csv_files"]["lines"]["rows"] == 15


def test_the_index_page_lists_everything_and_escapes_names(exported):
    folder, _ = exported
    html = (folder / "index.html").read_text()
    assert "Everything adds up" in html
    assert html.count("<bdi>") == 7
    assert "&lt;b&gt;{{7*7}}&lt;/b&gt;" in html
    assert "Content-Security-Policy" in html
    # Nothing was printed yet, so there is nothing to link to.
    assert 'href="bills/' not in html


def test_the_index_page_links_to_documents_that_exist(exported, database_url, tmp_path):
    folder = tmp_path
    (folder / "bills").mkdir()
    write_durably(folder / "bills" / "WT.2026.2.pdf", b"pdf")
    with psycopg.connect(database_url, options="-c timezone=UTC") as connection:
        export_period(connection, PERIOD, folder)
    html = (folder / "index.html").read_text()
    assert html.count('href="bills/') == 2
    assert 'href="bills/WT.2026.2.pdf"' in html


def test_the_same_ledger_gives_the_same_files(exported, database_url, tmp_path):
    folder, _ = exported
    with psycopg.connect(database_url, options="-c timezone=UTC") as connection:
        export_period(connection, PERIOD, tmp_path)
    for path in sorted(folder.rglob("*.*")):
        assert (tmp_path / path.relative_to(folder)).read_bytes() == path.read_bytes(), path.name


def test_of_two_exports_into_a_folder_one_does_it_and_the_other_says_so(exported, database_url):
    folder, _ = exported
    with psycopg.connect(database_url) as connection, only_writer(folder / "csv"), pytest.raises(FolderInUseError):
        export_period(connection, PERIOD, folder)


def test_a_period_that_is_not_posted_is_not_exported(database_url, tmp_path):
    with (
        psycopg.connect(database_url) as connection,
        pytest.raises(Refusal, match="apportion post 2026-12-c01"),
    ):
        export_period(connection, "2026-12-c01", tmp_path)
    assert list(tmp_path.iterdir()) == []
