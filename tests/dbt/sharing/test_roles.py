"""The five roles in the models: whose revenue a line is, who is owed what was collected, and receivers that are roles.

Everything here can be checked with a pencil: lines of 100.00 with 23 percent tax, worked in docs/roles.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.dbt.sharing.settlement_fixture import OPERATOR, build
from tests.dbt.sharing.sharing_fixture import SharedRun, agreement

pytestmark = [pytest.mark.database, pytest.mark.slow]

Rows = list[tuple[Any, ...]]
KEPT = {"id": "own", "kept": True}
GADU = {
    "id": "gadu-pl", "party": "gadu", "name": "Gadu", "country": "PL", "tax_number": "PL6762461659", "currency": "PLN",
    "address": ["Kraków"], "bill_series_prefix": "GM",
}  # fmt: skip
# Each below the one before: a line sold by p5 has four parents.
SELLERS = ("p1", "p2", "p3", "p4", "p5")


def agent(**more: Any) -> dict[str, Any]:
    said = {"reason": "sells in its own name", "approved_by": "cfo", "approved_on": "2025-12-01"}
    return {"revenue": {"recognised_as": "agent", **said, **more}}


def fill(run: SharedRun) -> None:
    levels = [{"id": f"level-{depth}", "to": "seller" + ".parent" * depth, "percent": "10"} for depth in range(5)]
    share = {"id": "share", "to": "studio", "percent": "70"}
    run.agreements += [
        agreement("principal", OPERATOR, [share, KEPT]),
        agreement("agent", OPERATOR, [share, KEPT], roles=agent(principal="studio")),
        agreement(
            "supplied", "gadu", [{"id": "wholesale", "to": "operator", "percent": "60"}, KEPT],
            roles={"supplier": "gadu-pl", "issuer": "wisla-pl", "mandate": "2025/117", **agent()},
        ),
        agreement("content", OPERATOR, [
            {"id": "film", "to": "content_provider", "percent": "50"},
            {"id": "label", "to": "content_provider.parent", "percent": "10"},
            {"id": "own", "remaining_to": "operator"}]),
        agreement("deep", OPERATOR, [*levels, KEPT]),
    ]  # fmt: skip
    for account, root in (("a-principal", "principal"), ("a-agent", "agent"), ("a-supplied", "supplied")):
        run.account(account)
        run.line("100.00", root, account=account, entity="gadu-pl" if root == "supplied" else "wisla-pl")
    for account, offering in (("film", "film"), ("bare", "bare"), ("orphan", "orphan")):
        run.account(account)
        run.line("100.00", "content", account=account, offering=offering)
    run.account("deep")
    run.line("100.00", "deep", account="deep", seller="p5")
    run.account("shallow")
    run.line("100.00", "deep", account="shallow", seller="p4")


@pytest.fixture(scope="module")
def query(database_url: str, target_path: Path) -> Iterator[Callable[[str], Rows]]:
    run = SharedRun(partner_entities=[GADU])
    for party in ("customer", "gadu", "label"):
        run.party(party)
    run.party("studio", parent="label")
    for above, party in zip((None, *SELLERS), SELLERS, strict=False):
        run.party(party, parent=above)
    run.tax("PL", "PL", "23")
    fill(run)
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        run.fill(connection)
        connection.execute(
            """insert into catalog.legal_entities values
                   (1, 'gadu-pl', 'gadu', 'Gadu', 'PL', 'PL6762461659', 'PLN', null, '{Kraków}', 'GM', true)"""
        )
        for offering, provider in (("film", "studio"), ("bare", None), ("orphan", "gadu")):
            connection.execute(
                """insert into catalog.offerings (book_id, offering_id, offering_kind, service_kind, tax_category,
                       legal_entity_id, trial_days, effective_from, content_provider_party_id)
                   values (1, %s, 'simple', 'ott', 'standard', 'wisla-pl', 0, '2025-01-01', %s)""",
                [offering, provider],
            )
    build(database_url, target_path)
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


def journal_of(query: Callable[[str], Rows], account: str) -> Rows:
    return query(
        f"""select ledger_account, entries.party_id, amount_minor from build.fct_journal_lines as entries
            join build.fct_customer_bills on bill_key = transaction_key
            where account_id = '{account}' order by entry_number"""  # noqa: S608
    )


def test_as_a_principal_the_price_is_revenue(query: Callable[[str], Rows]) -> None:
    assert journal_of(query, "a-principal") == [
        ("customer_receivable", "customer", 12300), ("service_revenue", "customer", -10000),
        ("output_tax", "customer", -2300),
    ]  # fmt: skip


def test_as_an_agent_the_price_is_owed_to_the_principal_and_the_tax_is_the_operators(
    query: Callable[[str], Rows],
) -> None:
    assert journal_of(query, "a-agent") == [
        ("customer_receivable", "customer", 12300), ("principal_payable", "studio", -10000),
        ("output_tax", "customer", -2300),
    ]  # fmt: skip


def test_what_a_partner_supplies_is_owed_to_it_whole_and_passed_on_without_tax(query: Callable[[str], Rows]) -> None:
    assert journal_of(query, "a-supplied") == [
        ("customer_receivable", "customer", 12300), ("principal_payable", "gadu", -10000),
        ("principal_payable", "gadu", -2300),
    ]  # fmt: skip
    assert query(
        """select payer_party_id, receiver_party_id, tax_category, position_minor, tax_treatment, tax_minor,
               payment_minor, is_paid_by_operator
           from build.fct_party_settlements where 'gadu' in (payer_party_id, receiver_party_id) order by 1 desc"""
    ) == [
        # 100.00 and 23.00 are passed on; for 60.00 wholesale the operator is the supplier, with 13.80 of tax.
        ("wisla", "gadu", "collected", 12300, "outside_scope", 0, 12300, True),
        ("gadu", "wisla", "standard", 6000, "standard", 1380, 7380, False),
    ]


def test_the_operators_own_invoice_to_the_supplying_partner_is_booked(query: Callable[[str], Rows]) -> None:
    assert query(
        """select ledger_account, amount_minor from build.fct_journal_lines as entries
           join build.fct_party_settlements on settlement_key = transaction_key
           where payer_party_id = 'gadu' order by entry_number"""
    ) == [("partner_receivable", 7380), ("partner_revenue", -6000), ("output_tax", -1380)]


def test_what_is_owed_to_principals_is_paid_out_or_kept_as_commission(query: Callable[[str], Rows]) -> None:
    owed = query(
        """select party_id, sum(amount_minor)::bigint from build.fct_journal_lines
           where ledger_account = 'principal_payable' group by 1 order by 1"""
    )
    assert owed == [("gadu", 0), ("studio", 0)]
    revenue = query(
        """select ledger_account, sum(amount_minor)::bigint from build.fct_journal_lines
           where ledger_account in ('commission_revenue', 'partner_cost') and party_id = 'studio'
           group by 1 order by 1"""
    )
    # Of the agent's 100.00 only 30.00; the cost is that of the principal's 70.00 and of the film's 50.00.
    assert revenue == [("commission_revenue", -3000), ("partner_cost", 12000)]


def test_the_content_provider_is_the_offerings_and_has_parents_too(query: Callable[[str], Rows]) -> None:
    assert query(
        """select item_id, receiver_party_id, amount_minor, is_kept from build.fct_positions
           where agreement_id = 'content' order by item_id"""
    ) == [("film", "studio", 5000, False), ("label", "label", 1000, False), ("own", "wisla", 4000, True)]


def test_a_role_is_resolved_to_any_depth(query: Callable[[str], Rows]) -> None:
    assert query(
        """select item_id, receiver_party_id, amount_minor from build.fct_positions
           where agreement_id = 'deep' and not is_kept order by item_id"""
    ) == [(f"level-{depth}", f"p{5 - depth}", 1000) for depth in range(5)]


def test_a_role_that_resolves_to_nobody_parks_the_account_and_says_why(query: Callable[[str], Rows]) -> None:
    found = dict(query("select account_id, detail from build.int_parked_accounts where reason_code = 'no_role'"))
    assert found.keys() == {"bare", "orphan", "shallow"}
    assert (
        "item film: nobody is content_provider of the offering on 2026-01-01; name its content_provider"
        in found["bare"]
    )
    assert "nobody is content_provider.parent of gadu on 2026-01-01; deliver the parent in a parties" in found["orphan"]
    assert "item level-4: nobody is seller.parent.parent.parent.parent of p4 on 2026-01-01" in found["shallow"]


def test_every_equation_holds(query: Callable[[str], Rows]) -> None:
    assert query("select check_name from build.fct_reconciliation where not is_equal") == []
