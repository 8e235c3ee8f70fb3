"""Column lineage of the dbt models: worked out once per version of the SQL, shown by every run.

Belongs here: the file that holds it, and adding it to a run's events.
Belongs elsewhere: working it out (dagster-dbt does, by parsing the compiled SQL; for all models that takes a minute of
computing, which is why a bill run does not do it). ``make lineage`` makes the file again when a model has changed.
"""

import json
from functools import lru_cache
from typing import Any

import dagster as dg

from orchestration.paths import DBT_PROJECT

LINEAGE_FILE = DBT_PROJECT / "column_lineage.json"
METADATA_KEY = "dagster/column_lineage"


@lru_cache(maxsize=1)
def _lineage() -> dict[str, dict[str, list[list[str]]]]:
    """``{model: {column: [[schema, table, column], ...]}}``."""
    return json.loads(LINEAGE_FILE.read_text(encoding="utf-8"))["models"] if LINEAGE_FILE.exists() else {}


def with_column_lineage(event: Any) -> Any:
    """The event of a built model with its column lineage; any other event as it is."""
    if not isinstance(event, dg.Output) or "unique_id" not in event.metadata:
        return event
    columns = _lineage().get(str(event.metadata["unique_id"].value).rpartition(".")[2])
    if not columns:
        return event
    lineage = dg.TableColumnLineage(
        {
            column: [dg.TableColumnDep(asset_key=dg.AssetKey(key), column_name=name) for *key, name in sources]
            for column, sources in columns.items()
        }
    )
    return event.with_metadata({**event.metadata, METADATA_KEY: lineage})


class LineageCollector:
    """Keeps the column lineage that dagster-dbt worked out for the models of one build."""

    def __init__(self) -> None:
        self._models: dict[str, dict[str, list[list[str]]]] = {}

    def see(self, event: Any) -> Any:
        """Remember what the event says; returns the event."""
        has_lineage = isinstance(event, dg.Output) and METADATA_KEY in event.metadata
        found = event.metadata[METADATA_KEY].value if has_lineage else None
        if isinstance(found, dg.TableColumnLineage):
            self._models[str(event.metadata["unique_id"].value).rpartition(".")[2]] = {
                column: sorted([*dep.asset_key.path, dep.column_name] for dep in deps)
                for column, deps in sorted(found.deps_by_column.items())
            }
        return event

    def write(self, sources_digest: str) -> None:
        """Write the file, with the digest of the SQL it belongs to."""
        models = ",\n".join(f"  {json.dumps(name)}: {json.dumps(self._models[name])}" for name in sorted(self._models))
        text = f'{{"sources_sha256": "{sources_digest}",\n "models": {{\n{models}\n}}}}\n'
        LINEAGE_FILE.write_text(text, encoding="utf-8")
