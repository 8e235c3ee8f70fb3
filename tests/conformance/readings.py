"""The figures of a case, read from the tables that publishing copies: nothing is calculated on the way.

Belongs here: which column of which row is the figure, amounts in minor units written as currency units.
Belongs elsewhere: making the figures (dbt), judging them (``verdicts``).
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

Row = dict[str, Any]
Figure = Decimal | list[Decimal] | str


class Unreadable(Exception):
    """The figure is not there: the account is parked, usage was suspended, or several rows stand where one must be."""


@dataclass
class Figures:
    """What one run says about one account, in the order of the bill."""

    step: int = 1
    minor_digits: int = 2
    outcome: Row = field(default_factory=dict)
    bill: Row | None = None
    # What the bill has of each tax, by its id.
    taxes: Row = field(default_factory=dict)
    lines: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    parts: list[Row] = field(default_factory=list)
    adjustments: list[Row] = field(default_factory=list)
    positions: list[Row] = field(default_factory=list)
    shares: list[Row] = field(default_factory=list)
    suspended: list[Row] = field(default_factory=list)
    # By method, in the order of the parts.
    splits: dict[str, list[Row]] = field(default_factory=dict)

    def major(self, amount_minor: int) -> Decimal:
        """Minor units as currency units: another notation, not another number."""
        return Decimal(amount_minor).scaleb(-self.minor_digits)

    def line(self, price_id: str | None = None, charge_kind: str | None = None) -> Row | None:
        """The only line (of a price, of a kind of charge), or None when there is none."""
        found = self.lines_of(price_id, charge_kind)
        if len(found) > 1:
            raise Unreadable(f"{len(found)} lines where one was expected")
        return found[0] if found else None

    def lines_of(self, price_id: str | None = None, charge_kind: str | None = None) -> list[Row]:
        """Lines of a price, of a kind of charge, in order."""
        return [
            line
            for line in self.lines
            if price_id in (None, line["price_id"]) and charge_kind in (None, line["charge_kind"])
        ]

    def position(self, party: str) -> Row | None:
        """The only position of a party that it does not keep, or None."""
        found = [row for row in self.positions if row["receiver_party_id"] == party and not row["is_kept"]]
        if len(found) > 1:
            raise Unreadable(f"{len(found)} positions of {party} where one was expected")
        return found[0] if found else None

    def refuse_parked(self) -> None:
        """Raise when the account was parked."""
        if self.outcome.get("outcome") == "parked":
            raise Unreadable(f"parked: {self.outcome['reason_code']} {self.outcome.get('detail') or ''}".strip())

    def refuse_suspended(self) -> None:
        """Raise when usage could not be rated."""
        if self.suspended:
            raise Unreadable(f"suspended: {self.suspended[0]['reason_code']} {self.suspended[0].get('detail') or ''}")


EACH = -1


@dataclass(frozen=True)
class Reading:
    """How to find a figure. ``step`` is the run it is read from: the first is 1, 0 the last, EACH a list of all."""

    find: Callable[[Figures], Figure]
    step: int = 0
    # Whether usage without a price is an answer and not a failure.
    may_be_suspended: bool = False


ZERO = Decimal(0)


def line_exact(price_id: str | None = None, *, step: int = 0) -> Reading:
    """The line's unrounded amount in currency units; no line is 0."""

    def find(figures: Figures) -> Figure:
        line = figures.line(price_id)
        return line["amount_exact"] if line else ZERO

    return Reading(find, step)


def line_exact_or_no_price() -> Reading:
    """The line's unrounded amount; usage that no price matches is -1, the peer's mark of an error."""

    def find(figures: Figures) -> Figure:
        if [row["reason_code"] for row in figures.suspended] == ["no_price"]:
            return Decimal(-1)
        figures.refuse_suspended()
        line = figures.line()
        return line["amount_exact"] if line else ZERO

    return Reading(find, may_be_suspended=True)


def line_minor(price_id: str | None = None, *, charge_kind: str | None = None, step: int = 0) -> Reading:
    """The line's rounded amount in minor units; no line is 0."""

    def find(figures: Figures) -> Figure:
        line = figures.line(price_id, charge_kind)
        return Decimal(line["amount_minor"]) if line else ZERO

    return Reading(find, step)


def line_major(price_id: str | None = None, *, charge_kind: str | None = None, step: int = 0) -> Reading:
    """The line's rounded amount, written in currency units; no line is 0."""

    def find(figures: Figures) -> Figure:
        line = figures.line(price_id, charge_kind)
        return figures.major(line["amount_minor"]) if line else ZERO

    return Reading(find, step)


def line_column(column: str, price_id: str | None = None, *, step: int = 0) -> Reading:
    """Another figure of the line: ``period_factor``, ``billed_quantity``; no line is 0."""

    def find(figures: Figures) -> Figure:
        line = figures.line(price_id)
        return Decimal(line[column]) if line else ZERO

    return Reading(find, step)


