"""JSON lines: flat objects, no duplicate keys, no NaN, numbers that never pass through a double."""

import json

import pytest

from assets.ingestion.layout import usage_layout
from tests.unit.ingestion.reading import HEADER, call, encoded, judged, voice

LAYOUT = usage_layout(voice(format="jsonl", name_pattern="voice_*.jsonl*"))


def _line(**fields) -> str:
    return json.dumps({**dict(zip(HEADER.split(","), call(1).split(","), strict=True)), **fields}, ensure_ascii=False)


def test_a_json_row_and_a_csv_row_of_the_same_event_agree(tmp_path):
    (from_json,) = encoded(tmp_path, _line() + "\n", LAYOUT)
    (from_csv,) = encoded(tmp_path, f"{HEADER}\n{call(1)}\n")
    assert from_json["content_hash"] == from_csv["content_hash"]
    assert from_json["event_key"] == from_csv["event_key"]
    assert from_json["line_number"] == 1


def test_numbers_keep_every_digit(tmp_path):
    text = _line().replace('"60"', "86399.123457") + "\n" + _line().replace('"60"', "9007199254.740993") + "\n"
    assert [row["quantity_units"] for row in encoded(tmp_path, text, LAYOUT)] == [86399123457]
    assert [row[1] for row in judged(tmp_path, text, LAYOUT)] == ["above_maximum"]


@pytest.mark.parametrize(
    ("bad", "code", "characteristic"),
    [
        ("", "blank_line", None),
        ("   ", "blank_line", None),
        ("[1]", "bad_json", None),
        ("{", "bad_json", None),
        (_line() + "x", "bad_json", None),
        (_line().replace('"60"', "NaN"), "bad_json", None),
        (_line().replace('"60"', "Infinity"), "bad_json", None),
        (_line().replace('"60"', "060"), "bad_json", None),
        (_line().replace('"60"', "60,"), "bad_json", None),
        (_line()[:-1] + ', "call_id": "c2"}', "bad_json", None),
        (_line()[:-1] + ', "more": 1}', "wrong_field_count", None),
        (_line(call_id={"a": 1}), "bad_json", None),
        (_line().replace('"c1"', '"\\ud800"'), "bad_json", "call_id"),
        (_line().replace('"c1"', '"\\q"'), "bad_json", None),
        (_line().replace('"c1"', '"c\\u0000"'), "control_character", "call_id"),
        (_line().replace('"c1"', '"c\t"'), "bad_json", None),
        (_line().replace('"c1"', "null"), "missing_value", "call_id"),
        (_line().replace('"call_id": "c1", ', ""), "missing_value", "call_id"),
        (_line().replace('"60"', "1e2"), "bad_decimal", "duration"),
        (_line().replace('"60"', "1e400"), "bad_decimal", "duration"),
        (_line().replace('"60"', "true"), "bad_decimal", "duration"),
    ],
)
def test_a_bad_object_rejects_its_row_and_no_other(tmp_path, bad, code, characteristic):
    text = f"{_line()}\n{bad}\n{_line(call_id='c3')}\n"
    assert judged(tmp_path, text, LAYOUT) == [(2, code, characteristic, bad)]
    assert [row["line_number"] for row in encoded(tmp_path, text, LAYOUT)] == [1, 3]


def test_escapes_and_brackets_inside_strings_are_text(tmp_path):
    tricky = 'a"b,{"call_id": "x"}: [1]\\ żółć'
    rows = encoded(
        tmp_path, _line(call_id=tricky) + "\n" + json.dumps(json.loads(_line(call_id=tricky))) + "\n", LAYOUT
    )
    assert len(rows) == 2
    assert rows[0]["event_key"] == rows[1]["event_key"]


def test_keys_beyond_the_specification_are_left_out_when_it_says_so(tmp_path):
    layout = usage_layout(voice(format="jsonl", name_pattern="voice_*.jsonl*", extra_columns="ignored"))
    text = _line()[:-1] + ', "more": {"a": [1, 2]}}\n'
    assert (
        encoded(tmp_path, text, layout)[0]["content_hash"]
        == encoded(tmp_path, _line() + "\n", LAYOUT)[0]["content_hash"]
    )
