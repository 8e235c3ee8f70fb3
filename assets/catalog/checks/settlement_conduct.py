"""Checks of terms on what the parties do: self-billing, the receiver's own figures, disputes.

Belongs here: rules of these terms of one version, and that a feed of figures is one agreement's alone.
Belongs elsewhere: the other settlement terms (``settlement_terms``), grammars (``models.settlement_conduct``).
"""

from collections.abc import Iterator

from assets.catalog.book import Book
from assets.catalog.models.agreement import Agreement
from assets.catalog.models.settlement import Settlement
from assets.catalog.models.settlement_conduct import PartnerStatement
from assets.catalog.reading.problems import Path, Placed, Problem, listed, shown

# Where the book says nothing: Directive 2011/7/EU, article 3(5).
LATEST_DAYS = 60
# Columns that a file of each grain has beside month and amount.
_COLUMNS = {"period": (), "product_day": ("product", "day"), "line": ("line",)}


def check_conduct(book: Book, place: Placed[Agreement], where: Path, settlement: Settlement) -> Iterator[Problem]:
    """Problems of what the two parties of one version do about its documents."""
    if settlement.document == "self_billed" and settlement.self_billing is None:
        found, expected = "document self_billed without self_billing", "the terms under which it was agreed"
        remedy = (
            "Add self_billing: {agreed_on: ...}, or make the document a statement: nobody may write another's invoice."
        )
        yield place.problem((*where, "document"), found, expected, remedy)
    if settlement.document != "self_billed" and settlement.self_billing is not None:
        found, expected = f"self_billing for a {settlement.document}", "it only with document: self_billed"
        yield place.problem((*where, "self_billing"), found, expected, "Remove it, or change the document.")
    if settlement.document != "statement" and settlement.partner_invoice:
        found, expected = f"partner_invoice with a {settlement.document} document", "it only with document: statement"
        remedy = "Remove it: one supply has one invoice, and the payer writes it here."
        yield place.problem((*where, "partner_invoice"), found, expected, remedy)
    latest = _latest_days(book)
    if settlement.due_days > latest:
        expected = f"at most {latest}, the statutory latest day of payment"
        remedy = "Shorten it, or add the days that your law allows to payments.latest_payment in operator.yaml."
        yield place.problem((*where, "due_days"), f"{settlement.due_days} days", expected, remedy)
    disputes = settlement.disputes
    late = [days for days in disputes.escalate_after_days if days >= disputes.answer_within_days]
    if late:
        found = f"an escalation after {late[0]} days, of a dispute that ends after {disputes.answer_within_days}"
        yield place.problem(
            (*where, "disputes", "escalate_after_days"), found, "days before answer_within_days", "Escalate earlier."
        )
    if settlement.partner_statement is not None:
        yield from _check_statement(book, place, (*where, "partner_statement"), settlement.partner_statement)


def _latest_days(book: Book) -> int:
    """The most days that any receiver may be made to wait; which of the rows fits is known at the document."""
    payments = book.operator.value.payments if book.operator is not None else None
    return max([LATEST_DAYS, *(row.days for row in (payments.latest_payment if payments else []))])


def _check_statement(
    book: Book, place: Placed[Agreement], where: Path, statement: PartnerStatement
) -> Iterator[Problem]:
    agreement = place.value
    if statement.by == agreement.payer or statement.by not in agreement.parties:
        expected = f"a receiver among parties: {listed(set(agreement.parties) - {agreement.payer})}"
        yield place.problem(
            (*where, "by"), f"figures by {shown(statement.by)}", expected, "Name whose figures they are."
        )
    for field in ("product", "day", "line"):
        is_there, is_needed = getattr(statement, field) is not None, field in _COLUMNS[statement.grain]
        if is_needed and not is_there:
            expected = f"the column of the file that holds the {field}"
            yield place.problem(where, f"grain {statement.grain} without {field}", expected, f"Add {field}: COLUMN.")
        if is_there and not is_needed:
            expected = f"only {listed(('month', 'amount', *_COLUMNS[statement.grain]))}"
            yield place.problem((*where, field), f"{field} with grain {statement.grain}", expected, "Remove it.")
    columns = [value for name in ("month", "amount", "product", "day", "line") if (value := getattr(statement, name))]
    if len(set(columns)) < len(columns):
        yield place.problem(where, "one column for two things", "a column for each", "Name the columns of the file.")
    others = [
        identifier
        for identifier, other in sorted(book.agreements.items())
        for version in other.value.versions
        if identifier != agreement.id
        and version.settlement.partner_statement is not None
        and version.settlement.partner_statement.id == statement.id
    ]
    if others:
        found = f"the feed {shown(statement.id)} in {others[0]} too"
        yield place.problem((*where, "id"), found, "a feed of one agreement", "Give it a name of its own.")
