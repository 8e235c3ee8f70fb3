"""What models read of earlier runs, as assets that nobody makes in this run: where their lineage begins.

Belongs here: the dbt sources that no asset of a run stands for. Belongs elsewhere: their keys (``dbt.assets``), what a
run publishes and posts, which the next one reads here (``assets.publishing``, ``assets.posting``).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt.dbt_manifest import validate_manifest

from orchestration.dbt.assets import ApportionDbtTranslator

SCHEMAS = ("control", "published", "ledger")


def earlier_records(*manifests: Path) -> Iterator[dg.AssetSpec]:
    """One external asset per table of these schemas that a model of any lane reads, described by its dbt source."""
    sources: dict[str, Any] = {}
    read: set[str] = set()
    for manifest in manifests:
        project = validate_manifest(manifest)  # Parsed once per process, for the models' assets.
        sources |= project["sources"]
        models = (node for node in project["nodes"].values() if node["resource_type"] == "model")
        read |= {parent for model in models for parent in model["depends_on"]["nodes"]}
    translator = ApportionDbtTranslator()
    for key in sorted(sources.keys() & read):
        source = sources[key]
        if source["source_name"] in SCHEMAS:
            yield dg.AssetSpec(
                translator.get_asset_key(source),
                description=source["description"] or source["source_description"],
                group_name="posted_before",
                owners=["team:settlement"],
                kinds={"postgres"},
            )
