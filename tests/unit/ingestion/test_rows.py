"""Rows that must not get in, and why they say they do not. Each line's fate is its own."""

import random

import pytest

from assets.ingestion.layout import usage_layout
from tests.unit.ingestion.reading import HEADER, call, encoded, judged, rejections, voice


def _file(*rows: str) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


@pytest.mark.parametrize(
    ("fields", "code", "characteristic"),
    [
        ({"duration_s": "NaN"}, "bad_decimal", "duration"),
        ({"duration_s": "Infinity"}, "bad_decimal", "duration"),
        ({"duration_s": "１２"}, "bad_decimal", "duration"),
        ({"duration_s": "١٢٣"}, "bad_decimal", "duration"),
        ({"duration_s": "1_000"}, "bad_decimal", "duration"),
        ({"duration_s": "1e400"}, "bad_decimal", "duration"),
        ({"duration_s": "1e2"}, "bad_decimal", "duration"),
        ({"duration_s": "+5"}, "bad_decimal", "duration"),
        ({"duration_s": " 5"}, "bad_decimal", "duration"),
        ({"duration_s": "5."}, "bad_decimal", "duration"),
        ({"duration_s": ".5"}, "bad_decimal", "duration"),
        ({"duration_s": "1.1234567"}, "bad_decimal", "duration"),
        ({"duration_s": "1234567890123"}, "bad_decimal", "duration"),
        ({"duration_s": "0x10"}, "bad_decimal", "duration"),
        ({"duration_s": "-0.000001"}, "below_minimum", "duration"),
        ({"duration_s": "86400.000001"}, "above_maximum", "duration"),
        ({"duration_s": "999999999999.999999"}, "above_maximum", "duration"),
        ({"duration_s": ""}, "missing_value", "duration"),
        ({"call_id": ""}, "missing_value", "call_id"),
        ({"call_id": "x" * 41}, "too_long", "call_id"),
        ({"call_id": "c\u202e1"}, "control_character", "call_id"),
        ({"call_id": "c\u200b1"}, "control_character", "call_id"),
        ({"call_id": "c\x071"}, "control_character", "call_id"),
        ({"network": "Home"}, "unknown_code", "network"),
        ({"network": "null"}, "unknown_code", "network"),
        ({"caller": "0048600000001"}, "bad_phone_number", "caller"),
        ({"caller": "+48 600 000 001"}, "bad_phone_number", "caller"),
        ({"called": "٤٨٦٠٠"}, "bad_phone_number", "called"),
        ({"at": "2026-10-25T02:30:00"}, "missing_offset", "started_at"),
        ({"at": "2026-11-20 10:00:00"}, "missing_offset", "started_at"),
        ({"at": "01/02/2026"}, "bad_timestamp", "started_at"),
        ({"at": "0000-01-01T00:00:00Z"}, "bad_timestamp", "started_at"),
        ({"at": "2026-11-31T10:00:00Z"}, "bad_timestamp", "started_at"),
        ({"at": "2026-11-20T23:59:60Z"}, "bad_timestamp", "started_at"),
        ({"at": "2026-11-20T24:00:01Z"}, "bad_timestamp", "started_at"),
        ({"at": "2026-11-20T10:00:00+15:00"}, "bad_timestamp", "started_at"),
        ({"at": "infinity"}, "bad_timestamp", "started_at"),
        ({"at": "1795169400"}, "bad_timestamp", "started_at"),
        ({"at": "2026-11-24T12:05:01Z"}, "after_receipt", "started_at"),
        ({"at": "9999-12-31T00:00:00Z"}, "after_receipt", "started_at"),
        ({"at": "2026-08-26T11:59:59Z"}, "older_than_age_limit", "started_at"),
        ({"at": "1970-01-01T00:00:00Z"}, "older_than_age_limit", "started_at"),
    ],
)
def test_a_bad_value_rejects_its_row_and_no_other(tmp_path, fields, code, characteristic):
    at = fields.pop("at", "2026-11-20T10:00:00+01:00")
    bad = call(2, at=at, **fields)
    text = _file(call(1), bad, call(3))
    assert judged(tmp_path, text) == [(3, code, characteristic, bad)]
    assert [row["line_number"] for row in encoded(tmp_path, text)] == [2, 4]


@pytest.mark.parametrize("at", ["2026-11-24T12:05:00Z", "2026-08-26T12:00:00Z", "2026-11-20T10:00:00.123456-02:30"])
def test_the_edges_of_the_time_window_are_inside(tmp_path, at):
    assert judged(tmp_path, _file(call(1, at=at))) == []


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("", "blank_line"),
        ("c2,x", "wrong_field_count"),
        (call(2) + ",extra", "wrong_field_count"),
        (call(2)[:-3], "wrong_field_count"),
        ('"' + call(2), "bad_quoting"),
        (call(2).replace("home", 'ho"me'), "bad_quoting"),
        (call(2).replace("home", '"home" '), "bad_quoting"),
        (call(2).replace("home", '"ho"me"'), "bad_quoting"),
        (call(2) + '"', "bad_quoting"),
    ],
)
def test_a_line_that_is_no_row_costs_one_row(tmp_path, bad, code):
    """A parser that follows a stray quote over the line break swallows rows: 3 lines once became 1."""
    text = _file(call(1), bad, call(3), call(4))
    assert judged(tmp_path, text) == [(3, code, None, bad)]
    assert [row["line_number"] for row in encoded(tmp_path, text)] == [2, 4, 5]


def test_a_field_with_a_line_break_rejects_the_lines_it_is_spread_over(tmp_path):
    text = _file(call(1), call(2).replace("c2", '"c'), '2",x', call(3))
    assert [(row[0], row[1]) for row in judged(tmp_path, text)] == [(3, "bad_quoting"), (4, "bad_quoting")]


