"""What starts by itself when something happens outside: the inbox. Off until a person turns it on.

Belongs here: noticing. Belongs elsewhere: reading the files (``assets.ingestion``).
"""

import hashlib

import dagster as dg

from orchestration.jobs import ingest
from orchestration.paths import inbox_folder

UNFINISHED = (".tmp", ".part", ".manifest.json")


@dg.sensor(
    name="inbox_sensor",
    job=ingest,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Starts `ingest` when the finished files in the inbox are not those seen last time.",
)
def inbox_sensor(context: dg.SensorEvaluationContext):
    """One run per new state of the landing folder; files still growing are waited for."""
    folder = inbox_folder()
    files = sorted(
        path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.is_file() and not path.name.startswith(".") and not path.name.endswith(UNFINISHED)
    )
    if not files:
        return dg.SkipReason(f"nothing has landed in {folder}")
    listing = "\n".join(f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files)
    seen = hashlib.sha256(listing.encode()).hexdigest()
    if seen == context.cursor:
        return dg.SkipReason(f"{len(files)} file(s) in the inbox, none new")
    context.update_cursor(seen)
    return dg.RunRequest(run_key=seen, tags={"apportion/files": str(len(files))})


ALL_SENSORS = (inbox_sensor,)
