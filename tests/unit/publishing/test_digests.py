"""Digests that need no database: canonical JSON and the digest of the code."""

import pytest

from assets.publishing.digests import canonical_json, code_digest, sha256_of


def test_equal_values_have_one_spelling():
    assert canonical_json({"b": [1, None], "a": "ż"}) == '{"a":"\\u017c","b":[1,null]}'
    assert sha256_of({"a": 1, "b": 2}) == sha256_of({"b": 2, "a": 1})


def test_floats_are_refused_at_any_depth():
    with pytest.raises(TypeError, match="float"):
        canonical_json({"a": [{"b": 0.1}]})


def test_the_code_digest_follows_content_and_name_and_not_what_dbt_generates(tmp_path):
    (tmp_path / "models").mkdir()
    model = tmp_path / "models" / "a.sql"
    model.write_text("select 1")
    first = code_digest(tmp_path)
    for folder in ("target", "logs"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "b.sql").write_text("select 2")
    (tmp_path / ".user.yml").write_text("id: 1")
    assert code_digest(tmp_path) == first
    model.write_text("select 2")
    second = code_digest(tmp_path)
    model.rename(tmp_path / "models" / "b.sql")
    assert len({first, second, code_digest(tmp_path)}) == 3


def test_a_folder_without_models_has_no_digest(tmp_path):
    with pytest.raises(FileNotFoundError):
        code_digest(tmp_path)
