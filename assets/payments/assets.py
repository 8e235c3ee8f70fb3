"""Paying partners as a Dagster asset. Nothing is sent unless the run config says so."""

from dataclasses import asdict
from datetime import date

import dagster as dg
from pydantic import Field

from orchestration.partitions import billing_periods


class PayConfig(dg.Config):
    """Payments are proposed only with ``dry_run: false``, and leave only after a second person approved their file."""

    dry_run: bool = True
    maker: str = ""  # who proposes; somebody else approves
    execution_date: str = ""  # YYYY-MM-DD; empty: each document's due date decides
    # Party ids whose changed bank account the maker has confirmed by calling back.
    confirmed_receivers: list[str] = Field(default_factory=list)


@dg.asset(
    key=["ledger", "payments"],
    deps=[dg.AssetKey(["ledger", "settlement_documents"])],
    partitions_def=billing_periods,
    group_name="payments",
    owners=["team:finance"],
    kinds={"postgres"},
)
def payments(context: dg.AssetExecutionContext, config: PayConfig) -> dg.MaterializeResult:
    """Payments of what the operator owes by posted settlements, and the bank's files of them, for a second person to
    approve; nothing is ever paid twice.
    """
    return paid(context, config, "build")


def paid(context: dg.AssetExecutionContext, config: PayConfig, lane: str) -> dg.MaterializeResult:
    """Propose the payments of every posted run of the partition in a lane, and say what was proposed."""
    from assets.payments.due import as_text, claims_to_watch
    from assets.payments.pay import pay
    from assets.publishing.bill_runs import posted_bill_runs
    from assets.publishing.refusal import Refusal
    from assets.quality.gate_rows import demand_bill_run_gate
    from assets.quality.gates import check_payouts_before_paying
    from assets.settling.disputes import worklist_rows
    from orchestration.database.connection import connect
    from orchestration.failures import refusals_are_permanent
    from orchestration.leases import held_lease

    lease = held_lease(context.run_id, lane, context.partition_key)
    with refusals_are_permanent(), connect(token=lease.token) as connection:
        runs = posted_bill_runs(connection, lane, context.partition_key)
        for run in runs:
            try:
                demand_bill_run_gate(connection, run.bill_run_id, "payouts_before_paying")
            except Refusal:
                # What it waited for may have been approved since: the door looks again, and paying reads its answer.
                check_payouts_before_paying(connection, run)
        results = [
            pay(
                connection,
                run.bill_run_id,
                execution_date=date.fromisoformat(config.execution_date) if config.execution_date else None,
                run_name=context.run_id,
                dry_run=config.dry_run,
                maker=config.maker,
                confirmed_receivers=config.confirmed_receivers,
            )
            for run in runs
        ]
        # What people look at: on the day of the payment, else today. No amount depends on it.
        day = date.fromisoformat(config.execution_date) if config.execution_date else date.today()
        disputes, watched = worklist_rows(connection, day), as_text(claims_to_watch(connection, day))
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": sum(len(result.payments) for result in results),
            "dry_run": config.dry_run,
            "files_to_approve": dg.MetadataValue.json([asdict(file) for result in results for file in result.files]),
            "already_paid": sum(result.already_paid for result in results),
            "not_payable": dg.MetadataValue.json([row for result in results for row in result.not_payable_rows()]),
            "money_per_currency": dg.MetadataValue.json([result.total_per_currency for result in results]),
            "disputes": dg.MetadataValue.json(disputes),
            "claims_near_their_statutory_day": dg.MetadataValue.json(watched),
        }
    )
