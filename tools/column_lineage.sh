#!/bin/sh
# Bills a small example month in a throwaway state folder, with dagster-dbt working out the column lineage.
set -eu
cd "$(dirname "$0")/.."
APPORTION_HOME=$(mktemp -d)
export APPORTION_HOME
trap '.venv/bin/apportion stop >/dev/null; rm -rf "$APPORTION_HOME"' EXIT
.venv/bin/apportion generate --events 2000
.venv/bin/apportion ingest
APPORTION_COLLECT_LINEAGE=1 .venv/bin/apportion bill-run 2026-10-c01
ls -l dbt_project/column_lineage.json
