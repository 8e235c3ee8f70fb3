"""Posted settlements from the ledger, as documents: what one party owes another, and only that hop.

Belongs here: SQL that reads settlements, and grouping of its rows. Belongs elsewhere: the model (``document``),
printing (``render``), amounts (dbt models; the sums for groups are made in SQL here).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from assets.documents.book_words import BookWords, read_book_words, read_parties
from assets.documents.document import (
    AgreementPositions,
    Conversion,
    CorrectedDocument,
    DocumentKind,
    OfferingRevenue,
    Party,
    PeriodItem,
    PositionLine,
    Proof,
    ReadDocument,
    SettlementDocument,
    TaxLine,
)
from assets.money import FALLBACK_LANGUAGE, Money

_SETTLEMENTS = """
    select documents.*, settlements.tax_category, settlements.tax_treatment, settlements.tax_rate_percent,
        settlements.tax_mention, runs.input_digest, runs.book_id, books.book_digest, books.operator_party_id,
        (runs.period_start at time zone books.time_zone)::date as first_day,
        ((runs.period_end - interval '1 microsecond') at time zone books.time_zone)::date as last_day
    from ledger.settlement_documents as documents
    join published.fct_party_settlements as settlements using (bill_run_id, settlement_key)
    join control.bill_runs as runs using (bill_run_id)
    join catalog.book_versions as books using (book_id)
    where documents.bill_run_id = %(bill_run_id)s and documents.settlement_key = any(%(keys)s)
    order by documents.payer_party_id, documents.receiver_party_id, documents.series_id, documents.number
"""

_SETTLEMENT_KEYS = """
    select settlement_key, document_number from ledger.settlement_documents where bill_run_id = %(bill_run_id)s
    order by payer_party_id, receiver_party_id, series_id, number
"""

_POSITIONS = """
    select posted.settlement_key, positions.*, agreements.version,
        case when positions.hop_number = 0 then 'tariff' else steps.rule end as rule,
        case when positions.hop_number = 0 then 'usage' else steps.basis end as basis, steps.percent,
        steps.unit_amount, steps.unit_currency_code,
        positions.amount_exact * ('1e-' || currencies.minor_digits)::numeric as share_exact
    from ledger.settlement_documents as documents
    join ledger.posted_positions as posted using (settlement_key)
    join published.fct_positions as positions using (bill_run_id, position_key)
    join catalog.currencies as currencies on positions.currency_code = currencies.currency_code
    left join catalog.agreements as agreements using (agreement_version_id)
    left join lateral (
        select agreement_steps.rule, agreement_steps.percent, agreement_steps.currency_code as unit_currency_code,
            coalesce(
                agreement_steps.tier_of, agreement_steps.fixed_per, agreement_steps.basis_choice, agreement_steps.basis
            ) as basis,
            coalesce(agreement_steps.unit_amount, agreement_steps.fixed_amount) as unit_amount
        from catalog.agreement_steps
        where agreement_steps.agreement_version_id = positions.agreement_version_id
            and agreement_steps.item_id = positions.item_id
        order by agreement_steps.terms_id, agreement_steps.step_number
        limit 1
    ) as steps on true
    where documents.bill_run_id = %(bill_run_id)s and documents.settlement_key = any(%(keys)s)
    order by posted.settlement_key, positions.agreement_id, agreements.version, positions.hop_number,
        positions.item_id, positions.currency_code, positions.tax_category, positions.position_key
"""

# One pass over the run's shares: sums per position and, one level finer, per offering. In major units, exact.
_REVENUE = """
    with bases as (
        select shares.hop_number, shares.agreement_version_id, shares.item_id, shares.payer_party_id,
            shares.receiver_party_id, shares.currency_code, shares.tax_category, lines.offering_id,
            count(*) as line_count, sum(shares.base_exact) as base_minor_exact,
            sum(shares.amount_exact) as share_minor_exact
        from ledger.shares_by_settlement as shares
        join published.fct_applied_billing_rates as lines
            on shares.source_bill_run_id = lines.bill_run_id and shares.line_key = lines.line_key
        where shares.bill_run_id = %(bill_run_id)s and not shares.is_kept
            and shares.agreement_version_id = any(%(agreement_version_ids)s)
            and shares.receiver_party_id = any(%(receiver_party_ids)s)
        group by grouping sets (
            (shares.hop_number, shares.agreement_version_id, shares.item_id, shares.payer_party_id,
                shares.receiver_party_id, shares.currency_code, shares.tax_category),
            (shares.hop_number, shares.agreement_version_id, shares.item_id, shares.payer_party_id,
                shares.receiver_party_id, shares.currency_code, shares.tax_category, lines.offering_id)
        )
    )
    select bases.*, bases.base_minor_exact * ('1e-' || currencies.minor_digits)::numeric as base_exact,
        bases.share_minor_exact * ('1e-' || currencies.minor_digits)::numeric as share_exact
    from bases
    join catalog.currencies as currencies using (currency_code)
    order by bases.base_minor_exact desc, bases.offering_id