def lines_minor(charge_kind: str | None = None, *, step: int = 0) -> Reading:
    """Rounded amounts of all lines in the order of the bill, in minor units."""
    return Reading(
        lambda figures: [Decimal(line["amount_minor"]) for line in figures.lines_of(None, charge_kind)], step
    )


def lines_major(*, step: int = 0) -> Reading:
    """Rounded amounts of all lines in the order of the bill, in currency units."""
    return Reading(lambda figures: [figures.major(line["amount_minor"]) for line in figures.lines], step)


def lines_column(column: str, *, step: int = 0) -> Reading:
    """A figure of all lines in the order of the bill."""
    return Reading(lambda figures: [Decimal(line[column]) for line in figures.lines], step)


def events_exact(*, step: int = 0) -> Reading:
    """Amounts of the single events in order, in currency units."""
    return Reading(lambda figures: [event["amount_exact"] for event in figures.events], step)


def events_minor(*, step: int = 0) -> Reading:
    """Amounts of the single events in order, written in minor units."""
    return Reading(
        lambda figures: [event["amount_exact"].scaleb(figures.minor_digits) for event in figures.events], step
    )


def parts_column(column: str, *, of_tiers_before: bool = True, step: int = 0) -> Reading:
    """A figure of the ordered parts of all lines.

    Args:
        of_tiers_before: Also the parts, of 0, of tiers that earlier lines have filled.
    """

    def find(figures: Figures) -> Figure:
        return [
            Decimal(part[column])
            for part in figures.parts
            if part["part_kind"] != "free" and (of_tiers_before or part["quantity"] or part["amount_exact"])
        ]

    return Reading(find, step)


def bill_minor(column: str = "net_minor", *, step: int = 0) -> Reading:
    """A total of the bill in minor units; no bill is 0."""
    return Reading(lambda figures: Decimal(figures.bill[column]) if figures.bill else ZERO, step)


def bill_major(column: str = "net_minor", *, step: int = 0) -> Reading:
    """A total of the bill, written in currency units; no bill is 0."""
    return Reading(lambda figures: figures.major(figures.bill[column]) if figures.bill else ZERO, step)


def bill_tax_minor(tax_id: str, *, step: int = 0) -> Reading:
    """One of several taxes of a bill, over all its rates, in minor units; no such tax is 0."""
    return Reading(lambda figures: figures.taxes.get(tax_id, ZERO), step)


def first_part(column: str, *, step: int = 0) -> Reading:
    """A figure of the first part of all lines; no part is 0."""
    return Reading(lambda figures: Decimal(figures.parts[0][column]) if figures.parts else ZERO, step)


def billed_before_minor(*, step: int = 0) -> Reading:
    """What earlier bills charged of the same counter, written as a positive amount in minor units."""

    def find(figures: Figures) -> Figure:
        found = [part["amount_exact"] for part in figures.parts if part["part_kind"] == "billed_before"]
        return found[0].copy_negate().scaleb(figures.minor_digits) if found else ZERO

    return Reading(find, step)


def given_back_minor() -> Reading:
    """What the only line that gives back a fee takes off, net and tax as the bill prints them; none is 0."""

    def find(figures: Figures) -> Figure:
        found = [line for line in figures.lines if line["period_factor"] < 0]
        if len(found) > 1:
            raise Unreadable(f"{len(found)} lines that give something back where one was expected")
        return Decimal(found[0]["amount_minor"] + found[0]["tax_minor"]).copy_negate() if found else ZERO

    return Reading(find)


def positions_minor(parties: list[str]) -> Reading:
    """What each party gets by its positions, rounded, in minor units; no position is 0."""

    def find(figures: Figures) -> Figure:
        return [
            Decimal(figures.position(party)["amount_minor"]) if figures.position(party) else ZERO for party in parties
        ]

    return Reading(find)


def positions_major(party: str) -> Reading:
    """What one party gets by its position, rounded, in currency units."""

    def find(figures: Figures) -> Figure:
        position = figures.position(party)
        return figures.major(position["amount_minor"]) if position else ZERO

    return Reading(find)


def kept_minor() -> Reading:
    """What stays with a payer, rounded, in minor units."""

    def find(figures: Figures) -> Figure:
        kept = [position for position in figures.positions if position["is_kept"] and position["amount_minor"]]
        if len(kept) > 1:
            raise Unreadable(f"{len(kept)} positions that are kept where one was expected")
        return Decimal(kept[0]["amount_minor"]) if kept else ZERO

    return Reading(find)


def shares_major(party: str) -> Reading:
    """What one party gets of each line, exact, in currency units, in the order of the bill."""

    def find(figures: Figures) -> Figure:
        return [
            share["amount_exact"].scaleb(-figures.minor_digits)
            for share in figures.shares
            if share["receiver_party_id"] == party
        ]

    return Reading(find)


