"""dbt's command line as the runs call it: ``python -m orchestration.dbt.command``.

Belongs here: where a command runs, in the process that waits for one (``ahead``) or in this one.
Belongs elsewhere: what of dbt is replaced (``lean``), which models are built when (``orchestration.dbt.assets``), how
one is built (``dbt_project``).
"""

import gc
import os
import sys

from orchestration.dbt.ahead import hand_over


def main() -> None:
    """Run dbt's command line: by the process that waits for it, or here."""
    code = hand_over(sys.argv[1:])
    if code is None:
        from orchestration.dbt.lean import make_lean, run_dbt
        from orchestration.dbt.manifest import load_statements

        gc.disable()
        make_lean()
        load_statements([os.environ.get("APPORTION_LANE", "")])
        code = run_dbt(sys.argv[1:])
    sys.exit(code)


if __name__ == "__main__":
    main()
