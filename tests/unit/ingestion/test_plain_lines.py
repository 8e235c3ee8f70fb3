"""The short way: ordinary lines take it, nothing doubtful does. That both ways encode alike, ``reading`` sees to."""

# ruff: noqa: S608 - SQL of constants.

import hashlib
import json
from uuid import UUID

import pyarrow as pa
import pytest
from datafusion import SessionContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.catalog.models.usage_specification import UsageSpecification
from assets.ingestion import lines
from assets.ingestion.grammars import INVISIBLE
from assets.ingestion.layout import usage_layout
from tests.unit.ingestion.reading import HEADER, call, encoded, judged, plain, voice


def _objects(*rows: dict) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _call(number: int = 1, **fields) -> dict:
    return {**dict(zip(HEADER.split(","), call(number).split(","), strict=True)), **fields}


def test_ordinary_lines_are_plain_and_a_faulty_one_among_them_is_not(tmp_path):
    text = "\n".join([HEADER, call(1), call(2, seconds="x"), "", call(4), call(5) + ",more"]) + "\n"
    assert plain(tmp_path, text) == [2, 5]
    assert [row[0] for row in judged(tmp_path, text)] == [3, 4, 6]


@pytest.mark.parametrize(
    ("row", "is_plain"),
    [
        (call(1, call_id="żółć-1"), True),
        (call(1, seconds="12.5"), True),
        (call(1, at="2026-11-20 10:00:00.5Z"), True),
        (call(1, seconds="86400.000001"), False),
        (call(1, seconds=""), False),
        (call(1, call_id="x" * 41), False),
        (call(1, call_id="a\u200b"), False),
        (call(1, call_id='"quoted"'), False),
        (call(1, network="abroad"), False),
        (call(1, at="2026-11-31T10:00:00Z"), False),
        (call(1, at="2026-11-20T10:00:00"), False),
        (call(1, at="2027-11-20T10:00:00Z"), False),
        (call(1) + "\r", True),
        (call(1, call_id="a\rb"), False),
    ],
)
def test_which_csv_lines_are_plain(tmp_path, row, is_plain):
    assert plain(tmp_path, f"{HEADER}\n{row}\n{call(2)}\n") == ([2, 3] if is_plain else [3])


def test_keys_and_content_hashes_stay_what_they_are(tmp_path):
    """What was loaded years ago is recognised by them; the feed is part of the key, as two feeds may number alike."""

    def first_half(text: str) -> UUID:
        return UUID(bytes=hashlib.sha256(text.encode()).digest()[:16])

    (row,) = encoded(tmp_path, f"{HEADER}\n{call(1, at='2026-11-20T10:00:00+01:00', seconds='60.5')}\n")
    assert row["event_key"] == first_half("voice\x1fc1")
    content = "called=48511111111 caller=48600000001 duration=60500000000000 network=home started_at=1795165200000000"
    assert row["content_hash"] == first_half("\x1fcall_id=c1\x1f" + content.replace(" ", "\x1f"))


def test_objects_in_the_order_of_the_first_are_plain_and_others_take_the_long_way(tmp_path):
    layout = usage_layout(voice(format="jsonl", name_pattern="voice_*.jsonl*"))
    turned = dict(reversed(_call(3).items()))
    text = _objects(_call(1), _call(2), turned, _call(4, duration_s=60), _call(5, call_id='a"b'))
    assert plain(tmp_path, text, layout) == [1, 2]
    assert judged(tmp_path, text, layout) == []
    numbers = _objects(*({**_call(n), "duration_s": n} for n in (1, 2))) + '{"call_id": "c3"}\n'
    assert plain(tmp_path, numbers.replace(", ", ",\t "), layout) == [1, 2]


