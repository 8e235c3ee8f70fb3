"""A test settlement: made-up usage of what an agreement covers, settled in a trial by the real models.

Belongs here: choosing what to use, running the trial, its figures as rows.
Belongs elsewhere: the trial (``orchestration.dbt.trial``), made-up usage (``hypothetical``), the page
(``assets.documents.term_sheet``), every amount (dbt).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from assets.catalog.book import Book
from assets.catalog.check import CheckedBook
from assets.catalog.models.agreement import Agreement, Cover
from assets.catalog.models.grammar import decimal_text
from assets.catalog.models.usage_price import UsagePrice
from assets.documents.term_sheet import TrialRow, TrialSettlement
from assets.publishing.refusal import Refusal
from assets.quoting.hypothetical import HypotheticalUsage, UnclearUsage, parse_usage
from assets.quoting.quote import LANE, Asked, Row, business, try_out

MODELS = ("fct_party_settlements", "fct_settlement_items", "fct_account_outcomes", "fct_suspended_usage")
# What is used of each price when nothing is said: ten times a hundred units, or the most that one event may have.
_USUAL_TIMES, _USUAL_UNITS = 10, 100

# Amounts as exact text in major units, made in the database; rows in the order of a settlement.
_ROWS = """
    with of_agreement as (
        select distinct settlement_key from {lane}.fct_settlement_items where agreement_id = %(agreement_id)s
    ),
    revenue as (
        select shares.item_id, shares.receiver_party_id, shares.currency_code, count(*) as line_count,
            sum(shares.base_exact) * ('1e-' || currencies.minor_digits)::numeric as base_exact,
            sum(shares.amount_exact) * ('1e-' || currencies.minor_digits)::numeric as amount_exact
        from {lane}.fct_revenue_shares as shares
        join catalog.currencies using (currency_code)
        where shares.agreement_id = %(agreement_id)s
        group by shares.item_id, shares.receiver_party_id, shares.currency_code, currencies.minor_digits
    ),
    items as (
        select items.*, currencies.minor_digits,
            items.amount_minor * ('1e-' || currencies.minor_digits)::numeric as amount
        from {lane}.fct_settlement_items as items
        join of_agreement using (settlement_key)
        join catalog.currencies using (currency_code)
        where items.agreement_id = %(agreement_id)s or items.stage <> 'position'
    )
    select 1 as place, item_id || ': ' || receiver_party_id as what,
        trim_scale(base_exact)::text || ' ' || currency_code as basis,
        trim_scale(amount_exact)::text || ' ' || currency_code as amount
    from revenue
    union all
    select case stage when 'position' then 2 when 'document' then 3 else 4 end,
        item_kind || ' ' || coalesce(item_id, '') || ': ' || receiver_party_id, '',
        amount::text || ' ' || currency_code
    from items
    union all
    select 5, document_kind || ': ' || receiver_party_id, '',
        (document_minor * ('1e-' || minor_digits)::numeric)::text || ' ' || currency_code
    from {lane}.fct_party_settlements
    join of_agreement using (settlement_key)
    join catalog.currencies using (currency_code)
    union all
    select 6, 'payment: ' || receiver_party_id, due_date::text,
        (payment_minor * ('1e-' || minor_digits)::numeric)::text || ' ' || currency_code
    from {lane}.fct_party_settlements
    join of_agreement using (settlement_key)
    join catalog.currencies using (currency_code)
    order by 1, 2, 4
"""
_PROBLEMS = """
    select 'parked: ' || reason_code || ' ' || coalesce(detail, '') from {lane}.fct_account_outcomes
    where outcome = 'parked'
    union all
    select 'not priced: ' || reason_code || ' ' || coalesce(detail, '') from {lane}.fct_suspended_usage
