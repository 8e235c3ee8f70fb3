"""A usage file is judged alike wherever its lines are read from, and no line goes missing."""

import pytest

from assets.ingestion import encoding, lines
from assets.ingestion.layout import usage_layout
from assets.ingestion.reading import FileToRead, read_usage
from assets.ingestion.refusal import FileRefused
from tests.unit.ingestion.reading import HEADER, RECEIVED_AT, call, voice

TEXT = "\n".join(
    [HEADER, call(1), call(2, seconds="x"), "", call(4, call_id='"4"'), call(5) + "\r", *map(call, range(6, 400))]
)


def _read(tmp_path, text=TEXT + "\n"):
    stored = tmp_path / "stored"
    stored.write_text(text, newline="")
    session = lines.open_session(tmp_path)
    encoding.create_batch_tables(session)
    file = FileToRead(stored, "voice_1.csv", tmp_path / "1.txt", usage_layout(voice()), RECEIVED_AT, None)
    read = read_usage(session, file, 1)
    return (
        (read.rows_read, read.rows_kept, read.rows_rejected),
        session.execute("select * from usage_1 order by line_number").fetchall(),
        session.execute("select * from dispositions_1 order by line_number").fetchall(),
    )


def test_lines_straight_from_the_file_and_lines_of_a_table_are_judged_alike(tmp_path, monkeypatch):
    in_place = _read(tmp_path)
    assert in_place[0] == (399, 397, 2)
    assert [row[0] for row in in_place[1]] == [2, *range(5, 401)]
    assert [row[1] for row in in_place[2]] == [3, 4]
    with monkeypatch.context() as patched:
        patched.setattr(lines, "FEW_ROWS", 0)  # the others are not picked
        assert _read(tmp_path) == in_place
    monkeypatch.setattr(lines, "LINES_OF_ONE_THREAD", 0)
    assert _read(tmp_path) == in_place


@pytest.mark.parametrize("condition", ["line_number <> 5", "line_number < 400"])
def test_a_line_that_goes_missing_on_the_way_refuses_the_file(tmp_path, monkeypatch, condition):
    whole = lines.lines_in_place
    monkeypatch.setattr(lines, "lines_in_place", lambda staged: f"from ({whole(staged)}) where {condition}")
    with pytest.raises(FileRefused, match="lines, as counted when the file was unpacked"):
        _read(tmp_path)
