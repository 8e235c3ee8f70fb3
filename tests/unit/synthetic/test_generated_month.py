"""The generated month: reproducible, and exactly as bad as it says."""

import csv
import hashlib
import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from assets.synthetic.feeds import FEEDS
from assets.synthetic.generate import GeneratedMonth, generate_month
from assets.synthetic.months import file_number, period_bounds
from tests.unit.synthetic.reader import BOOK, Judged, judge, specifications, text_of

EVENTS = 12_000


@pytest.fixture(scope="module")
def month(tmp_path_factory) -> GeneratedMonth:
    return generate_month(tmp_path_factory.mktemp("month"), BOOK, events=EVENTS)


@pytest.fixture(scope="module")
def judged(month) -> dict[str, Judged]:
    """Every feed's loaded files, read by the plain reader of these tests."""
    return {
        code: judge(
            specification, [path for path in delivered(month, code) if path.name.startswith(f"{code}_2026-10_")]
        )
        for code, specification in specifications().items()
    }


def delivered(month: GeneratedMonth, feed: str) -> list[Path]:
    """The feed's files without their manifests."""
    return [path for path in sorted(month.folder.glob(f"{feed}_*")) if not path.name.endswith(".manifest.json")]


def files_of(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def population(month: GeneratedMonth, name: str) -> list[dict[str, str]]:
    with (month.folder / f"{name}_2026-10.csv").open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def test_the_same_seed_gives_the_same_bytes(month, tmp_path):
    generate_month(tmp_path, BOOK, events=EVENTS)
    assert files_of(tmp_path) == files_of(month.folder)


def test_another_seed_gives_other_usage_of_other_people(month, tmp_path):
    generate_month(tmp_path, BOOK, events=EVENTS, seed=7)
    one, other = files_of(month.folder), files_of(tmp_path)
    assert one.keys() == other.keys()
    always = (
        "account_groups_",
        "data_truncated.csv.gz",
        "sms_new-header.csv",
        "ehealth_empty.csv",
        "voice_still-growing.csv.part",
    )
    # Coupons and credits are of the last accounts, which number the same people.
    always += ("coupons_", "credits_")
    # Other networks deliver the same whoever the customers are.
    always += ("trunks_", "CDCHEHCPLWIS", "fx_rates_")
    assert all(name.startswith(always) for name in one if one[name] == other[name])


def test_the_next_month_delivers_other_events_of_the_same_people_in_files_of_other_names(month, judged, tmp_path):
    following = generate_month(tmp_path, BOOK, period_month="2026-11", events=EVENTS)
    for code, specification in specifications().items():
        files = [path for path in delivered(following, code) if path.name.startswith(f"{code}_2026-11_")]
        assert not judge(specification, files).contents.keys() & judged[code].contents.keys(), code
    assert (tmp_path / "accounts_2026-11.csv").read_bytes() == (month.folder / "accounts_2026-10.csv").read_bytes()
    # Numbered by its sender without a gap.
    (tap,) = tmp_path.glob("CDCHEHCPLWIS*.csv")
    assert tap.name == "CDCHEHCPLWIS00002.csv"
    tap_of_both = [text_of(path).splitlines()[1:] for path in (tap, month.folder / "CDCHEHCPLWIS00001.csv")]
    assert len({line.split(",")[0] for lines in tap_of_both for line in lines}) == sum(map(len, tap_of_both))
    assert [file_number(name) for name in ("2026-09", "2026-10", "2026-11", "2027-10")] == [1, 1, 2, 13]
    assert set(month.expected["usage"]["total"]) == set(following.expected["usage"]["total"])


def test_rows_of_every_feed_add_up(month):
    for name, counts in month.expected["usage"]["by_feed"].items():
        assert counts["read"] == sum(counts[fate] for fate in ("accepted", "duplicate", "conflict", "rejected")), name
        assert counts["rejected"] == sum(counts["rejected_by_reason"].values()), name
        if name in {feed.name for feed in FEEDS}:
            assert min(counts[fate] for fate in ("accepted", "duplicate", "conflict", "rejected", "suspended")) > 0, (
                name
            )
    total = month.expected["usage"]["total"]
    assert month.rows_total == total["read"]
    assert total["rejected"] == sum(total["rejected_by_reason"].values())


@pytest.mark.parametrize("feed", [feed.name for feed in FEEDS])
def test_an_independent_reader_finds_what_was_planted_and_no_other_fault(month, judged, feed):
    expected, found = month.expected["usage"]["by_feed"][feed], judged[feed]
    assert dict(found.rejected) == expected["rejected_by_reason"]
    assert (found.read, found.duplicate, found.conflict, len(found.accepted_rows)) == (
        expected["read"], expected["duplicate"], expected["conflict"], expected["accepted"],
    )  # fmt: skip


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_late_rows_and_rows_of_unknown_people_are_as_many_as_stated(month, judged, feed):
    start, end = period_bounds("2026-10")
    expected, rows = month.expected["usage"]["by_feed"][feed.name], judged[feed.name].accepted_rows
    instants = [datetime.fromisoformat(row[feed.time_column]) for row in rows]
    assert sum(at < start for at in instants) == expected["late"]
    assert all(at < end for at in instants)
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    for row in population(month, "identifiers"):
        until = datetime.fromisoformat(row["effective_until"]) if row["effective_until"] else end
        spans.setdefault(row["identifier"], []).append((datetime.fromisoformat(row["effective_from"]), until))
    unserved = [
        row
        for row, at in zip(rows, instants, strict=True)
        if not any(since <= at < until for since, until in spans.get(row[feed.served_column], []))
    ]
    assert len(unserved) == expected["suspended"]


def test_every_reason_of_ingestion_that_a_row_can_have_is_planted(month):
    assert set(month.expected["usage"]["total"]["rejected_by_reason"]) == {
        "wrong_field_count", "blank_line", "bad_decimal", "below_minimum", "above_maximum", "bad_timestamp",
        "missing_offset", "unknown_code", "too_long", "missing_value", "control_character", "bad_quoting", "bad_json",
        "after_receipt", "older_than_age_limit",
    }  # fmt: skip


def test_manifests_tell_rows_and_content_of_every_loaded_usage_file(month):
    not_loaded = month.expected["files_not_loaded"]
    usage = [path for feed in FEEDS for path in delivered(month, feed.name) if path.name not in not_loaded]
    assert len(usage) == sum(len(feed.files) for feed in FEEDS)
    for path in usage:
        manifest = json.loads(path.with_name(path.name + ".manifest.json").read_text())
        assert manifest["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        header = 1 if ".csv" in path.name else 0
        assert manifest["rows"] == text_of(path).count("\n") - header, path.name


def test_files_that_must_not_be_loaded_are_as_described(month):
    folder, described = month.folder, month.expected["files_not_loaded"]
    assert Counter(entry["state"] for entry in described.values()) == {"refused": 4, "duplicate": 1, "waiting": 1}
    assert (folder / "voice_again_2026-10_1.csv").read_bytes() == (folder / "voice_2026-10_1.csv").read_bytes()
    assert (folder / "ehealth_empty.csv").stat().st_size == 0
    with pytest.raises(EOFError):
        text_of(folder / "data_truncated.csv.gz")
    manifest = json.loads((folder / "voice_fewer-rows.csv.manifest.json").read_text())
    assert manifest["rows"] == text_of(folder / "voice_fewer-rows.csv").count("\n")  # one more than there are
    expected_header = text_of(folder / "sms_2026-10_2.csv").splitlines()[0]
    assert text_of(folder / "sms_new-header.csv").splitlines()[0] != expected_header


def test_the_doubled_hour_of_the_night_is_lived_twice(judged):
    written = [row["started_at"] for row in judged["data"].accepted_rows + judged["voice"].accepted_rows]
    doubled = {at[19:] for at in written if at.startswith("2026-10-25T02:")}
    assert doubled == {"+02:00", "+01:00"}
    assert all(
        at[19:] == ("+02:00" if at < "2026-10-25T03" else "+01:00") for at in written if at[:13] != "2026-10-25T02"
    )


def test_people_use_their_phones_by_day(judged):
    hours = Counter(int(row["started_at"][11:13]) for row in judged["data"].accepted_rows)
    assert set(hours) == set(range(24))
    assert hours[18] > 2 * hours[3]


def test_feeds_do_not_repeat_each_other(judged):
    calls = {(row["caller"], row["started_at"]) for row in judged["voice"].accepted_rows}
    sessions = {(row["subscriber"], row["started_at"]) for row in judged["data"].accepted_rows}
    assert len(calls & sessions) < 20


def test_progress_is_reported_up_to_the_end(tmp_path):
    steps: list[tuple[int, int]] = []
    made = generate_month(tmp_path, BOOK, events=1_000, progress=lambda done, total: steps.append((done, total)))
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert steps[-1][0] == steps[-1][1] == made.expected["events"]


def test_a_month_in_which_clocks_go_forward_has_no_missing_hour(tmp_path):
    generate_month(tmp_path, BOOK, period_month="2026-03", events=12_000)
    lines = text_of(tmp_path / "data_2026-03_1.csv").splitlines()[1:]
    written = [fields[1] for line in lines if len(fields := line.split(",")) == 5]
    assert not any(at.startswith("2026-03-29T02:") for at in written)
    assert any(at.startswith("2026-03-30") and at.endswith("+02:00") for at in written)


def test_a_folder_that_is_not_the_example_book_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="pass the folder examples/book"):
        generate_month(tmp_path / "out", tmp_path)
    assert not (tmp_path / "out").exists()
