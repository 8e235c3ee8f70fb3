"""Writes the chains of agreements, resolved into terms and ranked steps.

Belongs here: rows of ``catalog.agreement_terms`` and ``catalog.agreement_steps``.
Belongs elsewhere: the resolution (``chains``), what a version holds (``loading.agreements``).
"""

from collections.abc import Mapping

import psycopg

from assets.catalog.book import Book
from assets.catalog.chains import Basis, Step, resolve_chains
from assets.catalog.loading.offerings import AtMidnight
from assets.catalog.loading.rows import copy_rows
from assets.rows import first_value

_NO_BASIS = Basis("none")


def load_steps(
    connection: psycopg.Connection,
    book: Book,
    book_id: int,
    version_ids: Mapping[tuple[str, str], int],
    at_midnight: AtMidnight,
) -> None:
    """Write the terms of every chain. ``version_ids`` are the keys of the agreement versions already written."""
    rows: list[dict[str, object]] = []
    for terms in resolve_chains(book):
        inserted = connection.execute(
            """
            insert into catalog.agreement_terms (book_id, root_agreement_version_id, effective_from, effective_until)
            values (%s, %s, %s, %s)
            returning terms_id
            """,
            [
                book_id,
                version_ids[(terms.agreement_id, terms.version)],
                at_midnight(terms.effective_from),
                at_midnight(terms.effective_until),
            ],
        )
        terms_id = first_value(inserted)
        rows += [step_row(terms_id, step, version_ids[(step.agreement_id, step.version)]) for step in terms.steps]
        _number_tariffs(rows[-len(terms.steps) :])
    if rows:
        columns = tuple(rows[0])
        copy_rows(connection, "agreement_steps", columns, [tuple(row.values()) for row in rows])


def _number_tariffs(rows: list[dict[str, object]]) -> None:
    """Number the tariffs of one chain: the places of their amounts along a line."""
    for number, row in enumerate((row for row in rows if row["rule"] == "tariff"), start=1):
        row["tariff_number"] = number


def step_row(terms_id: int, step: Step, agreement_version_id: int) -> dict[str, object]:
    """A step as a row of ``catalog.agreement_steps``, by column."""
    basis, other = (*step.bases, _NO_BASIS, _NO_BASIS)[:2]
    has_choice = step.basis_choice is not None
    rule = step.rule
    return {
        "terms_id": terms_id,
        "step_number": step.step_number,
        "step_rank": step.step_rank,
        "pass_number": step.pass_number,
        "hop_number": step.hop_number,
        "agreement_version_id": agreement_version_id,
        "item_id": step.item_id,
        "payer_party_id": step.payer_party_id,
        "receiver_party_id": step.receiver_party_id,
        "receiver_role": step.receiver_role,
        "hop_base_step_number": step.hop_base_step_number,
        "basis": basis.basis,
        "basis_step_number": basis.step_number,
        "other_basis": other.basis if has_choice else None,
        "other_basis_step_number": other.step_number if has_choice else None,
        "basis_choice": step.basis_choice,
        "rule": rule.rule,
        "percent": rule.percent,
        "unit_amount": rule.unit_amount,
        "fixed_amount": rule.fixed_amount,
        "fixed_per": rule.fixed_per,
        "tier_mode": rule.tier_mode,
        "tier_of": rule.tier_of,
        "measured_over": rule.measured_over,
        "tariff_offering_id": f"{step.agreement_id}/{rule.tariff}" if rule.tariff else None,
        "tariff_number": None,
        "currency_code": rule.currency,
        "min_amount": rule.min_amount,
        "max_amount": rule.max_amount,
        "is_cost": rule.is_cost,
        "is_kept": step.is_kept,
    }