"""


def run_trial_settlement(
    checked: CheckedBook,
    agreement: Agreement,
    day: date,
    url: str,
    folder: Path,
    *,
    said: Sequence[str] = (),
    parties: Mapping[str, Row] | None = None,
) -> TrialSettlement:
    """Settle made-up usage of what the agreement covers on ``day``: ``said`` as for a quote, or a usual amount.

    Raises:
        Refusal: ``no_test_settlement``, the agreement covers nothing that can be made up, or nothing came out.
        TrialFailed: the trial came to no figures.
    """
    book = checked.book
    cover = _cover(book, agreement, day)
    try:
        usage = [parse_usage(text, book) for text in said] or list(_usual_usage(book, cover))
    except UnclearUsage as problem:
        raise Refusal("unclear_usage", str(problem), "") from problem
    offering = book.offerings[cover.offering or next(iter(sorted(book.offerings)))].value
    country = next(entity.country for entity in book.valid_operator.legal_entities if entity.id == offering.supplier)
    currency = offering.prices[0].currency if offering.prices else book.valid_operator.home_currency
    assumed = dict(_assumed_parties(book, day, country, parties or {}))
    asked = Asked(offering.id, usage, day, currency, country, cover.seller or "", {**(parties or {}), **assumed})
    rows, problems = try_out(checked, asked, url, folder, MODELS, lambda connection: _read(connection, agreement.id))
    if not rows:
        found = f"the test settlement of {agreement.id} has no figures: {'; '.join(problems) or 'nothing was shared'}."
        raise Refusal("no_test_settlement", found, "Say usage that the agreement covers: --usage voice=120min,zone=DE.")
    words = ", ".join([offering.id, *(entry.said for entry in usage), str(day)])
    # What was left out stands first: a reader must not take the rest for all of it.
    left_out = [TrialRow(problem, "", "") for problem in problems]
    left_out += [
        TrialRow(f"assumed: {party_id} in {row['country_code']}, no record of it has come", "", "")
        for party_id, row in assumed.items()
        if party_id in agreement.parties
    ]
    return TrialSettlement(words, (*left_out, *(TrialRow(row["what"], row["basis"], row["amount"]) for row in rows)))


def _assumed_parties(book: Book, day: date, payer_country: str, known: Mapping[str, Row]) -> Iterator[tuple[str, Row]]:
    """Receivers of whom no record has come, where tax is withheld: in a country that the rules of their class name."""
    rules = [
        rule
        for rule in book.valid_operator.withholding
        if rule.payer_country == payer_country
        and rule.effective_from <= day
        and (rule.effective_until is None or day < rule.effective_until)
    ]
    for place in book.agreements.values():
        agreement = place.value
        for version in agreement.versions:
            terms = version.settlement.withholding
            countries = [rule.receiver_country for rule in rules if terms and rule.payment_class == terms.payment_class]
            for party_id in agreement.parties:
                if countries and party_id != agreement.payer and party_id not in known:
                    yield party_id, business(party_id, countries[0], book.valid_operator.languages[0])


def _read(connection: psycopg.Connection, agreement_id: str) -> tuple[list[dict[str, Any]], list[str]]:
    lane = sql.Identifier(LANE)
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(sql.SQL(_ROWS).format(lane=lane), {"agreement_id": agreement_id}).fetchall()
    problems = connection.execute(sql.SQL(_PROBLEMS).format(lane=lane)).fetchall()
    return rows, [text for (text,) in problems]


def _cover(book: Book, agreement: Agreement, day: date) -> Cover:
    """What the agreement, or the root of its chain, covers: the first cover that names an offering."""
    root = agreement
    while root.associated_agreement is not None:
        root = book.agreements[root.associated_agreement.agreement].value
    covers = [
        cover
        for version in root.versions
        if version.effective_from <= day and (version.effective_until is None or day < version.effective_until)
        for cover in version.covers
    ]
    named = [cover for cover in covers if cover.offering is not None and cover.offering in book.offerings]
    if not named:
        found = f"agreement {root.id} covers no offering by name on {day}."
        raise Refusal("no_test_settlement", found, "Make the term sheet without one: --no-test.")
    return named[0]


def _usual_usage(book: Book, cover: Cover) -> Iterator[HypotheticalUsage]:
    """A usual amount for each usage price that is covered, in the first zone that is known where one is needed."""
    prices = book.offerings[cover.offering or ""].value.prices
    specifications = {
        price.usage: None for price in prices if isinstance(price, UsagePrice) and cover.price in (None, price.id)
    }
    zones = [zone for zone_list in book.zone_lists.values() for zone in sorted(zone_list.zones)]
    for name in specifications:
        units = min(Decimal(_USUAL_UNITS), book.usage_specifications[name].value.quantities[0].maximum)
        amount = f"{name}={_USUAL_TIMES}x{decimal_text(units)}"
        for text in (amount, *(f"{amount},zone={zone}" for zone in zones)):
            try:
                yield parse_usage(text, book)
                break
            except UnclearUsage:
                continue