"""

# What partners owe each other for usage, as _REVENUE but counting usage records: per position and, one level finer, per
# price of the tariff.
_PARTY_USAGE = """
    select 0 as hop_number, agreement_version_id, tariff_id as item_id, payer_party_id, receiver_party_id,
        currency_code, tax_category, case when grouping(price_id) = 0 then agreement_id || '/' || tariff_id end
            as offering_id, price_id, sum(event_count)::bigint as event_count, sum(amount_exact) as base_exact,
        sum(amount_exact) as share_exact
    from published.fct_applied_party_billing_rates
    where bill_run_id = %(bill_run_id)s and is_settled and agreement_version_id = any(%(agreement_version_ids)s)
    group by grouping sets (
        (agreement_version_id, tariff_id, payer_party_id, receiver_party_id, currency_code, tax_category),
        (agreement_version_id, agreement_id, tariff_id, payer_party_id, receiver_party_id, currency_code, tax_category,
            price_id)
    )
    order by base_exact desc, price_id
"""

_ITEMS = """
    select items.settlement_key, items.item_kind, items.item_id, items.amount_minor, items.currency_code
    from ledger.settlement_items as items
    where items.settlement_key = any(%(keys)s) and items.stage = 'position'
        and items.item_kind not in ('share', 'usage')
    order by items.settlement_key, items.agreement_id, items.item_kind, items.item_id, items.item_key
"""

_CORRECTED = """
    select settlement_key, document_number, issue_date from ledger.corrected_documents(%(keys)s::uuid[])
    order by issue_date, document_number
"""

_LEGAL_ENTITIES = """
    select distinct on (party_id) party_id, legal_name, address_lines, country_code, tax_number, bank_account
    from catalog.legal_entities where book_id = %(book_id)s order by party_id, legal_entity_id
