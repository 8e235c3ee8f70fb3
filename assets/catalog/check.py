"""Checks a whole book and reports all problems at once.

Belongs here: the order of the checks and their result.
Belongs elsewhere: reading (``reading``), the rules (``checks``), writing rows (``loading``).
"""

from dataclasses import dataclass
from pathlib import Path

from assets.catalog.book import Book, definition_of, sha256_of
from assets.catalog.checks.adjustments import check_adjustments
from assets.catalog.checks.agreement_chains import check_agreement_chains, check_ranks
from assets.catalog.checks.agreements import check_agreements
from assets.catalog.checks.allowances import check_allowances
from assets.catalog.checks.bundles import check_bundles
from assets.catalog.checks.calendars import check_calendars
from assets.catalog.checks.cover_ties import check_cover_ties
from assets.catalog.checks.offerings import check_offerings
from assets.catalog.checks.operator import check_operator, check_services, check_translations
from assets.catalog.checks.party_tariffs import check_party_tariffs
from assets.catalog.checks.phases import check_phases
from assets.catalog.checks.price_ties import check_price_ties
from assets.catalog.checks.roles import check_roles
from assets.catalog.checks.tariff_items import check_tariff_items
from assets.catalog.checks.taxes import check_taxes
from assets.catalog.checks.usage import check_usage_specifications
from assets.catalog.checks.zones import check_zone_lists
from assets.catalog.reading.parse import parse_book
from assets.catalog.reading.problems import Problem

# Zone lists and standard rates are resolved by their checks, so they come before the checks that use them.
_CHECKS = (
    check_operator,
    check_zone_lists,
    check_taxes,
    check_usage_specifications,
    check_services,
    check_translations,
    check_calendars,
    check_offerings,
    check_allowances,
    check_bundles,
    check_adjustments,
    check_phases,
    check_price_ties,
    check_agreements,
    check_party_tariffs,
    check_tariff_items,
    check_agreement_chains,
    check_cover_ties,
    check_roles,
)


@dataclass(frozen=True)
class CheckedBook:
    """A book and all its problems; it can be loaded only when there are none.

    ``digest`` is the SHA-256 of the content (independent of file names, order, comments and white space), and None
    while there are problems.
    """

    folder: Path
    book: Book
    problems: tuple[Problem, ...]
    digest: str | None

    @property
    def is_valid(self) -> bool:
        """Whether the book can be loaded."""
        return not self.problems

    def report(self) -> str:
        """All problems as text, one a line, like a compiler's output."""
        return "\n".join(str(problem) for problem in self.problems)


def check_book(folder: Path | str) -> CheckedBook:
    """Read and check a book folder.

    Returns:
        The book with every problem, ordered by file and line. What is in the folder, or a folder that is not there,
        never raises.
    """
    folder = Path(folder)
    return judge(folder, *parse_book(folder))


def judge(folder: Path, book: Book, found: list[Problem]) -> CheckedBook:
    """Check the parts of a book that have been read, from a folder or made in memory.

    Args:
        folder: Where the book is, for messages.
        found: What reading the parts has found already.
    """
    found = list(found)
    for check in _CHECKS:
        found += check(book)
    if not found:
        found += check_ranks(book)
    problems = tuple(sorted(set(found)))
    return CheckedBook(folder, book, problems, None if problems else sha256_of(definition_of(book)))
