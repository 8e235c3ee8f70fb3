"""Settlements a second time: from positions over agreement items, gross-up, tax, withholding, retention to payments.

Belongs here: the rules as docs/agreements and the book's reference tell them, in fractions, one document at a time.
Belongs elsewhere: positions (``positions_reference``), what is drawn (``random_agreements``), comparing (tests).

A first run: nothing was posted before, so every item is worked out of this run alone.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.dbt.sharing.positions_reference import PositionKey
from tests.dbt.sharing.waterfall_reference import MINOR_DIGITS, rate, round_half_away

Minor = int


@dataclass(frozen=True)
class Party:
    """What tax depends on."""

    country: str
    status: str = "business"
    has_certificate: bool = False


@dataclass(frozen=True)
class WithholdingRule:
    """Percents of a class of payments between two countries."""

    rate: str
    certificate_rate: str | None
    is_rounded_to_major: bool


@dataclass(frozen=True)
class DocumentKey:
    """What makes a document."""

    payer: str
    receiver: str
    currency: str
    kind: str
    tax_category: str


@dataclass
class Document:
    """A document and its payment in minor units; ``items`` by agreement, kind and item."""

    items: dict[tuple[str, str, str], Minor] = field(default_factory=lambda: defaultdict(int))
    positions_by_version: dict[tuple[str, str], Minor] = field(default_factory=lambda: defaultdict(int))
    tax: Minor = 0
    withheld: Minor = 0
    retained: Minor = 0
    due_days: int = 10**6

    @property
    def position(self) -> Minor:
        """Shares, agreement items and gross-ups."""
        return sum(self.items.values())

    @property
    def payment(self) -> Minor:
        """What is paid on the due date."""
        return self.position + self.tax - self.withheld - self.retained


@dataclass
class Settling:
    """Agreements as dictionaries of the book, and everything else that a settlement looks at."""

    agreements: Sequence[dict[str, Any]]
    parties: Mapping[str, Party]
    per_euro: Mapping[str, str]
    # (supplier country, receiver country, receiver status, tax category) -> percent
    taxes: Mapping[tuple[str, str, str, str], str]
    # (class, payer country, receiver country)
    withholding: Mapping[tuple[str, str, str], WithholdingRule]
    last_day: datetime.date

    def documents_of(self, positions: Mapping[PositionKey, tuple[Fraction, int]]) -> dict[DocumentKey, Document]:
        """All documents behind the positions of a run."""
        documents: dict[DocumentKey, Document] = defaultdict(Document)
        earned: dict[tuple[str, str], Minor] = defaultdict(int)
        for key, (exact, minor) in positions.items():
            if key.receiver == key.payer:
                continue
            agreement, version = self._version(*key.agreement)
            settled = self._settled(exact, minor, key.currency, version["settlement"]["currency"])
            self._add(documents, agreement, version, key.receiver, "share", key.item_id, settled)
            earned[agreement["id"], key.receiver] += settled
        for agreement in self.agreements:
            version = self._in_force(agreement)
            if version is not None:
                for receiver, kind, item_id, amount in self._agreement_items(agreement, version, earned):
                    self._add(documents, agreement, version, receiver, kind, item_id, amount)
        for key, document in documents.items():
            self._finish(key, document)
        return dict(documents)

    # Positions to items

    def _settled(self, exact: Fraction, minor: int, currency: str, settlement_currency: str) -> Minor:
        """One conversion of the exact position; the same currency keeps the split position."""
        if currency == settlement_currency:
            return minor
        digits = MINOR_DIGITS[settlement_currency] - MINOR_DIGITS[currency]
        return round_half_away(exact * rate(self.per_euro, currency, settlement_currency) * Fraction(10) ** digits)

    def _agreement_items(
        self, agreement: dict[str, Any], version: dict[str, Any], earned: Mapping[tuple[str, str], Minor]
    ) -> Iterable[tuple[str, str, str, Minor]]:
        """Each item in order, on the shares and what the items before it made of them."""
        settlement = version["settlement"]
        running: dict[str, Minor] = {}
        for item in settlement.get("items", []):
            receiver = item["to"]
            before = running.setdefault(receiver, earned.get((agreement["id"], receiver), 0))
            amount = round_half_away(Fraction(item["amount"]) * 10 ** MINOR_DIGITS[settlement["currency"]])
            effect = self._effect(item, amount, before)
            running[receiver] = before + effect
            if effect:
                yield receiver, item["kind"], item["id"], effect

    def _effect(self, item: dict[str, Any], amount: Minor, before: Minor) -> Minor:
        if item["kind"] == "fee":
            return -amount if item.get("direction") == "from_receiver" else amount
        if item["kind"] == "cap":
            return min(amount - before, 0)
        if item["kind"] == "recoupment":
            part = Fraction(item.get("percent", "100")) / 100
            return -min(amount, round_half_away(max(before, 0) * part))
        months = 12 if item["period"] == "year" else 1
        so_far = self.last_day.month if months == 12 else 1
        if item.get("true_up", "at_end") == "each_period":
            return max(round_half_away(Fraction(amount * so_far, months)) - before, 0)
        return max(amount - before, 0) if so_far == months else 0

    def _add(
        self, documents: dict[DocumentKey, Document], agreement: dict[str, Any], version: dict[str, Any],
        receiver: str, kind: str, item_id: str, amount: Minor,
    ) -> None:  # fmt: skip
        terms = version["settlement"]
        key = DocumentKey(agreement["payer"], receiver, terms["currency"], terms["document"], terms["tax_category"])
        documents[key].items[agreement["id"], kind, item_id] += amount
        documents[key].positions_by_version[agreement["id"], version["version"]] += amount
        documents[key].due_days = min(documents[key].due_days, int(terms["due_days"]))

    # Items to documents and payments

    def _finish(self, key: DocumentKey, document: Document) -> None:
        for (agreement_id, version_name), net in document.positions_by_version.items():
            _, version = self._version(agreement_id, version_name)
            terms = version["settlement"]
            gross = net
            if "withholding" in terms:
                rule, percent = self._withholding(terms["withholding"]["payment_class"], key)
                if terms["withholding"].get("borne_by") == "payer" and percent < 100:
                    addition = round_half_away(net * percent / (100 - percent))
                    document.items[agreement_id, "gross_up", "gross_up"] += addition
                    gross += addition
                document.withheld += _withheld(gross, percent, rule, MINOR_DIGITS[key.currency])
            if "retention" in terms and gross > 0:
                document.retained += round_half_away(gross * Fraction(terms["retention"]["percent"]) / 100)
        supplier, customer = self.parties[key.receiver], self.parties[key.payer]
        percent = self.taxes[supplier.country, customer.country, customer.status, key.tax_category]
        document.tax = round_half_away(document.position * Fraction(percent) / 100)

    def _withholding(self, payment_class: str, key: DocumentKey) -> tuple[WithholdingRule, Fraction]:
        receiver = self.parties[key.receiver]
        rule = self.withholding[payment_class, self.parties[key.payer].country, receiver.country]
        lowered = rule.certificate_rate if receiver.has_certificate else None
        return rule, Fraction(lowered or rule.rate)

    def _version(self, agreement_id: str, version_name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        agreement = next(entry for entry in self.agreements if entry["id"] == agreement_id)
        return agreement, next(entry for entry in agreement["versions"] if entry["version"] == version_name)

    def _in_force(self, agreement: dict[str, Any]) -> dict[str, Any] | None:
        day = self.last_day.isoformat()
        return next(
            (v for v in agreement["versions"] if v["effective_from"] <= day < v.get("effective_until", "9999")), None
        )


def _withheld(gross: Minor, percent: Fraction, rule: WithholdingRule, digits: int) -> Minor:
    if rule.is_rounded_to_major:
        return round_half_away(Fraction(gross, 10**digits) * percent / 100) * 10**digits
    return round_half_away(gross * percent / 100)
