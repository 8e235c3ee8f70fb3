"""What other networks deliver in the example month: calls over the trunks with Telnova, Helvecom's TAP-like file.

Belongs here: two small files, the same for every seed and size, the identifiers by which they find their agreements,
the operator's own rates of the SDR.
Belongs elsewhere: customers' usage (``usage``, ``feeds``), planted faults (``faults``): these files are clean.
"""

import csv
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from assets.ingestion.landing import MANIFEST_SUFFIX
from assets.synthetic.faults import Counts, write_manifest
from assets.synthetic.months import file_number, last_working_days, months_before

TRUNK_CALLS = 240
TAP_RECORDS = 40
# Found by the agreements of examples/book/agreements/interconnect.yaml.
IDENTIFIERS = (("trunk", "TN-WAW-01", "telnova-interconnect"), ("plmn", "22899", "helvecom-roaming"))
SDR_RATES = (("1.1702", "4.9611"), ("1.1710", "4.9655"))  # of the month's last working days, in EUR and PLN


def write_networks(folder: Path, month: str, start: datetime) -> dict[str, Counts]:
    """Write the files with their manifests; what should become of the rows of each feed."""
    trunks = folder / f"trunks_{month}_1.csv"
    _write(trunks, list(_trunk_calls(start, first=months_before(month) * TRUNK_CALLS)))
    write_manifest(trunks, TRUNK_CALLS, month)
    # Numbered by the sender, from the first month on. Its manifest adds up the charges.
    tap = folder / f"CDCHEHCPLWIS{file_number(month):05}.csv"
    records = list(_tap_records(start, first=months_before(month) * TAP_RECORDS))
    _write(tap, records)
    write_manifest(tap, TAP_RECORDS, month)
    manifest = tap.with_name(tap.name + MANIFEST_SUFFIX)
    stated = json.loads(manifest.read_text(encoding="utf-8"))
    total = sum((Decimal(record["charge_sdr"]) for record in records), Decimal(0))
    manifest.write_text(json.dumps({**stated, "totals": {"charge": str(total)}}) + "\n", encoding="utf-8")
    rates = [
        {
            "fx_source": "treasury",
            "rate_date": day.isoformat(),
            "base_currency_code": "XDR",
            "quote_currency_code": code,
            "rate": rate,
        }
        for day, (euro, zloty) in zip(last_working_days(month, len(SDR_RATES)), SDR_RATES, strict=True)
        for code, rate in (("EUR", euro), ("PLN", zloty))
    ]
    _write(folder / f"fx_rates_{month}.csv", rates)
    counts = {"trunks": TRUNK_CALLS, "tap": TAP_RECORDS}
    return {feed: Counts(read=rows, accepted=rows) for feed, rows in counts.items()}


def identifiers(since: str) -> list[dict[str, str]]:
    """The trunk and the network code, as records of the population."""
    return [
        {
            "identifier_kind": kind,
            "identifier": name,
            "effective_from": since,
            "effective_until": "",
            "product_id": agreement,
        }
        for kind, name, agreement in IDENTIFIERS
    ]


def _trunk_calls(start: datetime, first: int) -> Iterator[dict[str, str]]:
    """Two calls out for one in: to Telnova's numbers and through it to the EU; from Poland, the EU and beyond."""
    for number in range(TRUNK_CALLS):
        at = start + timedelta(hours=3 * number % 720, minutes=7 * number % 60, seconds=11 * number % 60)
        is_incoming = number % 3 == 0
        is_transit = number % 4 == 1 and not is_incoming
        abroad = ("+4915123", "+33612", "+12025")[number % 9 // 3]
        own, telnova = f"+485011{number:05d}", f"+482231{number:05d}"
        if is_incoming:
            a_number, b_number = (f"{abroad}{number:06d}" if number % 2 else telnova), own
        else:
            a_number, b_number = own, (f"+33612{number:06d}" if is_transit else telnova)
        yield {
            "call_id": f"tn-{first + number}",
            "started_at": at.isoformat(),
            "a_number": a_number,
            "b_number": b_number,
            "trunk": "TN-WAW-01",
            "route": "transit" if is_transit else "direct",
            "direction": "incoming" if is_incoming else "outgoing",
            "duration_s": str(20 + 37 * number % 600),
        }


def _tap_records(start: datetime, first: int) -> Iterator[dict[str, str]]:
    """Calls, messages and data of the operator's customers in Switzerland, each with its charge in SDR."""
    for number in range(1, TAP_RECORDS + 1):
        service = ("voice", "data", "sms", "voice")[number % 4]
        units = {"voice": 30 + 41 * number % 900, "data": 1 + 13 * number % 200, "sms": 1}[service]
        # Thousandths of an SDR: per second, per MB, per message.
        charge = Decimal(units * {"voice": 2, "data": 4, "sms": 35}[service]).scaleb(-3)
        yield {
            "record": str(first + number),
            "local_timestamp": (start + timedelta(hours=17 * number, minutes=number)).isoformat(),
            "imsi": f"26099{number % 7:010d}",
            "plmn": "22899",
            "service": service,
            "units": str(units),
            "charge_sdr": format(charge, "f"),
        }


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
