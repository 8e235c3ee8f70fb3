"""Names the book gives to offerings, prices, agreements and FX sources, and what a party was called on a day.

Belongs here: reading them once per batch. Belongs elsewhere: the fixed words of documents (``words``,
``templates/locale``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import psycopg

from assets.documents.document import Party
from assets.money import FALLBACK_LANGUAGE, known_language


@dataclass(frozen=True, slots=True)
class BookWords:
    """All texts of one book version."""

    book_id: int
    texts: dict[tuple[str, str], dict[str, str]]
    fx_source_names: dict[str, str]

    def name(self, object_kind: str, object_id: str, language_code: str) -> str:
        """The name in a language, else in its base language, else in English, else any there is, else the id."""
        by_language = self.texts.get((object_kind, object_id), {})
        for language in (language_code, known_language(language_code), FALLBACK_LANGUAGE):
            if language in by_language:
                return by_language[language]
        return by_language[min(by_language)] if by_language else object_id

    def fx_source(self, source_id: str) -> str:
        """The printed name of a source of exchange rates."""
        return self.fx_source_names.get(source_id, source_id)


def read_book_words(connection: psycopg.Connection, book_id: int) -> BookWords:
    """Texts and source names of a book version; a few hundred rows."""
    texts: dict[tuple[str, str], dict[str, str]] = {}
    rows = connection.execute(
        "select object_kind, object_id, language_code, text from catalog.texts where book_id = %s", [book_id]
    )
    for object_kind, object_id, language_code, text in rows:
        texts.setdefault((object_kind, object_id), {})[language_code] = text
    sources = connection.execute(
        """
        select source ->> 'id', source ->> 'name'
        from catalog.book_versions,
            jsonb_array_elements(coalesce(definition -> 'fx_sources', '[]'::jsonb)) as sources (source)
        where book_id = %s
        """,
        [book_id],
    )
    return BookWords(book_id, texts, {source_id: name for source_id, name in sources if name})


def read_parties(connection: psycopg.Connection, party_ids: Iterable[str], day: date) -> dict[str, Party]:
    """Parties as their record in force on a day names them; unknown ids are left out."""
    rows = connection.execute(
        """
        select distinct on (party_id) party_id, name, address_lines, country_code, tax_number, bank_account
        from inbox.parties
        where party_id = any(%s) and effective_from <= %s
        order by party_id, effective_from desc
        """,
        [sorted(set(party_ids)), day],
    )
    return {
        party_id: Party(name, tuple(address_lines), country_code, tax_number, bank_account)
        for party_id, name, address_lines, country_code, tax_number, bank_account in rows
    }
