"""One case in Apportion's words: offerings, products, usage, balances, and the figures to read afterwards.

Belongs here: what a translation consists of, and short ways to write it.
Belongs elsewhere: what a source means (``sources``), the book around the offerings (``operator_book``), files
(``inbox_files``), reading figures (``readings``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from assets.catalog.models.tax import MAIN_TAX
from tests.conformance.cases import Case
from tests.conformance.fields import NotTranslated
from tests.conformance.readings import Reading

# A month of 31 days, for cases that do not say when.
MONTH = (date(2025, 1, 1), date(2025, 2, 1))
LONG_AGO = "1990-01-01"
# Calendar periods by their number of days, so that a case which only counts days gets a period of that many.
_SPANS: dict[int, tuple[str, date, date]] = {
    1: ("day", date(2025, 1, 1), date(2025, 1, 2)),
    7: ("week", date(2025, 1, 6), date(2025, 1, 13)),
    28: ("month", date(2023, 2, 1), date(2023, 3, 1)),
    29: ("month", date(2024, 2, 1), date(2024, 3, 1)),
    30: ("month", date(2025, 4, 1), date(2025, 5, 1)),
    31: ("month", *MONTH),
    90: ("quarter", date(2025, 1, 1), date(2025, 4, 1)),
    91: ("quarter", date(2025, 4, 1), date(2025, 7, 1)),
    92: ("quarter", date(2025, 7, 1), date(2025, 10, 1)),
    181: ("half_year", date(2025, 1, 1), date(2025, 7, 1)),
    182: ("half_year", date(2024, 1, 1), date(2024, 7, 1)),
    184: ("half_year", date(2025, 7, 1), date(2026, 1, 1)),
    365: ("year", date(2025, 1, 1), date(2026, 1, 1)),
    366: ("year", date(2024, 1, 1), date(2025, 1, 1)),
}


@dataclass(frozen=True)
class Product:
    """What the account has, from when until when (half-open)."""

    name: str
    offering: str
    effective_from: datetime
    effective_until: datetime | None = None


@dataclass(frozen=True)
class Event:
    """One row of a usage file; ``values`` are columns besides the event's id, instant and user."""

    specification: str
    product: str
    at: datetime
    values: Mapping[str, str]


