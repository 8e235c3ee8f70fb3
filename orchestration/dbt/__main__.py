"""``python -m orchestration.dbt prepare``: parse the dbt project, so that no run has to."""

import sys

from orchestration.dbt.manifest import SETTLEMENT_LANE, prepare

if sys.argv[1:] != ["prepare"]:
    raise SystemExit("usage: python -m orchestration.dbt prepare")
prepare()
prepare(SETTLEMENT_LANE)
