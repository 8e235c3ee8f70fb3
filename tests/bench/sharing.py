"""Sharing by itself: many charge lines through chains of five hops, as CPU seconds and as a ratio to a plain group-by.

``python -m tests.bench.sharing --lines 1000000`` uses a database of its own on an embedded server.
Belongs here: 1,000 agreements among 100 partners, lines made in SQL. Belongs elsewhere: rating (``path``), documents.
"""

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from assets.rows import first_value
from tests.dbt.settlement_fixture import OPERATOR, build
from tests.dbt.sharing_fixture import SharedRun, agreement

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
_PLAIN = """
    select agreement_id, item_id, receiver_party_id, currency_code, sum(amount_exact), count(*)
    from build.fct_revenue_shares group by 1, 2, 3, 4
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sharing", description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    lines = parser.parse_args().lines
    from orchestration.database.migrations import migrate
    from orchestration.database.server import EmbeddedServer

    with tempfile.TemporaryDirectory(prefix="apportion-bench-") as temporary:
        os.environ["APPORTION_HOME"] = temporary
        Path(temporary).chmod(0o711)
        server = EmbeddedServer(Path(temporary) / "postgres")
        url = server.start()
        try:
            migrate(url.replace("postgresql://", "postgresql+psycopg://"))
            _fill(url, lines)
            build(url, Path(temporary) / "target")
            _report(url, Path(temporary) / "target", lines)
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


def _fill(url: str, lines: int) -> None:
    run = SharedRun()
    run.party("customer")
    for number in range(PARTIES):
        run.party(f"p{number}")
    run.tax("PL", "PL", "23")
    run.account("a1")
    for number in range(CHAINS):
        run.agreements += _chain(number)
    with psycopg.connect(url) as connection:
        run.fill(connection)
        connection.execute(_LINES, {"lines": lines})
        connection.commit()
        connection.execute("analyze build.int_charges_exact")


def _report(url: str, target: Path, lines: int) -> None:
    """CPU of the one statement that shares, run again by itself, beside a plain group-by over what it makes."""
    sql = (target / "compiled/apportion/models/marts/settlement/fct_revenue_shares.sql").read_text(encoding="utf-8")
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("enable_nestloop = off", "jit = off", "max_parallel_workers_per_gather = 0"):
            connection.execute(f"set {setting}")
        sharing = _cpu_seconds(connection, f"create table build.shares_again as {sql}")
        plain = _cpu_seconds(connection, _PLAIN)
        shares = first_value(connection.execute("select count(*) from build.shares_again"))
    print(f"{lines:,} lines, {CHAINS * HOPS:,} agreements, {HOPS} hops: {shares:,} shares in {sharing:.1f} s of CPU")
    print(f"a plain group-by over the shares {plain:.2f} s: sharing is {sharing / max(plain, 0.01):.1f} x of it")


def _cpu_seconds(connection: psycopg.Connection, statement: str) -> float:
    process = first_value(connection.execute("select pg_backend_pid()"))

    def used() -> float:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before = used()
    connection.execute(statement)
    return used() - before


if __name__ == "__main__":
    main()
