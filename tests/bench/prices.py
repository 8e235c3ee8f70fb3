"""Rating by itself: CPU per event with the example's prices, and with ten times the prices and every feature on.

``python -m tests.bench.prices --events 1000000`` makes one month of usage and rates it under both books, each in a
database of its own. CPU seconds of the database, because rating runs in two processes and machines are shared.
Belongs here: the book with everything in it, the comparison. Belongs elsewhere: the path (``path``), the floor.
"""

import argparse
import csv
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg

from assets.rows import first_value
from orchestration.paths import DBT_PROJECT, PROJECT_ROOT
from tests.bench import floor, path
from tests.bench.sharing import cpu_and_wall_seconds

COPIES = 9
OFFERING = "mobile-start"
SETTINGS = (
    "jit = off",
    "work_mem = '192MB'",
    "hash_mem_multiplier = 2",
    "enable_nestloop = off",
    "enable_mergejoin = off",
    "join_collapse_limit = 20",
    "from_collapse_limit = 20",
    "max_parallel_workers_per_gather = 0",
)
CALENDAR = """\
calendars:
  - id: week
    holidays: {country: PL}
    bands:
      - {id: night, start: "00:00", end: "06:00", weight: 5}
      - {id: weekend, weekdays: [saturday, sunday]}
"""
# What each usage price of the copied offering gets besides; its first tariff stays.
FEATURES = {
    "calls-national": ['round_up_to: {first: "60", next: "1"}', 'event_amount: "0.01"'],
    "calls-eu": ["calendar: week"],
    "calls-world": ["counter: day"],
    "calls-roaming": ["counter: event", 'event_minimum: "0.01"'],
    "sms": ["free_events: 3"],
    "data-home": ['free_quantity: "100"'],
    "data-roaming": ['event_maximum: "5"'],
}
NIGHTS = (
    'time_bands: [{in: [night], tariff: {model: per_unit, unit_amount: "0.1", per_quantity: "60"}},'
    ' {in: [weekend], tariff: {model: per_unit, unit_amount: "0.2", per_quantity: "60"}}]'
)
TEN_TIERS = ", ".join(
    [*(f'{{up_to: "{n * 512}", unit_amount: "0.00{10 - n}"}}' for n in range(1, 10)), '{unit_amount: "0.0005"}']
)


@dataclass(frozen=True)
class Rated:
    """One book's month: rules the events were looked up in, events rated, CPU seconds of rating them."""

    prices: int
    events: int
    rating_seconds: float
    report: path.PathTimes

    @property
    def microseconds(self) -> float:
        return self.rating_seconds * 1e6 / self.events


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.prices", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    events = parser.parse_args().events
    from orchestration.database.server import EmbeddedServer

    with tempfile.TemporaryDirectory(prefix="apportion-bench-") as temporary:
        home = Path(temporary)
        home.chmod(0o711)
        server = EmbeddedServer(home / "postgres")
        url = server.start()
        try:
            path.generate(home / "plain" / "inbox", events)
            with psycopg.connect(url) as connection:
                floor_seconds = floor.measure(connection, home / "plain" / "inbox", home / "floor")
            plain = _rate(server.url("plain_prices"), home / "plain", PROJECT_ROOT / "examples" / "book")
            shutil.copytree(home / "plain" / "inbox", home / "full" / "inbox")
            _spread_over_copies(home / "full" / "inbox")
            full = _rate(server.url("all_features"), home / "full", full_book(home / "book"))
        finally:
            server.stop()
    for name, rated in (("example's prices", plain), ("ten times the prices, every feature", full)):
        print(
            f"{name}: {rated.prices} prices of usage, {rated.events:,} events rated,"
            f" {rated.microseconds:.2f} microseconds of CPU an event,"
            f" rating {rated.rating_seconds / floor_seconds:.2f} x floor (CPU)"
        )
        rated.report.print_report(events, floor_seconds)
    print(f"every feature costs {full.microseconds / plain.microseconds:.2f} x the example's prices")


