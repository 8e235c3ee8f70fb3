"""What is told about a conformance run: a table, the failures, the JSON, and the page in ``docs``.

Belongs here: counting and printing verdicts. Belongs elsewhere: making them (``run``, ``verdicts``).
"""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.conformance.verdicts import Verdict

STATUSES = ("pass", "fail", "not_applicable")


def counts(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """How many cases ended how."""
    found = Counter(verdict.status for verdict in verdicts)
    return {"cases": found.total(), **{status: found[status] for status in STATUSES}}


def summary(verdicts: list[Verdict]) -> dict[str, Any]:
    """All counts, by source and by source and model, with the shares that the issue asks for, in percent."""
    total = counts(verdicts)
    applicable = total["cases"] - total["not_applicable"]
    by_source: dict[str, Any] = {}
    for source in dict.fromkeys(verdict.case.source for verdict in verdicts):
        own = [verdict for verdict in verdicts if verdict.case.source == source]
        models = dict.fromkeys(verdict.case.model for verdict in own)
        by_source[source] = {
            **counts(own),
            "models": {model: counts(v for v in own if v.case.model == model) for model in models},
        }
    return {
        **total,
        "percent_of_applicable": percent(total["pass"], applicable),
        "percent_of_all": percent(total["pass"], total["cases"]),
        "sources": by_source,
    }


def percent(part: int, whole: int) -> str:
    """A share with one decimal, cut and not rounded, so that 94.99 does not read as 95."""
    if not whole:
        return "0.0"
    tenths = part * 1000 // whole
    return f"{tenths // 10}.{tenths % 10}"


def as_json(verdicts: list[Verdict]) -> str:
    """The report as ``make conformance JSON=`` writes it."""
    content = {"summary": summary(verdicts), "cases": [verdict.as_json() for verdict in verdicts]}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def as_page(verdicts: list[Verdict]) -> str:
    """``docs/conformance.md``: the counts, and every case that does not pass with its reason."""
    told = summary(verdicts)
    lines = [
        "# Conformance: what peers' own test suites expect",
        "",
        'Written by `make conformance CASES="FILE..." PAGE=docs/conformance.md`; do not edit. `tests/conformance` says',
        "how a case is translated and what may not be done on the way.",
        "",
        f"{told['cases']} cases of peers' test suites are translated into a book, populations and usage, rated side by",
        f"side in lane `conformance`, and compared exactly: **{told['pass']} pass, {told['fail']} fail, "
        f"{told['not_applicable']} are not applicable**;",
        f"{told['percent_of_applicable']} % of the applicable and {told['percent_of_all']} % of all cases pass.",
        "",
        "| source | cases | pass | fail | not applicable |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for source, row in told["sources"].items():
        lines.append(f"| {source} | {row['cases']} | " + " | ".join(str(row[status]) for status in STATUSES) + " |")
    for status, title, note in (
        ("not_applicable", "Not applicable", "The peer asserts something that Apportion on purpose does not have."),
        ("fail", "Failing", "Each of these is a difference that is known and not yet mended."),
    ):
        chosen = [verdict for verdict in verdicts if verdict.status == status]
        lines += ["", f"## {title}", "", note if chosen else "None.", ""]
        if chosen:
            lines += ["| case | model | expected | got | reason |", "| --- | --- | --- | --- | --- |"]
            lines += [
                f"| {v.case.id} | {v.case.model} | {_cell(v.expected)} | {_cell(v.got)} | {_cell_text(v.reason)} |"
                for v in chosen
            ]
    return "\n".join(lines).rstrip() + "\n"


def _cell(figures: dict[str, Any]) -> str:
    return _cell_text(", ".join(f"{key} {value}" for key, value in figures.items())) or "-"


def _cell_text(text: str) -> str:
    shown = " ".join(text.split()).replace("|", "\\|")
    return shown if len(shown) <= 240 else shown[:237] + "..."


def print_report(verdicts: list[Verdict], console: Console) -> None:
    """The table by source and model, each failure in a line, and the sum."""
    told = summary(verdicts)
    table = Table(title="conformance")
    for column in ("source", "model"):
        table.add_column(column)
    for column in ("cases", "pass", "fail", "not applicable"):
        table.add_column(column, justify="right")
    for source, of_source in told["sources"].items():
        for model, row in of_source["models"].items():
            table.add_row(source, model, str(row["cases"]), *(str(row[status]) for status in STATUSES))
        table.add_row(f"[bold]{source}[/bold]", "", str(of_source["cases"]), *(str(of_source[s]) for s in STATUSES))
    console.print(table)
    for verdict in verdicts:
        if verdict.status == "fail":
            figures = f" (expected {verdict.expected}, got {verdict.got})" if verdict.got else ""
            line = f"fail {verdict.case.id} ({verdict.case.place}): {verdict.reason}{figures}"
            console.print(line, markup=False, soft_wrap=True)
    console.print(
        f"{told['cases']} cases: {told['pass']} pass, {told['fail']} fail, {told['not_applicable']} not applicable; "
        f"{told['percent_of_applicable']} % of the applicable and {told['percent_of_all']} % of all pass exactly"
    )
