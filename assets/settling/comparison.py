"""A period of a lane against the records: what would change for customers, partners, hops and margins.

Belongs here: the comparisons as SQL, their rows, the chart. Belongs elsewhere: calculating the lane
(``orchestration.beside``), amounts (dbt).

The records are what is published for the period, posted or draft. Documents of agreements with a calendar of their own
are made of other periods' lines as well, so documents are compared with the same period calculated beside the records
under the book in use (``present``): like with like, for every cycle.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

# One query per report: keys, then amounts as they are, as they would be, and the difference. Amounts are exact text.
_REPORTS = {
    "bills": (
        ("party_kind", "account_id", "currency_code"),
        """select parties.party_kind, bills.account_id, bills.currency_code,
               sum(bills.net_minor)::numeric as amount_minor
           from {schema}.fct_customer_bills as bills
           left join lateral (
               select parties.party_kind from inbox.parties where parties.party_id = bills.party_id
               order by parties.effective_from desc limit 1
           ) as parties on true
           where bills.bill_run_id = any(%(run_ids)s)
           group by parties.party_kind, bills.account_id, bills.currency_code""",
    ),
    "shares": (
        ("hop_number", "agreement_id", "payer_party_id", "receiver_party_id", "currency_code"),
        """select shares.hop_number, shares.agreement_id, shares.payer_party_id, shares.receiver_party_id,
               shares.currency_code, sum(shares.amount_exact) as amount_minor
           from {schema}.fct_revenue_shares as shares
           where shares.bill_run_id = any(%(run_ids)s) and not shares.is_kept
           group by shares.hop_number, shares.agreement_id, shares.payer_party_id, shares.receiver_party_id,
               shares.currency_code""",
    ),
    "settlements": (
        ("payer_party_id", "receiver_party_id", "document_kind", "currency_code"),
        """select settlements.payer_party_id, settlements.receiver_party_id, settlements.document_kind,
               settlements.currency_code, sum(settlements.payment_minor)::numeric as amount_minor
           from {schema}.fct_party_settlements as settlements
           where settlements.bill_run_id = any(%(run_ids)s)
           group by settlements.payer_party_id, settlements.receiver_party_id, settlements.document_kind,
               settlements.currency_code""",
    ),
    # What is left to the operator of each line: its revenue less what the first hop gives away.
    "margins": (
        ("service_kind", "currency_code"),
        """select lines.service_kind, lines.currency_code,
               sum(lines.amount_minor - coalesce(given.amount_exact, 0)) as amount_minor
           from {schema}.fct_applied_billing_rates as lines
           left join (
               select shares.bill_run_id, shares.line_key, sum(shares.amount_exact) as amount_exact
               from {schema}.fct_revenue_shares as shares
               where shares.bill_run_id = any(%(run_ids)s) and shares.hop_number = 1 and not shares.is_kept
               group by shares.bill_run_id, shares.line_key
           ) as given on lines.bill_run_id = given.bill_run_id and lines.line_key = given.line_key
           where lines.bill_run_id = any(%(run_ids)s)
           group by lines.service_kind, lines.currency_code""",
    ),
}

_COMPARE = """
    with present as ({present}), other as ({other}),
    compared as (
        select {names}, sum(present_minor) as present_minor, sum(other_minor) as other_minor
        from (
            select {names}, amount_minor as present_minor, 0::numeric as other_minor from present
            union all
            select {names}, 0::numeric, amount_minor from other
        ) as both_sides
        group by {names}
    )
    select {names}, trim_scale(present_minor * {major})::text as present,
        trim_scale(other_minor * {major})::text as other,
        trim_scale((other_minor - present_minor) * {major})::text as difference
    from compared join catalog.currencies using (currency_code)
    order by abs(other_minor - present_minor) desc, {names}
"""

_RECORDS = """
    select bill_run_id from control.bill_runs
    where lane = 'build' and period_id = %(period_id)s and state in ('published', 'posted')
"""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rows of each report, the largest difference first."""

    reports: dict[str, list[dict[str, Any]]]

    @property
    def changes(self) -> dict[str, list[dict[str, Any]]]:
        """Only the rows that would change."""
        return {name: [row for row in rows if row["difference"] != "0"] for name, rows in self.reports.items()}


def compare_with_records(
    connection: psycopg.Connection,
    lane: str,
    bill_run_id: int,
    period_id: str,
    *,
    present: tuple[str, int] | None = None,
) -> Comparison:
    """Compare a run of a lane with what is published for its period.

    Args:
        present: Lane and run of the same period under the book in use; documents are compared with these. Without it,
            as where bill runs settle everything, with the published ones.
    """
    records = [run_id for (run_id,) in connection.execute(_RECORDS, {"period_id": period_id})]
    sides = dict.fromkeys(_REPORTS, ("published", records))
    if present is not None:
        sides["settlements"] = (present[0], [present[1]])
    return Comparison({name: _rows(connection, lane, bill_run_id, *sides[name], *_REPORTS[name]) for name in _REPORTS})


def _rows(
    connection: psycopg.Connection,
    lane: str,
    run_id: int,
    schema: str,
    records: list[int],
    keys: tuple[str, ...],
    query: str,
) -> list[dict[str, Any]]:
    def of(schema: str, runs: str) -> sql.Composed:
        return sql.SQL(query.replace("%(run_ids)s", f"%({runs})s")).format(schema=sql.Identifier(schema))

    names = [sql.Identifier(key) for key in keys]
    composed = sql.SQL(_COMPARE).format(
        present=of(schema, "present_ids"),
        other=of(lane, "other_ids"),
        names=sql.SQL(", ").join(names),
        major=sql.SQL("('1e-' || currencies.minor_digits)::numeric"),
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(composed, {"present_ids": records, "other_ids": [run_id]}).fetchall()


def write_chart(rows: list[dict[str, Any]], path: Path) -> None:
    """Differences per receiver and hop as bars, one colour per currency, as SVG."""
    import altair as alt

    values = [
        {"who": f"{row['hop_number']}: {row['receiver_party_id']}", "currency": row["currency_code"],
         "difference": row["difference"]}
        for row in rows
    ]  # fmt: skip
    chart = (
        alt.Chart(alt.Data(values=values))
        .transform_calculate(amount="toNumber(datum.difference)")
        .mark_bar()
        .encode(
            x=alt.X("amount:Q", title="difference"),
            y=alt.Y("who:N", title="hop and receiver"),
            color=alt.Color("currency:N"),
            row=alt.Row("currency:N", title=None),
        )
        .properties(width=480)
    )
    chart.save(str(path))