def test_specifications_with_optional_values_formats_and_null_texts_agree_both_ways(tmp_path):
    definition = voice(null_text="-", extra_columns="ignored", delimiter=";").model_dump(mode="json")
    fields = {entry["id"]: entry for entry in definition["characteristics"]}
    fields["started_at"].update(format="%Y%m%d%H%M%S", assume_offset="+01:00")
    fields["called"]["required"] = fields["network"]["required"] = False
    layout = usage_layout(UsageSpecification.model_validate(definition))
    rows = [
        "c1;20261120100000;48600000001;-;home;60;more",
        "c2;20261120100000;48600000001;48511111111;-;0.5;",
        "c3;20261120100000;-;48511111111;home;60;more",
        "c4;2026112010000;48600000001;48511111111;home;60;more",
        "-;20261120100000;48600000001;48511111111;home;60;more",
        "c6;20261120100000;48600000001;48511111111;home;60;" + "more" * 20_000,
        "c7;20261120100060;48600000001;48511111111;home;60;more",
        "c8;20261120240000;48600000001;48511111111;home;60;more",
    ]
    text = "\n".join([HEADER.replace(",", ";") + ";more", *rows]) + "\n"
    assert plain(tmp_path, text, layout) == [2, 3]
    assert [row[0] for row in judged(tmp_path, text, layout)] == [4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("field", "changes", "rows", "plain_lines"),
    [
        ("started_at", {"assume_offset": "+02:00"}, [call(1), call(2, at="2026-11-20T10:00:00")], [2, 3]),
        (
            "started_at",
            {"format": "%Y/%m/%dT%H,%M,%S", "assume_offset": "+00:00"},
            [call(1, at="2026/11/20T10,00,00")],
            [],
        ),
    ],
)
def test_which_forms_of_a_field_can_be_plain(tmp_path, field, changes, rows, plain_lines):
    definition = voice().model_dump(mode="json")
    next(entry for entry in definition["characteristics"] if entry["id"] == field).update(changes)
    layout = usage_layout(UsageSpecification.model_validate(definition))
    assert plain(tmp_path, "\n".join([HEADER, *rows]) + "\n", layout) == plain_lines


_DAMAGE = st.sampled_from([",", '"', "\\", "-", "+", ".", "0", "9", "T", "Z", " ", "\t", "\r", "é", "\u200b", "１", ""])


@given(st.lists(st.tuples(st.integers(0, 70), _DAMAGE, st.booleans()), min_size=1, max_size=3), st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_line_never_takes_the_short_way_to_another_fate(tmp_path, damages, is_json):
    """The comparison itself is in ``reading``: it fails when the short way keeps what the long way would not."""
    row = json.dumps(_call(2)) if is_json else call(2)
    for place, text, is_inserted in damages:
        place = place % len(row)
        row = row[:place] + text + row[place + (0 if is_inserted else 1) :]
    layout = usage_layout(voice(format="jsonl", name_pattern="voice_*.jsonl*")) if is_json else None
    first = json.dumps(_call(1)) if is_json else f"{HEADER}\n{call(1)}"
    judged(tmp_path, f"{first}\n{row}\n", layout)


def test_a_character_that_is_plain_is_visible_to_the_long_way_too(tmp_path):
    """DuckDB and DataFusion have tables of characters of their own, of different versions of Unicode."""
    numbers = [number for number in range(1, 0x110000) if not 0xD800 <= number < 0xE000]
    characters = pa.table({"c": [chr(number) for number in numbers]})
    pattern = f"[{INVISIBLE}]"
    with_datafusion = SessionContext()
    with_datafusion.register_record_batches("characters", [characters.to_batches()])
    invisible = {
        row["c"]
        for batch in with_datafusion.sql(f"select c from characters where regexp_like(c, '{pattern}')").collect()
        for row in batch.to_pylist()
    }
    session = lines.open_session(tmp_path)
    session.register("characters", characters)
    rejected = session.execute(f"select c from characters where regexp_matches(c, '{pattern}')").fetchall()
    assert len(rejected) > 200
    assert {character for (character,) in rejected} <= invisible
