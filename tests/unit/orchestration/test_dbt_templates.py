"""Compiled templates are taken for the very text they were made of, by the versions that made them, or not at all."""

import marshal

import pytest
from dbt_common.clients.jinja import MacroFuzzEnvironment, get_environment

from orchestration.dbt import templates

MACRO = "{% macro twice(number) %}{{ number }}{{ number }}{% endmacro %}"
MODEL = "select {{ one }} as one {#- a word -#}"
MANIFEST = {
    "macros": {"macro.tiny.twice": {"macro_sql": MACRO}},
    "nodes": {"model.tiny.one": {"raw_code": MODEL, "config": {"post-hook": [{"sql": "analyze {{ this }}"}]}}},
}


@pytest.fixture
def compiled_anew(tmp_path, monkeypatch) -> list[str]:
    """A fresh file, dbt's environment as a run has it; what Jinja compiles itself."""
    texts: list[str] = []
    compile_anew = MacroFuzzEnvironment.compile

    def listen(environment, source, *arguments, **options):
        texts.append(source)
        return compile_anew(environment, source, *arguments, **options)

    monkeypatch.setattr(templates, "FILE", tmp_path / "templates.marshal")
    monkeypatch.setattr(templates, "_kept", {})
    monkeypatch.setattr(MacroFuzzEnvironment, "compile", listen)
    monkeypatch.setattr(MacroFuzzEnvironment, "compile", templates.take_or_compile(MacroFuzzEnvironment))
    templates.keep(MANIFEST, others=False)
    templates._kept.clear()
    texts.clear()
    return texts


def _render(text: str, *, native: bool = False) -> str:
    return get_environment(native=native).from_string(text).render({"one": 1, "this": "build.one"})


def test_what_was_kept_is_taken_for_the_same_text_only(compiled_anew):
    templates.load()
    assert _render(MODEL) == "select 1 as one"
    assert _render("analyze {{ this }}") == "analyze build.one"
    assert compiled_anew == []
    assert _render(f"{MODEL} from it") == "select 1 as onefrom it"
    assert _render(MODEL, native=True) == "select 1 as one"
    assert compiled_anew == [f"{MODEL} from it", MODEL]


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"no code of Python",
        marshal.dumps("something else"),
        marshal.dumps((("cpython-27", *templates.MADE_BY[1:]), {MODEL: compile("1", "<template>", "exec")})),
    ],
    ids=["missing", "empty", "broken", "other", "older Python"],
)
def test_what_other_versions_kept_is_not_taken(compiled_anew, content):
    if content is None:
        templates.FILE.unlink()
    else:
        templates.FILE.write_bytes(content)
    templates.load()
    assert _render(MODEL) == "select 1 as one"
    assert compiled_anew == [MODEL]


def test_templates_of_another_lane_are_kept_beside(compiled_anew):
    templates.load()
    templates.keep({"macros": {}, "nodes": {}}, others=True)
    templates._kept.clear()
    templates.load()
    assert _render(MODEL) == "select 1 as one" and compiled_anew == []
    templates.keep({"macros": {}, "nodes": {}}, others=False)
    templates._kept.clear()
    templates.load()
    assert _render(MODEL) == "select 1 as one" and compiled_anew == [MODEL]
