"""A quote: the hypothetical usage as files, rated in a trial, and what the tables then say.

Belongs here: the files of the trial, its run, its figures.
Belongs elsewhere: the trial's machinery (``orchestration.dbt.trial``), saying it (``orchestration.cli.quote``).
"""

import csv
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from assets.catalog.book import Book
from assets.catalog.check import CheckedBook
from assets.catalog.models.usage_specification import UsageSpecification
from assets.publishing.account_periods import AccountPeriod
from assets.quoting.hypothetical import HypotheticalUsage, instant_format, user_value
from orchestration.dbt.trial import Trial, TrialFailed

LANE = "whatif"
MODELS = (
    "fct_applied_billing_rates",
    "fct_customer_bills",
    "fct_bill_taxes",
    "fct_account_outcomes",
    "fct_suspended_usage",
    "fct_rate_parts",
    "fct_line_adjustments",
    "fct_bucket_balances",
)
Row = dict[str, Any]
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Quoted:
    """What the trial came to: rows of the tables, as they are."""

    lines: list[Row]
    events: list[Row]
    parts: list[Row]
    adjustments: list[Row]
    buckets: list[Row]
    bill: Row | None
    taxes: list[Row]
    suspended: list[Row]
    parked: Row | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: an offering, what would be used of it, the local day on which it is used."""

    offering_id: str
    usage: Sequence[HypotheticalUsage]
    day: date
    currency: str
    country: str
    seller: str = ""  # the party that sold the product, where an agreement asks for one
    parties: Mapping[str, Row] = field(default_factory=dict)  # records of partners, where they are known


def quote(checked: CheckedBook, asked: Asked, url: str, folder: Path) -> Quoted:
    """Rate what is asked in the trial's database.

    Raises:
        TrialFailed: a row was not accepted (its bounds, for one), or a model failed.
    """
    return try_out(checked, asked, url, folder, MODELS, _figures, build=Trial.build_kept)


def try_out(
    checked: CheckedBook,
    asked: Asked,
    url: str,
    folder: Path,
    models: Sequence[str],
    read: Callable[[psycopg.Connection], Found],
    *,
    build: Callable[[Trial, Sequence[str]], None] = Trial.build,
) -> Found:
    """Make models of what is asked in the trial's database, and read what they say.

    Raises:
        TrialFailed: as ``quote``.
    """
    book = checked.book
    # Quotes before this one stay in the trial's database: every id is this quote's own.
    quote_id = f"q{uuid.uuid4().hex[:16]}"
    zone = ZoneInfo(book.valid_operator.time_zone)
    first = asked.day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    with Trial(url, LANE, folder) as trial:
        trial.load(checked)
        with trial.connect() as connection:
            known = {party for (party,) in connection.execute("select party_id from inbox.parties")}
        start = datetime(first.year, first.month, first.day, tzinfo=zone)
        _write_populations(inbox, asked, quote_id, start, book, known)
        _write_usage(inbox, asked, quote_id, zone)
        # Any day is as good as today: the trial's clock stands behind it, and usage of this evening is not ahead of it.
        left_out = trial.take_in(inbox, now=max(datetime.now(UTC), _sent_at(asked.day)))
        if left_out:
            raise TrialFailed("rows_left_out", str(left_out[0]), "Say another quantity or value.")
        window = AccountPeriod.between(quote_id, first, following, str(zone))
        trial.open([window], issue_date=following)
        build(trial, models)
        with trial.connect() as connection:
            return read(connection)


def _write_csv(path: Path, columns: Sequence[str], rows: Sequence[Row], delimiter: str = ",") -> None:
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, fieldnames=columns, delimiter=delimiter, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)


def _record(party_id: str, country: str, language: str, *, kind: str, status: str) -> Row:
    return {
        "party_id": party_id, "effective_from": "1990-01-01", "party_kind": kind, "name": party_id,
        "country_code": country, "tax_number": "", "tax_status": status, "language_code": language,
        "parent_party_id": "", "bank_account": "", "address_lines": "",
    }  # fmt: skip


def business(party_id: str, country: str, language: str) -> Row:
    """A record of a partner of whom nothing is known but where it is."""
    return _record(party_id, country, language, kind="organization", status="business")


def _write_populations(
    inbox: Path, asked: Asked, quote_id: str, start: datetime, book: Book, known_parties: set[str]
) -> None:
    """The customer who asks; partners are there so that their agreements can be resolved."""
    operator = book.valid_operator
    language = operator.languages[0]
    parties = [_record(quote_id, asked.country, language, kind="individual", status="consumer")]
    parties += [
        dict(asked.parties.get(partner) or business(partner, asked.country, language))
        for partner in sorted({operator.party, *operator.partners} - known_parties)
    ]
    account = {
        "account_id": quote_id, "effective_from": "1990-01-01", "party_id": quote_id, "currency_code": asked.currency,
        "language_code": language, "bill_cycle": "c01", "due_days": "14",
    }  # fmt: skip
    product = {
        "product_id": quote_id, "effective_from": start.isoformat(), "effective_until": "", "account_id": quote_id,
        "offering_id": asked.offering_id, "seller_party_id": asked.seller,
    }  # fmt: skip
    identifiers = [
        {
            "identifier_kind": kind, "identifier": user, "effective_from": start.isoformat(), "effective_until": "",
            "product_id": quote_id,
        }
        for kind, user in sorted({_user(usage.specification, quote_id) for usage in asked.usage})
    ]  # fmt: skip
    for feed, rows in (
        ("parties", parties),
        ("accounts", [account]),
        ("products", [product]),
        ("identifiers", identifiers),
    ):
        if rows:
            _write_csv(inbox / f"{feed}_{quote_id}.csv", list(rows[0]), rows)


def _user(specification: UsageSpecification, quote_id: str) -> tuple[str, str]:
    """Kind and value of the identifier under which the usage is."""
    return (specification.served_by.identifier_kind, user_value(specification, int(quote_id[1:9], 16) % 100_000_000))


def _write_usage(inbox: Path, asked: Asked, quote_id: str, zone: ZoneInfo) -> None:
    by_specification: dict[str, list[Row]] = {}
    specifications: dict[str, UsageSpecification] = {}
    count = 0
    for usage in asked.usage:
        specification = specifications.setdefault(usage.specification.id, usage.specification)
        columns = {entry.id: entry.column for entry in specification.characteristics}
        for _ in range(usage.times):
            # One second apart from noon on, so that the order is the one that was said.
            at = datetime(asked.day.year, asked.day.month, asked.day.day, 12, tzinfo=zone) + timedelta(seconds=count)
            count += 1
            row = dict(usage.values)
            row |= {columns[name]: f"{quote_id}-{count}" for name in specification.event_id}
            written = instant_format(specification)
            row[columns[specification.event_time]] = at.strftime(written) if written else at.isoformat()
            row[columns[specification.served_by.characteristic]] = _user(specification, quote_id)[1]
            by_specification.setdefault(specification.id, []).append(row)
    for name, rows in by_specification.items():
        file = specifications[name].file
        path = inbox / (file.name_pattern.replace("*", quote_id, 1).replace("*", ""))
        columns_in_order = [entry.column for entry in specifications[name].characteristics]
        if file.format == "csv":
            _write_csv(path, columns_in_order, rows, file.delimiter)
        else:
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        _write_manifest(path, len(rows), asked.day)


def _sent_at(day: date) -> datetime:
    """When a file with a day's usage is said to have been sent: the day is over in every time zone."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=2)


