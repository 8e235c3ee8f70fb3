"""The bank's file: what the schema asks, what sepaxml gets wrong by itself, and what is refused."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from assets.payments.payment_file import FileHead, Transfer, UnfitPaymentError, bank_text, is_sepa, payment_file

DAY, LATER = date(2026, 11, 25), date(2026, 12, 2)
DEBTOR = "PL10105000997603123456789123"
NAMESPACE = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
STREAMLY = Transfer("e1", "Łódź & Söhne GmbH", "DE89370400440532013000", 123456, DAY, "SB/wisla/streamly/2026/000001")


def head(currency: str, groups: dict[tuple[date, bool], int]) -> FileHead:
    created = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    return FileHead("M" + "A" * 32, created, "Wisła S.A.", DEBTOR, "INGBPLPW", currency, sum(groups.values()), groups)


def texts(content: str, tag: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(content).iter(NAMESPACE + tag)]


def test_a_sepa_file_has_our_ids_our_sums_and_the_same_bytes_again():
    content = payment_file(head("EUR", {(DAY, True): 123456}), [STREAMLY])
    assert texts(content, "MsgId") == ["M" + "A" * 32]
    assert texts(content, "EndToEndId") == ["e1"]
    assert texts(content, "CtrlSum") == ["1234.56", "1234.56"]
    assert texts(content, "InstdAmt") == ["1234.56"]
    assert texts(content, "CreDtTm") == ["2026-11-20T09:30:00Z"]
    assert texts(content, "Nm") == ["Wisla S.A.", "Wisla S.A.", "Lodz + Sohne GmbH"]
    assert "<PstlAdr>" not in content
    assert content == payment_file(head("EUR", {(DAY, True): 123456}), [STREAMLY])


def test_groups_by_day_and_by_sepa_each_with_its_own_sum():
    transfers = [
        STREAMLY,
        replace(STREAMLY, end_to_end_id="e2", execution_date=LATER, amount_minor=100),
        replace(STREAMLY, end_to_end_id="e3", bank_account="MU43BOMM0101123456789101000MUR", amount_minor=7),
    ]
    content = payment_file(head("EUR", {(DAY, True): 123456, (LATER, True): 100, (DAY, False): 7}), transfers)
    assert texts(content, "CtrlSum") == ["1235.63", "0.07", "1234.56", "1.00"]
    assert texts(content, "NbOfTxs") == ["3", "1", "1", "1"]
    assert texts(content, "ChrgBr") == ["SHAR", "SLEV", "SLEV"]
    assert texts(content, "Cd") == ["SEPA", "SEPA"]
    assert texts(content, "PmtInfId") == ["M" + "A" * 30 + f"-{number:03}" for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("currency", "minor", "printed"),
    [("PLN", 5, "0.05"), ("JPY", 1234, "1234"), ("KWD", 1234, "1.234"), ("KWD", 1, "0.001"),
     ("EUR", 10**13, "100000000000.00")],
)  # fmt: skip
def test_amounts_have_the_decimals_of_their_currency(currency, minor, printed):
    key = (DAY, currency == "EUR")
    content = payment_file(head(currency, {key: minor}), [replace(STREAMLY, amount_minor=minor)])
    assert texts(content, "InstdAmt") == texts(content, "CtrlSum")[:1] == [printed]


@pytest.mark.parametrize(
    "fault",
    [
        {"amount_minor": 0},
        {"amount_minor": -1},
        {"end_to_end_id": "e" * 36},
        {"end_to_end_id": ""},
        {"receiver_name": "☃"},
        {"remittance_text": "x" * 141},
        {"remittance_text": ""},
        {"execution_date": LATER},
    ],
)
def test_what_the_bank_would_refuse_or_cut_is_refused_here(fault):
    with pytest.raises(UnfitPaymentError):
        payment_file(head("EUR", {(DAY, True): 123456}), [replace(STREAMLY, **fault)])


def test_an_empty_file_is_refused():
    with pytest.raises(UnfitPaymentError):
        payment_file(head("EUR", {}), [])


def test_an_account_that_is_no_iban_is_refused_by_the_schema():
    from sepaxml.validation import ValidationError

    with pytest.raises(ValidationError):
        payment_file(head("PLN", {(DAY, False): 123456}), [replace(STREAMLY, bank_account="12 34")])


def test_texts_are_in_the_letters_every_bank_takes():
    assert bank_text("Zażółć // gęślą_jaźń*") == "Zazolc / gesla-jazn"
    assert bank_text("/ستريملي/") == "strymly"


def test_sepa_is_euro_between_accounts_of_the_area():
    assert is_sepa("EUR", DEBTOR, "DE89370400440532013000")
    assert not is_sepa("PLN", DEBTOR, "DE89370400440532013000")
    assert not is_sepa("EUR", DEBTOR, "MU43BOMM0101123456789101000MUR")
