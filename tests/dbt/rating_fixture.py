"""A month of usage with every tariff model, written straight into a migrated database.

Belongs here: the rows of catalogue, inbox and lane, and for each event what the book says about it (``PricedEvent``).
Belongs elsewhere: expected amounts (``tariff_reference``), running dbt (``dbt_runner``).

October 2026 in Warsaw. Every event of offering ``o<n>`` meets one price per zone; what is odd on purpose: prices change
on 15 October, some products have a personalised price, one price counts events, one feed has 11 decimals, some events
are late, negative, zero, doubled, in conflict, unknown or without a price.
"""

import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg

from tests.dbt.rating.random_prices import random_prices
from tests.dbt.rating.tariff_reference import Allowance, EventRules, PricedEvent, Tariff, Tier

PERIOD_START = datetime(2026, 9, 30, 22, tzinfo=UTC)
PERIOD_END = datetime(2026, 10, 31, 23, tzinfo=UTC)
CHANGE_AT = datetime(2026, 10, 14, 22, tzinfo=UTC)
LONG_AGO = datetime(2025, 12, 31, 23, tzinfo=UTC)
D = Decimal

RANDOM_PRICES = random_prices(40, seed=20_261_125)
TARIFFS = {
    "per_minute": Tariff("per_unit", (Tier(None, D("0.19"), per_quantity=D(60)),)),
    "per_seventh": Tariff("per_unit", (Tier(None, D("0.0333333333"), per_quantity=D(7)),)),
    "graduated": Tariff(
        "graduated",
        (
            Tier(D(600), D("0.19"), per_quantity=D(60)),
            Tier(D("1234.5"), D("0.09"), D("1.5"), per_quantity=D(60)),
            Tier(None, D("0.01"), per_quantity=D(60)),
        ),
    ),
    "volume": Tariff(
        "volume",
        (Tier(D(900), D("0.07"), D("0.5"), per_quantity=D(13)), Tier(None, D("0.03"), per_quantity=D(13))),
    ),
    "package": Tariff("package", (Tier(None, D("3.99"), per_quantity=D("512.5"), block_size=D("512.5")),)),
    "flat": Tariff("flat", (Tier(None, D(0), D("4.99")),)),
    "counted": Tariff(
        "graduated",
        (Tier(D(3), D("0.2")), Tier(None, D("0.1"))),
    ),
    "personal": Tariff("per_unit", (Tier(None, D("0.11"), per_quantity=D(60)),)),
    **{name: price.tariff for name, price in RANDOM_PRICES.items()},
}
# zone -> (tariff until 15 October, tariff from then on, draws from the allowance)
ZONES: dict[str, tuple[str, str, bool]] = {
    "national": ("per_minute", "graduated", True),
    "eu": ("per_seventh", "per_minute", True),
    "world": ("volume", "package", False),
    "premium": ("graduated", "counted", False),
    "service": ("package", "flat", False),
    **{f"zone-{n}": (f"random-{n}", f"random-{n + 1}", n % 6 == 0) for n in range(0, len(RANDOM_PRICES), 2)},
}
PREFIXES = {"national": "48", "premium": "48700", "eu": "49", "world": "1", "service": "800"} | {
    zone: f"5{position:02}" for position, zone in enumerate(ZONES) if zone.startswith("zone-")
}
# The number called in each zone, and one without a zone.
CALLED = {zone: f"{prefix}22123" for zone, prefix in PREFIXES.items()} | {None: "9999999"}
ALLOWANCE_QUANTITY = 400


@dataclass
class RatedMonth:
    """What was written, and what each event that must be rated is worth by."""

    expected: list[PricedEvent] = field(default_factory=list)
    suspended: dict[str, str] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)


def fill_month(connection: psycopg.Connection, *, events: int, products: int, seed: int = 1) -> RatedMonth:
    """Write the month: ``events`` rows over ``products`` products of half as many accounts. Commits nothing."""
    chance = random.Random(seed)
    month = RatedMonth()
    with connection.cursor() as cursor:
        version_ids = _fill_book(cursor)
        overrides = _fill_populations(cursor, products)
        _fill_usage(cursor, chance, month, events, products, version_ids, overrides)
    return month


