"""Partners' own figures as feeds: one per agreement whose terms name the files and their columns.

Belongs here: the layout of such a file and what its columns become.
Belongs elsewhere: the terms (``assets.catalog.models.settlement_conduct``), matching them (``assets.settling``).
"""

import psycopg

from assets.catalog.models.settlement_conduct import PartnerStatement
from assets.ingestion.layout import Field, Layout
from assets.ingestion.populations.fields import Population

_FEED_PREFIX = "partner_statement"


def statements_in_force(connection: psycopg.Connection) -> list[Population]:
    """Feeds of partners' figures of the current book, by name; the newest version of an agreement says how."""
    rows = connection.execute(
        """
        select distinct on (agreements.agreement_id) agreements.agreement_id, feeds.definition
        from catalog.agreements
        cross join lateral (
            select agreements.definition #> '{versions,0,settlement,partner_statement}' as definition
        ) as feeds
        where agreements.book_id = catalog.current_book() and jsonb_typeof(feeds.definition) = 'object'
        order by agreements.agreement_id, agreements.effective_from desc
        """
    ).fetchall()
    return [statement_feed(agreement_id, PartnerStatement.model_validate(given)) for agreement_id, given in rows]


def statement_feed(agreement_id: str, statement: PartnerStatement) -> Population:
    """The population of one feed. Ids are of the book's grammar, so they can stand in SQL as they are."""
    fields = [
        Field("month", statement.month, "text", pattern=r"[0-9]{4}-(0[1-9]|1[0-2])", pattern_text="a month, YYYY-MM"),
        Field("amount", statement.amount, "quantity", scale=4),
    ]
    columns = {
        "agreement_id": f"'{agreement_id}'",
        "party_id": f"'{statement.by}'",
        "month": "month",
        "grain": f"'{statement.grain}'",
        "product_id": "''",
        "usage_day": "''",
        "line_key": "''",
        "amount": "amount::numeric(18, 4)",
    }
    key = ["month"]
    for column, name in (
        ("product_id", statement.product),
        ("usage_day", statement.day),
        ("line_key", statement.line),
    ):
        if name is not None:
            is_day = column == "usage_day"
            fields.append(Field(column, name, "date" if is_day else "text", max_length=40))
            columns[column] = "usage_day::date::text" if is_day else column
            key.append(column)
    return Population(
        layout=Layout(
            feed=f"{_FEED_PREFIX}/{statement.id}",
            feed_kind="population",
            name_pattern=statement.name_pattern,
            file_format="csv",
            fields=tuple(fields),
            delimiter=statement.delimiter,
            extra_columns_ignored=True,
        ),
        table="inbox.partner_statement_rows",
        key=tuple(key),
        table_key=("agreement_id", "party_id", "month", "product_id", "usage_day", "line_key"),
        columns=columns,
    )
