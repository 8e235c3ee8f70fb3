"""Makes the good usage rows of a feed in bulk with DuckDB: every value a function of seed, feed and row number.

Belongs here: rows and files. Belongs elsewhere: what the columns look like (``feeds``), bad rows (``faults``).
"""
# ruff: noqa: S608 - SQL is put together from this package's own expressions and whole numbers; nothing comes from outside.

import re
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from assets.synthetic.feeds import FEEDS, Feed
from assets.synthetic.populations import Service

# Local hours of the day, as often as people use their phones in them.
HOURS = (
    0, 1, 2, 3, 4, 5, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10, 10, 11, 11, 12, 12, 12, 13, 13, 13, 14, 14, 15, 15,
    15, 16, 16, 16, 17, 17, 17, 17, 18, 18, 18, 18, 19, 19, 19, 19, 20, 20, 20, 21, 21, 22, 23,
)  # fmt: skip
EVENTS_OF_A_MONTH = 1_000_000_000  # at most: where the next month's events begin to be numbered
LATE_EVERY = 400  # every 400th row is an event of the month before
LATE_SPAN_SECONDS = 1_500_000
_R_CALL = re.compile(r"\br\(")


class UsageMaker:
    """A DuckDB session with the services in it. ``close`` it when done."""

    def __init__(self, services: list[Service], start: datetime, end: datetime, seed: int, months_before: int) -> None:
        self._start, self._end = start, end
        self._first_event = months_before * EVENTS_OF_A_MONTH
        self._session = duckdb.connect()
        self._session.execute("set preserve_insertion_order = true; set memory_limit = '600MB'; set TimeZone = 'UTC'")
        self._session.execute(f"create macro random_number(f, n, k) as hash(f, n, k, {int(seed)}) % 4294967296")
        self._service_count = _load_services(self._session, services)
        # Late events reach back into the month before; its offset may be another one.
        self._clock = _Clock(start - timedelta(days=40), start, end)

    def close(self) -> None:
        """End the session."""
        self._session.close()

    def write(self, feed: Feed, first: int, count: int, target: Path) -> None:
        """Write rows ``first`` .. ``first + count - 1`` of a feed as plain text, with the header in csv."""
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
        body = target.with_name(target.name + ".part")
        body_literal = str(body).replace("'", "''")
        self._session.execute(
            f"copy (select {line} as line from ({self._query(feed, first, count)}) order by n) to '{body_literal}' "
            "(format csv, header false, quote '', escape '', delimiter '\x01')"
        )
        with target.open("ab") as output, body.open("rb") as source:
            while chunk := source.read(1 << 20):
                output.write(chunk)
        body.unlink()

    def count_late(self, feed: Feed, count: int) -> int:
        """How many of the feed's first ``count`` rows fall before the month."""
        query = self._placed_query(feed, f"range(0, {int(count)}, {LATE_EVERY})")
        start = _seconds(self._start)
        ((late,),) = self._session.execute(f"select count(*) from ({query}) where starts_at = {start}").fetchall()
        return late

    def _query(self, feed: Feed, first: int, count: int) -> str:
        columns = ", ".join(f'{_with_random(feed, expression)} as "{name}"' for name, expression in feed.columns)
        start = _seconds(self._start)
        instant = f"""
            case
                -- Late: an event of the month before, of a service that was there already.
                when n % {LATE_EVERY} = 0 and starts_at = {start}
                    then {start} - 86400 - (r(104) % {LATE_SPAN_SECONDS})::bigint
                when wished_at >= starts_at and wished_at < ends_at then wished_at
                else starts_at + (r(105) % (ends_at - starts_at)::ubigint)::bigint
            end"""
        offset = self._clock.offset_sql("instant")
        return f"""
            with placed as ({self._placed_query(feed, f"range({int(first)}, {int(first + count)})")}),
            timed as (select n, identifier, {_with_random(feed, instant)} as instant from placed),
            written as (
                select
                    n, n + {self._first_event} as event, identifier,
                    strftime(to_timestamp(instant + {offset}), '%Y-%m-%dT%H:%M:%S')
                        || printf('+%02d:00', {offset} // 3600) as at_text
                from timed
            )
            select n, {columns} from written
        """

    def _placed_query(self, feed: Feed, numbers: str) -> str:
        """Row numbers with the service each is for and the instant wished for it by the hours people keep."""
        services = self._service_count[feed.offering]
        days = (self._end.date() - self._start.date()).days
        hours = f"{list(HOURS)}[1 + (r(102) % {len(HOURS)})::bigint]"
        wall = f"((r(101) % {days})::bigint * 86400 + {hours} * 3600 + (r(103) % 3600)::bigint)"
        return _with_random(
            feed,
            f"""
            select numbers.n, services.identifier, services.starts_at, services.ends_at,
                {self._clock.instant_sql(wall, "r(106) % 2 = 0")} as wished_at
            from (select range as n from {numbers}) as numbers
            inner join services
                on services.offering_id = '{feed.offering}'
                and services.number = (r(100) % {services})::bigint""",
        )


