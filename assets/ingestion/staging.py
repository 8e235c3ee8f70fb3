"""A stored file made ready for parsing: unpacked whole, checked as text, its physical lines marked.

Belongs here: gzip, encoding, line breaks, sizes; everything that can be wrong with a file before a row is looked at.
Belongs elsewhere: fields and rows (``lines``, ``grammars``).

The staged copy has one character in front of every line. DuckDB's reader drops empty lines; with the mark it drops
none, so a row's number is the line's number in the delivered file.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from zlib_ng import zlib_ng

from assets.ingestion.refusal import FileRefused
from assets.ingestion.store import CHUNK_BYTES

MAXIMUM_LINE_BYTES = 1 << 20
MAXIMUM_UNPACKED_BYTES = 64 << 30
MAXIMUM_RATIO = 200
RATIO_APPLIES_FROM_BYTES = 16 << 20

# Two of Unicode's noncharacters, which no text may contain. FIELD_NEVER is the field delimiter that DuckDB is given
# so that it finds whole lines; RETURN stands for a carriage return, at which DuckDB would otherwise end a line.
FIELD_NEVER = "\ufdd0"
RETURN = "\ufdd1"
_RESERVED = (FIELD_NEVER.encode(), RETURN.encode())


@dataclass(frozen=True)
class StagedFile:
    """A checked text file. ``line_count`` is its number of physical lines, the header included."""

    path: Path
    mark: str
    line_count: int
    first_line: str
    has_quotes: bool
    has_returns: bool
    ends_with_line_break: bool
    characters_above_ascii: bool


def stage_file(stored: Path, file_name: str, target: Path, *, mark: str) -> StagedFile:
    """Unpacks and checks a stored file and writes its marked copy to ``target``.

    ``mark`` is the ASCII character put before each line. Raises FileRefused with what was found, what was expected
    and what to do.
    """
    checker = _TextChecker()
    chunks = _unpacked(stored) if file_name.endswith(".gz") else _plain(stored)
    line_start = b"\n" + mark.encode("ascii")
    with target.open("wb") as writer:
        first = True
        for chunk in chunks:
            marked = chunk.replace(b"\n", line_start)
            checker.feed(chunk, line_breaks=len(marked) - len(chunk))
            if first:
                writer.write(line_start[1:])
                first = False
            if b"\r" in marked:
                checker.has_returns = True
                marked = marked.replace(b"\r", _RESERVED[1])
            writer.write(marked)
    checker.finish()
    return StagedFile(
        path=target,
        mark=mark,
        line_count=checker.line_count,
        first_line=checker.first_line,
        has_quotes=checker.has_quotes,
        has_returns=checker.has_returns,
        ends_with_line_break=checker.ends_with_line_break,
        characters_above_ascii=checker.characters_above_ascii,
    )


def _plain(stored: Path) -> Iterator[bytes]:
    with stored.open("rb") as reader:
        while chunk := reader.read(CHUNK_BYTES):
            yield chunk


def _unpacked(stored: Path) -> Iterator[bytes]:
    """The content of a gzip file of exactly one member, in chunks of bounded size."""
    packed_bytes, unpacked_bytes = stored.stat().st_size, 0
    unpacker = zlib_ng.decompressobj(wbits=31)
    with stored.open("rb") as reader:
        pending = b""
        while not unpacker.eof:
            pending = pending or reader.read(CHUNK_BYTES)
            if not pending:
                raise FileRefused(
                    f"a gzip file that ends before its data does, after {unpacked_bytes} bytes",
                    "a whole gzip file with its checksum",
                    "send the file again under a new name, and rename it only when it is complete",
                )
            try:
                chunk = unpacker.decompress(pending, CHUNK_BYTES)
            except zlib_ng.error as error:  # type: ignore[misc]  # its stub says that it is an instance
                raise FileRefused(
                    f"damaged gzip data after {unpacked_bytes} bytes ({error})", "a valid gzip file", "send it again"
                ) from error
            pending = unpacker.unconsumed_tail
            unpacked_bytes += len(chunk)
            _check_unpacked_size(unpacked_bytes, packed_bytes)
            if chunk:
                yield chunk
        rest = unpacker.unused_data + reader.read(16)
    if rest:
        kind = "a second gzip member" if rest.startswith(b"\x1f\x8b") else "other bytes"
        raise FileRefused(
            f"{kind} after the end of the gzip data", "one gzip member and nothing after it", "pack the file in one go"
        )


def _check_unpacked_size(unpacked_bytes: int, packed_bytes: int) -> None:
    too_dense = unpacked_bytes > RATIO_APPLIES_FROM_BYTES and unpacked_bytes > MAXIMUM_RATIO * packed_bytes
    if too_dense or unpacked_bytes > MAXIMUM_UNPACKED_BYTES:
        raise FileRefused(
            f"a gzip file of {packed_bytes} bytes that unpacks to more than {unpacked_bytes} bytes",
            f"at most {MAXIMUM_RATIO} times its size and {MAXIMUM_UNPACKED_BYTES >> 30} GiB",
            "send the data in smaller files, or without compression",
        )


class _TextChecker:
    """Strict UTF-8, no NUL, no byte order mark, lines of bounded length; counts lines on the way."""

    def __init__(self) -> None:
        self.first_line = ""
        self.has_quotes = False
        self.has_returns = False
        self.characters_above_ascii = False
        self.ends_with_line_break = False
        self._line_breaks = 0
        self._bytes = 0
        self._line_bytes = 0  # of the line that is not finished yet
        self._head = bytearray()
        self._head_done = False
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._tail = b""

    @property
    def line_count(self) -> int:
        return self._line_breaks + (0 if self.ends_with_line_break or not self._bytes else 1)

    def feed(self, chunk: bytes, line_breaks: int) -> None:
        if self._bytes == 0:
            self._check_start(chunk)
        if b"\0" in chunk:
            line = self._line_breaks + chunk[: chunk.index(b"\0")].count(b"\n") + 1
            raise FileRefused(f"a NUL byte in line {line}", "text without NUL bytes", "export the file again as text")
        self._check_encoding(chunk)
        if not self.characters_above_ascii and not chunk.isascii():
            self.characters_above_ascii = True
        if not self.has_quotes and b'"' in chunk:
            self.has_quotes = True
        self._measure_lines(chunk)
        self._keep_head(chunk)
        self._bytes += len(chunk)
        self._line_breaks += line_breaks
        self.ends_with_line_break = chunk.endswith(b"\n")

    def finish(self) -> None:
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise self._not_utf8(self.line_count) from error
        if not self._head_done:
            self.first_line = self._head.decode()

    def _check_start(self, chunk: bytes) -> None:
        if chunk.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
            raise FileRefused(
                "a byte order mark at the start",
                "UTF-8 without a byte order mark",
                'save the file as "UTF-8", not as "UTF-8 with BOM" or "Unicode"',
            )
        if chunk.startswith((b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06")):
            raise FileRefused(
                "packed data",
                "a text file, or one gzip file whose name ends in .gz",
                "send the text itself, or pack it with gzip and let the name end in .gz; archives are not opened",
            )

    def _check_encoding(self, chunk: bytes) -> None:
        if chunk.isascii() and not self._tail:
            return
        begun = len(self._decoder.getstate()[0])  # bytes of a character that the chunk before has begun
        try:
            self._decoder.decode(chunk)
        except UnicodeDecodeError as error:
            place = max(0, error.start - begun)
            raise self._not_utf8(self._line_breaks + chunk[:place].count(b"\n") + 1) from error
        joined = self._tail + chunk
        if any(reserved in joined for reserved in _RESERVED):
            raise FileRefused(
                "one of the code points U+FDD0, U+FDD1", "text without Unicode noncharacters", "export the file again"
            )
        # A character may be cut by the end of the chunk; the decoder then waits for the rest of it.
        self._tail = b"" if chunk.isascii() else chunk[-3:]

    def _not_utf8(self, line: int) -> FileRefused:
        return FileRefused(
            f"bytes that are not UTF-8 in line {line}", "UTF-8 throughout", "export the file again with encoding UTF-8"
        )

    def _measure_lines(self, chunk: bytes) -> None:
        first = chunk.find(b"\n")
        longest = self._line_bytes + (first if first >= 0 else len(chunk))
        self._line_bytes = len(chunk) - chunk.rfind(b"\n") - 1 if first >= 0 else longest
        if longest > MAXIMUM_LINE_BYTES:
            raise FileRefused(
                f"more than {MAXIMUM_LINE_BYTES} bytes in line {self._line_breaks + 1}",
                f"lines of at most {MAXIMUM_LINE_BYTES} bytes",
                "check that lines end with a line feed, and that no field holds a whole document",
            )

    def _keep_head(self, chunk: bytes) -> None:
        if self._head_done:
            return
        end = chunk.find(b"\n")
        self._head += chunk if end < 0 else chunk[:end]
        if end >= 0:
            self._head_done = True
            self.first_line = self._head.decode()
