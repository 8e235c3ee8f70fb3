"""A partner's own figures against what was settled: row by row at the partner's grain, as one act that is kept.

Belongs here: keeping a comparison, and what follows from it (a dispute, an adjustment).
Belongs elsewhere: the comparison (dbt, the analyses ``statement_matches_by_...``), taking the figures in
(``assets.ingestion.populations.partner_statements``), disputes themselves (``disputes``).

Our figures are exact shares in the settlement currency, compared in whole minor units. At the grain of a product and
day the share of a line with usage is spread over its events in proportion to what each event cost: such a row is a
figure to compare, never one to pay.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from assets.posting.audit_chain import append_entry
from assets.publishing.refusal import Refusal
from assets.settling.disputes import Raised, raise_dispute, resolve_dispute
from orchestration.dbt.analyses import analysis

CLASSES = ("matched", "within_tolerance", "mismatched", "missing_here", "missing_there")

_STATED = """
    select rows.agreement_id, rows.party_id, rows.month, rows.grain, count(*) as row_count
    from inbox.partner_statement_rows as rows
    where rows.agreement_id = %(agreement_id)s and rows.month = %(month)s
    group by rows.agreement_id, rows.party_id, rows.month, rows.grain
"""

# Documents of the month on which the agreement has items for this receiver, the largest first.
_DOCUMENTS = """
    select documents.settlement_key, documents.document_number, documents.bill_run_id, documents.currency_code
    from ledger.settlement_documents as documents
    join ledger.settlement_items as items using (settlement_key)
    where items.stage = 'position' and items.agreement_id = %(agreement_id)s
        and documents.receiver_party_id = %(party_id)s and to_char(items.settled_on, 'YYYY-MM') = %(month)s
    group by documents.settlement_key
    order by documents.position_minor desc, documents.document_number
"""

# The comparison is dbt's; what it says is kept.
_KEEP = """
    insert into ledger.statement_matches (matching_id, product_id, usage_day, line_key, match_class, ours_minor,
        theirs_minor, difference_minor)
    select %(matching_id)s, product_id, usage_day, line_key, match_class, ours_minor, theirs_minor, difference_minor
    from ({matches}) as matches
"""

_SUMMARY = """
    select match_class, count(*) as row_count, coalesce(sum(ours_minor), 0)::bigint as ours_minor,
        coalesce(sum(theirs_minor), 0) as theirs_minor, sum(difference_minor)::bigint as difference_minor
    from ledger.statement_matches where matching_id = %(matching_id)s group by match_class
"""

_TOTALS = """
    select coalesce(sum(matches.difference_minor) filter (
            where matches.match_class not in ('matched', 'within_tolerance')), 0)::bigint as disputed_minor,
        coalesce(sum(matches.difference_minor) filter (
            where matches.match_class = 'within_tolerance'), 0)::bigint as tolerated_minor,
        (select agreements.receiver_prevails from ledger.document_agreements as agreements
            where agreements.agreement_id = %(agreement_id)s
                and agreements.settlement_key = any(%(settlement_keys)s::uuid[])
            order by agreements.effective_from desc limit 1) as receiver_prevails,
        (select agreements.agreement_id || ' ' || agreements.version from ledger.document_agreements as agreements
            where agreements.agreement_id = %(agreement_id)s
                and agreements.settlement_key = any(%(settlement_keys)s::uuid[])
            order by agreements.effective_from desc limit 1) as terms
    from ledger.statement_matches as matches where matching_id = %(matching_id)s
"""

_ROWS = """
    select matches.*, rows.file_id, rows.line_number, files.file_name
    from ledger.statement_matches as matches
    join ledger.statement_matchings as matchings using (matching_id)
    left join inbox.partner_statement_rows as rows
        on matchings.agreement_id = rows.agreement_id and matchings.party_id = rows.party_id
        and matchings.month = rows.month and matches.product_id = rows.product_id
        and matches.usage_day = rows.usage_day and matches.line_key = rows.line_key
    left join inbox.files using (file_id)
    where matches.matching_id = %(matching_id)s and (%(with_matched)s or matches.match_class <> 'matched')
    order by abs(matches.difference_minor) desc, matches.product_id, matches.usage_day, matches.line_key
