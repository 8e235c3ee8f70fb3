"""In which order dbt's threads take the models that could be built: those on the longest way to the end first.

Belongs here: the score of a node in dbt's queue, how a thread comes by its next node.
Belongs elsewhere: what must be built before what (``ref`` in the models), what else of dbt is replaced (``command``).

dbt gives out nodes by their distance from the start, then by name. What many small models wait for then stands behind
what one test at the end reads, and later a thread idles because only one way is left: 0.6 s of a run with two threads.
By the distance to the end, what nobody waits for fills the gaps. A model that reads many rows says how many small ones
it is as long as (`meta: {small_models: 10}`), so that no long one is left for the end, where nothing runs beside it.

dbt's main thread hands on every node as soon as it can be built, by two more threads, and a third looks at what came
out. A thread that is free then takes what has stood there longest. Here each thread takes the best node that there is,
builds it and says that it is done.
"""

from graphlib import TopologicalSorter
from queue import Empty, SimpleQueue
from typing import Any


class NothingLeft(Exception):
    """All nodes are done, or another thread has given up."""


class Inline:
    """A pool of dbt's to which what is handed is done at once, by the thread that hands it."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    @staticmethod
    def apply_async(function: Any, args: Any = (), callback: Any = None) -> None:
        """Call it, and then what waits for the result."""
        callback(function(*args))


def longest_way_first(queue: Any, graph: Any) -> dict[str, int]:
    """In place of ``GraphQueue._get_scores``: the lowest score is given out first."""
    scores: dict[str, int] = {}
    # From the end: what waits for a node has its score before it.
    for node in TopologicalSorter({node: graph.successors(node) for node in graph}).static_order():
        length = queue.manifest.expect(node).config.meta.get("small_models", 1)
        scores[node] = min((scores[following] for following in graph.successors(node)), default=0) - length
    return scores


def best_node(queue: Any) -> Any:
    """In place of ``GraphQueue.get``: the best node that can be built, as soon as there is one.

    Raises:
        NothingLeft: There will be none.
    """
    with queue.lock:
        while True:
            if getattr(queue, "is_given_up", False) or not queue.graph:
                raise NothingLeft
            try:
                _, node_id = queue.inner.get_nowait()
            except Empty:
                queue.some_task_done.wait()
                continue
            queue._mark_in_progress(node_id)
            return queue.manifest.expect(node_id)


def run_queue(task: Any, pool: Any) -> None:
    """In place of ``GraphRunnableTask.run_queue``: each thread builds one node after the other until nothing is left.

    Raises:
        BaseException: What stopped a thread, as dbt raises it; the other threads end with the node they have.
    """
    queue, inline, outcomes = task.job_queue, Inline(pool), SimpleQueue[BaseException | None]()

    def done(result: Any) -> None:
        task._handle_result(result)
        queue.mark_done(result.node.unique_id)

    def work() -> None:
        try:
            while True:
                task.handle_job_queue(inline, done)
        except NothingLeft:
            outcomes.put(None)
        except BaseException as problem:
            with queue.lock:
                queue.is_given_up = True
                queue.some_task_done.notify_all()
            outcomes.put(problem)

    for _ in range(pool.max_threads):
        pool.apply_async(work)
    for _ in range(pool.max_threads):
        problem = outcomes.get()
        if problem is not None:
            raise problem
    task._raise_set_error()
