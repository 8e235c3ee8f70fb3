"""Templates of the dbt project, compiled to Python once: Jinja would do it in every run, for every model and macro.

Belongs here: what Jinja makes of a text, kept beside the prepared manifest, and looked up by the whole text.
Belongs elsewhere: preparing the project (``orchestration.dbt.manifest``), running it (``orchestration.dbt.lean``).

A text that is not kept is compiled as ever, so nothing depends on what is kept being complete, or there at all.
"""

import marshal
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import metadata
from types import CodeType
from typing import Any

from orchestration.paths import DBT_PROJECT

FILE = DBT_PROJECT / "target" / "templates.marshal"
# Code of another version of Python, Jinja or dbt's additions to it is another code.
MADE_BY = (sys.implementation.cache_tag, metadata.version("jinja2"), metadata.version("dbt-common"))

_kept: dict[str, CodeType] = {}


def load() -> None:
    """Take what was kept, if it was made by the versions at hand."""
    try:
        made_by, codes = marshal.loads(FILE.read_bytes())
    except (OSError, ValueError, EOFError, TypeError):
        return
    if made_by == MADE_BY:
        _kept.update(codes)


def keep(manifest: Mapping[str, Any], *, others: bool) -> None:
    """Compile the templates of a written manifest and keep them; what was kept of other manifests stays or goes."""
    from dbt_common.clients.jinja import get_environment

    environment = get_environment()
    codes = dict(_kept) if others else {}
    codes.update((text, _kept.get(text) or environment.compile(text)) for text in set(_texts(manifest)))
    half = FILE.with_suffix(f".{os.getpid()}")
    half.write_bytes(marshal.dumps((MADE_BY, codes)))
    half.replace(FILE)
    _kept.update(codes)


def _texts(manifest: Mapping[str, Any]) -> Iterable[str]:
    yield from (macro["macro_sql"] for macro in manifest["macros"].values())
    for node in manifest["nodes"].values():
        yield node["raw_code"]
        for hooks in ("pre-hook", "post-hook"):
            yield from (hook["sql"] for hook in node["config"].get(hooks, ()))


def take_or_compile(environment_class: Any) -> Callable[..., Any]:
    """In place of ``compile`` of dbt's Jinja environment; its subclass for native values makes other code of a text."""
    compile_anew = environment_class.compile

    def compile_template(environment: Any, source: Any, *arguments: Any, **options: Any) -> Any:
        if type(environment) is environment_class and isinstance(source, str) and not arguments and not options:
            code = _kept.get(source)
            if code is not None:
                return code
        return compile_anew(environment, source, *arguments, **options)

    return compile_template
