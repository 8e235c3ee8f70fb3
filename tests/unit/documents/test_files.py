"""Files are whole or absent, recorded or printed again, and never outside their folder."""

import json
import os

import pytest

from assets.documents.files import (
    FolderInUseError,
    Manifest,
    Printed,
    UnsafeNameError,
    document_path,
    file_stem,
    only_writer,
    write_durably,
)


@pytest.mark.parametrize(
    "number",
    [
        "../x",
        "/etc/passwd",
        "WT/../../x",
        "WT/2026/1\n",
        "WT//1",
        "WT/2026/1.pdf",
        "a" * 41,
        "",
        "WT\\1",
        "WT/٣",
        "x\x00",
    ],
)
def test_a_number_that_could_lead_elsewhere_is_no_file_name(tmp_path, number):
    with pytest.raises(UnsafeNameError):
        document_path(tmp_path, number, "pdf")


def test_two_numbers_never_share_a_file_name():
    assert file_stem("SB/a-b/c/2026/1") == "SB.a-b.c.2026.1"
    assert file_stem("SB/a/b-c/2026/1") != file_stem("SB/a-b/c/2026/1")


def test_only_document_suffixes_are_written(tmp_path):
    with pytest.raises(UnsafeNameError, match="suffix"):
        document_path(tmp_path, "WT/1", "../sh")


def test_a_file_replaces_a_link_instead_of_following_it(tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("safe")
    inside = tmp_path / "bills"
    inside.mkdir()
    (inside / "WT.1.pdf").symlink_to(outside)
    write_durably(inside / "WT.1.pdf", b"bill")
    assert outside.read_text() == "safe"
    assert (inside / "WT.1.pdf").read_bytes() == b"bill"


def test_a_failed_write_leaves_the_old_file_and_no_half_one(tmp_path, monkeypatch):
    path = tmp_path / "WT.1.pdf"
    write_durably(path, b"old")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["WT.1.pdf"]


def test_one_writer_at_a_time_and_leftovers_are_cleared(tmp_path):
    (tmp_path / ".WT.1.pdf.99.tmp").write_bytes(b"half")
    with only_writer(tmp_path):
        assert not list(tmp_path.glob(".*.tmp"))
        with pytest.raises(FolderInUseError), only_writer(tmp_path):
            pass
    with only_writer(tmp_path):
        pass


def printed(folder, key: str) -> Printed:
    pdf = write_durably(document_path(folder, f"WT/{key}", "pdf"), b"pdf" + key.encode())
    html = write_durably(document_path(folder, f"WT/{key}", "html"), b"html")
    return Printed(f"WT/{key}", key, f"WT.{key}.pdf", pdf, html, 1, [])


def test_a_manifest_survives_a_torn_last_line(tmp_path):
    path = tmp_path / "manifest" / "bills-1.jsonl"
    Manifest(path).append([printed(tmp_path, "1"), printed(tmp_path, "2")])
    with path.open("a") as handle:
        handle.write('{"number": "WT/3", "docu')
    manifest = Manifest(path)
    assert sorted(manifest.entries) == ["1", "2"]
    # Whoever only reads cuts nothing off: the printer may be writing the rest of the line.
    assert path.read_text().endswith('"docu')
    manifest.append([printed(tmp_path, "3")])
    assert [json.loads(line)["number"] for line in path.read_text().splitlines()] == ["WT/1", "WT/2", "WT/3"]


def test_a_missing_or_changed_file_is_not_intact(tmp_path):
    manifest = Manifest(tmp_path / "m" / "bills-1.jsonl")
    manifest.append([printed(tmp_path, "1"), printed(tmp_path, "2")])
    before = manifest.sha256()
    (tmp_path / "WT.1.pdf").write_bytes(b"another")
    (tmp_path / "WT.2.html").unlink()
    assert [manifest.is_intact(key, tmp_path) for key in ("1", "2", "3")] == [False, False, False]
    assert manifest.sha256() == before