def full_book(target: Path) -> Path:
    """The example's book, in which an offering stands ten times and its copies use what prices can do."""
    shutil.copytree(PROJECT_ROOT / "examples" / "book", target)
    (target / "calendars").mkdir(exist_ok=True)
    (target / "calendars" / "bench.yaml").write_text(CALENDAR, encoding="utf-8")
    mobile = target / "offerings" / "mobile.yaml"
    text = mobile.read_text(encoding="utf-8")
    block = re.search(rf"  - id: {OFFERING}\n.*?(?=\n  - id: |\Z)", text, flags=re.DOTALL)
    assert block is not None, f"no offering {OFFERING} in the example"
    copies = [_with_features(block[0], number) for number in range(1, COPIES + 1)]
    mobile.write_text(text.rstrip("\n") + "\n" + "\n".join(copies) + "\n", encoding="utf-8")
    voice = target / "usage" / "voice.yaml"
    specification = voice.read_text(encoding="utf-8")
    if "time_bands:" not in specification:
        voice.write_text(
            specification.replace(
                "  characteristics:", "  time_bands: {split: at_boundary, duration: duration}\n  characteristics:", 1
            ),
            encoding="utf-8",
        )
    return target


def _with_features(offering: str, number: int) -> str:
    """A copy of the offering under an id of its own; amounts differ a little from copy to copy."""
    head, *prices = re.split(r"(?=^      - id: )", offering, flags=re.MULTILINE)
    made = [head.replace(f"  - id: {OFFERING}\n", f"  - id: {OFFERING}-{number}\n", 1)]
    for price in prices:
        price_id = price.split("- id: ", 1)[1].split("\n", 1)[0].strip()
        # What the example's price has by itself stays as it is.
        lines = "".join(
            f"        {line}\n" for line in FEATURES.get(price_id, []) if f"        {line.split(':')[0]}:" not in price
        )
        price = price.replace("        versions:\n", f"{lines}        versions:\n", 1)
        if price_id == "calls-eu" and "time_bands:" not in price:
            price = re.sub(r"(tariff: \{[^}]*\})\}", rf"\1, {NIGHTS}}}", price)
        if price_id == "data-home":
            price = re.sub(r"tiers: \[.*\]", f"tiers: [{TEN_TIERS}]", price)
        made.append(price.replace('"0.19"', f'"0.{18 + number}"'))
    return "".join(made).rstrip("\n")


def _spread_over_copies(inbox: Path) -> None:
    """Give each product of the offering the next of its copies, the offering itself among them."""
    names = [OFFERING, *(f"{OFFERING}-{number}" for number in range(1, COPIES + 1))]
    (products,) = inbox.glob("products_*.csv")
    with products.open(encoding="utf-8", newline="") as source:
        header, *rows = csv.reader(source)
    column = header.index("offering_id")
    taken = 0
    for row in rows:
        if row[column] == OFFERING:
            row[column] = names[taken % len(names)]
            taken += 1
    with products.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, lineterminator="\n").writerows([header, *rows])
    products.with_name(products.name + ".manifest.json").unlink(missing_ok=True)


def _rate(url: str, home: Path, book: Path) -> Rated:
    """Bill the month in a database of its own, then rate it once more, alone, for its CPU."""
    with psycopg.connect(url.rpartition("/")[0] + "/postgres", autocommit=True) as connection:
        connection.execute(f"create database {url.rpartition('/')[2]}".encode())
    os.environ |= {"APPORTION_HOME": str(home), "APPORTION_DATABASE_URL": url, "APPORTION_BOOK": str(book)}
    report = path.measure(url, home)
    compiled = DBT_PROJECT / "target" / "bench" / "compiled" / "apportion" / "models"
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in SETTINGS:
            connection.execute(f"set {setting}".encode())
        seconds = 0.0
        for model in path.RATING_MODELS:
            (sql,) = compiled.rglob(f"{model}.sql")
            seconds += cpu_and_wall_seconds(connection, f"create table build.{model}_again as {sql.read_text()}")[0]
        prices = first_value(connection.execute("select count(distinct price_version_id) from build.int_rating_rules"))
        rated = first_value(connection.execute("select count(*) from build.fct_rated_usage"))
    return Rated(prices, rated, seconds, report)


if __name__ == "__main__":
    main()
