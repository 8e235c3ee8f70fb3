"""A usage file is judged alike wherever its lines are read from, and no line goes missing."""

import pytest

from assets.ingestion import encoding, lines, plain_blocks
from assets.ingestion.landing import Manifest
from assets.ingestion.layout import usage_layout
from assets.ingestion.reading import FileToRead, read_usage
from assets.ingestion.refusal import FileRefused
from tests.unit.ingestion.reading import HEADER, RECEIVED_AT, call, voice

TEXT = "\n".join(
    [HEADER, call(1), call(2, seconds="x"), "", call(4, call_id='"4"'), call(5) + "\r", *map(call, range(6, 400))]
)


def _read(tmp_path, text=TEXT + "\n", manifest=None):
    stored = tmp_path / "stored"
    stored.write_text(text, newline="")
    session = lines.open_session(tmp_path)
    encoding.create_batch_tables(session)
    file = FileToRead(stored, "voice_1.csv", tmp_path / "1.txt", usage_layout(voice()), RECEIVED_AT, manifest)
    read = read_usage(session, file, 1)
    return (
        (read.rows_read, read.rows_kept, read.rows_rejected),
        session.execute("select * from usage_1 order by line_number").fetchall(),
        session.execute("select * from dispositions_1 order by line_number").fetchall(),
    )


def test_lines_are_judged_alike_in_blocks_of_any_size_and_wherever_the_others_are_read_from(tmp_path, monkeypatch):
    in_one_block = _read(tmp_path)
    assert in_one_block[0] == (399, 397, 2)
    assert [row[0] for row in in_one_block[1]] == [2, *range(5, 401)]
    assert [row[1] for row in in_one_block[2]] == [3, 4]
    with monkeypatch.context() as patched:
        patched.setattr(lines, "FEW_ROWS", 0)  # the others are not picked
        assert _read(tmp_path) == in_one_block
    for block_bytes in (len(TEXT) // 9, len(TEXT) // 2, len(TEXT) + 400):
        monkeypatch.setattr(plain_blocks, "_BLOCK_BYTES", block_bytes)
        monkeypatch.setattr(plain_blocks, "_LINES_PER_BATCH", 1 + block_bytes % 7)
        assert _read(tmp_path) == in_one_block


def test_a_last_line_without_line_break_is_a_line(tmp_path):
    stated = Manifest(399, "", RECEIVED_AT)
    assert _read(tmp_path, TEXT, stated) == _read(tmp_path)


@pytest.mark.parametrize("missing", [5, 400])
def test_a_line_that_goes_missing_on_the_way_refuses_the_file(tmp_path, monkeypatch, missing):
    whole = plain_blocks.encoded_blocks
    query = "select * from ({}) where line_number <> {}"
    monkeypatch.setattr(plain_blocks, "encoded_blocks", lambda staged, text: whole(staged, query.format(text, missing)))
    with pytest.raises(FileRefused, match="399 lines when parsing"):
        _read(tmp_path)
