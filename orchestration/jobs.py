"""Jobs people launch, in the order of a month: ingest, bill_run, post, pay; settle, post_settlement, pay_settlement.

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

settle = dg.define_asset_job(
    "settle",
    selection=dg.AssetSelection.key_prefixes("settlement_lane", "settle", "published_settlement"),
    description="Settle one settlement period from posted shares: a draft, published when its gate passes.",
    executor_def=ONE_PROCESS,
    tags={"apportion/job": "settle"},
)

post_settlement = dg.define_asset_job(
    "post_settlement",
    selection=(
        dg.AssetSelection.key_prefixes("settlement_ledger", "settlement_documents")
        - dg.AssetSelection.assets(dg.AssetKey(["settlement_ledger", "payments"]))
    ),
    description="Close a settlement period: make its published draft a record, print the statements.",
    executor_def=ONE_PROCESS,
    tags={"apportion/job": "post_settlement"},
)

pay_settlement = dg.define_asset_job(
    "pay_settlement",
    selection=dg.AssetSelection.assets(dg.AssetKey(["settlement_ledger", "payments"])),
    description="Pay a closed settlement period. Sends nothing unless the run config says dry_run: false.",
    executor_def=ONE_PROCESS,
    tags={"apportion/job": "pay_settlement"},
)

ALL_JOBS = (ingest, bill_run, post, pay, settle, post_settlement, pay_settlement)
