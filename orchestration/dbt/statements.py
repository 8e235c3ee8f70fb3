"""What dbt sends to PostgreSQL for a node, worked out when the project is prepared: mostly it is that of every run.

Belongs here: which nodes' statements depend on nothing but the project, keeping these, building a node by them.
Belongs elsewhere: the text of the statements (``dbt_project/macros``), preparing (``orchestration.dbt.manifest``).

To render a model and its materialization takes dbt longer than PostgreSQL takes to run most of them. When the project
is prepared, ``Recorder`` looks at what a template asks for while it is rendered: where that is macros, names of
relations, the node and its configuration, the text is kept beside the lane's manifest. A model that asks the database,
the environment or a flag what to write is rendered in each run as ever, and so is every node when a run's project,
variables or flags are not those that the texts were made for.
"""

import marshal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from orchestration.paths import DBT_PROJECT

FILE = "statements.marshal"
# Other versions of dbt may send something else.
MADE_BY = (metadata.version("dbt-core"), metadata.version("dbt-postgres"))
# What a template may ask for without its text depending on a run: names, the node, what it hands back.
OF_THE_PROJECT = frozenset(
    {"ref", "source", "this", "model", "config", "sql", "var", "database", "schema", "pre_hooks", "post_hooks"}
    | {"execute", "return", "render", "store_result", "adapter", "target", "flags"}
    | {"exceptions", "api", "compiled_code", "log", "write", "submit_python_job"}
)
# And of these only what the parsed project depends on, or what `_made_for` makes sure of.
PARTS = {
    "adapter": ("dispatch", "quote"),
    "target": ("schema", "type"),
    "flags": ("REQUIRE_SQL_HEADER_IN_TEST_CONFIGS", "STORE_FAILURES"),
}
ENGINE = "postgres"
FLAGS_OFF = ("STORE_FAILURES", "FULL_REFRESH", "EMPTY", "SAMPLE", "DEFER")


class Kept(NamedTuple):
    """The compiled text of a node, what is sent to build or test it, and the relation it makes."""

    compiled: str
    sent: str
    relation_name: str | None


class Lane(NamedTuple):
    """The nodes of a lane, and the database that their texts name."""

    database: str
    nodes: dict[str, Kept]


_lanes: dict[str, Lane] = {}
# By the identity of a run's configuration: what of it was made for such a run.
_usable: dict[int, Mapping[str, Kept]] = {}


def load(lane: str, folder: Path, sources_digest: str) -> None:
    """Take what was kept in the prepared folder of a lane, if it was made of these sources."""
    _lanes.pop(lane, None)
    _usable.clear()
    with suppress(OSError, ValueError, EOFError, TypeError):
        made_of, database, nodes = marshal.loads((folder / FILE).read_bytes())
        if made_of == sources_digest:
            _lanes[lane] = Lane(database, {name: Kept(*texts) for name, texts in nodes.items()})


class RunDecides(Exception):
    """A template asks for something that is known in a run only."""


class _Parts:
    """Of something that a template sees, the parts that are the same in every run."""

    def __init__(self, whole: Any, allowed: Mapping[str, Any]) -> None:
        self._whole, self._allowed = whole, allowed

    def __getattr__(self, name: str) -> Any:
        if name not in self._allowed:
            raise RunDecides(name)
        return self._allowed[name] or getattr(self._whole, name)


class Recorder:
    """Keeps the statements of the nodes that dbt compiles."""

    def __init__(self) -> None:
        self.nodes: dict[str, Kept] = {}
        self.database = ""

    def write(self, folder: Path, sources_digest: str) -> None:
        """Keep the texts beside the manifest of the sources that they were made of."""
        texts = {name: tuple(kept) for name, kept in self.nodes.items()}
        (folder / FILE).write_bytes(marshal.dumps((sources_digest, self.database, texts)))

    def see(self, runner: Any, node: Any, manifest: Any) -> None:
        """Keep what is sent for a node that was compiled, if every run would send it."""
        from dbt_common.exceptions import DbtBaseException

        if node.resource_type not in ("model", "test"):
            return
        self.database = runner.config.credentials.database
        try:
            for rendered in (node, *(manifest.nodes[cte.id] for cte in node.extra_ctes)):
                self._render(runner.config, rendered, manifest)
            if not node.is_ephemeral_model:
                sent = self._materialize(runner, node, manifest)
                self.nodes[node.unique_id] = Kept(node.compiled_code, sent, node.relation_name)
        except (RunDecides, DbtBaseException):  # dbt makes an error of its own of what a template meets.
            return

    def _render(self, config: Any, node: Any, manifest: Any) -> None:
        from dbt.clients import jinja

        context, arguments = self._watched(config, node, manifest, {}), jinja.GENERIC_TEST_KWARGS_NAME
        if hasattr(node, "test_metadata"):
            # dbt renders the arguments of a generic test with all that a template may see, asked for or not.
            unwatched = self._watched(config, node, manifest, {})
            jinja.add_rendered_test_kwargs(unwatched, node)
            context[arguments] = unwatched[arguments]
        jinja.get_rendered(node.raw_code, context, node)
        self._check(context, {arguments})

    def _materialize(self, runner: Any, node: Any, manifest: Any) -> str:
        from dbt.clients.jinja import MacroGenerator

        sent: list[str] = []

        def execute(statements: str, **_options: Any) -> tuple[None, None]:
            sent.append(statements)
            return None, None

        context = self._watched(runner.config, node, manifest, {"execute": execute})
        macro = manifest.find_materialization_macro_by_name(
            runner.config.project_name, node.get_materialization(), runner.adapter.type()
        )
        MacroGenerator(macro, context)()
        self._check(context, set())
        if len(sent) != 1:
            raise RunDecides(node.unique_id)
        return sent[0]

    def _watched(self, config: Any, node: Any, manifest: Any, of_adapter: Mapping[str, Any]) -> dict[str, Any]:
        from orchestration.dbt.context import lean_model_context

        context = lean_model_context(node, config, manifest)
        for name, allowed in PARTS.items():
            more = of_adapter if name == "adapter" else {}
            context[name] = _Parts(context[name], {**dict.fromkeys(allowed), **more})
        return context

    def _check(self, context: dict[str, Any], also: set[str]) -> None:
        """A context makes what is asked for: what it holds afterwards was seen."""
        for name, value in dict.items(context):
            if name not in OF_THE_PROJECT and name not in also and not hasattr(value, "macro"):
                raise RunDecides(name)


