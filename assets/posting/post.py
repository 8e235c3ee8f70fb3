"""Posting: a published draft becomes a record, in one transaction, all or nothing.

Belongs here: the conditions, and copying the draft into the append-only ledger with its numbers.
Belongs elsewhere: the numbers (``assets.posting.numbers``), the SQL (``assets.posting.statements``), rendering
documents (``assets.documents``, after the commit), paying (``assets.payments``).
"""

from dataclasses import dataclass

import psycopg

from assets.posting import statements
from assets.posting.audit_chain import append_entry, head
from assets.posting.numbers import Series, draw_numbers
from assets.publishing.bill_runs import BillRun, bill_run_by_id
from assets.publishing.digests import output_digest
from assets.publishing.fence import assert_token
from assets.publishing.leaf import seal_leaf
from assets.publishing.refusal import Refusal
from assets.quality.gate_rows import POSTING_GATES, demand_bill_run_gate, refuse_unchecked_usage
from assets.rows import one_row
from orchestration.failpoints import reach

LEDGER_TABLES = ("customer_bills", "posted_lines", "settlement_documents", "posted_positions", "journal_lines")


@dataclass(frozen=True, slots=True)
class Posted:
    """What the ledger holds of a run. ``row_counts`` is by ledger table; ``audit_head`` is the chain's last hash."""

    bill_run_id: int
    already_posted: bool
    row_counts: dict[str, int]
    audit_head: str
    audit_entry_number: int


def post(connection: psycopg.Connection, bill_run_id: int, token: int) -> Posted:
    """Post a published bill run. A second call changes nothing and says so.

    Raises:
        Refusal: ``superseded``, ``not_published``, ``gate_missing``, ``gate_other_input``, ``gate_failed``,
            ``no_usage_gate``, ``draft_changed`` (published rows are not those that were checked), ``billed_before``
            (an event of the draft is in a posted run), ``earlier_period_open``, ``bill_run_open`` (a settlement run
            before a bill run of its period), ``nothing_billed``, ``issue_date_too_early``.
    """
    with connection.transaction():
        # The row lock makes a second poster wait here, and then find the run posted.
        run = bill_run_by_id(connection, bill_run_id, for_update=True)
        assert_token(connection, run.lane, token)
        if run.state == "posted":
            return _posted(connection, run, already_posted=True)
        _refuse_unless_ready(connection, run)
        _refuse_events_billed_before(connection, run)
        numbers = _issue_documents(connection, run)
        if run.lane == "build":
            seal_leaf(connection, run.bill_run_id)
        connection.execute(
            "update control.bill_runs set state = 'posted', posted_at = now() where bill_run_id = %s", [run.bill_run_id]
        )
        append_entry(connection, "posted", _audit_payload(connection, run, numbers))
        posted = _posted(connection, run, already_posted=False)
        reach("mid_post_before_commit")
    return posted


def _refuse_unless_ready(connection: psycopg.Connection, run: BillRun) -> None:
    if run.state != "published" or run.lane not in POSTING_GATES:
        raise Refusal(
            "not_published",
            f"bill run {run.bill_run_id} of {run.period_id} in lane {run.lane} is {run.state}; expected published.",
            "Run the bill run to its end, then post.",
        )
    refuse_unchecked_usage(connection, run.sealed_batch_id)
    gate = POSTING_GATES[run.lane]
    checked_digest = demand_bill_run_gate(connection, run.bill_run_id, gate)
    published_digest = output_digest(connection, "published", run.bill_run_id, lane=run.lane)
    if not checked_digest == run.output_digest == published_digest:
        raise Refusal(
            "draft_changed",
            f"bill run {run.bill_run_id}: the published rows are not those that gate {gate} looked at.",
            "Run the bill run again; find out who wrote into schema published.",
        )
    earlier = connection.execute(statements.EARLIER_DRAFT, _parameters(run)).fetchone()
    if earlier:
        raise Refusal(
            "earlier_period_open",
            f"{earlier[0]} of the same cycle is still a draft; its usage would count as late usage of {run.period_id}.",
            f"Post {earlier[0]} first, then run {run.period_id} again.",
        )
    unposted = connection.execute(statements.UNPOSTED_BILL_RUN, _parameters(run)).fetchone()
    if unposted:
        raise Refusal(
            "bill_run_open",
            f"bill run {unposted[0]} ends within {run.period_id} and is a draft; its lines would be settled late.",
            f"Post {unposted[0]} first, then settle {run.period_id} again.",
        )
    outcomes: dict[str, int] = dict(connection.execute(statements.OUTCOMES, _parameters(run)).fetchall())
    if set(outcomes) == {"parked"}:
        raise Refusal(
            "nothing_billed",
            f"bill run {run.bill_run_id} of {run.period_id}: all {outcomes['parked']} accounts are parked.",
            "Mend what parked them (published.fct_account_outcomes has the reason) and run the bill run again.",
        )


