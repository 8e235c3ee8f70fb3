"""The landing folder: what is read, in which order, and what is left alone."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assets.ingestion.landing import Registered, check_content, clear_landing, look_at, only_layout, read_manifest
from assets.ingestion.layout import header_positions, split_header, usage_layout
from assets.ingestion.populations.registry import POPULATIONS
from assets.ingestion.refusal import FileRefused, NotYetComplete
from assets.ingestion.store import copy_into_store
from tests.unit.ingestion.reading import HEADER, voice

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LAYOUTS = [population.layout for population in POPULATIONS] + [usage_layout(voice())]


def test_unfinished_names_wait_and_populations_come_first(tmp_path):
    for name in (
        "voice_1.csv",
        "voice_2.csv.gz",
        "voice_3.csv.tmp",
        "voice_4.csv.part",
        ".hidden.csv",
        "products_1.csv",
        "parties_1.csv",
        "price_overrides_1.jsonl",
        "voice_9.csv.manifest.json",
        "what.bin",
    ):
        (tmp_path / name).write_text("")
    (tmp_path / "folder").mkdir()
    (tmp_path / "voice_7.csv").symlink_to("/etc/hostname")
    landed, waiting = look_at(tmp_path, LAYOUTS)
    assert [entry.file_name for entry in landed] == [
        "parties_1.csv",
        "products_1.csv",
        "price_overrides_1.jsonl",
        "voice_1.csv",
        "voice_2.csv.gz",
        "what.bin",
    ]
    assert [entry.file_name for entry in waiting] == [
        ".hidden.csv",
        "folder",
        "voice_3.csv.tmp",
        "voice_4.csv.part",
        "voice_7.csv",
        "voice_9.csv.manifest.json",
    ]


def test_a_name_that_nothing_can_be_kept_under_waits_and_stops_nobody(tmp_path):
    for name in ("voice_1.csv", "voice_\n.csv", "voice_\x1b[31m.csv", "voice_\udcff.csv", f"voice_{'x' * 240}.csv"):
        (tmp_path / name).write_text("")
    landed, waiting = look_at(tmp_path, LAYOUTS)
    assert [entry.file_name for entry in landed] == ["voice_1.csv"]
    assert all("rename it" in entry.reason and entry.file_name.isprintable() for entry in waiting)
    assert len(waiting) == 4


def test_a_landing_folder_that_is_not_there_is_said():
    assert [entry.reason for entry in look_at(Path("/no/such/folder"), LAYOUTS)[1]] == ["there is no such folder"]


def test_a_name_that_fits_no_feed_or_several_is_refused(tmp_path):
    (tmp_path / "what.bin").write_text("")
    (tmp_path / "voice_1.csv").write_text("")
    twice = [usage_layout(voice()), usage_layout(voice(name_pattern="*.csv"))]
    landed, _ = look_at(tmp_path, twice)
    for entry, words in zip(landed, ("several feeds", "no feed knows"), strict=True):
        with pytest.raises(FileRefused, match=words):
            only_layout(entry)


def _manifest(folder, text: str):
    (folder / "voice_1.csv.manifest.json").write_text(text)
    return read_manifest(folder / "voice_1.csv", NOW)


def test_a_manifest_tells_rows_hash_and_time(tmp_path):
    manifest = _manifest(tmp_path, json.dumps({"rows": 3, "sha256": "a" * 64, "sent_at": "2026-11-24T11:00:00+01:00"}))
    assert (manifest.rows, manifest.sha256) == (3, "a" * 64)
    assert manifest.sent_at == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert read_manifest(tmp_path / "other.csv", NOW) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"rows": 1}',
        '{"rows": NaN, "sha256": "%s", "sent_at": "2026-11-24T11:00:00Z"}' % ("a" * 64),
        '{"rows": 1, "rows": 2, "sha256": "%s", "sent_at": "2026-11-24T11:00:00Z"}' % ("a" * 64),
        '{"rows": true, "sha256": "%s", "sent_at": "2026-11-24T11:00:00Z"}' % ("a" * 64),
        '{"rows": 1, "sha256": "A", "sent_at": "2026-11-24T11:00:00Z"}',
        '{"rows": 1, "sha256": "%s", "sent_at": "2026-11-24T11:00:00"}' % ("a" * 64),
        '{"rows": 1, "sha256": "%s", "sent_at": "2026-11-25T11:00:00Z"}' % ("a" * 64),
        '{"rows": 1, "sha256": "%s", "sent_at": "0001-01-01T00:00:00+14:00"}' % ("a" * 64),
        '{"rows": 1, "sha256": "%s", "sent_at": "2026-11-24T11:00:00Z", "more": 1}' % ("a" * 64),
        "[" * 30_000,
    ],
)
def test_a_manifest_of_any_other_form_refuses_its_file(tmp_path, text):
    with pytest.raises(FileRefused, match="manifest"):
        _manifest(tmp_path, text)


def test_content_that_differs_from_a_fresh_manifest_waits_and_later_is_refused(tmp_path):
    manifest = _manifest(tmp_path, json.dumps({"rows": 3, "sha256": "a" * 64, "sent_at": "2026-11-24T11:55:00Z"}))
    with pytest.raises(NotYetComplete):
        check_content(manifest, "b" * 64, NOW)
    with pytest.raises(FileRefused, match="sha256"):
        check_content(manifest, "b" * 64, NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (HEADER.replace("caller,called", "called,caller"), "'called' as column 3"),
        (HEADER.replace("call_id", "Call_Id"), "'Call_Id' as column 1"),
        (HEADER.replace("call_id", " call_id"), "' call_id' as column 1"),
        (HEADER + ",more", "further column 'more'"),
        (HEADER.removesuffix(",duration_s"), "no column 6"),
        (HEADER.replace("called", "caller"), "'caller' twice"),
        (HEADER.replace("called", 'cal"led'), "stray quote"),
        (HEADER + "\r48600000001,x\r48600000001,x", "a carriage return"),
        ("", "as column 1"),
    ],
)
def test_a_header_of_another_form_refuses_the_file(header, words):
    with pytest.raises(FileRefused) as refusal:
        header_positions(LAYOUTS[-1], header)
    assert words in str(refusal.value)


def test_further_columns_are_found_by_name_when_they_may_be_ignored():
    layout = usage_layout(voice(extra_columns="ignored"))
    names = ["x", *reversed(HEADER.split(",")), "y"]
    assert header_positions(layout, ",".join(names)) == (6, 5, 4, 3, 2, 1)
    with pytest.raises(FileRefused, match="twice"):
        header_positions(layout, ",".join([*names, "x"]))
    with pytest.raises(FileRefused, match="no column 'call_id'"):
        header_positions(layout, HEADER.replace("call_id", "id"))


def test_quoted_headers_are_read_by_the_same_rules_as_rows():
    assert split_header('"a","b ""x"", y",c\r', ",") == ["a", 'b "x", y', "c"]


def test_a_content_is_stored_once_under_its_hash(tmp_path):
    source = tmp_path / "voice_1.csv"
    source.write_bytes(b"abc")
    first = copy_into_store(source, tmp_path / "store")
    assert first == copy_into_store(source, tmp_path / "store")
    assert first.content_sha256.startswith("ba7816bf")
    assert [path.name for path in (tmp_path / "store").rglob("*") if path.is_file()] == [first.content_sha256]


def _registered(path, reason: str | None = None) -> Registered:
    stored = copy_into_store(path, path.parent / ".store")
    return Registered(path.name, stored.source_version, "refused" if reason else "loaded", reason)


def test_clearing_up_moves_files_and_deletes_none(tmp_path):
    for name in ("a.csv", "a.csv.manifest.json", "b.csv", "c.csv"):
        (tmp_path / name).write_text(name)
    clear_landing(tmp_path, [_registered(tmp_path / "a.csv"), _registered(tmp_path / "b.csv", "Found: x.")])
    found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.glob("[!.]*/*"))
    found = [path.name for path in tmp_path.glob("[!.]*.csv")] + found
    assert found == ["c.csv", "refused/b.csv", "refused/b.csv.reason.txt", "taken/a.csv", "taken/a.csv.manifest.json"]


def test_what_was_written_since_it_was_read_is_not_cleared_away(tmp_path):
    grown, replaced, gone = (tmp_path / name for name in ("grown.csv", "replaced.csv", "gone.csv"))
    for path in (grown, replaced, gone):
        path.write_text("a\n")
    registered = [_registered(path) for path in (grown, replaced, gone)]
    with grown.open("a") as writer:
        writer.write("b\n")
    (tmp_path / "new").write_text("b\n")
    (tmp_path / "new").replace(replaced)
    gone.unlink()
    clear_landing(tmp_path, registered)
    assert (grown.read_text(), replaced.read_text()) == ("a\nb\n", "b\n")
    assert not (tmp_path / "taken").exists()
