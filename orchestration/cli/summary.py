"""What the command line prints at the end: intake, bills, settlements, reconciliation, folders.

Belongs here: reading finished figures and laying them out. Belongs elsewhere: any arithmetic on money (dbt).
"""

import json
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from assets.ingestion.numbering import missing_files
from assets.money import Money, format_money
from assets.payments.clearing import NotPayable
from assets.posting.contested import contested_usage
from orchestration.cli.terminal import console

_SHOWN = 8  # of refused and of missing files


def table_of(title: str, *columns: str) -> Table:
    """An empty table without lines: the first column on the left, the others, which are figures, on the right."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False)
    for position, column in enumerate(columns):
        table.add_column(column, justify="left" if position == 0 else "right")
    return table


INTAKE_SQL = """
    select coalesce(files.feed, 'all') as feed,
           count(*) filter (where files.state = 'loaded') as files_loaded,
           count(*) filter (where files.state = 'duplicate') as files_duplicate,
           count(*) filter (where files.state = 'refused') as files_refused,
           sum(accounts.rows_read), sum(accounts.rows_accepted), sum(accounts.rows_duplicate),
           sum(accounts.rows_conflict), sum(accounts.rows_rejected)
    from inbox.files as files
    left join inbox.file_accounts as accounts on accounts.file_id = files.file_id
    group by rollup (files.feed)
    order by grouping(files.feed), files.feed
