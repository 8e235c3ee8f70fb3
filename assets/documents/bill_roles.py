"""Who issues and collects an invoice and under which brand, as the rules of its lines say.

Belongs here: SQL that looks up the roles of posted lines.
Belongs elsewhere: working roles out (``assets.catalog.roles``), the bill itself (``bills``).
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from assets.documents.document import Party

# A bill shows a brand only when all of its lines have it; a supplier has one issuer and one collector (check_roles).
_ROLES = """
    with roles as (
        select posted.bill_key, runs.book_id,
            coalesce(agreed.issuer_legal_entity_id, own.issuer_legal_entity_id) as issuer,
            coalesce(agreed.mandate, own.mandate) as mandate,
            coalesce(agreed.collector_legal_entity_id, own.collector_legal_entity_id) as collector,
            case when agreed.offering_id is null then own.brand_id else agreed.brand_id end as brand
        from ledger.posted_lines as posted
        join published.fct_applied_billing_rates as lines using (bill_run_id, line_key)
        join control.bill_runs as runs using (bill_run_id)
        left join catalog.agreement_terms as terms using (terms_id)
        left join catalog.customer_roles as own
            on runs.book_id = own.book_id and lines.offering_id = own.offering_id and own.agreement_version_id is null
        left join catalog.customer_roles as agreed
            on runs.book_id = agreed.book_id and lines.offering_id = agreed.offering_id
            and terms.root_agreement_version_id = agreed.agreement_version_id
        where posted.bill_run_id = %(bill_run_id)s and posted.bill_key = any(%(keys)s)
    ),
    bills as (
        select bill_key, book_id, min(issuer) as issuer, min(mandate) as mandate, min(collector) as collector,
            case when count(distinct coalesce(brand, '')) = 1 then min(brand) end as brand
        from roles group by bill_key, book_id
    )
    select bills.bill_key, bills.issuer, bills.mandate, bills.collector, brands.brand_name,
        coalesce(brands.party_id = books.operator_party_id, true) as is_own_brand,
        issuers.legal_name as issuer_name, collectors.legal_name, collectors.address_lines, collectors.country_code,
        collectors.tax_number, collectors.bank_account
    from bills
    join catalog.book_versions as books using (book_id)
    left join catalog.legal_entities as issuers
        on bills.book_id = issuers.book_id and bills.issuer = issuers.legal_entity_id
    left join catalog.legal_entities as collectors
        on bills.book_id = collectors.book_id and bills.collector = collectors.legal_entity_id
    left join catalog.brands on bills.book_id = brands.book_id and bills.brand = brands.brand_id
"""


@dataclass(frozen=True, slots=True)
class BillRoles:
    """Roles of one invoice beside its supplier; ``issuer_name`` only where another company writes it."""

    issuer_name: str | None = None
    mandate: str | None = None
    collector: Party | None = None
    brand_name: str | None = None
    is_own_brand: bool = True


def read_roles(connection: psycopg.Connection, given: dict[str, Any]) -> dict[UUID, BillRoles]:
    """Roles by bill key; a bill whose lines have none in the book is left out."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_ROLES, given).fetchall()
    return {row["bill_key"]: _roles(row) for row in rows if row["issuer"] is not None}


def _roles(row: dict[str, Any]) -> BillRoles:
    return BillRoles(
        issuer_name=row["issuer_name"],
        mandate=row["mandate"],
        collector=Party(
            row["legal_name"], tuple(row["address_lines"]), row["country_code"], row["tax_number"], row["bank_account"]
        ),
        brand_name=row["brand_name"],
        is_own_brand=row["is_own_brand"],
    )