class _Clock:
    """Warsaw's clock as SQL, with at most one change in the month and one before it."""

    def __init__(self, earliest: datetime, start: datetime, end: datetime) -> None:
        self._start, self._zone = _seconds(start), start.tzinfo
        hours = range(_seconds(earliest), _seconds(end) + 3600, 3600)
        offsets = [(at, self._offset(at - 3600), self._offset(at)) for at in hours]
        self._changes = [(at, before, after) for at, before, after in offsets if before != after]
        self._first_offset = self._offset(_seconds(earliest))

    def _offset(self, instant: int) -> int:
        offset = datetime.fromtimestamp(instant, self._zone).utcoffset()
        if offset is None:
            raise ValueError("the month's start has no time zone")
        return offset // timedelta(seconds=1)

    def offset_sql(self, instant: str) -> str:
        """Seconds ahead of UTC at an instant."""
        cases = "".join(f" when {instant} >= {at} then {after}" for at, _, after in reversed(self._changes))
        return f"(case{cases} else {self._first_offset} end)" if cases else f"({self._first_offset})"

    def instant_sql(self, wall: str, second_pass: str) -> str:
        """The instant at ``wall`` seconds by the clock from the start; in a doubled hour a condition picks the pass."""
        change = next((change for change in self._changes if change[0] > self._start), None)
        if change is None:
            return f"({self._start} + {wall})"
        at, before, after = change
        changes_at, back = at - self._start, before - after
        later = f"when {wall} >= {changes_at + max(-back, 0)} then {back}"
        doubled = f"when {wall} >= {changes_at - back} and {second_pass} then {back}" if back > 0 else ""
        return f"({self._start} + {wall} + case {later} {doubled} else 0 end)"


def _load_services(session: duckdb.DuckDBPyConnection, services: list[Service]) -> dict[str, int]:
    """Fill the table ``services``, numbered within each offering; how many there are of each."""
    counts = {feed.offering: 0 for feed in FEEDS}
    numbers = []
    for service in services:
        numbers.append(counts[service.offering_id])
        counts[service.offering_id] += 1
    without = [offering for offering, count in counts.items() if count == 0]
    if without:
        raise ValueError(f"found nobody with {', '.join(without)}; expected someone; ask for more customers")
    table = pa.table(
        {
            "number": pa.array(numbers, pa.int64()),
            "offering_id": pa.array([service.offering_id for service in services], pa.string()),
            "identifier": pa.array([service.identifier for service in services], pa.string()),
            "starts_at": pa.array([_seconds(service.starts_at) for service in services], pa.int64()),
            "ends_at": pa.array([_seconds(service.ends_at) for service in services], pa.int64()),
        }
    )
    session.register("services_arrow", table)
    session.execute("create table services as select * from services_arrow")
    session.unregister("services_arrow")
    return counts


def _with_random(feed: Feed, expression: str) -> str:
    return _R_CALL.sub(f"random_number({FEEDS.index(feed)}, n, ", expression)


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())
