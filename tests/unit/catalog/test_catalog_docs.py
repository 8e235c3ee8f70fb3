"""The reference of the format is what the models say, and its examples are valid."""

import json

import pytest

from assets.catalog.docs import reference_page
from assets.catalog.docs.examples import FORMS
from assets.catalog.models.offering import AnyPrice
from assets.catalog.models.pricing import Pricing
from assets.catalog.models.roles import AgreementRoles
from assets.catalog.models.settlement import Settlement, SettlementItem
from assets.catalog.models.sharing import SharingItem
from assets.catalog.models.tariff import Tariff
from assets.catalog.models.tax import OPTIONAL_TAX_COLUMNS, TAX_COLUMNS, TaxRow
from assets.catalog.models.usage_price import UsagePrice
from assets.catalog.models.zone import ZONE_COLUMNS, ZoneRow
from assets.catalog.reading.csv_files import read_csv
from assets.catalog.reading.problems import Problem
from assets.catalog.reading.strict_yaml import read_yaml
from assets.catalog.reading.validation import validate
from tests.unit.catalog.books import VALID_BOOK


def test_the_generated_reference_is_not_stale():
    stale = [
        name
        for name, text in reference_page.files().items()
        if not (reference_page.DOCS_FOLDER / name).is_file()
        or (reference_page.DOCS_FOLDER / name).read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run: python -m assets.catalog.docs"


def test_no_schema_is_left_over_from_a_kind_that_is_gone():
    kept = {path.name for path in (reference_page.DOCS_FOLDER / "schema").iterdir()}
    assert kept == {f"{name}.schema.json" for name in reference_page.SCHEMAS}


# Examples that are a part of a file.
_PARTS = {
    "tariff": Tariff,
    "price": UsagePrice,
    "pricing": Pricing,
    "sharing": SharingItem,
    "roles": AgreementRoles,
    "settlement": Settlement,
    "items": SettlementItem,
}


def _validated(form) -> tuple[list, list[Problem]]:
    if form.file.endswith(".csv"):
        model, columns = (
            (TaxRow, [*TAX_COLUMNS, *OPTIONAL_TAX_COLUMNS]) if form.file == "taxes.csv" else (ZoneRow, ZONE_COLUMNS)
        )
        file, problems = read_csv(form.file, form.example.encode(), columns)
        parts = [(model, (position,), row) for position, row in enumerate(file.data)]
    else:
        file, problems = read_yaml(form.file, form.example.encode())
        annotation = _PARTS.get(form.file) or reference_page.SCHEMAS.get(form.file.split("/")[0].removesuffix(".yaml"))
        if form.title == "Recurring and one-time prices":
            annotation = AnyPrice
        is_list = isinstance(file.data, list)
        parts = (
            [(annotation, (n,), item) for n, item in enumerate(file.data)] if is_list else [(annotation, (), file.data)]
        )
    values = []
    for annotation, path, data in parts:
        placed, found = validate(annotation, file, path, data)
        problems += found
        values += [placed.value] if placed else []
    return values, problems


def parts_of(form) -> list:
    """What the example of a chapter says, as parts of a book."""
    return _validated(form)[0] if form.example else []


@pytest.mark.parametrize("form", [form for form in FORMS if form.example], ids=lambda form: form.title)
def test_the_example_is_valid(form):
    assert _validated(form)[1] == []


@pytest.mark.parametrize("name", [name for name in VALID_BOOK if name.endswith(".yaml")])
def test_a_valid_file_conforms_to_the_schema_of_its_kind(name):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(reference_page.files()[f"schema/{name.split('/')[0].removesuffix('.yaml')}.schema.json"])
    file, _ = read_yaml(name, VALID_BOOK[name].encode())
    jsonschema.Draft202012Validator.check_schema(schema)
    errors = [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(file.data)]
    assert errors == []


def test_every_field_says_what_it_means():
    silent = [
        f"{model.__name__}.{name}"
        for form in FORMS
        for model in form.models
        for name, info in model.model_fields.items()
        if not info.description and name not in ("kind", "type", "model")
    ]
    assert silent == []