@dataclass
class Scenario:
    """What one case needs. Names are unique in the scenario; files and rows carry the case's number in front."""

    case: Case
    number: int
    currency: str = "USD"
    time_zone: str = "UTC"
    # The account's bill periods in order, one for each run: local days, half-open.
    periods: list[tuple[date, date]] = field(default_factory=lambda: [MONTH])
    offerings: dict[str, dict[str, Any]] = field(default_factory=dict)
    agreements: dict[str, dict[str, Any]] = field(default_factory=dict)
    calendars: dict[str, dict[str, Any]] = field(default_factory=dict)
    products: list[Product] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    # Other population records, by feed: one mapping a record.
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    zone_lists: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    tax_rates: set[str] = field(default_factory=lambda: {"0"})
    splits: list[dict[str, Any]] = field(default_factory=list)
    readings: dict[str, Reading] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """In front of every id of the case: ids are unique in the book and in the inbox."""
        return f"n{self.number}"

    def account_id(self, step: int = 1) -> str:
        """The case's own billing account. Of several bill periods each has its own: the customer moves on from one to
        the next with the balances that the bill before left, as from another system."""
        return self.prefix if step == 1 else f"{self.prefix}-s{step}"

    def product_id(self, product: str, step: int = 1) -> str:
        """A product of one of the accounts."""
        return self.name(product) if step == 1 else self.name(product, f"s{step}")

    def step_of(self, at: datetime) -> int:
        """In which of several bill periods an instant lies."""
        starts = [self.midnight(start) for start, _ in self.periods[1:]]
        return 1 + sum(at >= start for start in starts)

    def name(self, *parts: str) -> str:
        """An id of this case."""
        return "-".join((self.prefix, *parts))

    def period(self, start: date, end: date) -> None:
        """Bill one period only, other than the usual month; ``end`` is not in it."""
        self.periods = [(start, end)]

    def offer(self, *prices: dict[str, Any], name: str = "plan", tax_percent: str = "0", **more: Any) -> str:
        """An offering of the case; its name."""
        self.tax_rates.add(tax_percent)
        self.offerings[name] = {
            "id": self.name(name),
            "kind": "simple",
            "service": "conformance",
            "name": text(name),
            "tax_category": tax_category(tax_percent),
            "supplier": "operator",
            "effective_from": LONG_AGO,
            "prices": list(prices),
            **more,
        }
        return name

    def sell(
        self,
        *prices: dict[str, Any],
        name: str = "plan",
        start: datetime | None = None,
        end: datetime | None = None,
        tax_percent: str = "0",
        **more: Any,
    ) -> str:
        """An offering and a product of it; the product's name, which is the offering's."""
        self.offer(*prices, name=name, tax_percent=tax_percent, **more)
        return self.have(name, start=start, end=end)

    def have(
        self, offering: str, *, name: str | None = None, start: datetime | None = None, end: datetime | None = None
    ) -> str:
        """A product of an offering, by default from before the first period."""
        self.products.append(Product(name or offering, offering, start or datetime(1995, 1, 1, tzinfo=UTC), end))
        return name or offering

    def use(
        self, quantity: str, *, product: str = "plan", at: datetime | None = None, of: str = "metered", **values: str
    ) -> None:
        """One event. Without an instant it comes one second after the one before, from the first period's start."""
        if at is None:
            at = self.after_start(len(self.events) + 1)
        self.events.append(Event(of, product, at, {"quantity": quantity, **values}))

    def after_start(self, seconds: int, period: int = 0) -> datetime:
        """An instant so many seconds into a period."""
        return self.midnight(self.periods[period][0]) + timedelta(seconds=seconds)

    def midnight(self, day: date) -> datetime:
        """The instant at which a day starts where the account is."""
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.time_zone)).astimezone(UTC)

    def local_date(self, at: datetime) -> date:
        """The day of an instant where the account is."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()

    def opening(
        self,
        product: str,
        price_id: str,
        *,
        quantity: str = "0",
        amount: str = "0",
        day: date | None = None,
        value: str | None = None,
    ) -> None:
        """What was counted and billed of a price before: quantity, and the amount in currency units.

        ``value`` is the one that a count of distinct values holds.
        """
        self.record(
            "opening_balances",
            product_id=self.name(product),
            price_id=price_id,
            counter_start=(day or self.periods[0][0].replace(month=1, day=1)).isoformat(),
            quantity=quantity,
            **({"amount_billed": amount} if amount != "0" else {}),
            **({"value": value} if value is not None else {}),
        )

    def billed_in_advance(self, product: str, price_id: str, *, until: date, amount: str) -> None:
        """A fee that an earlier bill charged for the first period, up to a day, in currency units."""
        self.record(
            "fees_billed",
            product_id=self.name(product),
            price_id=price_id,
            covered_from=self.periods[0][0].isoformat(),
            covered_until=until.isoformat(),
            amount_billed=amount,
        )

    def record(self, feed: str, **values: Any) -> None:
        """One record of another population."""
        self.records.setdefault(feed, []).append(values)

    def read(self, key: str, reading: Reading) -> None:
        """What to compare with the expected figure of that key."""
        self.readings[key] = reading


def text(words: str) -> dict[str, str]:
    """A name in the only language of the conformance operator."""
    return {"en": words}


def tax_category(percent: str) -> str:
    """The category under which rates are in ``taxes.csv``: 12.5 is rate-12-5, taxes of 12 and 5 are rate-12-and-5."""
    return f"rate-{percent.replace('.', '-').replace('+', '-and-')}"


def tax_id(number: int) -> str:
    """The tax in that place of several: the first is the main one of a category."""
    return MAIN_TAX if number == 1 else f"tax-{number}"


# Settings of how a tariff is read; a translator may write them beside the tariff's own words.
_PRICING = ("bounds", "unused", "below_zero", "beyond_last")


def usage_price(
    tariff: Mapping[str, Any],
    *,
    price_id: str = "usage",
    usage: str = "metered",
    aggregate: str = "sum",
    characteristic: str | None = "quantity",
    currency: str = "USD",
    rounding: list[dict[str, str]] | None = None,
    removal: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A price for usage with one tariff for ever."""
    measure: dict[str, Any] = {"aggregate": aggregate}
    measure |= {"characteristic": characteristic} if characteristic else {}
    measure |= {"removal": removal} if removal else {}
    pricing = {key: value for key, value in tariff.items() if key in _PRICING}
    return {
        "id": price_id,
        "kind": "usage",
        "name": text(price_id),
        "currency": currency,
        "usage": usage,
        "measure": measure,
        "pricing": pricing | ({"rounding": rounding} if rounding else {}),
        "versions": [
            {
                "effective_from": LONG_AGO,
                "tariff": {key: value for key, value in tariff.items() if key not in _PRICING},
            }
        ],
        **more,
    }


def ends_of(starts: list[str]) -> list[dict[str, str]]:
    """Tiers told by where they start, as tiers told by where they end: each ends where the next one starts."""
    return [*({"up_to": start} for start in starts[1:]), {}]


def fee(
    amount: str, *, price_id: str = "fee", kind: str = "recurring", currency: str = "USD", **more: Any
) -> dict[str, Any]:
    """A recurring or one-time price with one amount for ever."""
    if more.get("every") == "half_year":
        more |= {"every": "month", "count": "6"}
    return {
        "id": price_id,
        "kind": kind,
        "name": text(price_id),
        "currency": currency,
        "versions": [{"effective_from": LONG_AGO, "tariff": {"model": "flat", "amount": amount}}],
        **more,
    }


def minimum_price(amount: str, every: str = "month", *, counts: list[str] | None = None, **more: Any) -> dict[str, Any]:
    """The least that prices cost in a calendar period; without ``counts`` all of the offering's."""
    price = fee(
        amount, price_id="minimum", kind="minimum", charged="in_arrears", every=every, anchor="calendar", **more
    )
    return price | ({"counts": counts} if counts else {})


def calendar_period(days: int) -> tuple[str, date, date]:
    """A week, month, quarter, half-year or year of so many days: its length in a word, its first day, the day after."""
    if days not in _SPANS:
        raise NotTranslated(f"unknown period of {days} days: none of week, month, quarter, half-year, year has as many")
    return _SPANS[days]
