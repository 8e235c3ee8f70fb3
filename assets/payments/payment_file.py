"""The bank's file: payments as ISO 20022 pain.001.001.09, valid by its schema.

Belongs here: the XML of one file, the characters a bank takes, SEPA or not.
Belongs elsewhere: which payments (``pay``), ids and sums (given), keeping and releasing files (``files``).

sepaxml makes the structure. It writes two decimals for every currency, ids by chance and the present time, and cuts
texts without a word, so amounts, sums, ids and texts are set here and the result is checked by the schema.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from assets.money import Money, major_units

SCHEMA = "pain.001.001.09"
_NAMESPACE = f"{{urn:iso:std:iso:20022:tech:xsd:{SCHEMA}}}"
NAME_LENGTH, TEXT_LENGTH, ID_LENGTH = 70, 140, 35
# What the European Payments Council lets every bank take.
_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")


@dataclass(frozen=True, slots=True)
class Transfer:
    """One credit transfer. ``amount_minor`` is in minor units of the file's currency."""

    end_to_end_id: str
    receiver_name: str
    bank_account: str
    amount_minor: int
    execution_date: date
    remittance_text: str


@dataclass(frozen=True, slots=True)
class FileHead:
    """What a file says once. The group sums are by (execution date, SEPA or not), in minor units."""

    message_id: str
    created_at: datetime
    debtor_name: str
    debtor_account: str
    debtor_bic: str | None
    currency_code: str
    control_sum_minor: int
    group_sums_minor: Mapping[tuple[date, bool], int]


class UnfitPaymentError(ValueError):
    """A payment that the file cannot hold as it is."""


def bank_text(text: str) -> str:
    """The text in the letters every bank takes: accents and other scripts are written in Latin letters."""
    from text_unidecode import unidecode

    latin = _NOT_ALLOWED.sub(" ", unidecode(text).replace("&", "+").replace("_", "-"))
    # A slash at the start, at the end or twice has a meaning of its own in payment systems.
    return re.sub(r"/{2,}", "/", " ".join(latin.split())).strip("/ ")


def is_sepa(currency_code: str, debtor_account: str, creditor_account: str) -> bool:
    """Euro between two accounts of the Single Euro Payments Area."""
    from schwifty import IBAN

    return currency_code == "EUR" and IBAN(debtor_account).in_sepa_zone and IBAN(creditor_account).in_sepa_zone


