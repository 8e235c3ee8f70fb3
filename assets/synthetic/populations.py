"""Customers, accounts, products, identifiers, personal prices: the population files of the example month."""

import csv
import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from schwifty import IBAN

from assets.synthetic.months import period_bounds
from assets.synthetic.people import COMPANIES, COUNTRIES, MIX, Company, Country, business_tax_number

LONG_AGO = "2026-02-01T00:00:00+01:00"
BUSINESS_SHARE = 0.25
FAMILY = 12  # of so many customers, three in a row are a family


@dataclass(frozen=True)
class Service:
    """One identifier of a product, and the span of the month in which it is in force.

    ``offering_id`` is the one whose usage prices apply: of a bundle, the component's.
    """

    product_id: str
    offering_id: str
    identifier_kind: str
    identifier: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Population:
    """Rows of every population file, and the services that usage is made for."""

    parties: list[dict]
    accounts: list[dict]
    products: list[dict]
    identifiers: list[dict]
    price_overrides: list[dict]
    account_groups: list[dict]
    services: list[Service]
    coupons: list[dict] = field(default_factory=list)
    credits: list[dict] = field(default_factory=list)


def make_population(month: str, customers: int, seed: int) -> Population:
    """The whole population, a function of its arguments."""
    chance = random.Random(seed)
    made = Population([], [], [], [], [], [], [])
    for company in COMPANIES:
        made.parties.append(_party_of_company(company))
    start, end = period_bounds(month)
    countries = [code for code, share in MIX for _ in range(share)]
    for number in range(1, customers + 1):
        country = COUNTRIES[countries[(number * 37) % len(countries)]]
        _add_customer(made, chance, number, country, start, end)
    _add_price_overrides(made, start)
    _add_account_credits(made)
    return made


def write_population(made: Population, folder: Path, month: str) -> None:
    """CSV and JSON lines, one file per population."""
    populations = {
        "parties": made.parties,
        "accounts": made.accounts,
        "products": made.products,
        "identifiers": made.identifiers,
        "account_groups": made.account_groups,
    }
    for name, rows in populations.items():
        with (folder / f"{name}_{month}.csv").open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    json_rows = {"price_overrides": made.price_overrides, "coupons": made.coupons, "credits": made.credits}
    for name, rows in json_rows.items():
        # A file without rows would be refused.
        if rows:
            lines = "".join(json.dumps(row) + "\n" for row in rows)
            (folder / f"{name}_{month}.jsonl").write_text(lines, encoding="utf-8")


def _party_of_company(company: Company) -> dict:
    return {
        "party_id": company.party_id,
        "effective_from": "2025-01-01",
        "party_kind": "organization",
        "name": company.name,
        "country_code": company.country_code,
        "tax_number": company.tax_number,
        "tax_status": "business",
        "language_code": company.language_code,
        "parent_party_id": company.parent_party_id,
        "bank_account": str(IBAN.from_bban(company.country_code, company.bban)),
        "address_lines": company.address_lines,
    }


def _add_customer(
    made: Population, chance: random.Random, number: int, country: Country, start: datetime, end: datetime
) -> None:
    party_id = f"c{number:06d}"
    is_business = chance.random() < BUSINESS_SHARE
    first_names, last_names = chance.choice(country.names)
    last_name = chance.choice(last_names)
    if is_business:
        name = f"{chance.choice(country.company_words)} {last_name} {country.company_suffix}"
    else:
        name = f"{chance.choice(first_names)} {last_name}"
    street = chance.choice(country.streets).format(number=chance.randint(1, 180))
    made.parties.append(
        {
            "party_id": party_id,
            "effective_from": "2026-01-15",
            "party_kind": "organization" if is_business else "individual",
            "name": name,
            "country_code": country.code,
            "tax_number": business_tax_number(country, number) if is_business else "",
            "tax_status": "business" if is_business else "consumer",
            "language_code": country.language_code,
            "parent_party_id": "",
            "bank_account": "",
            "address_lines": f"{street}|{chance.choice(country.places)}|{country.country_name}",
        }
    )
    account_id = f"a{number:06d}"
    # Some Ukrainian customers live on euros.
    currency = "EUR" if country.code == "UA" and number % 3 == 0 else country.currency_code
    made.accounts.append(
        {
            "account_id": account_id,
            "effective_from": "2026-01-15",
            "party_id": party_id,
            "currency_code": currency,
            "language_code": country.language_code,
            "bill_cycle": "c01",
            "due_days": "14" if is_business else "21",
        }
    )
    if _is_in_family(number):
        family = f"family-{number // FAMILY:04d}"
        made.account_groups.append(
            {"account_id": account_id, "effective_from": LONG_AGO, "effective_until": "", "group_id": family}
        )
    if number % 75 == 0:
        return  # a customer who has nothing (yet): nothing to bill
    _add_products(made, chance, number, account_id, country, is_business, start, end)


def _is_in_family(number: int) -> bool:
    return number % FAMILY < 3


