"""What the pages say to type, to open or to expect is there: commands and options, files, models, reasons.

Belongs elsewhere: what agreements are promised (``test_promised_agreements``), the book's reference (generated).
"""

import re
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from orchestration.cli.main import app
from orchestration.paths import PROJECT_ROOT

PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "examples/*.md", "tests/*.md", "assets/**/*.md")
    for page in PROJECT_ROOT.glob(pattern)
    # The log of changes tells of what is no more; the reference is made from the models of the book.
    if page.name not in ("CHANGELOG.md", "reference.md")
)
COMMANDS = get_command(app)
MODELS = {path.stem for path in (PROJECT_ROOT / "dbt_project").rglob("*.sql")}
MAKE_TARGETS = set(re.findall(r"^([a-z]+):", (PROJECT_ROOT / "Makefile").read_text(), re.MULTILINE))


def wrong_commands(text: str) -> list[str]:
    """Calls of ``apportion`` that name a command or an option which there is not."""
    wrong = []
    for call in re.finditer(r"\bapportion((?: [a-z][a-z-]*)+)([^`\n#|]*)", "\n".join(_code(text))):
        command, *words = [COMMANDS, *call[1].split()]
        while words and hasattr(command, "commands"):
            command, found = command.commands.get(words[0]), words.pop(0)
            if command is None:
                wrong.append(f"apportion has no command {found}: {call[0]}")
                break
        if command is not None:
            known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
            said = re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", call[2])
            wrong += [f"no option {option}: {call[0]}" for option in said if option not in known | {"--help"}]
    return wrong


def wrong_links(page: Path, text: str) -> list[str]:
    """Links to files that are not there."""
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    return [f"no file {target}" for target in targets if not (page.parent / target).exists()]


def wrong_names(text: str) -> list[str]:
    """Models and targets of make that there are not."""
    models = set(re.findall(r"`((?:int|fct|dim|stg)_[a-z_0-9]+)`", text))
    made = set(re.findall(r"`make ([a-z]+)", text))
    return [f"no model {name}" for name in sorted(models - MODELS)] + [
        f"no make {name}" for name in made - MAKE_TARGETS
    ]


def _code(text: str) -> list[str]:
    """What stands between backticks, and lines of blocks that start with a call."""
    return re.findall(r"`([^`\n]+)`", text) + re.findall(r"^\s*(?:\.venv/bin/)?(apportion .*)$", text, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT_ROOT)))
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    assert wrong_commands(text) + wrong_links(page, text) + wrong_names(text) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("`apportion bil-run 2026-10-c01`", "apportion has no command bil-run: apportion bil-run 2026-10-c01"),
        ("```\n.venv/bin/apportion pay X --now   # pays\n```", "no option --now: apportion pay X --now   "),
        ("`apportion disputes close ID`", "apportion has no command close: apportion disputes close ID"),
        ("[x](no-such.md#part)", "no file no-such.md"),
        ("`fct_no_such`", "no model fct_no_such"),
        ("`make coffee`", "no make coffee"),
    ],
)
def test_what_is_not_there_is_found(text: str, wrong: str) -> None:
    assert wrong_commands(text) + wrong_links(PROJECT_ROOT / "README.md", text) + wrong_names(text) == [wrong]


@pytest.mark.parametrize(
    ("page", "source", "pattern", "least"),
    [
        ("close-a-month.md", "assets/payments/payees.py", r'return "([a-z_]+)", ', 14),
        ("close-a-month.md", "assets/payments/pay.py", r', "([a-z_]+)", detail\)', 2),
        (
            "park-and-supplement.md",
            "dbt_project/models/intermediate/billing/int_parked_accounts.sql",
            r"(?<=[ \[])'([a-z]+_[a-z_]+)'(?=[,\n])",
            14,
        ),
    ],
)
def test_every_reason_is_in_its_runbook(page: str, source: str, pattern: str, least: int) -> None:
    reasons = set(re.findall(pattern, (PROJECT_ROOT / source).read_text()))
    known = set(re.findall(r"`([a-z_]+)`", (PROJECT_ROOT / "docs" / "runbooks" / page).read_text()))
    assert len(reasons) >= least
    assert reasons - known == set()


def test_make_alone_lists_every_target() -> None:
    listed = subprocess.run(["make"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make ([a-z]+)  ", listed, re.MULTILINE)) == MAKE_TARGETS