"""

PositionKey = tuple[Any, ...]
Rows = list[dict[str, Any]]


def settlement_keys(connection: psycopg.Connection, bill_run_id: int) -> list[tuple[UUID, str]]:
    """Key and number of every settlement document of a run, by payer and receiver."""
    return connection.execute(_SETTLEMENT_KEYS, {"bill_run_id": bill_run_id}).fetchall()


def read_settlements(connection: psycopg.Connection, bill_run_id: int, keys: Sequence[UUID]) -> Iterator[ReadDocument]:
    """The documents with these keys, by payer and receiver: one query per table for all of them.

    ``build()`` of a document raises InconsistentDocumentError when its positions do not add up to its amounts.
    """
    given: dict[str, Any] = {"bill_run_id": bill_run_id, "keys": list(keys)}
    with connection.cursor(row_factory=dict_row) as cursor:
        documents = cursor.execute(_SETTLEMENTS, given).fetchall()
        if not documents:
            return
        positions: dict[UUID, Rows] = defaultdict(list)
        for row in cursor.execute(_POSITIONS, given):
            positions[row["settlement_key"]].append(row)
        items: dict[UUID, Rows] = defaultdict(list)
        for row in cursor.execute(_ITEMS, given):
            items[row["settlement_key"]].append(row)
        corrected: dict[UUID, list[CorrectedDocument]] = defaultdict(list)
        if any(row["document_minor"] < 0 for row in documents):
            for row in cursor.execute(_CORRECTED, given):
                corrected[row["settlement_key"]].append(CorrectedDocument(row["document_number"], row["issue_date"]))
        given["agreement_version_ids"] = sorted(
            {row["agreement_version_id"] for rows in positions.values() for row in rows} - {None}
        )
        given["receiver_party_ids"] = sorted({row["receiver_party_id"] for row in documents})
        totals: dict[PositionKey, dict[str, Any]] = {}
        offerings: dict[PositionKey, Rows] = defaultdict(list)
        for row in (*cursor.execute(_REVENUE, given).fetchall(), *cursor.execute(_PARTY_USAGE, given).fetchall()):
            if row["offering_id"] is None:
                totals[_position_key(row)] = row
            else:
                offerings[_position_key(row)].append(row)
        given["book_id"] = documents[0]["book_id"]
        payers = read_parties(connection, {row["payer_party_id"] for row in documents}, documents[0]["issue_date"])
        for row in cursor.execute(_LEGAL_ENTITIES, given):
            payers[row.pop("party_id")] = Party(
                row["legal_name"],
                tuple(row["address_lines"]),
                row["country_code"],
                row["tax_number"],
                row["bank_account"],
            )
    words = read_book_words(connection, documents[0]["book_id"])
    for document in documents:
        key = document["settlement_key"]
        yield ReadDocument(
            str(key),
            document["document_number"],
            partial(
                _document, document, positions[key], items[key], tuple(corrected[key]), totals, offerings, payers, words
            ),
        )


def _position_key(row: dict[str, Any]) -> PositionKey:
    return tuple(
        row[name]
        for name in (
            "hop_number", "agreement_version_id", "item_id", "payer_party_id", "receiver_party_id", "currency_code",
            "tax_category",
        )
    )  # fmt: skip


def _document(
    row: dict[str, Any],
    positions: Rows,
    items: Rows,
    corrects: tuple[CorrectedDocument, ...],
    totals: dict[PositionKey, dict[str, Any]],
    offerings: dict[PositionKey, Rows],
    payers: dict[str, Party],
    words: BookWords,
) -> SettlementDocument:
    currency, receiver = row["currency_code"], row["receiver"]
    language = receiver.get("language_code") or FALLBACK_LANGUAGE

    def money(column: str) -> Money:
        return Money(row[column], currency)

    return SettlementDocument(
        number=row["document_number"],
        kind=DocumentKind(row["document_kind"]),
        language_code=language,
        currency_code=currency,
        payer=payers.get(row["payer_party_id"]) or Party(row["payer_party_id"], (), ""),
        receiver=Party(
            receiver["name"],
            tuple(receiver["address_lines"]),
            receiver["country_code"],
            receiver.get("tax_number"),
            receiver.get("bank_account"),
        ),
        issue_date=row["issue_date"],
        due_date=row["due_date"],
        first_day=row["first_day"],
        last_day=row["last_day"],
        position=money("position_minor"),
        tax=money("tax_minor"),
        document=money("document_minor"),
        withheld=money("withheld_minor"),
        payment=money("payment_minor"),
        taxes=(
            TaxLine(
                row["tax_category"],
                row["tax_treatment"],
                row["tax_rate_percent"],
                row["tax_mention"],
                money("position_minor"),
                money("tax_minor"),
            ),
        ),
        agreements=_agreements(positions, totals, language, words),
        offerings=tuple(
            OfferingRevenue(
                words.name("offering", offering["offering_id"], language),
                offering["item_id"],
                offering["currency_code"],
                offering["event_count"] if "event_count" in offering else offering["line_count"],
                offering["base_exact"],
                offering["share_exact"],
                is_usage="event_count" in offering,
            )
            for position in positions
            for offering in offerings[_position_key(position)]
        ),
        is_paid_by_operator=row["is_paid_by_operator"],
        proof=Proof(
            row["bill_run_id"],
            row["period_id"],
            row["book_digest"],
            row["input_digest"] or "-",
            str(row["settlement_key"]),
        ),
        items=tuple(
            PeriodItem(item["item_kind"], item["item_id"], Money(item["amount_minor"], currency)) for item in items
        ),
        retained=money("retained_minor"),
        retention_release_date=row["retention_release_date"],
        corrects=corrects,
    )


def _agreements(
    positions: Rows, totals: dict[PositionKey, dict[str, Any]], language: str, words: BookWords
) -> tuple[AgreementPositions, ...]:
    grouped: dict[tuple[str, str], Rows] = defaultdict(list)
    for row in positions:
        grouped[row["agreement_id"], row["version"]].append(row)
    return tuple(
        AgreementPositions(
            agreement_id,
            words.name("agreement", agreement_id, language),
            version,
            tuple(_position(row, totals[_position_key(row)], words) for row in rows),
        )
        for (agreement_id, version), rows in grouped.items()
    )


def _position(row: dict[str, Any], total: dict[str, Any], words: BookWords) -> PositionLine:
    is_converted = row["currency_code"] != row["settlement_currency_code"]
    return PositionLine(
        item_id=row["item_id"],
        rule=row["rule"],
        basis=row["basis"],
        percent=row["percent"],
        unit_amount=row["unit_amount"],
        unit_currency_code=row["unit_currency_code"] or row["currency_code"],
        line_count=row["line_count"],
        base_exact=total["base_exact"],
        share_exact=row["share_exact"],
        amount=Money(row["amount_minor"], row["currency_code"]),
        settlement_amount=Money(row["settlement_amount_minor"], row["settlement_currency_code"]),
        conversion=Conversion(
            row["currency_code"],
            row["settlement_currency_code"],
            row["fx_rate"],
            words.fx_source(row["fx_source"]),
            row["fx_date"],
        )
        if is_converted
        else None,
    )
