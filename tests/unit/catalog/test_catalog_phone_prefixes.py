"""Prefixes of regions: exact where several regions share a calling code."""

import pytest
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from assets.catalog.phone_prefixes import TOTAL_DIGITS, is_region, region_prefixes


def region_of(number: str, code: int) -> list[str]:
    return [
        region
        for region in COUNTRY_CODE_TO_REGION_CODE[code]
        if any(number.startswith(prefix) for prefix in region_prefixes(region))
    ]


@pytest.mark.parametrize(
    ("number", "code", "region"),
    [
        ("12025550123", 1, "US"),  # Washington
        ("14165550123", 1, "CA"),  # Toronto
        ("18765550123", 1, "JM"),
        ("74955550123", 7, "RU"),  # Moscow
        ("77275550123", 7, "KZ"),  # Almaty
        ("442079460000", 44, "GB"),  # London
        ("441534440000", 44, "JE"),
        ("441481250000", 44, "GG"),
        ("35818250000", 358, "AX"),
        ("35891234567", 358, "FI"),
        ("4779021234", 47, "SJ"),
        ("4722123456", 47, "NO"),
    ],
)
def test_a_number_belongs_to_one_region_of_a_shared_calling_code(number, code, region):
    assert region_of(number, code) == [region]


def test_an_unshared_calling_code_is_the_only_prefix():
    assert region_prefixes("PL") == ("48",)


def test_regions_of_one_calling_code_never_overlap_and_leave_nothing_out():
    for code, regions in COUNTRY_CODE_TO_REGION_CODE.items():
        if regions == ("001",):
            continue
        prefixes = [prefix for region in regions for prefix in region_prefixes(region)]
        assert len(set(prefixes)) == len(prefixes), code
        kept = set(prefixes)
        assert not any(prefix[:length] in kept for prefix in prefixes for length in range(1, len(prefix))), code
        assert all(prefix.startswith(str(code)) and len(prefix) <= TOTAL_DIGITS for prefix in prefixes), code
        # As shares of all numbers of the code the prefixes sum to exactly one.
        depth = TOTAL_DIGITS
        assert sum(10 ** (depth - len(prefix)) for prefix in prefixes) == 10 ** (depth - len(str(code))), code


def test_what_is_no_region_is_said_so():
    assert not is_region("XX") and not is_region("001")
    with pytest.raises(ValueError, match="no region 'XX'"):
        region_prefixes("XX")
