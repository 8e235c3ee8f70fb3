"""The code location: assembly only. Importing touches nothing outside; a missing manifest stops it with a message."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from assets.catalog.assets import book
from assets.documents.assets import DOCUMENT_ASSETS
from assets.ingestion.assets import inbox
from assets.payments.assets import payments
from assets.posting.assets import posted_period
from assets.publishing.assets import bill_run_scope, published_period
from assets.publishing.settlement_assets import SETTLEMENT_ASSETS, SETTLEMENT_CHECKS
from assets.quality.assets import GATE_CHECKS
from orchestration.dbt.assets import build_dbt_models, build_settlement_models, dbt_resource
from orchestration.dbt.earlier_records import earlier_records
from orchestration.dbt.manifest import SETTLEMENT_LANE, prepared_manifest
from orchestration.jobs import ALL_JOBS
from orchestration.progress import progress_logger
from orchestration.schedules import ALL_SCHEDULES
from orchestration.sensors import ALL_SENSORS


def build_defs(resource_overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """Assemble the code location, with any resource replaced by name."""
    return dg.Definitions(
        assets=[
            book,
            inbox,
            bill_run_scope,
            build_dbt_models(prepared_manifest()),
            build_settlement_models(prepared_manifest(SETTLEMENT_LANE)),
            *earlier_records(prepared_manifest(), prepared_manifest(SETTLEMENT_LANE)),
            published_period,
            posted_period,
            *DOCUMENT_ASSETS,
            payments,
            *SETTLEMENT_ASSETS,
        ],
        asset_checks=[*GATE_CHECKS, *SETTLEMENT_CHECKS],
        jobs=[*ALL_JOBS],
        schedules=[*ALL_SCHEDULES],
        sensors=[*ALL_SENSORS],
        loggers={"console": dg.colored_console_logger, "progress": progress_logger},
        resources={"dbt": dbt_resource(), **(resource_overrides or {})},
    )


defs = build_defs()
