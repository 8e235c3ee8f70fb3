"""House rules of the models, read from the SQL files: arithmetic only through the macros, no clock, no run variable."""

import re
from pathlib import Path

import pytest

DBT_PROJECT = Path(__file__).parents[2] / "dbt_project"
MODELS = DBT_PROJECT / "models"
MACROS = DBT_PROJECT / "macros"
ANALYSES = DBT_PROJECT / "analyses"
PYTHON = [path for folder in ("assets", "orchestration") for path in (DBT_PROJECT.parent / folder).rglob("*.py")]
UNBOUNDED = "a numeric without precision and scale: numeric(38, 16)"
# Each rule: what is found, and what to do instead.
RULES = {
    r"(?<![/*])/(?![/*])": "a division: engines disagree about it, use int_div, ceil_div or ratio_round",
    r"\bavg\s*\(": "avg() divides: add up and use ratio_round",
    r"\b(float\d?|real|double\s+precision)\b": "a binary float: use numeric with precision and scale",
    r"\b(now\s*\(|current_(date|timestamp|time)\b|localtimestamp)": "the clock: a run gives instants in run_inputs",
    r"\brandom\s*\(": "chance: a rebuild has to give the same rows",
    r"\bas\s+(numeric|decimal)\s*[),]": UNBOUNDED,
}
EXCEPTIONS = {
    ("fct_revenue_shares", UNBOUNDED): "what passes hand to each other; the mart's contract fixes the scale",
}
# Compile-time settings are allowed, what a run is about is not.
RUN_VARIABLE = re.compile(r"\bvar\(\s*['\"]\w*(period|run|account|book|batch|issue|scope)")
# guide_usage is the text of int_usage_guided_1 and _2, rate_usage that of int_usage_rated_1 and _2.
PER_EVENT_MODELS = (
    "int_usage_guided_products",
    "int_usage_of_agreements",
    "int_usage_guided_agreements",
    "guide_usage",
    "int_usage_guided",
    "int_usage_measured",
    "rate_usage",
    "fct_rated_usage",
    "int_usage_lines",
)
ONLY_POSTGRESQL = {
    r"->": "a jsonb operator",
    r"\bdistinct\s+on\b": "distinct on",
    r"\blateral\b": "lateral",
    r"\bgenerate_series\b": "generate_series",
    r"::": "a double-colon cast",
    r"\bat\s+time\s+zone\b": "at time zone",
    r"\barray\b": "an array",
}


def sql_of(path: Path) -> str:
    """The model without comments, literals and Jinja that only configures."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"\{\{\s*config\(.*?\)\s*\}\}", "", text, flags=re.DOTALL)
    text = re.sub(r"--[^\n]*", "", text)
    return re.sub(r"'(?:[^'\n]|'')*'", "''", text).lower()


def broken(path: Path, rules: dict[str, str]) -> list[str]:
    text = sql_of(path)
    return [
        f"{path.name}: {remedy}"
        for pattern, remedy in rules.items()
        if re.search(pattern, text) and (path.stem, remedy) not in EXCEPTIONS
    ]


def test_models_calculate_only_with_the_exact_macros() -> None:
    more = [MACROS / name for name in ("rating/rate_usage.sql", "sharing/statement_figures.sql")]
    paths = [*sorted(MODELS.rglob("*.sql")), *sorted(ANALYSES.glob("*.sql")), *more]
    assert len(paths) > 50
    found = [problem for path in paths for problem in broken(path, RULES)]
    assert not found, "\n".join(found)


# What multiplies, divides or rounds money in SQL that Python holds.
CALCULATION = re.compile(
    r"\bround\s*\(|\bdiv\s*\(|(_minor|_exact|amount)\s*[*/]|[*/]\s*\w*\.?(fx_rate|rate_percent|percent)\b"
)
# Minor units shown in major units: a decimal point moved, nothing calculated.
SHOWN = re.compile(r"\w*(_minor|_exact|amount)\s*\*\s*(\('1e-'|1e-|\{major\}|power)")


def calculations(text: str) -> list[str]:
    """Lines of SQL in Python that calculate money; Python's own ``round`` of seconds takes no SQL amount."""
    found = []
    for literal in re.findall(r'"""(.*?)"""', text, flags=re.DOTALL):
        if re.search(r"\bselect\b", literal, flags=re.IGNORECASE) and re.search(r"\bfrom\b", literal):
            found += [line.strip() for line in literal.splitlines() if CALCULATION.search(SHOWN.sub("", line))]
    return found


def test_python_holds_no_sql_that_calculates_money() -> None:
    """A held part, a rate difference and a comparison with a partner's figures were once worked out in Python's SQL."""
    # The doors work sums out again to check them; nothing is paid by what they find.
    paths = [path for path in PYTHON if path.parent.name != "quality"]
    assert len(paths) > 100
    found = [f"{path.name}: {line}" for path in paths for line in calculations(path.read_text(encoding="utf-8"))]
    assert not found, "\n".join(found)


def test_sql_that_calculates_in_python_is_found() -> None:
    sql = '"""select round(a.amount_exact * rates.fx_rate) from a"""'
    assert calculations(sql) and calculations('"""select a.net_minor / b.gross_minor from a"""')
    assert not calculations('"""select sum(a.net_minor * (\'1e-\' || digits)::numeric) from a"""')


def test_no_model_reads_a_run_variable() -> None:
    """A period given as a variable would be compiled into the manifest that later runs read."""
    assert not [path.name for path in MODELS.rglob("*.sql") if RUN_VARIABLE.search(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("name", PER_EVENT_MODELS)
def test_per_event_models_use_only_what_three_engines_share(name: str) -> None:
    (path,) = [*MODELS.rglob(f"{name}.sql"), *MACROS.rglob(f"{name}.sql")]
    assert not broken(path, ONLY_POSTGRESQL)


@pytest.mark.parametrize("name", PER_EVENT_MODELS)
def test_sums_over_events_are_cast_to_their_type(name: str) -> None:
    (path,) = [*MODELS.rglob(f"{name}.sql"), *MACROS.rglob(f"{name}.sql")]
    text = sql_of(path)
    assert len(re.findall(r"\bsum\s*\(", text)) == len(re.findall(r"cast\(\s*sum\s*\(", text)), "a sum without a type"


@pytest.mark.parametrize(
    "sql", ["select a / b", "select avg(a)", "select now()", "select cast(a as float)", "select cast(a as numeric)"]
)
def test_the_rules_find_what_they_forbid(tmp_path: Path, sql: str) -> None:
    path = tmp_path / "model.sql"
    path.write_text(f"-- half / half is a comment\n{sql}\n", encoding="utf-8")
    assert len(broken(path, RULES)) == 1


def test_every_model_is_described() -> None:
    """A model without a sentence on what one row is cannot be used by a reader."""
    described = set()
    for path in (*MODELS.rglob("_models.yml"), ANALYSES / "_analyses.yml"):
        described |= set(re.findall(r"^  - name: (\w+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE))
    paths = (*MODELS.rglob("*.sql"), *ANALYSES.glob("*.sql"))
    missing = sorted({path.stem for path in paths} - described)
    assert not missing, f"no description in a _models.yml: {', '.join(missing)}"


def test_models_are_short_enough_to_hold() -> None:
    long = [path.name for path in MODELS.rglob("*.sql") if len(path.read_text(encoding="utf-8").splitlines()) > 200]
    assert not long
