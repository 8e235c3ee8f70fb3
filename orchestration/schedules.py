"""Cron times. Every schedule is off until a person turns it on in the Dagster UI.

Belongs here: when. Belongs elsewhere: what a job does. There is no schedule for post and pay: people decide those.
"""

import dagster as dg

from orchestration.jobs import bill_run, ingest
from orchestration.partitions import PERIOD_PARTITIONS

hourly_ingest = dg.ScheduleDefinition(
    name="hourly_ingest",
    job=ingest,
    cron_schedule="15 * * * *",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Take in what has landed, at a quarter past every hour.",
)


@dg.schedule(
    name="nightly_draft",
    job=bill_run,
    cron_schedule="30 3 * * *",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Rebuild the draft of every period that began in the last 31 days and is on offer.",
)
def nightly_draft(context: dg.ScheduleEvaluationContext):
    """One run per period whose month has begun and ended no more than a month ago."""
    when = context.scheduled_execution_time
    months = {f"{when:%Y-%m}", f"{when.year - (when.month == 1)}-{(when.month - 2) % 12 + 1:02d}"}
    for period_id in context.instance.get_dynamic_partitions(PERIOD_PARTITIONS):
        if period_id[:7] in months:
            yield dg.RunRequest(run_key=f"{period_id}@{when:%Y-%m-%d}", partition_key=period_id)


ALL_SCHEDULES = (hourly_ingest, nightly_draft)
