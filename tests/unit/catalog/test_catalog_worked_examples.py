"""Every setting of the book has a description, and an example on the reference page that uses it."""

from typing import Any, get_args

import pytest
from pydantic import BaseModel

from assets.catalog.docs import reference_page
from assets.catalog.docs.examples import FORMS
from assets.catalog.docs.worked_examples import worked_examples
from tests.conformance.operator_book import assemble
from tests.unit.catalog.test_catalog_docs import parts_of
from tests.worked_scenarios import scenario_of

# Settings without an example, and why: nothing could be shown.
WITHOUT_EXAMPLE = {
    ("BundleOffering", "pricing"): "its fees have one flat amount, which no setting of prices reads in another way",
    ("MinimumPrice", "adjustments"): "the check refuses them: what is missing to a minimum is not discounted",
}


def _reachable(annotation: Any, found: dict[type[BaseModel], None]) -> dict[type[BaseModel], None]:
    """All models that a file of the book can hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation not in found:
            found[annotation] = None
            for info in annotation.model_fields.values():
                _reachable(info.annotation, found)
    else:
        for part in get_args(annotation):
            _reachable(part, found)
    return found


MODELS = [model for schema in reference_page.SCHEMAS.values() for model in _reachable(schema, {})]


def fields_of(value: Any) -> set[tuple[str, str]]:
    """The fields that are written in a part of a book."""
    if isinstance(value, BaseModel):
        written = {(type(value).__name__, name) for name in value.model_fields_set}
        return written.union(*(fields_of(getattr(value, name)) for name in value.model_fields_set))
    if isinstance(value, dict):
        return set().union(*(fields_of(entry) for entry in value.values()))
    return set().union(*(fields_of(entry) for entry in value)) if isinstance(value, list | tuple) else set()


@pytest.fixture(scope="module")
def shown() -> set[tuple[str, str]]:
    """Fields that chapters or worked examples use. Whole files are shown by what is in them."""
    fields = {(model.__name__, name) for model in reference_page.SCHEMAS.values() for name in model.model_fields}
    for form in FORMS:
        for part in parts_of(form):
            fields |= fields_of(part)
    cases = [(example, case) for example in worked_examples() for case in example.cases]
    book = assemble([scenario_of(number, *case) for number, case in enumerate(cases, start=1)])[0].book
    for placed in (*book.offerings.values(), *book.calendars.values(), *book.agreements.values()):
        fields |= fields_of(placed.value)
    return fields


def test_every_setting_has_an_example_that_uses_it(shown: set[tuple[str, str]]) -> None:
    settings = {(model.__name__, name) for model in MODELS for name in model.model_fields}
    missing = sorted(settings - shown - WITHOUT_EXAMPLE.keys())
    assert missing == [], (
        "add an example to assets/catalog/docs/worked or to its chapter in assets/catalog/docs/examples_*.py"
    )


def test_no_setting_is_excused_that_is_shown(shown: set[tuple[str, str]]) -> None:
    assert WITHOUT_EXAMPLE.keys() & shown == set()


def test_every_setting_says_what_it_means() -> None:
    silent = {
        f"{model.__name__}.{name}"
        for model in MODELS
        for name, info in model.model_fields.items()
        if not info.description and name not in ("kind", "type", "model")
    }
    assert silent == set()


def test_every_form_has_its_table_on_the_page() -> None:
    listed = {model for form in FORMS for model in form.models} | set(reference_page.SCHEMAS.values())
    assert [model.__name__ for model in dict.fromkeys(MODELS) if model not in listed] == []


def test_a_setting_that_nothing_shows_would_be_missed(shown: set[tuple[str, str]]) -> None:
    assert ("PerUnitTariff", "block_size") in shown
    assert ("PerUnitTariff", "no_such_setting") not in shown


def test_every_worked_example_stands_on_the_page() -> None:
    page = reference_page.files()["reference.md"]
    assert [example.id for example in worked_examples() if example.book.strip() not in page] == []
