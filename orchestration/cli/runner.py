"""Runs Dagster jobs in this process, the same way the UI does: same assets, same instance, same events.

Belongs here: launching a job, its progress line, clearing runs whose process died.
Belongs elsewhere: what to print afterwards (``orchestration.cli.summary``).
"""

import os
import socket
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import dagster as dg
import psutil

from orchestration.cli.terminal import console
from orchestration.partitions import checked_period_id, partitions_name
from orchestration.paths import home

PROCESS_TAG = "apportion/process"


def dagster_instance() -> dg.DagsterInstance:
    """The persistent Dagster instance, in the same PostgreSQL; runs launched here appear in the UI."""
    from orchestration.database.dagster_home import prepare_dagster_home

    os.environ["DAGSTER_HOME"] = str(prepare_dagster_home())
    return dg.DagsterInstance.get()


def _this_process() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{int(psutil.Process().create_time())}"


def clear_dead_runs(instance: dg.DagsterInstance) -> int:
    """Mark as failed the unfinished command-line runs of this machine whose process no longer lives."""
    unfinished = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING]))
    cleared = 0
    for run in unfinished:
        host, _, rest = run.tags.get(PROCESS_TAG, "").partition(":")
        process_id, _, created = rest.partition(":")
        if host != socket.gethostname() or not process_id:
            continue
        if psutil.pid_exists(int(process_id)) and int(psutil.Process(int(process_id)).create_time()) == int(created):
            continue
        instance.report_run_failed(run, "The process of this run died; another run has taken over.")
        cleared += 1
    return cleared


def log_file(job_name: str) -> Path:
    """Where the output of the tools inside the last run of a job is kept."""
    folder = home() / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{job_name}.log"


@contextmanager
def progress_line(title: str) -> Iterator[None]:
    """A spinner with the last asset made; what dbt and others print goes to the job's log file."""
    from orchestration.progress import listen

    with (
        console.status(f"[bold]{title}[/bold]") as status,
        log_file(title).open("w", encoding="utf-8") as log,
        redirect_stdout(log),
        redirect_stderr(log),
    ):
        stop = listen(lambda text: status.update(f"[bold]{title}[/bold] {text}"))
        try:
            yield
        finally:
            stop()


def run_job(
    instance: dg.DagsterInstance,
    job_name: str,
    *,
    period_id: str | None = None,
    ops: Mapping[str, Any] | None = None,
) -> dg.ExecuteInProcessResult:
    """Run one job to its end in this process.

    Returns the result, also of a failed run: callers look at ``result.success``. The lease is given back either way.
    """
    from orchestration.definitions import defs
    from orchestration.leases import release_leases

    clear_dead_runs(instance)
    if period_id is not None:
        # Any period may be named; the UI offers those of the last two years and of the usage that has arrived.
        instance.add_dynamic_partitions(partitions_name(checked_period_id(period_id)), [period_id])
    run_config: dict[str, Any] = {"loggers": {"progress": {}}}
    if ops:
        run_config["ops"] = {name: {"config": config} for name, config in ops.items()}
    run_id = str(uuid.uuid4())
    try:
        with progress_line(job_name):
            return defs.resolve_job_def(job_name).execute_in_process(
                instance=instance,
                partition_key=period_id,
                run_config=run_config,
                raise_on_error=False,
                run_id=run_id,
                tags={PROCESS_TAG: _this_process()},
            )
    finally:
        release_leases(run_id)


def failure_text(result: dg.ExecuteInProcessResult) -> str:
    """Why a run failed, in the words of the step that failed; no stack trace."""
    for event in result.all_events:
        if event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if not check.passed and check.blocking and check.description:
                return check.description
        if event.is_step_failure:
            error = event.step_failure_data.error
            metadata = event.step_failure_data.user_failure_data
            if metadata is not None and metadata.description:
                return metadata.description
            if error is not None and (error.cause or error).cls_name == "DagsterExecutionInterruptedError":
                return f"{event.step_key} was interrupted. What it had not finished is undone: start the command again."
            if error is not None:
                return f"{event.step_key}: {(error.cause or error).message.strip()}"
    return "the run failed; open it in the Dagster UI (`apportion ui`) for its log"


def error_names(result: dg.ExecuteInProcessResult) -> list[str]:
    """The classes of the exceptions that failed the steps of a run, with those that caused them."""
    names = []
    for event in result.all_events:
        error = event.step_failure_data.error if event.is_step_failure else None
        while error is not None:
            names.append(error.cls_name or "")
            error = error.cause
    return names