def _add_products(
    made: Population, chance: random.Random, number: int, account_id: str, country: Country, is_business: bool,
    start: datetime, end: datetime,
) -> None:  # fmt: skip
    """What one customer has: bundles carry the identifiers of all their components."""

    def add(suffix: str, offering: str, *uses: tuple[str, str, str], seller: str = "",
            since: datetime | None = None, until: datetime | None = None) -> None:  # fmt: skip
        product_id = f"p{number:06d}-{suffix}"
        span = {
            "effective_from": since.isoformat() if since else LONG_AGO,
            "effective_until": until.isoformat() if until else "",
        }
        owner = {"account_id": account_id, "offering_id": offering, "seller_party_id": seller}
        made.products.append({"product_id": product_id, **span, **owner})
        for used_offering, kind, identifier in uses:
            made.identifiers.append(
                {"identifier_kind": kind, "identifier": identifier, **span, "product_id": product_id}
            )
            made.services.append(
                Service(product_id, used_offering, kind, identifier, max(since or start, start), min(until or end, end))
            )

    phone = ("mobile-start", "msisdn", f"+{country.phone_prefix}{number:0{country.phone_digits}d}")
    video = ("video-stream", "subscription", f"vid-{number:06d}")
    devices = ("smart-home", "device", f"dev-{number:06d}")
    in_family = number % 9 == 0
    in_office = is_business and number % 5 == 1
    if number % FAMILY == 0:
        add("minutes", "family-minutes")
    if in_family:
        add("pack", "family-pack", phone, video, devices)
    elif in_office:
        # Every other one is new this month: a week of trial.
        since = start + timedelta(days=2) if number % 2 else None
        add("office", "office-pack", phone, devices, since=since)
    elif chance.random() < 0.85 or number % 10 == 0:
        # Every tenth mobile is new this month (proration, trial, activation), every sixtieth ends in it.
        since = start + timedelta(days=chance.randint(6, 22)) if number % 10 == 4 else None
        until = start + timedelta(days=chance.randint(8, 25)) if number % 60 == 7 else None
        add("mobile", "mobile-start", phone, seller="gamma" if number % 20 == 3 else "", since=since, until=until)
    if not in_family and chance.random() < 0.4:
        add("video", "video-stream", video)
    if not in_family and not in_office and chance.random() < 0.2:
        add("home", "smart-home", devices)
    if chance.random() < 0.15:
        add("care", "care-online", ("care-online", "subscription", f"care-{number:06d}"))
    if is_business:
        add("cloud", "nordcloud-pro", ("nordcloud-pro", "tenant", f"tenant-{number:06d}"))


def _add_price_overrides(made: Population, start: datetime) -> None:
    """Personal prices: a cheaper minute, a cheaper fee from mid-month, a negotiated compute price."""
    mobiles = [row["product_id"] for row in made.products if row["offering_id"] == "mobile-start"]
    clouds = [row["product_id"] for row in made.products if row["offering_id"] == "nordcloud-pro"]
    mid_month = (start + timedelta(days=10)).isoformat()
    minute = {"model": "per_unit", "unit_amount": "0.09", "per_quantity": "60"}
    for product_id, price_id, since, tariff in (
        (mobiles[0], "calls-national", LONG_AGO, minute),
        (mobiles[1], "monthly-fee", mid_month, {"model": "flat", "amount": "19.00"}),
        (clouds[0], "compute", LONG_AGO, {"model": "per_unit", "unit_amount": "0.0299"}),
    ):
        made.price_overrides.append(
            {
                "product_id": product_id,
                "price_id": price_id,
                "effective_from": since,
                "effective_until": None,
                "tariff": tariff,
            }
        )


def _add_account_credits(made: Population) -> None:
    """Two coupons for one customer with a mobile, one of them for fees only, and money to use up for another."""
    mobiles = {row["account_id"] for row in made.products if row["offering_id"] == "mobile-start"}
    accounts = [
        row["account_id"] for row in made.accounts if row["account_id"] in mobiles and row["currency_code"] == "PLN"
    ]
    spring = {"coupon_id": "SPRING", "name": "SPRING", "percent": "10", "lasts": "periods", "periods": "3"}
    welcome = {
        "coupon_id": "WELCOME", "name": "WELCOME", "amount": "30.00", "currency_code": "PLN", "rest": "kept",
        "charge_kinds": "recurring", "priority": "200",
    }  # fmt: skip
    for account_id in accounts[-1:]:
        made.coupons.extend(
            {"account_id": account_id, "effective_from": LONG_AGO, **coupon} for coupon in (spring, welcome)
        )
    for account_id in accounts[-2:-1]:
        made.credits.append(
            {
                "credit_id": "TOPUP-1", "account_id": account_id, "effective_from": LONG_AGO, "name": "Top-up",
                "effective_until": "2027-02-01T00:00:00+01:00", "amount": "200.00", "currency_code": "PLN",
            }
        )  # fmt: skip
