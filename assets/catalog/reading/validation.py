"""Turns pydantic's errors into problems of the book, in the book's words and on the right line.

Belongs here: validating one part of a file against its model, and translating what is wrong.
Belongs elsewhere: finding the parts (``parse``), rules between parts (``checks``).
"""

import types
from collections.abc import Iterator
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, Tag, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from assets.catalog.reading.problems import Path, Placed, Problem, SourceFile, listed, shown

T = TypeVar("T")

_EXPECTED_BY_TYPE = {
    "string_type": "a text",
    "bool_type": "true or false, without quotes",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_REMEDY_BY_TYPE = {
    "string_type": "Write it in quotes.",
    "list_type": "Write [..] or lines that start with a dash.",
    "dict_type": "Write {name: value} or indented lines.",
    "model_type": "Write {name: value} or indented lines.",
    "model_attributes_type": "Write {name: value} or indented lines.",
}


def validate(annotation: Any, file: SourceFile, path: Path, value: Any) -> tuple[Placed[Any] | None, list[Problem]]:
    """Validate one part of a file.

    Returns:
        The part with its place, or None; and all problems of the part.
    """
    try:
        return Placed(_adapter(annotation).validate_python(value), file, path), []
    except ValidationError as error:
        # What the reader of the file has reported (an absent value, a date without quotes) is not reported again.
        problems = [
            _translate(annotation, file, path, detail)
            for detail in error.errors(include_url=False)
            if detail["type"] == "missing" or path + _place_in_book(detail) not in file.reported
        ]
        return None, list(dict.fromkeys(problems))


_adapters: dict[int, tuple[Any, TypeAdapter[Any]]] = {}


def _adapter(annotation: Any) -> TypeAdapter[Any]:
    # Keyed by identity, because annotated unions with validators are not all hashable.
    if id(annotation) not in _adapters:
        _adapters[id(annotation)] = (annotation, TypeAdapter(annotation))
    return _adapters[id(annotation)][1]


def _is_tag(part: str | int) -> bool:
    return isinstance(part, str) and part.startswith(("kind=", "type=", "model=", "rule="))


def _place_in_book(detail: ErrorDetails) -> Path:
    return tuple(part for part in detail["loc"] if not _is_tag(part) and part != "[key]")


def _translate(annotation: Any, file: SourceFile, base: Path, detail: ErrorDetails) -> Problem:
    location = _place_in_book(detail)
    path = base + location
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "book":
        return file.problem(path, shown(detail["input"]), context["expected"], context["remedy"])
    if kind == "missing":
        field = str(location[-1])
        return file.problem(path[:-1], f"no field {field}", f"the field {field}", "Add the field.")
    if kind == "extra_forbidden":
        known = listed(_fields_at(annotation, detail["loc"][:-1]), limit=30)
        expected = f"one of {known}"
        return file.problem(path, f"the unknown field {shown(location[-1])}", expected, "Correct or remove it.")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _union_problem(annotation, file, path, detail)
    if kind == "literal_error":
        return file.problem(path, shown(detail["input"]), context["expected"], "Choose one of them.")
    if kind in _EXPECTED_BY_TYPE:
        expected, remedy = _EXPECTED_BY_TYPE[kind], _REMEDY_BY_TYPE.get(kind, "")
        return file.problem(path, shown(detail["input"]), expected, remedy)
    expected = detail["msg"].replace("Input should be ", "").replace("List should have", "a list with")
    return file.problem(path, shown(detail["input"]), expected[:1].lower() + expected[1:], "Correct the value.")


def _union_problem(annotation: Any, file: SourceFile, path: Path, detail: ErrorDetails) -> Problem:
    tags = list(_tags(_type_at(annotation, detail["loc"])))
    field, choices = tags[0].partition("=")[0], listed(tag.partition("=")[2] for tag in tags)
    found = detail["input"].get(field) if isinstance(detail["input"], dict) else None
    if not isinstance(detail["input"], dict):
        return file.problem(path, shown(detail["input"]), "a mapping", "Write {name: value} or indented lines.")
    if field == "rule":
        return file.problem(path, "no rule", f"one of the fields {choices}", "Say what the receiver gets.")
    if found is None:
        return file.problem(path, f"no field {field}", f"the field {field}: {choices}", "Add the field.")
    return file.problem((*path, field), shown(found), f"one of {choices}", "Choose one of them.")


def _tags(annotation: Any) -> Iterator[str]:
    for member in _members(annotation):
        if get_origin(member) is Annotated:
            yield from (entry.tag for entry in get_args(member)[1:] if isinstance(entry, Tag))


def _members(annotation: Any) -> tuple[Any, ...]:
    """Members of a union, through one Annotated; the annotation itself when it is no union."""
    inner = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    return get_args(inner) if get_origin(inner) in (Union, types.UnionType) else (annotation,)


def _bare(annotation: Any) -> Any:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return annotation


def _type_at(annotation: Any, location: tuple[str | int, ...]) -> Any:
    """The annotation of the part that a pydantic error location leads to."""
    for part in location:
        tagged = [m for m in _members(annotation) if _is_tag(part) and part in list(_tags(m))]
        if tagged:
            annotation = tagged[0]
            continue
        bare = _bare(annotation)
        if get_origin(bare) in (Union, types.UnionType):
            bare = next((_bare(m) for m in get_args(bare) if m is not type(None)), bare)
        if isinstance(bare, type) and issubclass(bare, BaseModel):
            names = {(info.alias or name): info for name, info in bare.model_fields.items()}
            if part not in names:
                return None
            annotation = names[str(part)].annotation
        elif get_origin(bare) in (list, dict):
            annotation = get_args(bare)[-1]
        else:
            return None
    return annotation


def _fields_at(annotation: Any, location: tuple[str | int, ...]) -> list[str]:
    bare = _bare(_type_at(annotation, location))
    if get_origin(bare) in (Union, types.UnionType):
        bare = next((_bare(m) for m in get_args(bare) if m is not type(None)), bare)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return [info.alias or name for name, info in bare.model_fields.items()]
    return []
