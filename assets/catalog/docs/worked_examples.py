"""Worked examples of the book's reference: a part of a book, usage, and what it costs, in ``worked/*.yaml``.

Belongs here: reading them and putting them on the page. The tests rate every one of them (``tests/dbt``), so the page
cannot be wrong about an amount. Belongs elsewhere: chapters and tables of fields (``docs``, ``docs.examples``).

``book`` is text as it stands in a book, less what every offering and price needs besides: ``offering``, ``price``,
``prices``, ``offerings``, ``calendar``, ``agreement``. A case has ``usage`` (quantities, or rows, which may name
another ``product`` of the account), maybe ``start`` and ``until`` of the product and an ``opening`` balance, and then
``costs`` by price (exact, before rounding), ``bill`` and ``shares`` by party.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assets.catalog.reading.strict_yaml import read_yaml

FOLDER = Path(__file__).parent / "worked"
CHAPTERS = {
    "tariffs": "Tariffs",
    "usage_prices": "Usage prices",
    "fees": "Fees, minimums, allowances, bundles",
    "phases": "Phases and rounding of lines",
    "sharing": "Sharing",
}
_INTRODUCTION = """\
## Worked examples

Amounts are exact, before the line is rounded once; the tests rate each example with the models of a bill run. What
every price needs besides is left out: `id` (here `usage`), `name`, `currency` (USD), `usage` and `measure` (the sum of
a quantity), and the dates of a version that holds for ever. The period is January 2025 and the product older, unless
something else is said.
"""


@dataclass(frozen=True, slots=True)
class WorkedExample:
    """One example; ``cases`` as they are written."""

    id: str
    chapter: str
    says: str
    book: str
    cases: list[dict[str, Any]]
    tax_percent: str = "0"
    period: list[str] = field(default_factory=lambda: ["2025-01-01", "2025-02-01"])

    @property
    def content(self) -> dict[str, Any]:
        """The part of a book, read by the book's own strict rules."""
        return _read(f"{self.chapter}/{self.id}", self.book)


class BrokenExample(ValueError):
    """An example that the strict reader refuses."""


def _read(name: str, text: str) -> Any:
    file, problems = read_yaml(name, text.encode())
    if file is None or problems:
        raise BrokenExample("; ".join(str(problem) for problem in problems))
    return file.data


def worked_examples() -> list[WorkedExample]:
    """All examples, in the order of the page."""
    return [
        WorkedExample(chapter=chapter, **entry)
        for chapter in CHAPTERS
        for entry in _read(chapter, (FOLDER / f"{chapter}.yaml").read_text(encoding="utf-8"))
    ]


def pages() -> list[str]:
    """The chapter of the reference, in parts."""
    parts = [_INTRODUCTION]
    for chapter, title in CHAPTERS.items():
        parts.append(f"### Worked examples: {title}\n")
        parts += [_page(example) for example in worked_examples() if example.chapter == chapter]
    return parts


def _page(example: WorkedExample) -> str:
    title = example.id.replace("-", " ").capitalize()
    rows = "".join(f"| {_given(case)} | {_comes_to(case)} |\n" for case in example.cases)
    return (
        f"**{title}**: {' '.join(example.says.split())}\n\n```yaml\n{example.book.strip()}\n```\n\n"
        f"| usage | comes to |\n|---|---|\n{rows}"
    )


def _given(case: dict[str, Any]) -> str:
    words = [f"from {case['start']}"] if "start" in case else []
    words += [f"until {case['until']}"] if "until" in case else []
    words += [f"before: {_shown(case['opening'])}"] if "opening" in case else []
    words += ["; ".join(_shown(event) for event in case.get("usage", [])) or "no usage"]
    return ", ".join(words)


def _comes_to(case: dict[str, Any]) -> str:
    costs = case["costs"]
    words = [costs if isinstance(costs, str) else _shown(costs) or "nothing"]
    words += [f"bill: {_shown(case['bill'])}"] if "bill" in case else []
    words += [f"shares: {_shown(case['shares'])}"] if "shares" in case else []
    return "; ".join(words)


def _shown(value: Any) -> str:
    return ", ".join(f"{key} {entry}" for key, entry in value.items()) if isinstance(value, dict) else str(value)
