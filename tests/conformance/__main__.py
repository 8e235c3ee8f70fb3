"""``python -m tests.conformance FILE... [--json FILE]``: what ``make conformance`` runs.

Exit codes: 0 every applicable case passes, 1 some fail, 2 the files cannot be read.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from orchestration.dbt.trial import trial_database
from tests.conformance.cases import BadCaseFile, read_cases
from tests.conformance.report import as_json, as_page, print_report
from tests.conformance.run import run_cases

DATABASE = "apportion_conformance"


def main(arguments: list[str]) -> int:
    """Run the cases of the files named and report."""
    parser = argparse.ArgumentParser(prog="make conformance", description="Peers' test cases through the pipeline.")
    parser.add_argument("cases", nargs="+", type=Path, help="files of JSON lines, one case a line")
    parser.add_argument("--json", type=Path, help="write the report as JSON to this file")
    parser.add_argument("--page", type=Path, help="write the page about the cases that do not pass to this file")
    options = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else 150)
    try:
        cases = read_cases(options.cases)
    except BadCaseFile as problem:
        console.print(str(problem), markup=False, style="red")
        return 2
    with tempfile.TemporaryDirectory() as folder, console.status("conformance") as status:
        verdicts = run_cases(cases, trial_database(DATABASE, fresh=True), Path(folder), progress=status.update)
    if options.json:
        options.json.write_text(as_json(verdicts), encoding="utf-8")
    if options.page:
        options.page.write_text(as_page(verdicts), encoding="utf-8")
    print_report(verdicts, console)
    return 1 if any(verdict.status == "fail" for verdict in verdicts) else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
