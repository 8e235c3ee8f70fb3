"""The order of dbt's nodes: what many wait for comes first, what nobody waits for fills the gaps."""

import threading
from multiprocessing.pool import ThreadPool
from types import SimpleNamespace
from typing import Any

import networkx  # type: ignore[import-untyped]
import pytest
from dbt.graph.queue import GraphQueue
from dbt.task.runnable import GraphRunnableTask

from orchestration.dbt.order import best_node, longest_way_first, run_queue

RATED = [("rated", "a check"), ("rated", "lines"), ("lines", "charges"), ("charges", "bills"), ("a check", "bills")]


LENGTHS = {"a long check": 5}
MANIFEST: Any = SimpleNamespace(
    expect=lambda node_id: SimpleNamespace(
        unique_id=node_id,
        config=SimpleNamespace(meta={"small_models": LENGTHS[node_id]} if node_id in LENGTHS else {}),
    )
)


class OrderedQueue(GraphQueue):
    """dbt's queue with what ``orchestration.dbt.lean`` replaces of it."""

    _get_scores = longest_way_first
    get = best_node  # type: ignore[assignment]


class Task:
    """As much of a task of dbt's as its queue needs; it builds a node by calling ``build``."""

    def __init__(self, graph: networkx.DiGraph, build: Any) -> None:
        self.job_queue = OrderedQueue(graph, MANIFEST, set(graph))
        self.build = build
        self.done: list[str] = []
        self.error: Exception | None = None
        self.parents = {node: set(graph.predecessors(node)) for node in graph}

    def handle_job_queue(self, pool: Any, callback: Any) -> None:
        node = self.job_queue.get()
        assert self.parents[node.unique_id] <= set(self.done), f"{node.unique_id} is built too early"
        pool.apply_async(self._run, args=[node], callback=callback)

    def _run(self, node: Any) -> Any:
        self.build(node.unique_id)
        return SimpleNamespace(node=node)

    def _handle_result(self, result: Any) -> None:
        self.done.append(result.node.unique_id)

    def _raise_set_error(self) -> None:
        if self.error:
            raise self.error


def built(graph: networkx.DiGraph, build: Any = lambda _: None, threads: int = 2) -> list[str]:
    task = Task(graph, build)
    with ThreadPool(threads) as pool:
        pool.max_threads = threads  # type: ignore[attr-defined]
        run_queue(task, pool)
    return task.done


def test_the_longest_way_to_the_end_comes_first() -> None:
    scores = longest_way_first(SimpleNamespace(manifest=MANIFEST), networkx.DiGraph(RATED))
    assert scores["rated"] < scores["lines"] < scores["charges"] == scores["a check"] < scores["bills"]
    assert built(networkx.DiGraph(RATED), threads=1)[:2] == ["rated", "lines"]


def test_what_takes_long_is_not_left_for_the_end() -> None:
    graph = networkx.DiGraph([*RATED, ("rated", "a long check")])
    assert built(graph, threads=1)[:3] == ["rated", "a long check", "lines"]


def test_each_node_is_built_once_and_after_what_it_waits_for() -> None:
    graph = networkx.gnp_random_graph(60, 0.1, seed=1, directed=True)
    graph = networkx.DiGraph((f"{one:02}", f"{two:02}") for one, two in graph.edges if one < two)
    graph.add_node("alone")
    nodes = sorted(graph)
    assert sorted(built(graph, threads=4)) == nodes


def test_a_thread_goes_on_with_what_it_made_possible_while_another_is_busy() -> None:
    charged = threading.Event()

    def build(node: str) -> None:
        if node == "a check":
            assert charged.wait(10), "lines and charges wait for a check that they do not need"
        if node == "charges":
            charged.set()

    assert built(networkx.DiGraph(RATED), build)[-1] == "bills"


def test_what_stops_a_thread_stops_the_run() -> None:
    def build(node: str) -> None:
        if node == "lines":
            raise KeyError(node)

    with pytest.raises(KeyError, match="lines"):
        built(networkx.DiGraph(RATED), build)


def test_an_error_that_dbt_has_kept_is_raised_at_the_end() -> None:
    task = Task(networkx.DiGraph(RATED), lambda _: None)
    task.error = RuntimeError("kept")
    with ThreadPool(2) as pool, pytest.raises(RuntimeError, match="kept"):
        pool.max_threads = 2  # type: ignore[attr-defined]
        run_queue(task, pool)


def test_dbt_has_what_is_replaced() -> None:
    assert callable(GraphQueue._get_scores) and callable(GraphRunnableTask.run_queue)
    queue = GraphQueue(networkx.DiGraph(), None, set())  # type: ignore[arg-type]
    assert queue.some_task_done and queue.inner.empty() and callable(queue._mark_in_progress)