def split_parts(*, with_rest: bool) -> Reading:
    """The parts of a split in minor units; ``with_rest``: what is left over as an extra last part."""

    def find(figures: Figures) -> Figure:
        found = [
            [Decimal(part["split_minor"]) for part in parts]
            + ([Decimal(parts[0]["left_over_minor"])] if with_rest else [])
            for parts in figures.splits.values()
        ]
        if any(parts != found[0] for parts in found):
            raise Unreadable(f"the methods come to different parts: {found}")
        return found[0]

    return Reading(find)


def split_exact() -> Reading:
    """The shares before they are split."""
    return Reading(lambda figures: [part["exact_part"] for parts in figures.splits.values() for part in parts])


_QUERIES: dict[str, str] = {
    "outcomes": "select account_id, outcome, reason_code, detail from {lane}.fct_account_outcomes",
    "bills": "select * from {lane}.fct_customer_bills",
    "taxes": """
        select bills.account_id, taxes.tax_id, sum(taxes.tax_minor) as tax_minor
        from {lane}.fct_bill_taxes as taxes
        inner join {lane}.fct_customer_bills as bills using (bill_key)
        group by bills.account_id, taxes.tax_id""",
    "lines": """
        select * from {lane}.fct_applied_billing_rates order by account_id, line_number""",
    "parts": """
        select lines.account_id, parts.*
        from {lane}.fct_rate_parts as parts
        inner join {lane}.fct_applied_billing_rates as lines using (line_key)
        order by lines.account_id, lines.line_number, parts.part_number""",
    "events": """
        select products.account_id, rated.*
        from {lane}.fct_rated_usage as rated
        inner join {lane}.dim_rated_products as products using (product_number)
        order by products.account_id, rated.event_at, rated.file_id, rated.line_number""",
    "suspended": """
        select products.account_id, suspended.reason_code, suspended.detail
        from {lane}.fct_suspended_usage as suspended
        inner join inbox.usage_rows using (file_id, line_number)
        inner join inbox.identifiers using (identifier_id)
        inner join inbox.product_identifiers using (identifier)
        inner join inbox.products using (product_id)
        order by suspended.file_id, suspended.line_number""",
}


def read_figures(connection: psycopg.Connection, lane: str, step: int) -> dict[str, Figures]:
    """What the lane's tables say, by account."""
    by_account: dict[str, Figures] = defaultdict(lambda: Figures(step))
    rows = {name: list(_rows(connection, query, lane)) for name, query in _QUERIES.items()}
    for row in rows["outcomes"]:
        by_account[row["account_id"]].outcome = row
    for row in rows["bills"]:
        by_account[row["account_id"]].bill = row
    for row in rows["taxes"]:
        by_account[row["account_id"]].taxes[row["tax_id"]] = row["tax_minor"]
    for name in ("lines", "parts", "events", "suspended"):
        for row in rows[name]:
            getattr(by_account[row["account_id"]], name).append(row)
    digits = dict(
        connection.execute(
            """select account_id, minor_digits
               from inbox.billing_accounts join catalog.currencies using (currency_code)"""
        )
    )
    for account_id, figures in by_account.items():
        figures.minor_digits = digits[account_id]
    return by_account


_SHARING_QUERIES: dict[str, str] = {
    # Positions are of agreements; a case's agreements and parties carry its account's id in front.
    "positions": """
        select split_part(agreement_id, '-', 1) as account_id, positions.*
        from {lane}.fct_positions as positions
        where agreement_id is not null
        order by agreement_id, item_id""",
    "shares": """
        select lines.account_id, shares.*
        from {lane}.fct_revenue_shares as shares
        inner join {lane}.fct_applied_billing_rates as lines using (line_key)
        where shares.agreement_id is not null
        order by lines.account_id, lines.line_number, shares.step_number""",
}


def read_shares(connection: psycopg.Connection, lane: str, by_account: dict[str, Figures]) -> None:
    """Add positions and shares to the figures of the accounts."""
    for name, query in _SHARING_QUERIES.items():
        for row in _rows(connection, query, lane):
            if row["account_id"] in by_account:
                getattr(by_account[row["account_id"]], name).append(row)


def read_splits(connection: psycopg.Connection, lane: str) -> dict[int, dict[str, list[Row]]]:
    """The parts of every split, by case number and method."""
    found: dict[int, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    query = "select * from {lane}.split_case_parts order by case_number, method, part_number"
    for row in _rows(connection, query, lane):
        found[row["case_number"]][row["method"]].append(row)
    return found


def _rows(connection: psycopg.Connection, query: str, lane: str) -> list[Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql.SQL(query).format(lane=sql.Identifier(lane))).fetchall()  # type: ignore[arg-type]
