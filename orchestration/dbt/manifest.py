"""The prepared manifest of a lane: the dbt project parsed once, its templates and analyses compiled.

Belongs here: preparing it, whether it is that of the project as it stands, where a run's artifacts lie.
Belongs elsewhere: dbt nodes as assets (``orchestration.dbt.assets``), running dbt (``lean``).
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.dbt import statements, templates
from orchestration.dbt.lean import WRITES_MANIFEST, make_lean
from orchestration.failures import PermanentFailure
from orchestration.paths import DBT_PROJECT, home

LANE = "build"
SETTLEMENT_LANE = "settle"
PARTIAL_PARSE = "partial_parse.msgpack"


def manifest_path(lane: str = LANE) -> Path:
    """Where the prepared manifest of a lane lies; made by ``python -m orchestration.dbt prepare``."""
    return DBT_PROJECT / "target" / lane / "manifest.json"


def prepared_manifest(lane: str = LANE) -> Path:
    """The manifest of a lane, or a failure that says how to make it: a code location never loads with fewer assets."""
    path = manifest_path(lane)
    remedy = "run `make setup` or `python -m orchestration.dbt prepare`"
    if not path.exists():
        raise PermanentFailure(f"{path.relative_to(DBT_PROJECT.parent)} is missing: {remedy}")
    if not is_prepared(lane):
        raise PermanentFailure(f"the dbt project has changed since its manifest was prepared: {remedy}")
    return path


def models_digest() -> str:
    """Over the SQL of models and macros: what column lineage depends on."""
    return _digest((".sql",), ("models", "macros"))


def _sources_digest() -> str:
    """Over the bytes of everything dbt parses, and how it is parsed and its templates are compiled."""
    return f"{_digest(('.sql', '.yml'), ('',))} for any address {' '.join((*templates.MADE_BY, *statements.MADE_BY))}"


def _digest(suffixes: tuple[str, ...], folders: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for folder in folders for path in (DBT_PROJECT / folder).rglob("*")):
        if path.suffix in suffixes and not {"target", "logs"} & set(path.relative_to(DBT_PROJECT).parts):
            digest.update(f"{path.relative_to(DBT_PROJECT)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def is_prepared(lane: str = LANE) -> bool:
    """Whether the manifest of a lane is that of the project as it stands."""
    stamp = manifest_path(lane).with_name("sources.sha256")
    return stamp.exists() and stamp.read_text() == _sources_digest()


def load_statements(lanes: Iterable[str]) -> None:
    """Take the statements prepared for these lanes, as far as there are any and the project is as it was."""
    digest = _sources_digest()
    for lane in lanes:
        statements.load(lane, manifest_path(lane).parent, digest)


def run_artifacts_folder(lane: str = LANE) -> Path:
    """Where dbt leaves what a run compiled and parsed. A run goes on from the parse before it, or the prepared one."""
    folder = home() / "dbt" / lane
    folder.mkdir(parents=True, exist_ok=True)
    prepared, parsed = manifest_path(lane).with_name(PARTIAL_PARSE), folder / PARTIAL_PARSE
    if prepared.exists() and (not parsed.exists() or parsed.stat().st_mtime < prepared.stat().st_mtime):
        shutil.copy(prepared, parsed)
    return folder


@contextmanager
def _manifest_as_parsed() -> Iterator[None]:
    """Have the manifest written when it is parsed only: with what was compiled it is twice as long."""
    from dbt.task import runnable

    write = getattr(runnable, WRITES_MANIFEST)
    setattr(runnable, WRITES_MANIFEST, lambda *_arguments: None)
    try:
        yield
    finally:
        setattr(runnable, WRITES_MANIFEST, write)


def prepare(lane: str = LANE) -> None:
    """Parse the dbt project once, so that importing the code location never has to, and compile its analyses."""
    if is_prepared(lane):
        return
    from dbt.cli.main import dbtRunner

    from orchestration.database.connection import placeholder_dbt_environment

    make_lean()
    digest = _sources_digest()
    os.environ.update(placeholder_dbt_environment(lane=lane))
    # Compiling parses as well. Analyses are what commands execute (orchestration.dbt.analyses); no run builds them.
    command = ["--quiet", "compile", "--exclude", "resource_type:unit_test", "--no-introspect", "--no-populate-cache"]
    places = ["--project-dir", DBT_PROJECT, "--profiles-dir", DBT_PROJECT, "--target-path", manifest_path(lane).parent]
    with statements.recorded() as recorder, _manifest_as_parsed():
        result = dbtRunner().invoke([*command, *map(str, places)])
    if not result.success:
        raise SystemExit("dbt parse failed: the message above names the file")
    templates.keep(json.loads(manifest_path(lane).read_text()), others=lane != LANE)
    recorder.write(manifest_path(lane).parent, digest)
    manifest_path(lane).with_name("sources.sha256").write_text(digest)
