"""The files that the cases' customers and usage arrive in: few files, whatever the number of cases.

Belongs here: population and usage files in the shapes that ingestion reads.
Belongs elsewhere: what is in them (``scenario``), reading them (``assets.ingestion``).
"""

import csv
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.conformance.operator_book import USAGE_SPECIFICATIONS
from tests.conformance.scenario import LONG_AGO, Event, Scenario

IDENTIFIER_KIND = "case"
# Usage is delivered within the age limit of its specification (ten years), with the manifest that says when.
YEARS_IN_A_FILE = 5


def write_inbox(folder: Path, scenarios: Iterable[Scenario]) -> None:
    """Write all files of the scenarios into a landing folder."""
    folder.mkdir(parents=True, exist_ok=True)
    scenarios = list(scenarios)
    records: dict[str, list[dict[str, Any]]] = defaultdict(list)
    records["parties"] += [_party("operator"), _party("customer")]
    events: dict[tuple[str, int], list[tuple[Scenario, int, Event]]] = defaultdict(list)
    for scenario in scenarios:
        _add_records(records, scenario)
        for number, event in enumerate(scenario.events):
            # Whole files of years, each delivered at the end of them.
            first_year = event.at.year - event.at.year % YEARS_IN_A_FILE
            events[event.specification, first_year].append((scenario, number, event))
    for feed, rows in records.items():
        if rows:
            _write_records(folder, feed, rows)
    for (specification, first_year), entries in sorted(events.items()):
        _write_usage(folder, specification, first_year, entries)


def _party(party_id: str, **more: str) -> dict[str, str]:
    return {
        "party_id": party_id, "effective_from": LONG_AGO, "party_kind": "organization", "name": party_id,
        "country_code": "US", "tax_number": "", "tax_status": "business", "language_code": "en",
        "parent_party_id": "", "bank_account": "", "address_lines": "1 Example Street", **more,
    }  # fmt: skip


def _add_records(records: dict[str, list[dict[str, Any]]], scenario: Scenario) -> None:
    if not scenario.products:
        return
    for step in range(1, len(scenario.periods) + 1):
        _add_account(records, scenario, step)
    for feed, entries in scenario.records.items():
        records[feed] += [_party(**entry) if feed == "parties" else entry for entry in entries]


def _add_account(records: dict[str, list[dict[str, Any]]], scenario: Scenario, step: int) -> None:
    account_id = scenario.account_id(step)
    records["accounts"].append(
        {
            "account_id": account_id, "effective_from": LONG_AGO, "party_id": "customer",
            "currency_code": scenario.currency, "language_code": "en", "bill_cycle": "c01", "due_days": "14",
        }
    )  # fmt: skip
    for product in scenario.products:
        product_id = scenario.product_id(product.name, step)
        start = product.effective_from.isoformat()
        until = product.effective_until.isoformat() if product.effective_until else ""
        records["products"].append(
            {
                "product_id": product_id, "effective_from": start, "effective_until": until,
                "account_id": account_id, "offering_id": scenario.name(product.offering), "seller_party_id": "",
            }
        )  # fmt: skip
        records["identifiers"].append(
            {
                "identifier_kind": IDENTIFIER_KIND, "identifier": product_id, "effective_from": start,
                "effective_until": until, "product_id": product_id,
            }
        )  # fmt: skip


def write_balances(folder: Path, name: str, records: list[dict[str, Any]]) -> None:
    """What the bills of a step have left, as opening balances of the next."""
    folder.mkdir(parents=True)
    lines = "".join(json.dumps(record) + "\n" for record in records)
    (folder / f"opening_balances_{name}.jsonl").write_text(lines, encoding="utf-8")


def _write_records(folder: Path, feed: str, rows: list[dict[str, Any]]) -> None:
    if feed in JSON_FEEDS:
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{feed}_cases.jsonl").write_text(lines, encoding="utf-8")
        return
    with (folder / f"{feed}_cases.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


JSON_FEEDS = frozenset({"price_overrides", "opening_balances", "fees_billed", "coupons", "credits"})


def _write_usage(folder: Path, specification: str, first_year: int, entries: list[tuple[Scenario, int, Event]]) -> None:
    columns = [entry["column"] for entry in USAGE_SPECIFICATIONS[specification]["characteristics"]]
    path = folder / f"{specification}_{first_year}.csv"
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, fieldnames=columns, lineterminator="\n", restval="")
        writer.writeheader()
        for scenario, number, event in entries:
            writer.writerow(
                {
                    "event": f"{scenario.prefix}-{number}",
                    "at": event.at.astimezone(UTC).isoformat(),
                    "user": scenario.product_id(event.product, scenario.step_of(event.at)),
                    **event.values,
                }
            )
    sent_at = min(
        datetime(first_year + YEARS_IN_A_FILE, 1, 2, tzinfo=UTC), datetime.now(UTC) - timedelta(minutes=1)
    )  # fmt: skip
    manifest = {
        "rows": len(entries),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "sent_at": sent_at.isoformat(),
    }
    path.with_name(path.name + ".manifest.json").write_text(json.dumps(manifest))