def _write_manifest(path: Path, rows: int, day: date) -> None:
    content = {
        "rows": rows,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "sent_at": _sent_at(day).isoformat(),
    }
    path.with_name(path.name + ".manifest.json").write_text(json.dumps(content))


_QUERIES = {
    "lines": """
        select lines.*, prices.tariff_model, currencies.minor_digits
        from {lane}.fct_applied_billing_rates as lines
        inner join catalog.prices using (price_version_id)
        inner join catalog.currencies on lines.currency_code = currencies.currency_code
        order by prices.price_kind desc, prices.sort_order, lines.covered_from""",
    "events": """
        select rated.*, prices.price_id, prices.offering_id
        from {lane}.fct_rated_usage as rated
        inner join catalog.prices using (price_version_id)
        order by rated.event_at""",
    "parts": "select * from {lane}.fct_rate_parts order by line_key, part_number",
    "adjustments": "select * from {lane}.fct_line_adjustments order by line_key, adjustment_number",
    "buckets": "select * from {lane}.fct_bucket_balances order by offering_id, allowance_id, period_start",
    "bills": "select * from {lane}.fct_customer_bills",
    "taxes": "select * from {lane}.fct_bill_taxes order by tax_category",
    "suspended": "select * from {lane}.fct_suspended_usage order by event_at",
    "outcomes": "select * from {lane}.fct_account_outcomes where outcome = 'parked'",
}


def _figures(connection: psycopg.Connection) -> Quoted:
    found: dict[str, list[Row]] = {}
    for name, query in _QUERIES.items():
        with connection.cursor(row_factory=dict_row) as cursor:
            composed = sql.SQL(query).format(lane=sql.Identifier(LANE))
            found[name] = cursor.execute(composed).fetchall()
    return Quoted(
        lines=found["lines"],
        events=found["events"],
        parts=found["parts"],
        adjustments=found["adjustments"],
        buckets=found["buckets"],
        bill=found["bills"][0] if found["bills"] else None,
        taxes=found["taxes"],
        suspended=found["suspended"],
        parked=found["outcomes"][0] if found["outcomes"] else None,
    )