def _fill_book(cursor: psycopg.Cursor) -> dict[tuple[str, int], int]:
    """Two feeds (6 and 11 decimals), one offering each; price version ids by (price, version)."""
    cursor.execute(
        """insert into catalog.currencies values ('PLN', 2), ('JPY', 0) on conflict do nothing;
           insert into catalog.book_versions (book_digest, operator_party_id, time_zone, home_currency, definition)
           values (repeat('a', 64), 'operator', 'Europe/Warsaw', 'PLN', '{}');
           insert into catalog.usage_specifications (usage_specification_code) values ('voice'), ('cloud');
           insert into catalog.usage_specification_versions
           values (1, 1, '{}', '{6}', '{s}'), (1, 2, '{}', '{6, 11}', '{1, h}');
           insert into catalog.offerings values
               (1, 'o1', 'simple', 'voice', 'standard', 'le', 0, '2025-01-01', null, null),
               (1, 'o2', 'simple', 'cloud', 'standard', 'le', 0, '2025-01-01', null, null),
               (1, 'pair', 'bundle', 'bundle', 'standard', 'le', 0, '2025-01-01', null, 'weights');
           insert into catalog.bundle_components values (1, 'pair', 'o1', 2), (1, 'pair', 'o2', 1)
        """
    )
    for zone, prefix in PREFIXES.items():
        cursor.execute("insert into catalog.zone_prefixes values (1, 'd', %s, %s)", [zone, prefix])
    cursor.execute("insert into catalog.allowances values (1, 'o1', 'minutes', %s, false)", [ALLOWANCE_QUANTITY])
    version_ids: dict[tuple[str, int], int] = {}
    for offering, specification, slot in (("o1", 1, 1), ("o2", 2, 2)):
        for position, (zone, (before, after, draws)) in enumerate(ZONES.items()):
            for version, name in enumerate((before, after)):
                tariff = TARIFFS[name]
                price_id = f"{offering}-{zone}"
                cursor.execute(
                    """insert into catalog.prices (book_id, offering_id, price_id, price_kind, currency_code,
                           effective_from, effective_until, usage_specification_id, measure_aggregation, measure_slot,
                           tariff_model, specificity, allowance_id, sort_order)
                       values (1, %s, %s, 'usage', %s, %s, %s, %s, %s, %s, %s, 1, %s, %s)
                       returning price_version_id""",
                    [
                        offering, price_id, "PLN" if offering == "o1" else "JPY", (LONG_AGO, CHANGE_AT)[version],
                        (CHANGE_AT, None)[version], specification, "count" if name == "counted" else "sum",
                        None if name == "counted" else slot, tariff.model,
                        "minutes" if draws and offering == "o1" else None, position,
                    ],
                )  # fmt: skip
                version_ids[price_id, version] = _new_id(cursor)
                cursor.execute(
                    "insert into catalog.price_conditions values (%s, 'called', 'd', %s)",
                    [version_ids[price_id, version], [zone]],
                )
                _insert_tiers(cursor, "catalog.price_tiers", version_ids[price_id, version], tariff)
                _insert_rules(cursor, version_ids[price_id, version], name)
    return version_ids


def _insert_rules(cursor: psycopg.Cursor, version_id: int, name: str) -> None:
    tariff = TARIFFS[name]
    cursor.execute(
        "insert into catalog.price_tariff_settings values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [version_id, tariff.bounds, tariff.unused, tariff.below_zero, tariff.beyond_last, tariff.free_quantity,
         tariff.minimum, tariff.maximum, *(tariff.increment or (None, None))],
    )  # fmt: skip
    price = RANDOM_PRICES.get(name)
    if price is not None and price.counter != "period":
        cursor.execute("insert into catalog.price_counters values (%s, %s)", [version_id, price.counter])
    if price is not None and price.rules != EventRules():
        rules = price.rules
        cursor.execute(
            "insert into catalog.price_event_rules values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [version_id, *(rules.round_up_to or (None, None)), rules.event_amount, rules.minimum, rules.maximum,
             rules.zero_events, *(rules.rounding or (None, None))],
        )  # fmt: skip


