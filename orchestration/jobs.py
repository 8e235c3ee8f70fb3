"""The four jobs people launch, in the order of a month: ingest, bill_run, post, pay.

Belongs here: which assets a job covers and what its run config is. Belongs elsewhere: what the assets do.
All run in one process: the run holds the lease of its lane for as long as that process lives, and money never passes
between steps except through the database.
"""

import dagster as dg

ONE_PROCESS = dg.in_process_executor

ingest = dg.define_asset_job(
    "ingest",
    selection=dg.AssetSelection.key_prefixes("catalog", "inbox"),
    description="Check and load the book, then take in every file that has landed.",
    executor_def=ONE_PROCESS,
    tags={"apportion/job": "ingest"},
)

bill_run = dg.define_asset_job(
    "bill_run",
    selection=dg.AssetSelection.key_prefixes("lane", "build", "published"),
    description="Rate, share and bill one period; the draft is published when all gates pass. Repeat it at will.",
    executor_def=ONE_PROCESS,
    tags={"apportion/job": "bill_run"},
)

post = dg.define_asset_job(
    "post",
    selection=(
        dg.AssetSelection.key_prefixes("ledger", "documents")
        - dg.AssetSelection.assets(dg.AssetKey(["ledger", "payments"]))
    ),
    description="Make the published draft a record: numbers, documents, journal. Posted is for ever.",
    executor_def=ONE_PROCESS,
    tags={"apportion/job": "post"},
)

pay = dg.define_asset_job(
    "pay",
    selection=dg.AssetSelection.assets(dg.AssetKey(["ledger", "payments"])),
    description="Pay the posted settlements. Sends nothing unless the run config says dry_run: false.",
    executor_def=ONE_PROCESS,
    tags={"apportion/job": "pay"},
)

ALL_JOBS = (ingest, bill_run, post, pay)
