"""What Dagster shows of a published and a posted run, table by table: the same for billing and settlement periods.

Belongs here: metadata of the materializations. Belongs elsewhere: figures and chart (``report``), the acts themselves
(``publish``, ``assets.posting.post``).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import psycopg

from assets.posting.post import Posted
from assets.publishing.bill_runs import BillRun
from assets.publishing.publish import Published
from assets.publishing.report import money_chart_markdown, money_per_currency


def published_results(
    connection: psycopg.Connection, key_prefix: str, tables: tuple[str, ...], run: BillRun, published: Published
) -> Iterator[dg.MaterializeResult]:
    """Rows and digests of each table, money per currency of documents, and a chart of the bills where there are any."""
    money = money_per_currency(connection, run.bill_run_id)
    for table in tables:
        metadata: dict[str, Any] = {
            "dagster/row_count": published.row_counts[table],
            "bill_run_id": run.bill_run_id,
            "input_digest": run.input_digest,
            "output_digest": published.output_digest,
        }
        if table in money:
            metadata["money_per_currency"] = dg.MetadataValue.json(money[table])
        if table == "fct_customer_bills":
            metadata["chart"] = dg.MetadataValue.md(money_chart_markdown(connection, run.bill_run_id))
        yield dg.MaterializeResult(asset_key=[key_prefix, table], metadata=metadata)


def posted_results(
    key_prefix: str, tables: tuple[str, ...], run: BillRun, posted: Posted
) -> Iterator[dg.MaterializeResult]:
    """Rows of each table of the ledger, and the head of the audit chain."""
    for table in tables:
        yield dg.MaterializeResult(
            asset_key=[key_prefix, table],
            metadata={
                "dagster/row_count": posted.row_counts[table],
                "bill_run_id": run.bill_run_id,
                "already_posted": posted.already_posted,
                "audit_head": posted.audit_head,
            },
        )
