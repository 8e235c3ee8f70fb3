"""Settling by itself: a million charge lines through chains of five hops to shares, positions and settlements.

``python -m tests.bench.sharing --lines 1000000`` uses a database of its own on an embedded server. Each model's
compiled statement is run again by itself and measured: seconds of CPU and of the clock, the ratio to a plain group-by.
``--one-cent`` shares a million lines of one cent at 70/20/10 instead and says what the positions are.
Belongs here: 1,000 agreements among 100 partners, lines made in SQL. Belongs elsewhere: rating (``path``), documents.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from assets.rows import first_value
from tests.dbt.dbt_runner import compiled_sql, run_dbt
from tests.dbt.sharing.settlement_fixture import BUILT_FOLDERS, OPERATOR
from tests.dbt.sharing.sharing_fixture import SharedRun, agreement

CHAINS, HOPS, PARTIES = 200, 5, 100
_LINES = """
    insert into build.int_charges_exact (
        line_key, account_id, product_id, product_number, offering_id, price_id, price_version_id, charge_kind,
        service_kind, terms_id, tax_category, legal_entity_id, covered_from, covered_until, is_late, event_count,
        billed_quantity, allowance_quantity, period_factor, price_currency_code, amount_exact)
    select md5('line' || n)::uuid, 'a1', 'product', 1, 'offering', 'fee', 1, 'recurring',
        'voice', terms.terms_id, 'standard', 'wisla-pl', '2026-01-01', '2026-02-01', false, 0,
        1, 0, 1, 'PLN', n %% 1000 * 0.01 + 0.01
    from generate_series(1, %(lines)s) as n
    join (
        select terms_id, row_number() over (order by terms_id) - 1 as place, count(*) over () as total
        from catalog.agreement_terms
    ) as terms on n %% terms.total = terms.place
"""
_PLAIN_LINES = """
    select terms_id, currency_code, tax_category, sum(amount_minor), count(*)
    from build.fct_applied_billing_rates group by 1, 2, 3
"""
_PLAIN_SHARES = """
    select agreement_id, item_id, receiver_party_id, currency_code, sum(amount_exact), count(*)
    from build.fct_revenue_shares group by 1, 2, 3, 4
"""
# What turns lines into shares, positions and settlements, in the order in which dbt builds it.
SETTLING = (
    "fct_revenue_shares",
    "int_share_totals",
    "int_positions_split",
    "fct_positions",
    "int_agreement_items_in_run",
    "int_agreement_item_amounts",
    "int_position_items",
    "fct_party_settlements",
    "fct_settlement_items",
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sharing", description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--one-cent", action="store_true", help="lines of one cent at 70/20/10, one agreement")
    arguments = parser.parse_args()
    from orchestration.database.migrations import migrate
    from orchestration.database.server import EmbeddedServer

    with tempfile.TemporaryDirectory(prefix="apportion-bench-") as temporary:
        os.environ["APPORTION_HOME"] = temporary
        Path(temporary).chmod(0o711)
        server = EmbeddedServer(Path(temporary) / "postgres")
        url = server.start()
        try:
            migrate(url.replace("postgresql://", "postgresql+psycopg://"))
            _fill(url, arguments.lines, arguments.one_cent)
            target = Path(temporary) / "target"
            run_dbt(url, target, "--quiet", "run", "--select", *BUILT_FOLDERS)
            _report_cents(url) if arguments.one_cent else _report(url, target, arguments.lines)
        finally:
            server.stop()


def _chain(number: int) -> list[dict[str, Any]]:
    """Five hops; each gives 60 percent on, and 5 percent of the rest to a third party."""
    hops, payer, above = [], OPERATOR, None
    for depth in range(1, HOPS + 1):
        receiver = f"p{(number * HOPS + depth) % PARTIES}"
        sharing: list[dict[str, Any]] = [
            {"id": "down", "to": receiver, "percent": "60"},
            {"id": "fee", "to": f"p{(number + 7) % PARTIES}", "basis": "remaining", "percent": "5"},
            {"id": "own", "kept": True},
        ]
        name = f"r{number:03d}-{depth}"
        hops.append(agreement(name, payer, sharing, above))
        payer, above = receiver, (name, "down")
    return hops


def _fill(url: str, lines: int, is_one_cent: bool) -> None:
    run = SharedRun()
    run.party("customer")
    for number in range(PARTIES):
        run.party(f"p{number}")
    run.tax("PL", "PL", "23")
    run.account("a1")
    if is_one_cent:
        seventy = {"id": "content", "to": "p1", "percent": "70"}
        twenty = {"id": "studio", "to": "p2", "percent": "20"}
        run.agreements.append(agreement("cents", OPERATOR, [seventy, twenty, {"id": "own", "kept": True}]))
    else:
        for number in range(CHAINS):
            run.agreements += _chain(number)
    with psycopg.connect(url) as connection:
        run.fill(connection)
        connection.execute(_LINES, {"lines": lines})
        if is_one_cent:
            connection.execute("update build.int_charges_exact set amount_exact = 0.01")
        connection.commit()
        connection.execute("analyze build.int_charges_exact")


def _report_cents(url: str) -> None:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select item_id, line_count, amount_minor from build.fct_positions order by amount_minor desc"
        )
        for item, line_count, minor in rows:
            print(f"{item}: {line_count:,} lines of 0.01 pay {minor // 100:,}.{minor % 100:02d}")


def _report(url: str, target: Path, lines: int) -> None:
    """Each statement of settling, run again by itself, beside a plain group-by over the same lines."""
    total_cpu = total_clock = 0.0
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("enable_nestloop = off", "jit = off", "work_mem = '256MB'"):
            connection.execute(f"set {setting}")
        for place, model in enumerate(SETTLING):
            sql = compiled_sql(url, target, model)
            cpu, clock = cpu_and_wall_seconds(connection, f"create table build.again_{place} as {sql}")
            total_cpu, total_clock = total_cpu + cpu, total_clock + clock
            print(f"  {model:28} {cpu:6.1f} s of CPU {clock:6.1f} s")
        plain_lines, _ = cpu_and_wall_seconds(connection, f"create table build.plain_lines as {_PLAIN_LINES}")
        plain_shares, _ = cpu_and_wall_seconds(connection, f"create table build.plain_shares as {_PLAIN_SHARES}")
        shares = first_value(connection.execute("select count(*) from build.again_0"))
        settlements = first_value(connection.execute("select count(*) from build.fct_party_settlements"))
    print(f"{lines:,} lines, {CHAINS * HOPS:,} agreements, {PARTIES} partners, {HOPS} hops:")
    print(f"{shares:,} shares, {settlements:,} settlements in {total_clock:.1f} s ({total_cpu:.1f} s of CPU)")
    print(
        f"a plain group-by over the lines {plain_lines:.2f} s: settling is {total_cpu / max(plain_lines, 0.01):.0f} x"
    )
    ratio = total_cpu / max(plain_shares, 0.01)
    print(f"a plain group-by over the shares {plain_shares:.2f} s: settling is {ratio:.1f} x")


def cpu_and_wall_seconds(connection: psycopg.Connection, statement: str) -> tuple[float, float]:
    """CPU seconds of the server process and of the workers it has waited for, and seconds of the clock."""
    process = first_value(connection.execute("select pg_backend_pid()"))
    connection.execute("set max_parallel_workers_per_gather = 0")

    def used() -> float:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before, started = used(), time.monotonic()
    connection.execute(statement)
    return used() - before, time.monotonic() - started


if __name__ == "__main__":
    main()
