"""The dbt project as Dagster assets: every calculation of money, between the inbox and the published tables.

Belongs here: how dbt nodes become asset keys, groups and owners, the one dbt invocation of a bill run.
Belongs elsewhere: SQL (``dbt_project``), the manifest (``orchestration.dbt.manifest``), leases.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    DbtCliResource,
    dbt_assets,
)
from packaging.version import Version

from orchestration.dbt.column_lineage import LineageCollector, with_column_lineage
from orchestration.dbt.manifest import LANE, PARTIAL_PARSE, SETTLEMENT_LANE, models_digest, run_artifacts_folder
from orchestration.dbt.row_counts import with_row_count
from orchestration.partitions import billing_periods, settlement_periods
from orchestration.paths import DBT_COMMAND, DBT_PROJECT

# What a settlement run builds: these and what they stand on, which in its lane begins with posted shares.
SETTLEMENT_MODELS = (
    "+fct_settled_shares +fct_adjusted_shares +fct_positions +fct_party_settlements +fct_settlement_items"
    " +fct_journal_lines +fct_account_outcomes +fct_reconciliation"
)
# Folders whose name is already the group of what they read.
GROUPS = {"catalog": "rules", "usage": "guiding"}
# Set by `make lineage`: work the column lineage out anew and write it to its file.
COLLECT_LINEAGE = "APPORTION_COLLECT_LINEAGE"
FEW_PASSES = {"max_share_steps": 8, "max_step_rank": 3}
# A kill in the middle of the build leaves dbt itself running, as in real life.
EVENTS_BEFORE_FAILPOINT = 40


class InstalledDbt(DbtCliResource):
    """dbt of this environment. Its version is read from the package: asking the executable costs five seconds a run."""

    @cached_property
    def _cli_version(self) -> Version:
        return Version(metadata.version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        """dbt imported into this process costs seconds, and only working out column lineage asks it anything."""
        return super()._initialize_dbt_core_adapter(args) if os.environ.get(COLLECT_LINEAGE) else None


def dbt_resource() -> DbtCliResource:
    """dbt as a Dagster resource, bound to this environment's executable (PATH need not be set)."""
    return InstalledDbt(
        project_dir=str(DBT_PROJECT),
        profiles_dir=str(DBT_PROJECT),
        dbt_executable=DBT_COMMAND[0],
        global_config_flags=[*DBT_COMMAND[1:]],
    )


class ApportionDbtTranslator(DagsterDbtTranslator):
    """Keys of two parts that equal schema and table; the group of a model is the folder it lives in.

    Lane ``settle`` builds the settlement models once more, on posted shares: in a group of their own.
    """

    def __init__(self, lane: str = LANE, settings: DagsterDbtTranslatorSettings | None = None) -> None:
        super().__init__(settings)
        self.lane = lane

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            # What earlier runs published and posted is another thing than what this run will publish: no cycle.
            schemas = {"published": "posted_before", "ledger": "posted_before"}
            if self.lane == SETTLEMENT_LANE:
                schemas["lane"] = "settlement_lane"
            source = dbt_resource_props["source_name"]
            return dg.AssetKey([schemas.get(source, source), dbt_resource_props["name"]])
        return dg.AssetKey([self.lane, dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        if dbt_resource_props["resource_type"] == "source":
            return None
        if self.lane == SETTLEMENT_LANE:
            return "settlement_run"
        # models/<layer>/<subject>/...: staging is one group, deeper layers are grouped by subject.
        folders = dbt_resource_props["fqn"][1:-1]
        return "staging" if folders[0] == "staging" else GROUPS.get(folders[-1], folders[-1])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        return ["team:billing" if "billing" in dbt_resource_props["fqn"] else "team:settlement"]


_SETTINGS = DagsterDbtTranslatorSettings(enable_asset_checks=True, enable_code_references=False)


def _period_text(context: dg.AssetExecutionContext) -> str:
    return context.partition_key if context.has_partition_key else "-"


def build_dbt_models(manifest: Path) -> dg.AssetsDefinition:
    """The whole dbt project as one multi-asset: one invocation, since each costs seconds of start-up."""

    @dbt_assets(
        manifest=manifest,
        name="dbt_models",
        # Unit tests prove arithmetic on invented rows; they run in the test suite, not in a bill run.
        exclude="resource_type:unit_test",
        partitions_def=billing_periods,
        dagster_dbt_translator=ApportionDbtTranslator(settings=_SETTINGS),
    )
    def dbt_models(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
        from assets.quality.gates import warm_up
        from orchestration.database.connection import connect, dbt_environment
        from orchestration.failpoints import reach
        from orchestration.leases import held_lease

        warm_up()  # The gate after this step needs Great Expectations, which takes seconds to import.
        lease = held_lease(context.run_id, LANE, _period_text(context))
        # dagster-dbt takes what was parsed before from here, and leaves each run's artifacts in a folder of their own.
        os.environ.update(dbt_environment(token=lease.token, lane=LANE), DBT_TARGET_PATH=str(run_artifacts_folder()))
        command = ["build", "--exclude-resource-type", "unit_test"]
        if os.environ.get(COLLECT_LINEAGE):
            # Passes written out many times over give the same lineage and make hours of parsing of it.
            command += ["--vars", json.dumps(FEW_PASSES)]
        invocation = dbt.cli(command, context=context)
        events = invocation.stream()
        if os.environ.get(COLLECT_LINEAGE):
            collector = LineageCollector()
            for event in events.fetch_column_metadata():
                yield collector.see(event)
            collector.write(models_digest())
        else:
            with connect() as connection:
                connection.autocommit = True  # A count that waits for its commit would hold back the vacuum.
                for number, event in enumerate(events):
                    if number == EVENTS_BEFORE_FAILPOINT:
                        reach("during_build")
                    yield with_row_count(connection, LANE, with_column_lineage(event))
        shutil.copy(invocation.target_path / PARTIAL_PARSE, run_artifacts_folder())

    return dbt_models


def build_settlement_models(manifest: Path) -> dg.AssetsDefinition:
    """The settlement models on posted shares, in lane settle: one invocation of dbt over a part of the project."""

    @dbt_assets(
        manifest=manifest,
        name="settlement_models",
        select=SETTLEMENT_MODELS,
        exclude="resource_type:unit_test resource_type:test",
        partitions_def=settlement_periods,
        dagster_dbt_translator=ApportionDbtTranslator(SETTLEMENT_LANE, settings=_SETTINGS),
    )
    def settlement_models(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
        from assets.quality.gates import warm_up
        from orchestration.database.connection import connect, dbt_environment
        from orchestration.leases import held_lease

        warm_up()
        lease = held_lease(context.run_id, SETTLEMENT_LANE, _period_text(context))
        folder = run_artifacts_folder(SETTLEMENT_LANE)
        os.environ.update(dbt_environment(token=lease.token, lane=SETTLEMENT_LANE), DBT_TARGET_PATH=str(folder))
        # The door after this step asks the same of the rows as the project's tests, and more.
        invocation = dbt.cli(["run"], context=context, manifest=manifest)
        with connect() as connection:
            connection.autocommit = True
            for event in invocation.stream():
                yield with_row_count(connection, SETTLEMENT_LANE, event)
        shutil.copy(invocation.target_path / PARTIAL_PARSE, folder)

    return settlement_models