"""


def print_intake(connection) -> None:
    """Files and rows of everything that ever arrived, per feed."""
    table = table_of(
        "Intake (all deliveries so far)",
        "feed", "loaded", "duplicate", "refused", "rows read", "accepted", "duplicate", "conflict", "rejected",
    )  # fmt: skip
    for feed, *counts in connection.execute(INTAKE_SQL).fetchall():
        table.add_row(feed, *(f"{count or 0:,}" for count in counts))
    console.print(table)
    refused = connection.execute(
        "select file_name, reason from inbox.files where state = 'refused' order by file_id desc"
    ).fetchall()
    for file_name, reason in refused[:_SHOWN]:
        console.print(f"  refused {file_name}: {reason}", style="yellow", markup=False)
    if len(refused) > _SHOWN:
        console.print(f"  and {len(refused) - _SHOWN} refused before; inbox.files has their reasons", style="yellow")
    _print_contested_usage(connection)
    print_missing_files(connection)


def _print_contested_usage(connection) -> None:
    contested = contested_usage(connection)
    for usage in contested[:_SHOWN]:
        console.print(f"  contested {usage}", style="red", markup=False)
    if len(contested) > _SHOWN:
        console.print(f"  and {len(contested) - _SHOWN} more", style="red")
    if contested:
        console.print(
            "  These bills stay as they are. Ask the sender which content holds (apportion returns FEED lists both); "
            "what was billed wrongly is given back by a record of line_corrections.",
            style="red",
        )


def print_left_alone(left_alone: Sequence[str]) -> None:
    """What lies in the landing folder and was not read."""
    for entry in left_alone:
        console.print(f"  left alone {entry}", style="yellow", markup=False)


def print_missing_files(connection) -> None:
    """Numbers of numbered feeds that never came and that nobody has accepted."""
    missing = missing_files(connection)
    for file in missing[:_SHOWN]:
        console.print(f"  missing {file}", style="red", markup=False)
    if len(missing) > _SHOWN:
        console.print(f"  and {len(missing) - _SHOWN} more", style="red")
    if missing:
        console.print(
            "  No period that they belong to is published. Ask the sender, or answer for it: "
            "apportion accept-missing-file --help",
            style="red",
        )


def print_expected_counts(connection, inbox_folder: Path) -> bool:
    """Compare the intake with what the generator says it planted; True when every count is equal."""
    path = inbox_folder / ".expected.json"
    if not path.exists():
        return True
    expected = json.loads(path.read_text(encoding="utf-8"))["usage"]["total"]
    row = connection.execute(
        """
        select sum(rows_read), sum(rows_accepted), sum(rows_duplicate), sum(rows_conflict), sum(rows_rejected)
        from inbox.file_accounts where feed_kind = 'usage'
        """
    ).fetchone()
    names = ("read", "accepted", "duplicate", "conflict", "rejected")
    table = table_of("Usage rows against what was generated", "rows", *names)
    found = {name: int(value or 0) for name, value in zip(names, row, strict=True)}
    table.add_row("generated", *(f"{expected[name]:,}" for name in names))
    table.add_row("found", *(f"{found[name]:,}" for name in names))
    console.print(table)
    equal = all(found[name] == expected[name] for name in names)
    console.print("[green]equal[/green]" if equal else "[red]NOT equal[/red]")
    return equal


def print_bills(connection, period_id: str) -> None:
    """Bills and money per currency, posted or draft, and the accounts that have none."""
    rows = connection.execute(
        """
        select bills.currency_code, count(*), sum(bills.net_minor), sum(bills.tax_minor), sum(bills.gross_minor)
        from published.fct_customer_bills as bills
        where bills.period_id = %s
        group by bills.currency_code
        order by bills.currency_code
        """,
        [period_id],
    ).fetchall()
    table = table_of(f"Bills of {period_id}", "currency", "bills", "net", "tax", "gross")
    for currency, count, *amounts in rows:
        table.add_row(currency, f"{count:,}", *(format_money(Money(int(a), currency), "en") for a in amounts))
    console.print(table)
    outcomes = connection.execute(
        """
        with last as (
            select distinct on (outcomes.account_id) outcomes.outcome, coalesce(outcomes.reason_code, '') as reason_code
            from published.fct_account_outcomes as outcomes
            inner join control.bill_runs as bill_runs on bill_runs.bill_run_id = outcomes.bill_run_id
            where outcomes.period_id = %s and bill_runs.lane = 'build'
            order by outcomes.account_id, bill_runs.sequence desc
        )

        select outcome, reason_code, count(*) from last group by 1, 2 order by 1, 2
        """,
        [period_id],
    ).fetchall()
    for outcome, reason, count in outcomes:
        console.print(f"  {count:,} account(s) {outcome.replace('_', ' ')} {reason}")


def print_settlements(connection, period_id: str) -> None:
    """One line per settlement: who owes whom, position, tax, payment."""
    rows = connection.execute(
        """
        select payer_party_id, receiver_party_id, document_kind, currency_code,
               position_minor, tax_minor, document_minor, payment_minor, is_paid_by_operator
        from published.fct_party_settlements
        where period_id = %s
        order by is_paid_by_operator desc, payer_party_id, receiver_party_id, currency_code
        """,
        [period_id],
    ).fetchall()
    table = table_of(
        f"Settlements of {period_id}", "payer -> partner", "document", "position", "tax", "document", "payment"
    )
    for payer, receiver, kind, currency, *amounts, paid_by_operator in rows:
        table.add_row(
            f"{payer} -> {receiver}",
            kind if paid_by_operator else f"{kind} (between partners)",
            *(format_money(Money(int(a), currency), "en") for a in amounts),
        )
    console.print(table)


def print_reconciliation(connection, period_id: str) -> bool:
    """Every equation with the rows it looked at; True when all hold."""
    rows = connection.execute(
        """
        select reconciliation.check_name, reconciliation.currency_code, reconciliation.left_value,
               reconciliation.right_value, reconciliation.rows_looked_at, reconciliation.is_equal
        from published.fct_reconciliation as reconciliation
        inner join control.bill_runs as bill_runs on bill_runs.bill_run_id = reconciliation.bill_run_id
        where bill_runs.period_id = %s and bill_runs.lane in ('build', 'settle')
        order by reconciliation.bill_run_id, reconciliation.check_name, reconciliation.currency_code
        """,
        [period_id],
    ).fetchall()
    table = table_of(f"Reconciliation of {period_id}", "check", "currency", "left", "right", "rows looked at", "holds")
    for name, currency, left, right, looked_at, is_equal in rows:
        table.add_row(
            name, currency, f"{left.normalize():f}", f"{right.normalize():f}", f"{looked_at:,}",
            "[green]yes[/green]" if is_equal else "[red]NO[/red]",
        )  # fmt: skip
    console.print(table)
    return bool(rows) and all(row[-1] for row in rows)


def print_digests(connection, period_id: str) -> None:
    """What pins the period: input and output digest, book, audit head."""
    rows = connection.execute(
        """
        select bill_runs.sequence, bill_runs.state, bill_runs.input_digest, bill_runs.output_digest
        from control.bill_runs as bill_runs
        where bill_runs.period_id = %s and bill_runs.lane in ('build', 'settle') order by bill_runs.sequence
        """,
        [period_id],
    ).fetchall()
    for sequence, state, input_digest, output_digest in rows:
        console.print(f"run {period_id}.{sequence} is {state}: input {input_digest}, output {output_digest}")


def print_payments(connection, period_id: str, not_payable: Sequence[NotPayable], *, dry_run: bool) -> None:
    """What has been paid for the period, what would be, and what not, each with the reason."""
    # Parts of a document that wait are listed below it; the rest is paid.
    reasons = {row.document_number: row for row in not_payable if row.reason_code not in ("disputed_part", "retained")}
    rows = connection.execute(
        """
        select documents.document_number, documents.receiver_party_id, documents.currency_code,
               documents.payment_minor, live.payment_id, live.execution_date, live.state
        from ledger.settlement_documents as documents
        left join lateral (
            select payments.payment_id, payments.execution_date, states.state
            from ledger.payment_clearings as clearings
            inner join ledger.payments as payments using (payment_id)
            inner join ledger.payment_states as states using (payment_id)
            where clearings.settlement_key = documents.settlement_key and states.state not in ('declined', 'rejected')
            order by clearings.part_number limit 1
        ) as live on true
        where documents.period_id = %s and documents.is_paid_by_operator
        order by documents.document_number
        """,
        [period_id],
    ).fetchall()
    table = table_of(f"Payments of {period_id}", "document", "partner", "amount", "payment", "execution date", "state")
    for number, receiver, currency, amount, payment_id, execution_date, state in rows:
        unpaid = reasons[number].reason_code if number in reasons else "would be proposed" if dry_run else ""
        table.add_row(
            number, receiver, format_money(Money(int(amount), currency), "en"), payment_id or unpaid,
            str(execution_date or ""), state or "",
        )  # fmt: skip
    console.print(table)
    for row in not_payable:
        amount = format_money(Money(row.payment_minor, row.currency_code), "en")
        console.print(f"{row.document_number} ({amount}) {row.reason_code}: {row.detail}", markup=False, soft_wrap=True)


def print_settlement_period(connection, period_id: str) -> None:
    """State of a settlement period and which posted shares it has settled, by the bill run that made them."""
    state = connection.execute(
        "select state, issue_date from control.settlement_periods where period_id = %s", [period_id]
    ).fetchone()
    console.print(f"{period_id} is {state[0]}, issued on {state[1]}" if state else f"{period_id} is open")
    rows = connection.execute(
        """
        select source_runs.period_id, settled.agreement_id, settled.month_from, settled.currency_code,
            sum(settled.share_count)
        from published.fct_settled_shares as settled
        join control.bill_runs as source_runs on settled.source_bill_run_id = source_runs.bill_run_id
        where settled.period_id = %s group by 1, 2, 3, 4 order by 1, 2, 3, 4
        """,
        [period_id],
    ).fetchall()
    table = table_of(f"Shares settled in {period_id}", "bill run", "agreement", "month", "currency", "shares")
    for bill_run, agreement, month, currency, count in rows:
        table.add_row(bill_run, agreement, f"{month:%Y-%m}", currency, f"{count:,}")
    console.print(table)
    for agreement, reason, detail in connection.execute(
        """select substring(outcomes.account_id from 12), outcomes.reason_code, outcomes.detail
           from published.fct_account_outcomes as outcomes
           inner join control.bill_runs using (bill_run_id)
           left join control.parked_agreements as parked
               on bill_runs.bill_run_id = parked.bill_run_id and outcomes.account_id = parked.account_id
           where bill_runs.lane = 'settle' and outcomes.period_id = %s and outcomes.outcome = 'parked'
               and (bill_runs.state <> 'posted' or parked.account_id is not null)
           order by 1""",
        [period_id],
    ).fetchall():
        console.print(f"  parked {agreement}: {reason}. {detail}", style="yellow", markup=False)
    for reason, currency, count in connection.execute(
        """select reason, currency_code, count(*) from published.fct_adjusted_shares
           where period_id = %s group by 1, 2 order by 1, 2""",
        [period_id],
    ):
        console.print(f"  {count:,} share(s) {reason.replace('_', ' ')}, in {currency}")
    for correction, state, document, currency, amount in connection.execute(
        """select correction_id, state, document_number, currency_code, amount_minor from ledger.line_corrections
           where state <> 'applied' order by corrected_on, correction_id"""
    ).fetchall():
        money = format_money(Money(int(amount), currency), "en")
        words = f"  correction {correction} ({document}) of {money} waits: {state.replace('_', ' ')}"
        console.print(words, style="yellow", markup=False)
    # The lane holds what the last run of any period saw.
    for reason, paid_for, currency, amount in connection.execute(
        """select left_over.reason, left_over.paid_for, left_over.currency_code, left_over.amount_minor
           from settle.int_payments_left_over as left_over
           cross join settle.run_inputs where run_inputs.period_id = %s order by 1, 2""",
        [period_id],
    ):
        money = format_money(Money(int(amount), currency), "en")
        console.print(f"  money on no bill: {money} {reason.replace('_', ' ')} {paid_for or ''}", markup=False)
