"""The code location is what it was when someone last looked: a renamed asset or a lost check is a diff in review.

``python -m tests.drift.test_definitions`` writes the list again.
"""

import json
from pathlib import Path

import pytest

from orchestration.dbt.column_lineage import LINEAGE_FILE
from orchestration.dbt.manifest import SETTLEMENT_LANE, manifest_path, models_digest, prepare
from orchestration.paths import DBT_PROJECT

SNAPSHOT = Path(__file__).with_name("asset_graph.txt")


def _definitions():
    prepare()
    prepare(SETTLEMENT_LANE)
    from orchestration.definitions import defs

    return defs


def asset_graph() -> str:
    """One line per asset: key, group; then one per check; then jobs, sensors, schedules."""
    repository = _definitions().get_repository_def()
    graph = repository.asset_graph
    lines = [f"asset {'/'.join(key.path)}  [{graph.get(key).group_name}]" for key in graph.materializable_asset_keys]
    lines += [f"check {'/'.join(key.asset_key.path)}: {key.name}" for key in graph.asset_check_keys]
    lines += [f"job {job.name}" for job in repository.get_all_jobs() if not job.name.startswith("__")]
    lines += [f"sensor {sensor.name} {sensor.default_status.value}" for sensor in repository.sensor_defs]
    lines += [f"schedule {schedule.name} {schedule.default_status.value}" for schedule in repository.schedule_defs]
    return "\n".join(sorted(lines)) + "\n"


def test_the_asset_graph_is_the_reviewed_one():
    assert asset_graph() == SNAPSHOT.read_text(), "look at the difference; then python -m tests.drift.test_definitions"


def test_every_asset_has_a_group_an_owner_a_kind_and_a_description():
    """Also those that only models read: a dbt source that no asset stands for is a hole in the lineage."""
    graph = _definitions().get_repository_def().asset_graph
    lacking = [
        "/".join(key.path)
        for key in graph.get_all_asset_keys()
        if not (
            (node := graph.get(key)).group_name not in (None, "default")
            and node.owners
            and node.kinds
            and node.description
        )
    ]
    assert lacking == []


def test_every_claim_between_models_is_a_check_that_says_what_it_claims():
    """A test that names a model which it does not read is run by dbt, and shown by nobody."""
    graph = _definitions().get_repository_def().asset_graph
    shown = {key.name: graph.get(key).description for key in graph.asset_check_keys}
    claims = [path.stem for path in (DBT_PROJECT / "tests").glob("assert_*.sql")]
    assert len(claims) > 5
    assert [claim for claim in claims if not shown.get(claim)] == []


def test_nothing_that_acts_by_itself_is_on_by_default():
    repository = _definitions().get_repository_def()
    acting = [*repository.sensor_defs, *repository.schedule_defs]
    assert acting
    assert {instigator.default_status.value for instigator in acting} == {"STOPPED"}


def test_the_column_lineage_belongs_to_the_models_as_they_are():
    held = json.loads(LINEAGE_FILE.read_text())
    assert held["sources_sha256"] == models_digest(), "a model changed: run `make lineage`"
    assert len(held["models"]["fct_customer_bills"]) > 10


@pytest.mark.parametrize("layer", ["marts", "intermediate", "staging"])
def test_every_model_says_what_one_row_is_and_every_column_of_a_mart_is_described(layer):
    prepare()
    nodes = json.loads(manifest_path().read_text())["nodes"].values()
    models = [node for node in nodes if node["resource_type"] == "model" and node["fqn"][1] == layer]
    assert models
    assert [node["name"] for node in models if not node["description"]] == []
    if layer == "marts":
        undescribed = [
            f"{node['name']}.{column['name']}"
            for node in models
            for column in node["columns"].values()
            if not column["description"] or not column["data_type"]
        ]
        assert undescribed == []
        assert [node["name"] for node in models if not node["config"]["contract"]["enforced"]] == []


if __name__ == "__main__":
    SNAPSHOT.write_text(asset_graph())
