"""The page from which a person browses a posted period: totals, reconciliation, bills, settlements.

Belongs here: reading its rows and filling ``templates/index.html.j2``. Belongs elsewhere: the files it links to
(``render``, ``exports``). The page is for the operator's own staff, in English.
"""

import base64
import hashlib
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup
from psycopg.rows import dict_row

from assets.documents.files import document_path, file_stem, write_durably
from assets.documents.fonts import TEMPLATES
from assets.money import FALLBACK_LANGUAGE, Money, format_amount, format_date, format_exact, minor_digits

# A page stays quick to open; everything is in the CSV files.
SHOWN_BILLS = 5_000

_BILLS = """
    select bill_number as number, statement_number, account_id, customer ->> 'name' as name, language_code, issue_date,
        due_date, currency_code, net_minor, tax_minor, gross_minor
    from ledger.customer_bills join ledger.bill_statements using (bill_key, bill_run_id, account_id)
    where bill_run_id = any(%(bill_run_ids)s)
    order by account_id, series_id, number limit %(limit)s
"""
_SETTLEMENTS = """
    select document_number as number, document_kind, payer_party_id, receiver_party_id, receiver ->> 'name' as name,
        currency_code, due_date, position_minor, tax_minor, payment_minor, is_paid_by_operator
    from ledger.settlement_documents where bill_run_id = any(%(bill_run_ids)s)
    order by is_paid_by_operator desc, payer_party_id, receiver_party_id, series_id, number
"""


def write_index_page(
    connection: psycopg.Connection,
    period_id: str,
    bill_run_ids: list[int],
    folder: Path,
    reconciliation: dict[str, Any],
) -> Path:
    """Write ``folder/index.html``; ``reconciliation`` is the content of reconciliation.json before it became text."""
    given = {"bill_run_ids": bill_run_ids, "limit": SHOWN_BILLS}
    with connection.cursor(row_factory=dict_row) as cursor:
        bills = cursor.execute(_BILLS, given).fetchall()
        settlements = cursor.execute(_SETTLEMENTS, given).fetchall()
    html = _environment().get_template("index.html.j2").render(
        period_id=period_id,
        bills=[_with_links(row, "bills", folder) for row in bills],
        settlements=[_with_links(row, "settlements", folder) for row in settlements],
        has_bills="bills" in reconciliation["csv_files"],
        bill_count=sum(total["bills"] for total in reconciliation["bill_totals"]),
        reconciliation=reconciliation,
        styles=_inline("css/index.css"),
        script=_inline("index.js"),
        script_hash=_hash_for_policy(_inline("index.js")),
    )  # fmt: skip
    path = folder / "index.html"
    write_durably(path, html.encode())
    return path


def _with_links(row: dict[str, Any], kind: str, folder: Path) -> dict[str, Any]:
    # An invoice of a further supplier stands on the statement of the first.
    number = row.get("statement_number", row["number"])
    stem = file_stem(number)
    exists = document_path(folder / kind, number, "pdf").exists()
    return {**row, "pdf": f"{kind}/{stem}.pdf" if exists else "", "html": f"{kind}/{stem}.html" if exists else ""}


def _amount(minor: int, currency_code: str) -> str:
    return format_amount(Money(minor, currency_code), FALLBACK_LANGUAGE)


def _major(value: Decimal, currency_code: str) -> str:
    return format_exact(value, FALLBACK_LANGUAGE, minor_digits(currency_code))


def _day(value: date) -> str:
    return format_date(value, FALLBACK_LANGUAGE)


def _exact(value: Decimal | int) -> str:
    return format_exact(Decimal(value), FALLBACK_LANGUAGE)


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(amount=_amount, major=_major, day=_day, exact=_exact)
    return environment


@lru_cache(maxsize=4)
def _inline(name: str) -> Markup:
    return Markup((TEMPLATES / name).read_text("utf-8"))


def _hash_for_policy(script: str) -> str:
    """What the page's Content-Security-Policy names: this script and no other may run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
