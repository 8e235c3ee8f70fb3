"""The usage specifications in force, as the catalogue holds them.

Belongs here: reading them back from the loaded book.
Belongs elsewhere: checking and loading a book (``assets.catalog``).
"""

import psycopg

from assets.catalog.models.usage_specification import UsageSpecification


def specifications_in_force(connection: psycopg.Connection) -> list[UsageSpecification]:
    """Usage specifications of the current book, ordered by code."""
    rows = connection.execute(
        """select v.definition
        from catalog.usage_specification_versions v join catalog.usage_specifications s using (usage_specification_id)
        where v.book_id = catalog.current_book()
        order by s.usage_specification_code"""
    ).fetchall()
    return [UsageSpecification.model_validate(definition) for (definition,) in rows]
