"""A period calculated beside the records, with another book. The records stay as they are.

The running statement is calculated in the same way (``orchestration.beside``); its figures are in
``tests/database/test_beside.py``.
"""

import csv
import shutil

import pytest

from tests.pipeline import PERIOD, PROJECT_ROOT

pytestmark = [pytest.mark.database, pytest.mark.slow]


def test_another_book_changes_what_it_says_and_nothing_that_is_published(small_month, tmp_path):
    """Streamly gets 82 instead of 72 percent from the 16th on: its shares, the margin of video, and nothing else.

    Its document changes by what the guarantee made up before: the draft guarantees little.
    """
    pipeline = small_month("billed")
    draft = tmp_path / "book"
    shutil.copytree(PROJECT_ROOT / "examples" / "book", draft)
    path = draft / "agreements" / "streamly.yaml"
    terms = path.read_text().replace('percent: "72"', 'percent: "82"').replace('amount: "2400"', 'amount: "12"')
    path.write_text(terms)
    before = pipeline.output_digest(), pipeline.value("select catalog.current_book()")
    output = pipeline.run("whatif", PERIOD, "--book", str(draft), "--into", str(tmp_path / "out"))
    assert "Nothing was published" in output
    assert (pipeline.output_digest(), pipeline.value("select catalog.current_book()")) == before
    rows = {name: read(tmp_path / "out" / f"{name}.csv") for name in ("bills", "shares", "settlements", "margins")}
    changed = {name: [row for row in found if row["difference"] != "0"] for name, found in rows.items()}
    assert rows["bills"] and changed["bills"] == []
    assert {(row["agreement_id"], row["receiver_party_id"]) for row in changed["shares"]} == {
        ("streamly-content", "streamly")
    }
    assert {row["service_kind"] for row in changed["margins"]} == {"ott"}
    # Documents are compared whatever the calendar of their agreements: textwave-hub is settled by the month.
    assert "textwave" in {row["receiver_party_id"] for row in rows["settlements"]}
    assert {row["receiver_party_id"] for row in changed["settlements"]} == {"streamly"}
    assert "<svg" in (tmp_path / "out" / "shares.svg").read_text()
    # What the partner gets more is what the operator keeps less, to the last digit.
    difference = "select {}::numeric"
    for row in changed["shares"]:
        given = pipeline.value(f"select {row['difference']}::numeric")
        kept = [entry for entry in changed["margins"] if entry["currency_code"] == row["currency_code"]]
        assert given > 0 and given == -pipeline.value(difference.format(kept[0]["difference"]))


def read(path):
    with path.open(encoding="utf-8") as source:
        return list(csv.DictReader(source))
