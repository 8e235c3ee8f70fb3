"""Charges shared by agreements as the book writes them, resolved and loaded as a real book's are.

Belongs here: agreements given as dictionaries of ``agreements/*.yaml``, lines that name the root agreement.
Belongs elsewhere: the other rows of a run (``settlement_fixture.py``), expected amounts (``waterfall_reference.py``).
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from assets.catalog.book import Book
from assets.catalog.loading.agreements import load_agreements
from assets.catalog.models.agreement import Agreement
from assets.catalog.models.operator import Operator
from assets.catalog.reading.problems import Placed
from tests.dbt.sharing.settlement_fixture import OPERATOR, Settlement

WARSAW = ZoneInfo("Europe/Warsaw")
SETTLEMENT = {
    "currency": "PLN", "fx_source": "ecb", "trigger": "billed", "due_days": "30", "document": "self_billed",
    "tax_category": "standard", "self_billing": {"agreed_on": "2025-12-01"},
}  # fmt: skip


def agreement(
    identifier: str, payer: str, sharing: Sequence[dict[str, Any]], above: tuple[str, str] | None = None, **version: Any
) -> dict[str, Any]:
    """An agreement with one version, as the book writes it; ``above`` is the agreement and item that it shares."""
    settlement = {**SETTLEMENT, **version.pop("settlement", {})}
    made = {
        "version": "1", "effective_from": "2025-01-01", "known_from": "2025-01-01",
        "covers": [] if above else [{"offering": "any"}], "sharing": list(sharing), "settlement": settlement, **version,
    }  # fmt: skip
    link = {"associated_agreement": {"agreement": above[0], "item": above[1]}} if above else {}
    return {
        "id": identifier,
        "name": {"en": identifier},
        "payer": payer,
        "parties": [payer],
        **link,
        "versions": [made],
    }


@dataclass
class SharedRun(Settlement):
    """A run of January 2026 whose lines are shared by agreements of the book, named by their charges."""

    agreements: list[dict[str, Any]] = field(default_factory=list)
    split: dict[str, Any] | None = None
    # Companies of partners that the operator bills for, as operator.yaml writes them.
    partner_entities: list[dict[str, Any]] = field(default_factory=list)

    def line(self, amount: str, root: str | None, day: str = "2026-01-01", **facts: Any) -> str:
        """A charge that starts on a day, in the operator's time zone; returns its line key."""
        start = datetime.datetime.fromisoformat(day).replace(tzinfo=WARSAW)
        key = self.charge(amount, terms=root, covered_from=start.isoformat(), **facts)  # type: ignore[arg-type]
        return key

    def _fill_agreements(self, cursor: psycopg.Cursor) -> None:
        operator = Operator.model_validate(
            {
                "party": OPERATOR,
                "time_zone": "Europe/Warsaw",
                "home_currency": "PLN",
                "languages": ["en"],
                "currencies": ["PLN"],
                "bill_cycles": ["c01"],
                "partners": [entity["party"] for entity in self.partner_entities],
                "legal_entities": [_entity(), *self.partner_entities],
                "fx": {"source": "ecb", "date_rule": "last_published_before_issue_date"},
                "split": self.split,
            }
        )
        placed = {entry["id"]: Agreement.model_validate(entry) for entry in self.agreements}
        book = Book(
            operator=_placed(operator), agreements={name: _placed(value) for name, value in sorted(placed.items())}
        )
        load_agreements(cursor.connection, book, 1, _at_midnight)
        spans = cursor.execute(
            """select agreement_id, terms.effective_from, terms.effective_until, terms_id
               from catalog.agreement_terms as terms
               join catalog.agreements on root_agreement_version_id = agreement_version_id"""
        ).fetchall()
        terms_column, from_column = _CHARGE_COLUMNS.index("terms_id"), _CHARGE_COLUMNS.index("covered_from")
        by_root: dict[str, list[tuple[Any, ...]]] = {}
        for root, *span in spans:
            by_root.setdefault(root, []).append(tuple(span))
        for number, charge in enumerate(self.charges):
            start = datetime.datetime.fromisoformat(charge[from_column])
            terms = [terms for first, end, terms in by_root.get(charge[terms_column], []) if _holds(first, end, start)]
            self.charges[number] = (*charge[:terms_column], *(terms or [None]), *charge[terms_column + 1 :])


_CHARGE_COLUMNS = (
    "line_key", "account_id", "product_id", "product_number", "offering_id", "bundle_offering_id", "price_id",
    "price_version_id", "price_override_id", "charge_kind", "service_kind", "seller_party_id", "terms_id",
    "tax_category", "legal_entity_id", "covered_from",
)  # fmt: skip


def _holds(first: datetime.datetime, end: datetime.datetime | None, start: datetime.datetime) -> bool:
    return first <= start and (end is None or start < end)


def _placed(value: Any) -> Placed[Any]:
    return Placed(value, None, ())  # type: ignore[arg-type]


def _at_midnight(day: datetime.date | None) -> datetime.datetime | None:
    return None if day is None else datetime.datetime.combine(day, datetime.time(), WARSAW)


def _entity() -> dict[str, Any]:
    return {
        "id": "wisla-pl", "party": OPERATOR, "name": "Wisla", "country": "PL", "tax_number": "PL5261040828",
        "currency": "PLN", "address": ["Warszawa"], "bill_series_prefix": "WT",
    }  # fmt: skip
