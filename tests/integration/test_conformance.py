"""Peers' own test cases pass exactly, and the runner that says so notices what is wrong.

One run over hand-made samples, and over the peers' cases where they are there.
"""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conformance.cases import BadCaseFile, read_cases
from tests.conformance.report import as_json, summary
from tests.conformance.run import run_cases
from tests.conformance.verdicts import Verdict
from tests.pipeline import PROJECT_ROOT

pytestmark = [pytest.mark.database, pytest.mark.slow]

SAMPLES = PROJECT_ROOT / "tests" / "conformance" / "samples" / "own.jsonl"
PEERS = PROJECT_ROOT.parent / "shared" / "cases"
# Percent of the cases that must pass.
OF_APPLICABLE, OF_ALL = 95, 88
Verdicts = dict[str, Verdict]


@pytest.fixture(scope="module")
def verdicts(new_database, tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    """The verdicts by case id, samples first."""
    home = tmp_path_factory.mktemp("conformance")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("APPORTION_HOME", str(home))
        cases = read_cases([SAMPLES, *sorted(PEERS.glob("*.jsonl"))])
        return {verdict.case.id: verdict for verdict in run_cases(cases, new_database(), home / "files")}


def _of_peers(verdicts: Verdicts) -> list[Verdict]:
    samples = {case.id for case in read_cases([SAMPLES])}
    return [verdict for name, verdict in verdicts.items() if name not in samples]


def test_samples_that_are_right_pass(verdicts: Verdicts) -> None:
    right = {name: verdict for name, verdict in verdicts.items() if name.startswith("own-")}
    assert len(right) > 5
    expected = {name: "not_applicable" if verdict.case.notes == "not applicable" else "pass" for name, verdict in right.items()}  # fmt: skip  # noqa: E501
    assert {name: verdict.status for name, verdict in right.items()} == expected


@pytest.mark.parametrize(("name", "got"), [("wrong-amount", {"amount": "6"}), ("wrong-parts", {"parts": ["2", "1"]})])
def test_a_wrong_expected_figure_fails_and_says_what_it_is(verdicts: Verdicts, name: str, got: dict) -> None:
    assert (verdicts[name].status, verdicts[name].got) == ("fail", got)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("unknown-param", "not translated: unknown key params.moon_phase"),
        ("unknown-usage", "not translated: unknown key usage.on_sundays"),
        ("unknown-expected", "not translated: unknown key expected.happiness"),
        ("unknown-method", "not translated: unknown params.method: 'by astrology'"),
        ("unknown-source", "not translated: unknown source own"),
        ("too-fine", "not translated: metered"),
        ("too-large", "not translated: too-large"),
    ],
)
def test_what_is_not_understood_fails_alone(verdicts: Verdicts, name: str, reason: str) -> None:
    assert verdicts[name].status == "fail"
    assert verdicts[name].reason.startswith(reason), verdicts[name].reason


@pytest.mark.skipif(not PEERS.is_dir(), reason="the peers' cases are not beside this checkout")
def test_peers_cases_pass_exactly(verdicts: Verdicts) -> None:
    """At least 95 percent of the applicable and 88 percent of all."""
    found = _of_peers(verdicts)
    failed = [f"{verdict.case.id}: {verdict.reason} {verdict.got}" for verdict in found if verdict.status == "fail"]
    told = summary(found)
    assert told["cases"] == 624
    assert Decimal(told["percent_of_applicable"]) >= OF_APPLICABLE, "\n".join(failed)
    assert Decimal(told["percent_of_all"]) >= OF_ALL, "\n".join(failed)


@pytest.mark.skipif(not PEERS.is_dir(), reason="the peers' cases are not beside this checkout")
def test_every_case_that_does_not_pass_stands_in_the_docs_with_its_reason(verdicts: Verdicts) -> None:
    page = (PROJECT_ROOT / "docs" / "conformance.md").read_text()
    missing = [v.case.id for v in _of_peers(verdicts) if v.status != "pass" and f"| {v.case.id} |" not in page]
    assert not missing, "make conformance CASES='...' PAGE=docs/conformance.md"


def test_the_report_is_the_json_that_was_agreed(verdicts: Verdicts) -> None:
    content = json.loads(as_json(list(verdicts.values())))
    assert content.keys() == {"summary", "cases"}
    assert content["summary"]["cases"] == len(verdicts)
    for entry in content["cases"]:
        assert entry.keys() == {"id", "source", "model", "status", "expected", "got", "reason"}
        assert entry["status"] in ("pass", "fail", "not_applicable")
        assert entry["status"] == "pass" or entry["reason"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no cases"),
        ("{", "bad.jsonl:1: no case"),
        ('{"id": "a"}', "bad.jsonl:1: no case"),
        ("\n" + json.dumps({"id": "a", "model": "m", "params": {}, "usage": {}, "expected": {}}) + "\n", None),
    ],
)
def test_a_file_that_is_not_cases_is_refused_with_its_line(tmp_path: Path, content: str, message: str | None) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(content)
    if message is None:
        assert [case.place for case in read_cases([path])] == ["bad.jsonl:2"]
        with pytest.raises(BadCaseFile, match="a second time"):
            read_cases([path, path])
    else:
        with pytest.raises(BadCaseFile, match=message):
            read_cases([path])