def _new_id(cursor: psycopg.Cursor) -> int:
    """What the insert just made returned."""
    ((identity,),) = cursor.fetchall()
    return identity


def _insert_tiers(cursor: psycopg.Cursor, table: str, owner_id: int, tariff: Tariff) -> None:
    lower = D(0)
    for number, tier in enumerate(tariff.tiers, start=1):
        cursor.execute(
            f"insert into {table} values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",  # noqa: S608 - tables of this file
            [owner_id, number, lower, tier.up_to, tier.unit_amount, tier.flat_amount, tier.block_size,
             tier.per_quantity, tier.block_rounding, tier.maximum],
        )  # fmt: skip
        lower = tier.up_to or lower


def _fill_populations(cursor: psycopg.Cursor, products: int) -> dict[str, int]:
    """Accounts, products and identifiers; every seventh voice product has a personal price. Override id by product."""
    cursor.execute("insert into inbox.batches default values")
    cursor.execute(
        """insert into inbox.files (batch_id, feed, feed_kind, file_name, content_sha256, size_bytes, state,
               received_at)
           values (1, 'voice', 'usage', 'voice_1.csv', 'x', 1, 'loaded', now())"""
    )
    for statement in (
        """insert into inbox.parties
           select 'p' || i, '2025-01-01', 'individual', 'n', 'PL', null, 'consumer', 'pl', null, null, '{}', 1, i
           from generate_series(1, %s / 2 + 1) i""",
        """insert into inbox.billing_accounts
           select 'a' || i, '2025-01-01', 'p' || i, 'PLN', 'pl', 'c01', 14, 1, i
           from generate_series(1, %s / 2 + 1) i""",
        """insert into inbox.products
           select 'product-' || i, '2025-01-01', null, 'a' || (i / 2 + 1),
               case when i %% 5 = 4 then 'pair' else 'o' || (1 + i %% 2) end, null, 1, i
           from generate_series(0, %s - 1) i""",
        """insert into inbox.product_identifiers
           select 'msisdn', 'n' || i, '2025-01-01', null, 'product-' || i, 1, i from generate_series(0, %s - 1) i""",
        """insert into inbox.identifiers (identifier_kind, identifier)
           select 'msisdn', 'n' || i from generate_series(0, %s) i""",
    ):
        cursor.execute(statement, [products])
    cursor.execute(
        """insert into control.bill_runs (lane, period_id, state, period_start, period_end, issue_date, book_id,
               sealed_batch_id, token, code_version)
           values ('build', '2026-10-c01', 'open', %s, %s, '2026-11-02', 1, 1, 0, 'test')""",
        [PERIOD_START, PERIOD_END],
    )
    cursor.execute(
        """insert into build.run_inputs select bill_run_id, period_id, period_start, period_end, issue_date, 1, 1,
               'Europe/Warsaw', 'PLN' from control.bill_runs;
           insert into build.run_scope select distinct bill_run_id, account_id, substr(account_id, 2)::int, period_id,
               period_start, period_end from inbox.billing_accounts, control.bill_runs where account_id <> 'a1'"""
    )
    overrides: dict[str, int] = {}
    for number in range(0, products, 7):
        if number % 5 != 4 and number % 2 == 0:
            product_id = f"product-{number}"
            cursor.execute(
                """insert into inbox.price_overrides (product_id, price_id, effective_from, tariff_model, file_id,
                       line_number)
                   values (%s, 'o1-national', %s, 'per_unit', 1, %s) returning price_override_id""",
                [product_id, CHANGE_AT + timedelta(days=5), number],
            )
            overrides[product_id] = _new_id(cursor)
            _insert_tiers(cursor, "inbox.price_override_tiers", overrides[product_id], TARIFFS["personal"])
    return overrides


