"""The three doors as blocking Dagster asset checks.

A check here stops the run early and shows the result; the gate row it writes is what publishing, posting and paying
demand, because an orchestrator's check is bypassed by launching the next asset alone.
"""

from datetime import date

import dagster as dg


def gate_check_result(outcome, **warnings: list[dict[str, str]]) -> dg.AssetCheckResult:
    """A gate's outcome as Dagster shows it: each check with its rows and failures; warnings by name."""
    return dg.AssetCheckResult(
        passed=outcome.passed,
        severity=dg.AssetCheckSeverity.ERROR,
        description=_failures(outcome) or None,
        metadata={
            "rows_looked_at": outcome.rows_checked,
            "checks": dg.MetadataValue.json(outcome.checks),
            "input_digest": outcome.input_digest,
            **{name: dg.MetadataValue.json(rows) for name, rows in warnings.items()},
        },
    )


def _failures(outcome) -> str:
    """The checks that did not pass, each with the keys of its first offenders."""
    sentences = []
    for check in outcome.failed_checks():
        keys = f" ({'; '.join(check['offenders'])})" if check.get("offenders") else ""
        of = f"{check['failures']} of {check['relation']}"
        sentences.append(f"{outcome.gate}: {check['check']} failed for {of}{keys}")
    return ". ".join(sentences)


@dg.asset_check(
    asset=dg.AssetKey(["inbox", "usage_rows"]),
    additional_deps=[dg.AssetKey(["inbox", "files"]), dg.AssetKey(["inbox", "row_dispositions"])],
    name="gate_usage_in",
    blocking=True,
)
def gate_usage_in(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """Rows read equal rows accounted for, per file; keys, quantities and times are within their specification."""
    from assets.quality.gates import check_usage_in
    from orchestration.database.connection import connect
    from orchestration.failures import refusals_are_permanent

    with refusals_are_permanent(), connect() as connection:
        outcome = check_usage_in(connection)
    return gate_check_result(outcome)


@dg.asset_check(
    asset=dg.AssetKey(["build", "fct_reconciliation"]),
    additional_deps=[
        dg.AssetKey(["build", model])
        for model in (
            "fct_applied_billing_rates",
            "fct_line_adjustments",
            "fct_rate_parts",
            "fct_customer_bills",
            "fct_revenue_shares",
            "fct_positions",
            "fct_party_settlements",
            "fct_journal_lines",
            "fct_account_outcomes",
        )
    ],
    name="gate_lines_before_posting",
    blocking=True,
)
def gate_lines_before_posting(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """Every equation of the reconciliation holds; lines, bills, shares and positions are complete and finite."""
    from assets.publishing.bill_runs import current_bill_run
    from assets.quality.gates import check_lines_before_posting
    from orchestration.database.connection import connect
    from orchestration.failures import refusals_are_permanent

    with refusals_are_permanent(), connect() as connection:
        outcome = check_lines_before_posting(connection, current_bill_run(connection, "build"))
    return gate_check_result(outcome)


@dg.asset_check(
    asset=dg.AssetKey(["ledger", "settlement_documents"]),
    name="gate_payouts_before_paying",
    # It cannot undo the posting; the gate row stops paying, and paying asks again what was approved meanwhile.
    blocking=False,
)
def gate_payouts_before_paying(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """Documents add up, bank accounts are valid, the operator is the payer of what it pays."""
    from assets.payments.due import as_text, claims_to_watch
    from assets.publishing.bill_runs import latest_posted_bill_run
    from assets.quality.gates import check_payouts_before_paying
    from orchestration.database.connection import connect
    from orchestration.failures import refusals_are_permanent

    with refusals_are_permanent(), connect() as connection:
        outcome = check_payouts_before_paying(connection, latest_posted_bill_run(connection, "build"))
        watched = as_text(claims_to_watch(connection, date.today()))
    # A warning and no failure: the day passes by not paying.
    return gate_check_result(outcome, claims_near_their_statutory_day=watched)


GATE_CHECKS = (gate_usage_in, gate_lines_before_posting, gate_payouts_before_paying)
