"""What allowances and credits have left, as the bills of a run print it.

Belongs here: SQL that reads balances for a batch of bills, and their rows as parts of the document.
Belongs elsewhere: the balances themselves (dbt, ``fct_bucket_balances``, ``fct_account_credits``), bills (``bills``).
"""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg

from assets.documents.book_words import BookWords
from assets.documents.document import AllowanceBalance, CreditBalance
from assets.money import Money

# Allowances with a name, of what the bill's own supplier sells; the unit is that of the prices which draw from them.
_ALLOWANCES = """
    select bills.bill_key, balances.offering_id, balances.allowance_id, balances.shared_by, balances.shared_id,
        balances.quantity_scale, balances.used_units, balances.left_units,
        ((balances.period_end - interval '1 microsecond') at time zone books.time_zone)::date as last_day,
        allowances.rollover_expiry is not null as is_carried_over, allowances.amount is not null as is_money,
        coalesce((
            select case when allowances.amount is not null then prices.currency_code
                when prices.measure_aggregation = 'count' then '1'
                else specifications.quantity_units_of_measure[prices.measure_slot] end
            from catalog.prices as prices
            join catalog.usage_specification_versions as specifications
                on prices.book_id = specifications.book_id
                and prices.usage_specification_id = specifications.usage_specification_id
            left join catalog.allowance_covers as covers
                on prices.book_id = covers.book_id and prices.offering_id = covers.covered_offering_id
                and prices.price_id = covers.covered_price_id
            where prices.book_id = runs.book_id
                and ((prices.offering_id, prices.allowance_id) = (balances.offering_id, balances.allowance_id)
                    or (covers.offering_id, covers.allowance_id) = (balances.offering_id, balances.allowance_id))
            limit 1
        ), '') as unit
    from ledger.customer_bills as bills
    join control.bill_runs as runs using (bill_run_id)
    join catalog.book_versions as books using (book_id)
    join published.fct_bucket_balances as balances using (bill_run_id, account_id)
    join catalog.allowances as allowances using (book_id, offering_id, allowance_id)
    join catalog.offerings as offerings
        on runs.book_id = offerings.book_id and balances.offering_id = offerings.offering_id
        and bills.legal_entity_id = offerings.legal_entity_id
    where bills.bill_run_id = %(bill_run_id)s and bills.bill_key = any(%(keys)s)
        and balances.period_end > runs.period_start
    order by bills.bill_key, balances.offering_id, balances.allowance_id, balances.shared_id
"""

_CREDITS = """
    select bills.bill_key, credits.*,
        ((credits.effective_until - interval '1 microsecond') at time zone books.time_zone)::date as last_day
    from ledger.customer_bills as bills
    join control.bill_runs as runs using (bill_run_id)
    join catalog.book_versions as books using (book_id)
    join published.fct_account_credits as credits using (bill_run_id, account_id)
    where bills.bill_run_id = %(bill_run_id)s and bills.bill_key = any(%(keys)s)
    order by bills.bill_key, credits.credit_kind = 'credit', credits.step_number
"""

Rows = Mapping[UUID, list[dict[str, Any]]]


def read_balances(cursor: psycopg.Cursor[dict[str, Any]], given: Mapping[str, Any]) -> tuple[Rows, Rows]:
    """Rows of allowances and of credits by bill."""
    found: list[Rows] = []
    for query in (_ALLOWANCES, _CREDITS):
        grouped: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
        for row in cursor.execute(query, given):
            grouped[row["bill_key"]].append(row)
        found.append(grouped)
    return found[0], found[1]


def allowance_balances(
    rows: list[dict[str, Any]], language: str, identifiers: Mapping[str, list[str]], words: BookWords
) -> tuple[AllowanceBalance, ...]:
    """Balances of the allowances that the book gives a name. Units become quantities: another notation."""
    return tuple(
        AllowanceBalance(
            name=words.name("allowance", key, language),
            owner=_owner(row, identifiers),
            used=Decimal(row["used_units"]).scaleb(-row["quantity_scale"]),
            left=Decimal(row["left_units"]).scaleb(-row["quantity_scale"]),
            unit=row["unit"],
            last_day=row["last_day"],
            is_carried_over=row["is_carried_over"],
            is_money=row["is_money"],
        )
        for row in rows
        if ("allowance", key := f"{row['offering_id']}/{row['allowance_id']}") in words.texts
    )


def _owner(row: dict[str, Any], identifiers: Mapping[str, list[str]]) -> str:
    if row["shared_by"] != "product":
        return ""
    product_id = row["shared_id"].partition("/")[0]
    return (identifiers.get(product_id) or [product_id])[0]


def credit_balances(rows: list[dict[str, Any]], currency: str) -> tuple[CreditBalance, ...]:
    """Coupons first, then credits, each kind in the order in which it was taken."""
    return tuple(
        CreditBalance(
            kind=row["credit_kind"],
            name=row["name"],
            percent=row["percent"],
            used=Money(row["used_minor"], currency),
            left=None if row["left_minor"] is None else Money(row["left_minor"], currency),
            last_day=row["last_day"],
        )
        for row in rows
    )
