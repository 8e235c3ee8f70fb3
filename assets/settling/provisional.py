"""The running statement of a period that has not ended: unbilled usage and partners' positions so far.

Belongs here: reading a lane's figures, one provisional page per partner.
Belongs elsewhere: calculating the lane (``orchestration.beside``), documents of posted settlements
(``assets.documents``), amounts (dbt).

It is no document: no number, no due date, nothing to pay. A page says so in the partner's language.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from assets import money
from assets.documents.pages import screen_styles_text, templates

_POSITIONS = """
    select positions.receiver_party_id, positions.payer_party_id, positions.hop_number, positions.agreement_id,
        positions.item_id, positions.line_count, positions.currency_code,
        (positions.amount_minor * ('1e-' || charged.minor_digits)::numeric)::text as amount,
        positions.settlement_currency_code,
        (positions.settlement_amount_minor * ('1e-' || settled.minor_digits)::numeric)::text as settlement_amount
    from {lane}.fct_positions as positions
    join catalog.currencies as charged on positions.currency_code = charged.currency_code
    join catalog.currencies as settled on positions.settlement_currency_code = settled.currency_code
    where positions.bill_run_id = %(run_id)s and not positions.is_kept and positions.agreement_id is not null
    order by positions.receiver_party_id, positions.hop_number, positions.agreement_id, positions.item_id,
        positions.currency_code, positions.tax_category
"""

_UNBILLED = """
    select lines.service_kind, lines.currency_code, count(*) as line_count,
        sum(lines.event_count)::bigint as event_count,
        (sum(lines.amount_minor) * ('1e-' || currencies.minor_digits)::numeric)::text as amount
    from {lane}.fct_applied_billing_rates as lines
    join catalog.currencies using (currency_code)
    where lines.bill_run_id = %(run_id)s
    group by lines.service_kind, lines.currency_code, currencies.minor_digits
    order by lines.service_kind, lines.currency_code
"""


@dataclass(frozen=True, slots=True)
class Running:
    """What a period has come to so far."""

    period_id: str
    unbilled: list[dict[str, Any]]
    positions: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ProvisionalPage:
    """One partner's page."""

    party_id: str
    language_code: str
    html: str


def read_running(connection: psycopg.Connection, lane: str, bill_run_id: int, period_id: str) -> Running:
    """Read a lane's unbilled usage per service and positions per partner."""

    def rows(query: str) -> list[dict[str, Any]]:
        with connection.cursor(row_factory=dict_row) as cursor:
            composed = sql.SQL(query).format(lane=sql.Identifier(lane))
            return cursor.execute(composed, {"run_id": bill_run_id}).fetchall()

    return Running(period_id, rows(_UNBILLED), rows(_POSITIONS))


def provisional_pages(connection: psycopg.Connection, running: Running, at: datetime) -> Iterator[ProvisionalPage]:
    """A page for every partner with a position: its own hops and nothing else."""
    parties = {
        party_id: (name, language)
        for party_id, name, language in connection.execute(
            """select distinct on (party_id) party_id, name, language_code from inbox.parties
               where effective_from <= %s order by party_id, effective_from desc""",
            [at.date()],
        )
    }
    for party_id in sorted({row["receiver_party_id"] for row in running.positions}):
        name, language_code = parties.get(party_id, (party_id, money.FALLBACK_LANGUAGE))
        language = money.known_language(language_code)
        own = templates(language)
        own.printable.replaced.clear()
        html = own.environment.get_template("provisional_statement.html.j2").render(
            language=language,
            direction="rtl" if own.phrases.is_right_to_left else "ltr",
            screen_styles=screen_styles_text(),
            name=name,
            period_id=running.period_id,
            at=at.isoformat(sep=" ", timespec="minutes"),
            positions=[
                row | {name: Decimal(row[name]) for name in ("amount", "settlement_amount")}
                for row in running.positions
                if row["receiver_party_id"] == party_id
            ],
        )
        yield ProvisionalPage(party_id, language, html)
