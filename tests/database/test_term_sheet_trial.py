"""A term sheet with a test settlement: made-up usage goes through the real models; the sheet is kept and approved."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from assets.catalog.check import check_book
from assets.catalog.loading.load import load_book
from assets.documents.term_sheet import term_sheet
from assets.settling.acts import approve_terms, terms_of_the_book
from orchestration.cli.terms import make_term_sheet
from tests.pipeline import PROJECT_ROOT
from tests.unit.documents.test_term_sheet import text_of

pytestmark = [pytest.mark.database, pytest.mark.slow]


def amounts(text: str, pattern: str) -> list[tuple[Decimal, ...]]:
    """Amounts of the rows that fit a pattern, exact."""
    return [tuple(Decimal(amount) for amount in match.groups()) for match in re.finditer(pattern, text)]


def test_a_test_settlement_is_settled_by_the_models_and_the_sheet_can_be_approved(
    new_database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """A month of video with two UHD films on the 20th."""
    monkeypatch.setenv("APPORTION_HOME", str(tmp_path))
    checked, url = check_book(PROJECT_ROOT / "examples" / "book"), new_database()
    with psycopg.connect(new_database()) as connection:
        load_book(connection, checked)
        sha256, sheet = make_term_sheet(
            connection, checked, "streamly-content", day=date(2026, 10, 20), by="ana", language="en",
            said=("video=2x1,quality=uhd",), trial_url=url,
        )  # fmt: skip
        text = text_of(sheet.html)
        assert "Test settlement" in text
        assert "72% of the revenue after discounts" in text
        # No record of Streamly has come: it is taken to be where its payments have a rule, as is said.
        assert "assumed: streamly in IE, no record of it has come" in text and "parked" not in text
        # Items of the position and tax are the document, and the document less what is withheld is paid.
        kinds = "share|fee|minimum_guarantee|recoupment|cap"
        positions = [amount for (amount,) in amounts(text, f"(?:{kinds}) [a-z]+: streamly (-?[0-9.]+) EUR")]
        # 4.55 of the fee until the 15th under the first version, which withholds nothing.
        assert amounts(text, "share content: streamly ([0-9.]+) EUR") == [(Decimal("1.08"),), (Decimal("4.55"),)]
        ((tax,),) = amounts(text, "tax reverse_charge: streamly ([0-9.]+) EUR")
        ((withheld,),) = amounts(text, "withholding royalty: streamly (-[0-9.]+) EUR")
        assert (sum(positions) - Decimal("4.55"), withheld) == (Decimal("1770.45"), Decimal("-177.05"))
        ((document,),) = amounts(text, "self_billed: streamly ([0-9.]+) EUR")
        assert sum(positions) + tax == document
        assert amounts(text, "payment: streamly 2026-12-01 ([0-9.]+) EUR") == [(document + withheld,)]
        assert approve_terms(connection, sha256, approved_by="boris")
        rows = terms_of_the_book(connection)
        approved = {(row["agreement_id"], row["version"]) for row in rows if row["approved_by"]}
        assert approved == {("streamly-content", "2")}
        # The approval is of the terms, whatever stands on the sheet beside them.
        agreement = checked.book.agreements["streamly-content"].value
        assert term_sheet(checked.book, agreement, agreement.versions[-1], "pl").terms_digest == sheet.terms_digest
