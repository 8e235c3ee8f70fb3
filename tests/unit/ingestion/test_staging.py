"""Whole files: what is refused before a row is looked at."""

import gzip
import random
import zlib

import pytest

from assets.ingestion import lines, picking
from assets.ingestion.refusal import FileRefused
from assets.ingestion.staging import MAXIMUM_LINE_BYTES, stage_file
from assets.ingestion.store import CHUNK_BYTES


def _stage(tmp_path, content: bytes, name: str = "voice_1.csv"):
    stored = tmp_path / "stored"
    stored.write_bytes(content)
    return stage_file(stored, name, tmp_path / "staged", mark=",")


TEXT = "".join(f"{number},line {random.Random(number).random()}\n" for number in range(50_000)).encode()


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"\xef\xbb\xbfa,b\n", "v.csv", "byte order mark"),
        ("a,b\n".encode("utf-16"), "v.csv", "byte order mark"),
        ("a,zażółć\n".encode("iso-8859-2"), "v.csv", "not UTF-8 in line 1"),
        (b"a\nb\nc\xff\n", "v.csv", "not UTF-8 in line 3"),
        (b"a\nb\xc5", "v.csv", "not UTF-8 in line 2"),
        (b"a\n\xed\xa0\x80\n", "v.csv", "not UTF-8 in line 2"),
        ("é".encode() + b"x" * (CHUNK_BYTES - 2) + b"\n\xff\n", "v.csv", "not UTF-8 in line 2"),
        (b"a\nb\0\n", "v.csv", "NUL byte in line 2"),
        ("a\n\ufdd1\n".encode(), "v.csv", "U+FDD0"),
        (gzip.compress(TEXT)[:-100], "v.csv.gz", "ends before its data does"),
        (gzip.compress(TEXT)[:-4], "v.csv.gz", "ends before its data does"),
        (gzip.compress(TEXT) + b"rest", "v.csv.gz", "other bytes after the end"),
        (gzip.compress(TEXT) + gzip.compress(TEXT), "v.csv.gz", "second gzip member"),
        (gzip.compress(TEXT)[:5000] + b"\0\0\0" + gzip.compress(TEXT)[5003:], "v.csv.gz", "damaged gzip"),
        (TEXT, "v.csv.gz", "damaged gzip"),
        (gzip.compress(TEXT), "v.csv", "packed data"),
        (b"PK\x03\x04rest", "v.csv", "packed data"),
        (gzip.compress(bytes(64 << 20)), "v.csv.gz", ""),
        (gzip.compress(b"a" * 1000 + (b"\n" + b"a" * 1000) * 60_000), "v.csv.gz", "unpacks to more than"),
        (b"a\n" + b"x" * (MAXIMUM_LINE_BYTES + 1) + b"\nb\n", "v.csv", "in line 2"),
        (b"x" * (3 * MAXIMUM_LINE_BYTES), "v.csv", "in line 1"),
    ],
)
def test_a_file_that_is_not_clean_text_is_refused_with_its_place(tmp_path, content, name, words):
    with pytest.raises(FileRefused) as refusal:
        _stage(tmp_path, content, name)
    assert words in str(refusal.value)
    assert all(word in str(refusal.value) for word in ("Found:", "Expected:", "What to do:"))


@pytest.mark.parametrize(
    ("content", "line_count", "ends"),
    [
        (b"", 0, False),
        (b"a", 1, False),
        (b"a\n", 1, True),
        (b"\n", 1, True),
        (b"a\n\n\nb", 4, False),
        (TEXT, 50_000, True),
    ],
)
def test_physical_lines_are_counted(tmp_path, content, line_count, ends):
    staged = _stage(tmp_path, content)
    assert (staged.line_count, staged.ends_with_line_break) == (line_count, ends)


def test_a_character_cut_by_the_end_of_a_chunk_is_read_whole(tmp_path):
    for shift in range(4):
        staged = _stage(tmp_path, b"x" * shift + ("zażółć €𝄞\n" * 200_000).encode())
        assert staged.line_count == 200_000


def test_unpacked_text_is_the_packed_text(tmp_path):
    _stage(tmp_path, gzip.compress(TEXT), "v.csv.gz")
    assert (tmp_path / "staged").read_bytes() == b"," + TEXT.replace(b"\n", b"\n,")


def test_what_zlib_calls_damaged_is_refused_with_its_words(tmp_path):
    chance, packed = random.Random(7), gzip.compress(TEXT[:4000])
    damaged = 0
    for _ in range(200):
        content = bytearray(packed)
        content[chance.randrange(len(packed))] ^= 1 << chance.randrange(8)
        try:
            expected, words = zlib.decompress(content, wbits=31), ""
        except zlib.error as error:
            damaged, words = damaged + 1, str(error).partition("data: ")[2]
        if not words:
            _stage(tmp_path, content, "v.csv.gz")
            assert (tmp_path / "staged").read_bytes() == b"," + expected.replace(b"\n", b"\n,")
        else:
            with pytest.raises(FileRefused) as refusal:
                _stage(tmp_path, content, "v.csv.gz")
            assert words in str(refusal.value) or "ends before its data does" in str(refusal.value)
    assert damaged > 150


def test_lines_are_picked_by_their_numbers_wherever_a_piece_of_the_file_ends(tmp_path):
    texts = TEXT.decode().splitlines()
    staged = _stage(tmp_path, TEXT + b"a last line without end")
    numbers = {1, 2, 777, 25_000, 25_001, 49_999, 50_000, 50_001, 60_000}
    session = lines.open_session(tmp_path)
    session.execute(f"create table wanted as select 7 as file_id, unnest({sorted(numbers)}) as line_number")
    session.execute("insert into wanted values (8, 3)")
    picking.pick_lines(session, {7: staged}, "wanted")
    found = dict(session.execute("select line_number, line from picked where file_id = 7").fetchall())
    assert found == {
        **{number: "," + texts[number - 1] for number in numbers if number <= 50_000},
        50_001: ",a last line without end",
    }
    for size in (1, 2, 10, 100_000):
        piece = b"\n".join(b"x" * (number % 5) for number in range(40))
        path = tmp_path / "few"
        path.write_bytes(piece)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(picking, "_PIECE_BYTES", size)
            wanted = {3, 4, 17, 39}
            assert list(picking._numbered(path, wanted)) == [(n, b"x" * ((n - 1) % 5)) for n in sorted(wanted)]
