"""The example book is sound, and uses most of what a book can say."""

from pathlib import Path

from assets.catalog.check import check_book
from tests.pipeline import PROJECT_ROOT
from tests.unit.catalog.test_catalog_worked_examples import MODELS, WITHOUT_EXAMPLE, fields_of

BOOK = PROJECT_ROOT / "examples" / "book"
LEAST_PERCENT = 85


def _used(folder: Path) -> set[tuple[str, str]]:
    """The fields that the book in a folder writes."""
    book = check_book(folder).book
    placed = [
        *book.offerings.values(), *book.usage_specifications.values(), *book.agreements.values(),
        *book.calendars.values(), *book.fx_sources.values(), *book.taxes,
        *(row for zone_list in book.zone_lists.values() for row in zone_list.rows),
    ]  # fmt: skip
    return fields_of([part.value for part in placed]) | fields_of(book.valid_operator)


def test_the_example_book_uses_most_settings() -> None:
    settings = {
        (model.__name__, name) for model in MODELS for name in model.model_fields if "File" not in model.__name__
    }
    settings -= WITHOUT_EXAMPLE.keys()
    used = _used(BOOK) & settings
    unused = ", ".join(f"{model}.{name}" for model, name in sorted(settings - used))
    assert 100 * len(used) >= LEAST_PERCENT * len(settings), (
        f"{len(used)} of {len(settings)} settings are used; not used: {unused}"
    )


def test_fields_that_a_book_does_not_write_are_not_counted() -> None:
    assert ("Operator", "party") in _used(BOOK)
    assert ("Operator", "no_such_field") not in _used(BOOK)


def test_every_service_of_the_example_has_words_for_the_overview_of_a_bill() -> None:
    book = check_book(BOOK).book
    services = {placed.value.service for placed in book.offerings.values()}
    assert services and services - {service.id for service in book.valid_operator.services} == set()