def _fill_usage(
    cursor: psycopg.Cursor,
    chance: random.Random,
    month: RatedMonth,
    events: int,
    products: int,
    version_ids: dict[tuple[str, int], int],
    overrides: dict[str, int],
) -> None:
    zones = list(CALLED)
    weights = [8, 2, 4, 2, 2, *(2 for _ in zones[5:-1]), 0.2]
    for specification in (1, 2):
        for number in CALLED.values():
            cursor.execute(
                """insert into inbox.characteristic_sets (usage_specification_id, set_key, characteristics)
                   values (%s, gen_random_uuid(), jsonb_build_object('called', %s::text))""",
                [specification, number],
            )
    rows: list[tuple[object, ...]] = []
    for line in range(2, events + 2):
        product_number = chance.randrange(2, products)
        # A bundle's product uses both feeds.
        offering = chance.choice((1, 2)) if product_number % 5 == 4 else 1 + product_number % 2
        set_position = chance.choices(range(len(zones)), weights=weights)[0]
        is_late = chance.random() < 0.03
        event_at = PERIOD_START + timedelta(
            minutes=chance.randrange(-40_000, -1) if is_late else chance.randrange(0, 44_640)
        )
        quantity = chance.choice(
            (0, 1, 59_999_999, 60_000_000, chance.randrange(1, 300_000_000), -chance.randrange(1, 50_000_000))
        )
        key = str(uuid.UUID(int=chance.getrandbits(128)))
        is_unknown = chance.random() < 0.002
        rows.append((1, 1, line, offering, key, key, event_at, products + 1 if is_unknown else product_number + 1,
                     set_position + 1 + len(zones) * (offering - 1), quantity if offering == 1 else 7,
                     None if offering == 1 else quantity * 100_000))  # fmt: skip
        if chance.random() < 0.01:
            month.left_out.add(key)
            cursor.execute(
                """insert into inbox.row_dispositions (file_id, line_number, disposition, reason_code,
                       decided_in_batch_id)
                   values (1, %s, %s, 'test', 1)""",
                [line, chance.choice(("duplicate", "conflict"))],
            )
        elif is_unknown:
            month.suspended[key] = "no_product"
        elif (zone := zones[set_position]) is None:
            month.suspended[key] = "no_price"
        else:
            month.expected.append(
                _priced(key, event_at, is_late, f"product-{product_number}", offering, zone, quantity,
                        version_ids, overrides)
            )  # fmt: skip
    cursor.execute("create table inbox.usage_rows_b1 partition of inbox.usage_rows for values in (1)")
    with cursor.copy(
        """copy inbox.usage_rows_b1 (batch_id, file_id, line_number, usage_specification_id, event_key, content_hash,
               event_at, identifier_id, characteristic_set_id, quantity_units, quantity_2_units) from stdin"""
    ) as copy:
        for row in rows:
            copy.write_row(row)
    cursor.execute("update inbox.batches set events_from = '2026-06-01', events_until = %s", [PERIOD_END])


def _priced(
    key: str,
    event_at: datetime,
    is_late: bool,
    product_id: str,
    offering: int,
    zone: str,
    quantity: int,
    version_ids: dict[tuple[str, int], int],
    overrides: dict[str, int],
) -> PricedEvent:
    version = 1 if event_at >= CHANGE_AT else 0
    before, after, draws = ZONES[zone]
    name = after if version else before
    is_counted = name == "counted"
    override_id = None
    if product_id in overrides and offering == 1 and zone == "national" and event_at >= CHANGE_AT + timedelta(days=5):
        override_id, name = overrides[product_id], "personal"
    random_price = RANDOM_PRICES.get(name)
    return PricedEvent(
        event_key=key,
        event_at=event_at.isoformat(),
        product_id=product_id,
        is_late=is_late,
        quantity_units=1_000_000 if is_counted else quantity * (1 if offering == 1 else 100_000),
        scale=6 if is_counted or offering == 1 else 11,
        tariff=TARIFFS[name],
        counter_of=(version_ids[f"o{offering}-{zone}", version], override_id),
        allowance=Allowance(1, ALLOWANCE_QUANTITY * 10**6) if draws and offering == 1 else None,
        rules=random_price.rules if random_price else EventRules(),
        counter=random_price.counter if random_price else "period",
    )
