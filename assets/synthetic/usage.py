"""Makes the good usage rows of a feed in bulk with DuckDB: every value a function of seed and row number.

Belongs here: rows and files. Belongs elsewhere: what the columns look like (``feeds``), bad rows (``faults``).
"""

from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from assets.synthetic.feeds import Feed
from assets.synthetic.populations import Service

ROWS_PER_FILE = 1_500_000
# Hours of the day, as often as people use their phones in them.
HOURS = "[0,6,7,7,8,8,8,9,9,9,10,10,11,11,12,12,13,13,14,14,15,15,16,16,16,17,17,17,18,18,18,19,19,19,20,20,20,21,21,22,23]"
LATE_EVERY = 400


class UsageMaker:
    """A DuckDB session with the services in it."""

    def __init__(self, services: list[Service], start: datetime, end: datetime, seed: int) -> None:
        self._start, self._end = start, end
        self._session = duckdb.connect()
        self._session.execute("set preserve_insertion_order = true; set memory_limit = '600MB'; set TimeZone = 'UTC'")
        self._session.execute(f"create macro random_number(n, k) as hash(n, k, {int(seed)}) % 4294967296")
        self._session.execute(
            "create table services (number integer, offering_id varchar, identifier varchar, starts_at bigint, ends_at bigint)"
        )
        counters: dict[str, int] = {}
        rows = []
        for service in services:
            number = counters.get(service.offering_id, 0)
            counters[service.offering_id] = number + 1
            rows.append(
                (number, service.offering_id, service.identifier, _seconds(service.starts_at), _seconds(service.ends_at))
            )
        self._session.executemany("insert into services values (?, ?, ?, ?, ?)", rows)
        self._counters = counters
        self._offset = _offset_sql(start - timedelta(days=40), end)

    def write(self, feed: Feed, first: int, count: int, target: Path, *, late_every: int = LATE_EVERY) -> int:
        """Write rows ``first`` .. ``first + count - 1`` of a feed as plain text; returns how many of them are late."""
        query = self._query(feed, first, count, late_every)
        names = [name for name, _ in feed.columns]
        if feed.file_format == "csv":
            # Nothing here needs quotes, and a carrier's switch writes none.
            line = f" || '{feed.delimiter}' || ".join(f'"{name}"' for name in names)
            header = feed.delimiter.join(names) + "\n"
        else:
            pairs = " || ', ' || ".join(f"""'"{name}": ' || to_json("{name}")""" for name in names)
            line = f"'{{' || {pairs} || '}}'"
            header = ""
        target.write_text(header, encoding="utf-8")
        body = target.with_suffix(".body")
        self._session.execute(
            f"copy (select {line} as line from ({query}) order by n) to '{body}' "
            "(format csv, header false, quote '', escape '', delimiter '\x01')"
        )
        with target.open("ab") as output, body.open("rb") as source:
            while chunk := source.read(1 << 20):
                output.write(chunk)
        body.unlink()
        return len(range(first + (-first) % late_every, first + count, late_every)) if late_every else 0

    def _query(self, feed: Feed, first: int, count: int, late_every: int) -> str:
        offering = feed.offerings[0]
        services = self._counters[offering]
        start = _seconds(self._start)
        days = (self._end - self._start).days
        late = f"n % {late_every} = 0" if late_every else "false"
        columns = ", ".join(f'{_with_random(expression)} as "{name}"' for name, expression in feed.columns)
        return f"""
            with numbers as (
                select range as n from range({first}, {first + count})
            ),
            placed as (
                select
                    n, services.identifier, services.starts_at, services.ends_at,
                    {start} + (random_number(n, 1) % {days})::bigint * 86400
                        + {HOURS}[1 + (random_number(n, 2) % 41)::bigint] * 3600
                        + (random_number(n, 9) % 3600)::bigint as wished_at
                from numbers
                inner join services
                    on services.offering_id = '{offering}'
                    and services.number = (random_number(n, 10) % {services})::bigint
            ),
            timed as (
                select
                    n, identifier,
                    case
                        -- Late: an event of the month before, of a service that was there already.
                        when {late} and starts_at = {start} then {start} - 86400 - (random_number(n, 11) % 1500000)::bigint
                        when wished_at >= starts_at and wished_at < ends_at then wished_at
                        else starts_at + (random_number(n, 12) % (ends_at - starts_at)::ubigint)::bigint
                    end as instant
                from placed
            ),
            written as (
                select
                    n, identifier,
                    strftime(to_timestamp(instant + {self._offset}), '%Y-%m-%dT%H:%M:%S')
                        || case {self._offset} when 7200 then '+02:00' else '+01:00' end as at_text
                from timed
            )
            select n, {columns} from written
        """

    def late_rows(self, feed: Feed, first: int, count: int, late_every: int = LATE_EVERY) -> int:
        """How many rows of the range fall before the month."""
        start_text = self._start.strftime("%Y-%m-%d")
        return self._session.execute(
            f"select count(*) from ({self._query(feed, first, count, late_every)}) where \"{feed.time_column}\" < '{start_text}'"
        ).fetchone()[0]


def _with_random(expression: str) -> str:
    return expression.replace("r(", "random_number(n, ")


def _offset_sql(start: datetime, end: datetime) -> str:
    """SQL for the seconds that Warsaw is ahead of UTC at ``instant``; at most one change of the clock in the span."""
    hours = int((end - start).total_seconds()) // 3600
    instants = [start.timestamp() + 3600 * hour for hour in range(hours + 1)]
    offsets = [int(datetime.fromtimestamp(at, start.tzinfo).utcoffset().total_seconds()) for at in instants]
    change = next((i for i in range(1, len(offsets)) if offsets[i] != offsets[0]), None)
    if change is None:
        return str(offsets[0])
    return f"(case when instant < {int(instants[change])} then {offsets[0]} else {offsets[change]} end)"


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())
