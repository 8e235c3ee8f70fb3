"""The validated parts of a book, each with the place where it is written.

Belongs here: the container that checks and loading read, and the canonical content with its digest.
Belongs elsewhere: filling it (``reading``), judging it (``checks``).
"""

import datetime
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, cast

from pydantic import BaseModel

from assets.catalog.models.agreement import Agreement
from assets.catalog.models.calendar import Calendar
from assets.catalog.models.fx import FxSource
from assets.catalog.models.grammar import decimal_text
from assets.catalog.models.offering import BundleOffering, Offering, SimpleOffering
from assets.catalog.models.operator import Operator
from assets.catalog.models.party_tariff import AgreementTariff
from assets.catalog.models.tax import TaxRow
from assets.catalog.models.usage_specification import UsageSpecification
from assets.catalog.models.zone import ZoneRow
from assets.catalog.public_holidays import holiday_dates
from assets.catalog.reading.problems import Placed, SourceFile

Kind = Literal[
    "operator", "usage specification", "offering", "agreement", "FX source", "zone list", "tax category", "calendar"
]


@dataclass
class ZoneList:
    """A zone list and, once resolved, the zone of every prefix."""

    name: str
    file: SourceFile
    rows: list[Placed[ZoneRow]]
    zone_by_prefix: dict[str, str] = field(default_factory=dict)

    @property
    def zones(self) -> set[str]:
        """Names of the zones of the list."""
        return {row.value.zone for row in self.rows}

    def zone_of(self, value: str) -> str | None:
        """The zone of a value by longest match, or None."""
        for length in range(len(value), 0, -1):
            if (zone := self.zone_by_prefix.get(value[:length])) is not None:
                return zone
        return None


@dataclass
class Book:
    """What could be read of a book. ``mentioned`` also has the ids of parts that are broken, and a kind of which a
    file could not be read at all is ``incomplete``: references to it are not judged, so one fault gives one problem."""

    operator: Placed[Operator] | None = None
    usage_specifications: dict[str, Placed[UsageSpecification]] = field(default_factory=dict)
    offerings: dict[str, Placed[Offering]] = field(default_factory=dict)
    agreements: dict[str, Placed[Agreement]] = field(default_factory=dict)
    fx_sources: dict[str, Placed[FxSource]] = field(default_factory=dict)
    calendars: dict[str, Placed[Calendar]] = field(default_factory=dict)
    zone_lists: dict[str, ZoneList] = field(default_factory=dict)
    taxes: list[Placed[TaxRow]] = field(default_factory=list)
    standard_rates: dict[str, Decimal] = field(default_factory=dict)
    mentioned: dict[Kind, set[str]] = field(default_factory=dict)
    incomplete: set[Kind] = field(default_factory=set)

    def is_unknown(self, kind: Kind, name: str) -> bool:
        """Whether a reference leads nowhere for certain."""
        return kind not in self.incomplete and name not in self.mentioned.get(kind, set())

    def names(self, kind: Kind) -> set[str]:
        """All ids of a kind, for messages."""
        return self.mentioned.get(kind, set())

    @property
    def valid_operator(self) -> Operator:
        """The operator of a book that passed its checks."""
        if self.operator is None:
            raise ValueError("the book has no valid operator; check it first")
        return self.operator.value

    @property
    def languages(self) -> list[str]:
        """Languages in which every name needs a text; empty when the operator's file could not be read."""
        return self.operator.value.languages if self.operator else []

    @property
    def simple_offerings(self) -> Iterator[Placed[SimpleOffering]]:
        """Offerings with prices of their own."""
        for entry in self.offerings.values():
            if isinstance(entry.value, SimpleOffering):
                yield cast(Placed[SimpleOffering], entry)

    @property
    def bundles(self) -> Iterator[Placed[BundleOffering]]:
        """Bundle offerings."""
        for entry in self.offerings.values():
            if isinstance(entry.value, BundleOffering):
                yield cast(Placed[BundleOffering], entry)

    @property
    def party_tariffs(self) -> Iterator[Placed[AgreementTariff]]:
        """Tariffs of agreements: price lists between partners."""
        for entry in self.agreements.values():
            for position, tariff in enumerate(entry.value.tariffs):
                yield Placed(tariff, entry.file, (*entry.path, "tariffs", position))

    @property
    def price_lists(self) -> Iterator[Placed[SimpleOffering] | Placed[AgreementTariff]]:
        """Whatever prices usage."""
        yield from self.simple_offerings
        yield from self.party_tariffs

    def tax_rate(self, row: TaxRow) -> Decimal:
        """The rate of a tax row in percent, with ``standard`` resolved."""
        rate = row.rate_percent
        return rate if isinstance(rate, Decimal) else self.standard_rates[row.receiver_country]


def dump(model: BaseModel) -> dict[str, Any]:
    """A part of the book as JSON data, in the words of the book; decimals and dates are text."""
    return model.model_dump(mode="json", by_alias=True)


def definition_of(book: Book) -> dict[str, Any]:
    """The whole content as JSON data: independent of file names, comments, the order of files and of parts.

    It holds what reference packages add (prefixes of regions, standard VAT rates, holidays), so another package
    version with other content is another book. The operator must be there.
    """
    return {
        "format": 1,
        "operator": dump(book.valid_operator),
        "usage_specifications": [
            dump(book.usage_specifications[key].value) for key in sorted(book.usage_specifications)
        ],
        "offerings": [dump(book.offerings[key].value) for key in sorted(book.offerings)],
        "agreements": [dump(book.agreements[key].value) for key in sorted(book.agreements)],
        "fx_sources": [dump(book.fx_sources[key].value) for key in sorted(book.fx_sources)],
        "calendars": [dump(book.calendars[key].value) for key in sorted(book.calendars)],
        "calendar_holidays_sha256": {
            key: sha256_of([day.isoformat() for day in holiday_dates(place.value.holidays)])
            for key, place in sorted(book.calendars.items())
            if place.value.holidays is not None
        },
        "zone_lists": {
            name: sorted([row.value.zone, row.value.match] for row in book.zone_lists[name].rows)
            for name in sorted(book.zone_lists)
        },
        "zone_prefixes_sha256": {
            name: sha256_of(sorted(book.zone_lists[name].zone_by_prefix.items())) for name in sorted(book.zone_lists)
        },
        "tax_rules": sorted((_tax_rule(book, row.value) for row in book.taxes), key=lambda rule: json.dumps(rule)),
    }


def _tax_rule(book: Book, row: TaxRow) -> dict[str, Any]:
    return {**dump(row), "rate_percent": decimal_text(book.tax_rate(row))}


def sha256_of(content: Any) -> str:
    """SHA-256 over canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def is_in_force(day: datetime.date, effective_from: datetime.date, effective_until: datetime.date | None) -> bool:
    """Whether a half-open span of days holds a day."""
    return effective_from <= day and (effective_until is None or day < effective_until)


def spans_overlap(one: Any, other: Any) -> bool:
    """Whether two dated parts have a day in common."""
    starts = max(one.effective_from, other.effective_from)
    return all(part.effective_until is None or starts < part.effective_until for part in (one, other))
