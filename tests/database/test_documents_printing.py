"""Printing a posted month: every document once, resumable after a kill, the same bytes again, nothing outside."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from pypdf import PdfReader

from assets.documents import render
from assets.documents.bill_lines import shown_identifier
from assets.documents.bills import read_bills
from assets.documents.render import DocumentsNotPrintedError, render_bills, render_settlements
from assets.documents.settlements import read_settlements
from tests.database.documents_ledger import LANGUAGES, SECOND_SUPPLIER, post_month

pytestmark = [pytest.mark.database, pytest.mark.xdist_group("documents")]
BILLS = 25


@pytest.fixture(scope="module")
def posted(database_url) -> tuple[str, int]:
    with psycopg.connect(database_url) as connection:
        return database_url, post_month(connection, BILLS)


@pytest.fixture(scope="module")
def printed(posted, tmp_path_factory):
    url, bill_run_id = posted
    folder = tmp_path_factory.mktemp("documents")
    seen = []
    result = render_bills(url, bill_run_id, folder, workers=2, progress=lambda done, total: seen.append((done, total)))
    return folder, result, seen, render_settlements(url, bill_run_id, folder, workers=1)


def test_every_bill_and_settlement_has_its_pdf_and_its_html_and_nothing_else(printed):
    folder, result, seen, settlements = printed
    names = sorted(path.name for path in (folder / "bills").iterdir() if path.suffix in (".pdf", ".html"))
    assert names == sorted(f"WT.2026.{n}.{suffix}" for n in range(1, BILLS + 1) for suffix in ("pdf", "html"))
    assert (result.rendered, result.unchanged, result.pages) == (BILLS, 0, BILLS)
    assert settlements.rendered == 2
    assert seen[0] == (0, BILLS)
    assert seen[-1] == (BILLS, BILLS)
    everything = {path.relative_to(folder).parts[0] for path in folder.rglob("*") if path.is_file()}
    assert everything == {"bills", "settlements", "manifest"}


def test_a_bill_reads_as_the_ledger_says(printed, posted):
    folder, *_ = printed
    text = PdfReader(folder / "bills" / "WT.2026.5.pdf").pages[0].extract_text().replace("\u00a0", " ")
    # Bill 5: 25.00 + 10.05 + 109.09 and 23 % tax, in Polish (languages go round with the number).
    for expected in ("Faktura", "Do zapłaty", "177,29 PLN", "144,14", "33,15", "+48 600 100 005", "Calls pl", "1:30:00",
                     "29,97 USD", "1 USD = 3,64 PLN", "European Central Bank", "Corner Shop", "b" * 64):  # fmt: skip
        assert expected in text, expected


def test_all_languages_were_used_and_arabic_runs_from_right_to_left(printed):
    folder, *_ = printed
    found = {
        re.search(r'<html lang="(\w+)" dir="(\w+)"', path.read_text()).groups()
        for path in (folder / "bills").glob("*.html")
    }
    assert found == {(language, "rtl" if language == "ar" else "ltr") for language in LANGUAGES}


def test_a_hostile_name_is_printed_as_it_is(printed):
    folder, *_ = printed
    html = (folder / "bills" / "WT.2026.1.html").read_text()
    assert "=2+5 &lt;b&gt;{{7*7}}&lt;/b&gt; Łódź" in html
    assert "=2+5 <b>{{7*7}}</b> Łódź" in PdfReader(folder / "bills" / "WT.2026.1.pdf").pages[0].extract_text()


def test_a_partner_sees_its_own_hop_only(posted):
    url, bill_run_id = posted
    with psycopg.connect(url) as connection:
        keys = [key for key, _ in render.settlement_keys(connection, bill_run_id)]
        by_number = {read.number: read.build() for read in read_settlements(connection, bill_run_id, keys)}
    first, second = by_number["SB/wisla/streamly/2026/1"], by_number["ST/streamly/2026/1"]
    assert [line.item_id for agreement in first.agreements for line in agreement.lines] == ["content"]
    assert [line.item_id for agreement in second.agreements for line in agreement.lines] == ["studio"]
    assert first.payer.name == "Wisła Telekom S.A."
    assert (second.payer.name, second.is_paid_by_operator) == ("Streamly Media Ltd", False)
    position = second.agreements[0].lines[0]
    assert str(position.base_exact.normalize()) == str((BILLS * second_base()).normalize())
    assert [str(row.share_exact.normalize()) for row in second.offerings] == [str(position.share_exact.normalize())]


def second_base():
    from decimal import Decimal

    return Decimal("76.363")


def test_printing_again_leaves_every_file_alone(printed, posted):
    folder, result, *_ = printed
    url, bill_run_id = posted
    before = {path: path.stat().st_mtime_ns for path in (folder / "bills").glob("WT.*")}
    again = render_bills(url, bill_run_id, folder)
    assert (again.rendered, again.unchanged, again.sha256) == (0, BILLS, result.sha256)
    assert {path: path.stat().st_mtime_ns for path in (folder / "bills").glob("WT.*")} == before


def test_a_lost_file_comes_back_with_the_same_bytes(printed, posted):
    folder, result, *_ = printed
    url, bill_run_id = posted
    lost, changed = folder / "bills" / "WT.2026.7.pdf", folder / "bills" / "WT.2026.8.html"
    content = lost.read_bytes(), changed.read_bytes()
    lost.unlink()
    changed.write_bytes(b"forged")
    again = render_bills(url, bill_run_id, folder)
    assert (again.rendered, again.sha256) == (2, result.sha256)
    assert (lost.read_bytes(), changed.read_bytes()) == content


def test_an_issued_document_is_never_replaced_by_other_bytes(printed, posted):
    folder, *_ = printed
    url, bill_run_id = posted
    manifest = folder / "manifest" / f"bills-{bill_run_id}.jsonl"
    original = manifest.read_text()
    pdf = folder / "bills" / "WT.2026.9.pdf"
    content = pdf.read_bytes()
    issued = next(line for line in original.splitlines() if '"WT/2026/9"' in line)
    manifest.write_text(original.replace(issued, re.sub(r'"pdf_sha256": "\w+"', f'"pdf_sha256": "{"0" * 64}"', issued)))
    with pytest.raises(DocumentsNotPrintedError, match="WT/2026/9: ChangedDocumentError"):
        render_bills(url, bill_run_id, folder)
    assert pdf.read_bytes() == content
    manifest.write_text(original)


def test_a_killed_renderer_leaves_whole_files_nobody_behind_and_is_resumed(printed, posted, tmp_path):
    _, result, *_ = printed
    url, bill_run_id = posted
    script = (
        "import sys; from pathlib import Path; from assets.documents.render import render_bills;"
        "render_bills(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), workers=2)"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, url, str(bill_run_id), str(tmp_path)],
        env={**os.environ, "APPORTION_FAILPOINT": "mid_documents"},
        cwd=Path(render.__file__).parents[2],
        capture_output=True,
        timeout=300,
    )
    assert killed.returncode == -signal.SIGKILL
    done = len(list((tmp_path / "bills").glob("WT.*.pdf")))
    assert done >= render.DOCUMENTS_PER_BATCH
    again = render_bills(url, bill_run_id, tmp_path)
    assert again.unchanged >= render.DOCUMENTS_PER_BATCH
    assert again.unchanged + again.rendered == BILLS
    assert again.sha256 == result.sha256
    assert not list(tmp_path.rglob("*.tmp"))


def test_reading_bills_takes_the_same_number_of_queries_for_one_as_for_all(posted):
    url, bill_run_id = posted

    def queries(count: int) -> int:
        class Counting(psycopg.Cursor):
            executed = 0

            def execute(self, *given, **named):
                Counting.executed += 1
                return super().execute(*given, **named)

        with psycopg.connect(url, cursor_factory=Counting) as connection:
            keys = [key for key, _ in render.bill_keys(connection, bill_run_id)][:count]
            Counting.executed = 0
            assert len(list(read_bills(connection, bill_run_id, keys))) == count
            return Counting.executed

    assert queries(1) == queries(BILLS) <= 14


def test_a_bill_that_does_not_add_up_is_reported_and_the_others_are_printed(database_url, tmp_path, new_database):
    url = new_database()
    with psycopg.connect(url) as connection:
        bill_run_id = post_month(connection, 3)
        # Only the owner of the tables can do this; the document is the last to notice.
        connection.execute("alter table ledger.posted_lines disable trigger all")
        connection.execute(
            "delete from ledger.posted_lines where line_key = (select line_key from published.fct_applied_billing_rates"
            " where account_id = 'A-2' and price_id = 'fee')"
        )
        connection.commit()
    with pytest.raises(
        DocumentsNotPrintedError, match="InconsistentDocumentError: document WT/2026/2: the lines and the net"
    ):
        render_bills(url, bill_run_id, tmp_path)
    assert sorted(path.name for path in (tmp_path / "bills").glob("*.pdf")) == ["WT.2026.1.pdf", "WT.2026.3.pdf"]


def test_an_account_with_two_suppliers_gets_one_statement_with_an_invoice_of_each(posted):
    url, bill_run_id = posted
    with psycopg.connect(url) as connection:
        connection.execute(SECOND_SUPPLIER)
        keys = render.bill_keys(connection, bill_run_id)
        assert len(keys) == BILLS and keys[0][1] == "WT/2026/1"
        statement = next(read_bills(connection, bill_run_id, [keys[0][0]])).build()
        connection.rollback()
    (other,) = statement.further_invoices
    assert [(bill.number, bill.supplier.name, bill.gross.minor) for bill in (statement, other)] == [
        ("WT/2026/1", "Wisła Telekom S.A.", 4306), ("CS/2026/1", "Corner Shop Ltd", 10909),
    ]  # fmt: skip
    assert statement.amount_due.minor == 15215 and statement.issuer_name is None
    assert (other.issuer_name, other.mandate, other.payee.name) == (
        "Wisła Telekom S.A.",
        "2025/9",
        "Wisła Telekom S.A.",
    )
    assert (statement.brand_name, statement.is_own_brand) == ("Shop Mobile", False)


def test_telephone_numbers_are_grouped_and_other_identifiers_left():
    assert shown_identifier("msisdn", "48600100200") == "+48 600 100 200"
    assert shown_identifier("msisdn", "not a number") == "not a number"
    assert shown_identifier("tenant", "48600100200") == "48600100200"