def test_every_blank_line_is_a_bad_row_with_its_own_number(tmp_path):
    text = f"{HEADER}\n\n{call(1)}\n\n\n{call(2)}\n\n"
    assert [row[:2] for row in judged(tmp_path, text)] == [
        (2, "blank_line"),
        (4, "blank_line"),
        (5, "blank_line"),
        (7, "blank_line"),
    ]
    assert [row["line_number"] for row in encoded(tmp_path, text)] == [3, 6]


def test_carriage_returns_at_line_ends_change_nothing_and_inside_a_line_reject_it(tmp_path):
    plain, windows = _file(call(1), call(2)), _file(call(1), call(2)).replace("\n", "\r\n")
    assert [r["content_hash"] for r in encoded(tmp_path, plain)] == [
        r["content_hash"] for r in encoded(tmp_path, windows)
    ]
    mixed = f"{HEADER}\r\n{call(1)}\n\r\n{call(2)[:5]}\r{call(2)[5:]}\n{call(3)}\r\n"
    assert [row[:2] for row in judged(tmp_path, mixed)] == [(3, "blank_line"), (4, "control_character")]
    assert judged(tmp_path, mixed)[1][3] == f"{call(2)[:5]}\r{call(2)[5:]}"


def test_quoted_fields_mean_the_same_as_plain_ones(tmp_path):
    plain = encoded(tmp_path, _file(call(1)))
    quoted = encoded(tmp_path, _file(",".join(f'"{value}"' for value in call(1).split(","))))
    assert plain[0]["content_hash"] == quoted[0]["content_hash"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_and_quotes_may_stand_inside_a_quoted_field(tmp_path, delimiter):
    layout = usage_layout(voice(delimiter=delimiter))
    header = HEADER.replace(",", delimiter)
    row = call(1).replace(",", delimiter).replace("c1", f'"c{delimiter}""1"""')
    other = call(2).replace(",", delimiter).replace("c2", f"c{delimiter}2") + '""'
    # A tab is taken as part of the field as well; the field is then refused for the tab itself.
    expected = ["control_character"] if delimiter == "\t" else []
    assert [code for _, code, _, _ in judged(tmp_path, f"{header}\n{row}\n", layout)] == expected
    assert judged(tmp_path, f"{header}\n{other}\n", layout)[0][1] == "bad_quoting"


def test_a_row_of_excessive_length_is_rejected_whole(tmp_path):
    text = _file(call(1), "x" * 70_000, call(2))
    assert [(row[1], len(row[3])) for row in judged(tmp_path, text)] == [("too_long", 70_000)]


def test_found_and_expected_say_what_was_wrong(tmp_path):
    ((_, _, _, found, expected, _),) = rejections(tmp_path, _file(call(1, seconds="86401")))
    assert (found, expected) == ("86401", "at most 86400")
    ((_, _, _, found, expected, _),) = rejections(tmp_path, _file("a,b"))
    assert (found, expected) == ("2 fields", "6 fields")
    ((_, _, _, found, _, _),) = rejections(tmp_path, _file(call(1).replace("c1", "c\u202e1")))
    assert found == "c\ufffd1"


def test_equal_content_in_another_spelling_has_the_same_hash(tmp_path):
    spellings = [
        call(1, seconds="12.5"),
        call(1, seconds="12.500000"),
        call(1, seconds="0012.50"),
        call(1, at="2026-11-20T09:00:00Z", seconds="12.5"),
        call(1, at="2026-11-20 09:00:00.000+00:00", seconds="12.5", caller="+48600000001"),
    ]
    rows = encoded(tmp_path, _file(*spellings))
    assert len({row["content_hash"] for row in rows}) == len({row["event_key"] for row in rows}) == 1
    assert {row["quantity_units"] for row in rows} == {12_500_000}
    assert {row["identifier"] for row in rows} == {"48600000001"}


def test_any_other_value_gives_another_content_hash_under_the_same_event_key(tmp_path):
    rows = encoded(
        tmp_path,
        _file(
            call(1),
            call(1, seconds="61"),
            call(1, network="roaming"),
            call(1, called="48511111112"),
            call(1, at="2026-11-20T10:00:01+01:00"),
            call(1, caller="48600000002"),
        ),
    )
    assert len({row["event_key"] for row in rows}) == 1
    assert len({row["content_hash"] for row in rows}) == 6


def test_the_characteristic_set_holds_what_prices_look_at_and_no_whole_number(tmp_path):
    (row,) = encoded(tmp_path, _file(call(1)))
    assert row["characteristic_set"].split("\x1f") == ["called=4851111", "network=home"]


def test_minus_zero_is_zero(tmp_path):
    rows = encoded(tmp_path, _file(call(1, seconds="-0.00"), call(1, seconds="0")))
    assert {(row["quantity_units"], row["content_hash"]) for row in rows} == {(0, rows[0]["content_hash"])}


def test_line_numbers_stay_exact_over_many_thousand_lines_read_in_parallel(tmp_path):
    chance, rows, blanks = random.Random(5), [], []
    for number in range(2, 300_002):
        if chance.random() < 0.001:
            blanks.append(number)
            rows.append("")
        else:
            rows.append(call(number))
    good = encoded(tmp_path, _file(*rows))
    assert len(good) == 300_000 - len(blanks)
    assert [row[0] for row in judged(tmp_path, _file(*rows))] == blanks
    keys = {row["line_number"]: row["event_key"] for row in good}
    for number in chance.sample(sorted(keys), 20):
        (alone,) = encoded(tmp_path, _file(call(number)))
        assert keys[number] == alone["event_key"]
