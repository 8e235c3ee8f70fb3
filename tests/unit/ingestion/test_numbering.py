"""Numbers in file names."""

import pytest

from assets.ingestion.numbering import FileNumber, file_number
from assets.ingestion.refusal import FileRefused


@pytest.mark.parametrize(
    ("names", "file_name", "expected"),
    [
        ("iot_{month}_{number}.csv*", "iot_2026-10_1.csv", FileNumber("2026-10", 1)),
        ("iot_{month}_{number}.csv*", "iot_2026-10_0012.csv.gz", FileNumber("2026-10", 12)),
        ("cdr{number}.jsonl", "cdr000451.jsonl.gz", FileNumber("", 451)),
        ("*_{number}_*.csv", "gw7_33_b.csv", FileNumber("", 33)),
        ("{number}-{month}.csv", "5-2026-02.csv", FileNumber("2026-02", 5)),
        ("a.{number}.csv", "a.7.csv", FileNumber("", 7)),
    ],
)
def test_the_number_is_read_from_the_name(names, file_name, expected):
    assert file_number(names, file_name) == expected


@pytest.mark.parametrize(
    "file_name", ["iot_2026-13_1.csv", "iot_2026-10_.csv", "iot_2026-10_x1.csv", "xiot_2026-10_1.csv", "iot_1.csv"]
)
def test_a_name_without_a_number_is_refused_and_says_what_it_should_look_like(file_name):
    with pytest.raises(FileRefused, match="a name like iot_"):
        file_number("iot_{month}_{number}.csv*", file_name)


def test_a_number_is_read_whole_or_not_at_all():
    with pytest.raises(FileRefused):
        file_number("cdr*{number}.csv", "cdr1234567890.csv")