def _refuse_events_billed_before(connection: psycopg.Connection, run: BillRun) -> None:
    """The anti-join of rating, repeated where nothing can slip in between (I07)."""
    for is_late, posted_runs in ((False, statements.POSTED_SINCE_PERIOD_START), (True, statements.POSTED_RUNS)):
        run_ids = [bill_run_id for (bill_run_id,) in connection.execute(posted_runs, _parameters(run))]
        twice = connection.execute(
            statements.EVENT_BILLED_BEFORE, _parameters(run, is_late=is_late, posted_run_ids=run_ids)
        ).fetchone()
        if twice:
            raise Refusal(
                "billed_before",
                f"bill run {run.bill_run_id}: event {twice[0]} is rated in posted bill run {twice[1]} as well.",
                f"Run the bill run of {run.period_id} again: it leaves out what was posted meanwhile.",
            )


def _issue_documents(connection: psycopg.Connection, run: BillRun) -> dict[str, int]:
    """Numbers first, in one fixed order, then bills, lines, documents, positions, journal."""
    wanted = [
        Series(*row) for row in connection.execute(statements.SERIES_WANTED, _parameters(run, year=run.issue_date.year))
    ]
    drawn = draw_numbers(connection, wanted, run.issue_date)
    parameters = _parameters(run, year=run.issue_date.year, series_ids=list(drawn), numbers_before=list(drawn.values()))
    for statement in statements.ISSUE:
        connection.execute(statement, parameters)
    return {series.series_id: drawn[series.series_id] + series.count for series in wanted}


def _parameters(run: BillRun, **more: object) -> dict[str, object]:
    return {
        "bill_run_id": run.bill_run_id,
        "lane": run.lane,
        "period_id": run.period_id,
        "cycle": run.period_id[8:],
        "period_end": run.period_end,
        "period_start": run.period_start,
        "issue_date": run.issue_date,
        **more,
    }


def _posted(connection: psycopg.Connection, run: BillRun, *, already_posted: bool) -> Posted:
    chain = head(connection)
    return Posted(run.bill_run_id, already_posted, _row_counts(connection, run), chain.entry_hash, chain.entry_number)


def _row_counts(connection: psycopg.Connection, run: BillRun) -> dict[str, int]:
    counts = one_row(connection.execute(statements.ROW_COUNTS, _parameters(run)))
    return dict(zip(LEDGER_TABLES, counts, strict=True))


def _audit_payload(connection: psycopg.Connection, run: BillRun, last_numbers: dict[str, int]) -> dict[str, object]:
    totals = connection.execute(statements.TOTALS, _parameters(run)).fetchall()
    return {
        "bill_run_id": run.bill_run_id,
        "period_id": run.period_id,
        "sequence": run.sequence,
        "issue_date": run.issue_date.isoformat(),
        "input_digest": run.input_digest,
        "output_digest": run.output_digest,
        "last_numbers": last_numbers,
        "row_counts": _row_counts(connection, run),
        "totals": [
            {"document": document, "currency_code": currency, "count": count, "total_minor": str(total)}
            for document, currency, count, total in totals
        ],
    }