def payment_file(head: FileHead, transfers: Sequence[Transfer]) -> str:
    """The file as text; the same input gives the same bytes.

    Raises:
        UnfitPaymentError: no transfer, an amount not above 0, an id or text too long or empty, a name that is nothing
            in Latin letters, a group whose sum was not given.
        sepaxml.validation.ValidationError: the schema refuses the file.
    """
    from sepaxml.validation import try_valid_xml

    if not transfers:
        raise UnfitPaymentError("a file without payments: expected one or more.")
    groups: dict[tuple[date, bool], list[Transfer]] = {}
    for transfer in transfers:
        _refuse_unfit(transfer)
        sepa = is_sepa(head.currency_code, head.debtor_account, transfer.bank_account)
        groups.setdefault((transfer.execution_date, sepa), []).append(transfer)
    if groups.keys() != head.group_sums_minor.keys():
        raise UnfitPaymentError(f"groups {sorted(groups)}: sums were given for {sorted(head.group_sums_minor)}.")
    document: ET.Element | None = None
    for number, key in enumerate(sorted(groups), 1):
        group = _group(head, groups[key], is_sepa_group=key[1])
        payment_information = _only(group, "PmtInf")
        _set(payment_information, "PmtInfId", f"{head.message_id[: ID_LENGTH - 4]}-{number:03}")
        _set(payment_information, "CtrlSum", _amount(head.group_sums_minor[key], head.currency_code))
        if document is None:
            document = group
        else:
            _only(document, "CstmrCdtTrfInitn").append(payment_information)
    assert document is not None
    header = _only(document, "GrpHdr")
    _set(header, "MsgId", head.message_id)
    _set(header, "CreDtTm", head.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _set(header, "NbOfTxs", str(len(transfers)))
    _set(header, "CtrlSum", _amount(head.control_sum_minor, head.currency_code))
    ET.register_namespace("", _NAMESPACE.strip("{}"))
    content = '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(document, encoding="unicode")
    try_valid_xml(content.encode(), SCHEMA)
    return content


def _refuse_unfit(transfer: Transfer) -> None:
    what = f"payment {transfer.end_to_end_id}"
    if transfer.amount_minor <= 0:
        raise UnfitPaymentError(f"{what}: amount {transfer.amount_minor}, expected above 0.")
    if not 0 < len(transfer.end_to_end_id) <= ID_LENGTH:
        raise UnfitPaymentError(f"{what}: an id of {len(transfer.end_to_end_id)} characters, expected 1 to 35.")
    if not bank_text(transfer.receiver_name):
        raise UnfitPaymentError(f"{what}: the payee's name {transfer.receiver_name!r} has no letter a bank takes.")
    if not 0 < len(bank_text(transfer.remittance_text)) <= TEXT_LENGTH:
        raise UnfitPaymentError(f"{what}: a text of more than {TEXT_LENGTH} characters would be cut, or is empty.")


def _group(head: FileHead, transfers: Iterable[Transfer], *, is_sepa_group: bool) -> ET.Element:
    """A whole document with one group, as sepaxml makes it, with amounts in the currency's own decimals."""
    from sepaxml import SepaTransfer

    config = {
        "name": bank_text(head.debtor_name)[:NAME_LENGTH],
        "IBAN": head.debtor_account,
        "batch": True,
        "currency": head.currency_code,
        # Without the service level SEPA the file is for any credit transfer, also across borders.
        "domestic": not is_sepa_group,
    }
    if head.debtor_bic is not None:
        config["BIC"] = head.debtor_bic
    initiation = SepaTransfer(config, schema=SCHEMA, clean=False)
    amounts = []
    for transfer in sorted(transfers, key=lambda transfer: transfer.end_to_end_id):
        amounts.append(_amount(transfer.amount_minor, head.currency_code))
        initiation.add_payment(
            {
                "name": bank_text(transfer.receiver_name)[:NAME_LENGTH],
                "IBAN": transfer.bank_account,
                "amount": transfer.amount_minor,
                "execution_date": transfer.execution_date,
                "description": bank_text(transfer.remittance_text),
                "endtoend_id": transfer.end_to_end_id,
            }
        )
    document = ET.fromstring(initiation.export(validate=False))
    for element, amount in zip(document.iter(f"{_NAMESPACE}InstdAmt"), amounts, strict=True):
        element.text = amount
    if head.debtor_bic is None:
        agent = _only(_only(document, "DbtrAgt"), "FinInstnId")
        ET.SubElement(ET.SubElement(agent, f"{_NAMESPACE}Othr"), f"{_NAMESPACE}Id").text = "NOTPROVIDED"
    if not is_sepa_group:
        # Outside SEPA each side pays its own bank; SLEV is a word of SEPA.
        _set(document, "ChrgBr", "SHAR")
    return document


def _amount(amount_minor: int, currency_code: str) -> str:
    return f"{major_units(Money(amount_minor, currency_code)):f}"


def _only(element: ET.Element, tag: str) -> ET.Element:
    found = list(element.iter(f"{_NAMESPACE}{tag}"))
    if len(found) != 1:
        raise UnfitPaymentError(f"{len(found)} elements {tag} in a group made by sepaxml, expected 1.")
    return found[0]


def _set(element: ET.Element, tag: str, text: str) -> None:
    """Set the first element of a name: in a group header or group there is only one before the transfers."""
    first = next(element.iter(f"{_NAMESPACE}{tag}"))
    first.text = text
