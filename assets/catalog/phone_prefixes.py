"""Leading digits of a region's phone numbers, from the package phonenumbers.

Belongs here: which prefixes belong to ``region:XX``, also where several regions share a calling code (+1, +7, +44 ...).
Belongs elsewhere: zone lists (``zones``), which zone an event falls into (dbt).

Of the regions of a shared calling code, each dependent one has the leading digits that the package knows for its fixed
and mobile numbers; the main region has all the others. So a call to Jersey is not a call to the United Kingdom, and a
number range that is newer than the package counts for the main region.
"""

from collections.abc import Iterator
from functools import cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

# Prefixes with calling code are at most this long, so that seven leading digits of a number decide its zone.
TOTAL_DIGITS = 7
_DIGITS = "0123456789"
# Outlying territories without number patterns of their own in the package.
_SKIPPED_REGIONS = frozenset({"001"})


def is_region(region: str) -> bool:
    """Whether the package knows phone numbers of the region."""
    return _calling_code(region) is not None


@cache
def region_prefixes(region: str) -> tuple[str, ...]:
    """Prefixes of a region with calling code and without plus sign, none a prefix of another: ``("48",)`` for PL."""
    code = _calling_code(region)
    if code is None:
        raise ValueError(f"phonenumbers knows no region {region!r}")
    national = _national_prefixes(code)[region]
    return tuple(sorted(f"{code}{prefix}" for prefix in national))


@cache
def _national_prefixes(code: int) -> dict[str, frozenset[str]]:
    """National prefixes of every region of one calling code; they do not overlap."""
    main, *dependents = (entry for entry in COUNTRY_CODE_TO_REGION_CODE[code] if entry not in _SKIPPED_REGIONS)
    if not dependents:
        return {main: frozenset({""})}
    depth = min(TOTAL_DIGITS - len(str(code)), 5)
    # Ranges that the main region has as well (mobiles of Christmas Island, for one) cannot be told apart: they stay
    # with the main region, and so do ranges that two dependent regions share.
    shared = set(_number_starts(main, depth))
    seen: set[str] = set()
    for entry in dependents:
        starts = _number_starts(entry, depth)
        shared |= seen & starts
        seen |= starts
    found: dict[str, frozenset[str]] = {}
    taken: set[str] = set()
    for entry in dependents:
        leading = _metadata(entry).leading_digits
        own = _expand(leading, depth) if leading else _number_starts(entry, depth) - shared
        found[entry] = frozenset(_collapse(own - taken))
        taken |= found[entry]
    found[main] = frozenset(_complement("", taken))
    return found


@cache
def _calling_code(region: str) -> int | None:
    for code, regions in COUNTRY_CODE_TO_REGION_CODE.items():
        if region in regions and region not in _SKIPPED_REGIONS:
            return code
    return None


def _metadata(region: str) -> PhoneMetadata:
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None:
        raise ValueError(f"phonenumbers has no patterns for region {region!r}")
    return metadata


def _number_starts(region: str, depth: int) -> set[str]:
    metadata = _metadata(region)
    found: set[str] = set()
    for description in (metadata.fixed_line, metadata.mobile):
        pattern = description.national_number_pattern if description else None
        if pattern:
            found |= _expand(pattern, depth)
    return found


def _collapse(prefixes: set[str]) -> set[str]:
    """Ten prefixes that differ in their last digit only become one; what a shorter one covers is dropped."""
    found = set(prefixes)
    for length in range(max((len(prefix) for prefix in found), default=0), 1, -1):
        for stem in {prefix[:-1] for prefix in found if len(prefix) == length}:
            if all(stem + digit in found for digit in _DIGITS):
                found -= {stem + digit for digit in _DIGITS}
                found.add(stem)
    return {entry for entry in found if not any(entry[:length] in found for length in range(1, len(entry)))}


def _complement(stem: str, taken: set[str]) -> Iterator[str]:
    if stem in taken:
        return
    if not any(entry.startswith(stem) for entry in taken):
        yield stem
        return
    for digit in _DIGITS:
        yield from _complement(stem + digit, taken)


def _expand(pattern: str, depth: int) -> set[str]:
    """All digit strings of at most ``depth`` digits with which a match of the pattern can start."""
    parser = _PatternParser(pattern.replace(" ", ""), depth)
    found = parser.alternatives({""})
    if parser.position != len(parser.pattern):
        raise ValueError(f"number pattern {pattern!r} of phonenumbers has a form that is not known here")
    return found - {""}


class _PatternParser:
    """Reads the regular expressions of phonenumbers: digits, classes, groups, ``|``, ``?`` and counted repeats."""

    def __init__(self, pattern: str, depth: int) -> None:
        self.pattern, self.depth, self.position = pattern, depth, 0

    def alternatives(self, stems: set[str]) -> set[str]:
        found = self._sequence(stems)
        while self._peek() == "|":
            self.position += 1
            found |= self._sequence(stems)
        return found

    def _sequence(self, stems: set[str]) -> set[str]:
        while self._peek() not in ("", "|", ")"):
            start = self.position
            once = self._atom(stems)
            least, most = self._repeat()
            after = self.position
            results = [stems, once]
            while len(results) <= most:
                self.position = start
                results.append(self._atom(results[-1]))
            self.position = after
            stems = set().union(*results[least : most + 1])
        return stems

    def _atom(self, stems: set[str]) -> set[str]:
        character = self._peek()
        if self.pattern.startswith("(?:", self.position):
            self.position += 3
            found = self.alternatives(stems)
            self._expect(")")
            return found
        if character == "[":
            return self._append(stems, self._character_class())
        if self.pattern.startswith("\\d", self.position):
            self.position += 2
            return self._append(stems, _DIGITS)
        if character in _DIGITS:
            self.position += 1
            return self._append(stems, character)
        raise ValueError(f"number pattern {self.pattern!r} has an unknown form at {self.position}")

    def _append(self, stems: set[str], digits: str) -> set[str]:
        # A stem of full depth stays: what follows does not matter any more. Most stems are, so they are looked at once.
        short = {stem for stem in stems if len(stem) < self.depth}
        return (stems - short) | {stem + digit for stem in short for digit in digits}

    def _character_class(self) -> str:
        end = self.pattern.index("]", self.position)
        body, self.position = self.pattern[self.position + 1 : end], end + 1
        digits, index = "", 0
        while index < len(body):
            if body[index + 1 : index + 2] == "-":
                digits += _DIGITS[int(body[index]) : int(body[index + 2]) + 1]
                index += 3
            else:
                digits += body[index]
                index += 1
        return digits

    def _repeat(self) -> tuple[int, int]:
        if self._peek() == "?":
            self.position += 1
            return 0, 1
        if self._peek() != "{":
            return 1, 1
        end = self.pattern.index("}", self.position)
        least, _, most = self.pattern[self.position + 1 : end].partition(",")
        self.position = end + 1
        return int(least), int(most or least)

    def _peek(self) -> str:
        return self.pattern[self.position : self.position + 1]

    def _expect(self, character: str) -> None:
        if self._peek() != character:
            raise ValueError(f"number pattern {self.pattern!r} lacks {character!r} at {self.position}")
        self.position += 1