@contextmanager
def recorded() -> Iterator[Recorder]:
    """Have each node that dbt compiles looked at."""
    from dbt.task.compile import CompileRunner

    recorder, replaced = Recorder(), "execute"
    execute = getattr(CompileRunner, replaced)

    def execute_and_see(runner: Any, node: Any, manifest: Any) -> Any:
        recorder.see(runner, node, manifest)
        return execute(runner, node, manifest)

    setattr(CompileRunner, replaced, execute_and_see)
    try:
        yield recorder
    finally:
        setattr(CompileRunner, replaced, execute)


def _kept_for(runner: Any) -> Kept | None:
    """The texts of the node, where the run's project is the prepared one and its command line asks for nothing else."""
    config = runner.config
    nodes = _usable.get(id(config))
    if nodes is None:
        nodes = _usable[id(config)] = _made_for(config)
    return nodes.get(runner.node.unique_id)


def _made_for(config: Any) -> Mapping[str, Kept]:
    from dbt.flags import get_flags

    lane, database = _lanes.get(config.credentials.schema), config.credentials.database
    is_prepared = Path(config.project_root) == DBT_PROJECT and config.credentials.type == ENGINE
    asks_otherwise = config.args.vars or any(getattr(get_flags(), flag, False) for flag in FLAGS_OFF)
    if lane is None or asks_otherwise or not is_prepared:
        return {}
    if lane.database == database:
        return lane.nodes

    def renamed(text: str) -> str:
        # Relations are named with the database.
        return text.replace(f'"{lane.database}".', f'"{database}".')

    return {
        name: Kept(renamed(kept.compiled), renamed(kept.sent), kept.relation_name and renamed(kept.relation_name))
        for name, kept in lane.nodes.items()
    }


def taken_or_compiled(compile_anew: Callable[..., Any]) -> Callable[..., Any]:
    """In place of ``compile`` of dbt's runners of models and tests."""

    def compile_node(runner: Any, manifest: Any) -> Any:
        kept, node = _kept_for(runner), runner.node
        if kept is None:
            return compile_anew(runner, manifest)
        node.compiled, node.extra_ctes_injected = True, True
        node.compiled_code, node.relation_name = kept.compiled, kept.relation_name
        _write(runner.config, node)
        return node

    return compile_node


def _write(config: Any, node: Any) -> None:
    """Leave what was compiled where dbt leaves it."""
    node.compiled_path = node.get_target_write_path(config.target_path, "compiled", None)
    path = Path(config.project_root, node.compiled_path)
    try:
        path.write_text(node.compiled_code)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(node.compiled_code)


def sent_or_materialized(execute_anew: Callable[..., Any]) -> Callable[..., Any]:
    """In place of ``execute`` of dbt's runner of models."""

    def execute_model(runner: Any, model: Any, manifest: Any) -> Any:
        kept = _kept_for(runner)
        if kept is None:
            return execute_anew(runner, model, manifest)
        from dbt.artifacts.schemas.results import RunStatus
        from dbt.artifacts.schemas.run import RunResult

        adapter = runner.adapter
        response, _ = adapter.execute(kept.sent)
        relation = adapter.Relation.create(
            model.database, model.schema, model.alias, type=model.get_materialization(), dbt_created=True
        )
        adapter.cache_added(relation)
        return RunResult(
            node=model,
            status=RunStatus.Success,
            timing=[],
            thread_id=threading.current_thread().name,
            execution_time=0,
            message=str(response),
            adapter_response=response.to_dict(omit_none=True),
            failures=None,
            batch_results=None,
        )

    return execute_model


def sent_or_tested(test_anew: Callable[..., Any]) -> Callable[..., Any]:
    """In place of ``execute_data_test`` of dbt's runner of tests."""

    def execute_data_test(runner: Any, data_test: Any, manifest: Any) -> Any:
        kept = _kept_for(runner)
        if kept is None:
            return test_anew(runner, data_test, manifest)
        from dbt.task.test import TestResultData

        manager = runner.adapter.connections
        statement = manager._add_query_comment(kept.sent)
        _, cursor = manager.add_query(statement, auto_begin=False)
        ((failures, should_warn, should_error),) = cursor.fetchall()
        response = manager.get_response(cursor).to_dict(omit_none=True)
        return TestResultData(failures, should_warn, should_error, response)

    return execute_data_test