"""


@dataclass(frozen=True, slots=True)
class Matching:
    """What one comparison found: rows by class, and what followed."""

    matching_id: int
    agreement_id: str
    party_id: str
    month: str
    grain: str
    currency_code: str
    document_number: str
    summary: list[dict[str, Any]]
    disputed_minor: int
    tolerated_minor: int
    dispute: Raised | None = None
    adjusted_minor: int = 0
    classes: dict[str, int] = field(default_factory=dict)


def match_statement(connection: psycopg.Connection, agreement_id: str, month: str, *, on: date, by: str) -> Matching:
    """Compare a partner's figures of a month with what was settled, keep the comparison, raise what differs.

    Raises:
        Refusal: ``no_name``, ``no_statement`` (no figures came), ``not_settled`` (no posted document of the month),
            or as ``raise_dispute``.
    """
    if not by.strip():
        raise Refusal("no_name", "a matching needs the name of the person who starts it.", "Pass --by NAME.")
    given: dict[str, Any] = {"agreement_id": agreement_id, "month": month, "by": by.strip(), "on": on}
    with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        stated = cursor.execute(_STATED, given).fetchone()
        if stated is None:
            found = f"no figures of {agreement_id} for {month} have come."
            raise Refusal("no_statement", found, "Deliver the file that the agreement's partner_statement names.")
        given |= {"party_id": stated["party_id"], "grain": stated["grain"]}
        documents = cursor.execute(_DOCUMENTS, given).fetchall()
        if not documents:
            found = f"no posted settlement of {agreement_id} to {stated['party_id']} in {month}."
            raise Refusal("not_settled", found, "Post the period first.")
        given |= {
            "settlement_keys": [row["settlement_key"] for row in documents],
            "bill_run_ids": sorted({row["bill_run_id"] for row in documents}),
            "currency_code": documents[0]["currency_code"],
        }
        opened = cursor.execute(
            """insert into ledger.statement_matchings (agreement_id, party_id, month, grain, currency_code, matched_by,
                   matched_on)
               values (%(agreement_id)s, %(party_id)s, %(month)s, %(grain)s, %(currency_code)s, %(by)s, %(on)s)
               returning matching_id""",
            given,
        ).fetchone()
        assert opened is not None
        given["matching_id"] = opened["matching_id"]
        matches = sql.SQL(analysis(f"statement_matches_by_{stated['grain']}"))
        cursor.execute(sql.SQL(_KEEP).format(matches=matches), given)
        summary = cursor.execute(_SUMMARY, given).fetchall()
        totals = cursor.execute(_TOTALS, given).fetchone()
        assert totals is not None
        number = documents[0]["document_number"]
        note = f"figures of {stated['party_id']} for {month}"
        dispute = None
        if totals["disputed_minor"]:
            dispute = raise_dispute(
                connection, number, agreement_id, totals["disputed_minor"], on=on, by=by, detail=note,
                matching_id=given["matching_id"],
            )  # fmt: skip
        adjusted = 0
        if totals["tolerated_minor"] and totals["receiver_prevails"] and dispute is None:
            # Agreed beforehand: where the figures agree within the tolerance, the receiver's counts.
            agreed = raise_dispute(
                connection, number, agreement_id, totals["tolerated_minor"], on=on, by=by,
                detail=f"{note}, within tolerance", matching_id=given["matching_id"],
            )  # fmt: skip
            adjusted = totals["tolerated_minor"]
            resolve_dispute(
                connection, agreed.dispute_id, adjusted, on=on, requested_by=by,
                approved_by=f"terms of {totals['terms']}", detail="within tolerance, the receiver's figure prevails",
            )  # fmt: skip
        append_entry(
            connection,
            "statement_matched",
            {
                "matching_id": given["matching_id"],
                "agreement_id": agreement_id,
                "month": month,
                "by": by,
                "classes": {row["match_class"]: row["row_count"] for row in summary},
                "disputed_minor": totals["disputed_minor"],
            },
        )
    return Matching(
        given["matching_id"], agreement_id, stated["party_id"], month, stated["grain"], given["currency_code"], number,
        summary, totals["disputed_minor"], totals["tolerated_minor"], dispute, adjusted,
        dict.fromkeys(CLASSES, 0) | {row["match_class"]: row["row_count"] for row in summary},
    )  # fmt: skip


def matched_rows(
    connection: psycopg.Connection, matching_id: int, *, with_matched: bool = False
) -> list[dict[str, Any]]:
    """The rows of a comparison, the largest differences first, each with the line of the partner's file."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_ROWS, {"matching_id": matching_id, "with_matched": with_matched}).fetchall()
