"""What a bill or a settlement says, whatever it is printed on: one frozen model for PDF, HTML and every later face.

Belongs here: the model, and the checks that a document agrees with itself before anybody sees it.
Belongs elsewhere: reading it from the ledger (``bills``, ``settlements``), its look (``templates``), amounts (dbt).

Every amount comes from a column or a sum of the database. Where Python adds, it is only to compare with one of those.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from assets.money import Money


class DocumentKind(StrEnum):
    """What the document is, for its title and its legal mentions."""

    BILL = "bill"
    STATEMENT = "statement"
    SELF_BILLED = "self_billed"


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document whose rows are read but not yet put together: one that is wrong must not take others with it."""

    key: str
    number: str
    build: "Callable[[], BillDocument | SettlementDocument]"


class InconsistentDocumentError(ValueError):
    """The rows of a document do not add up to its totals; it is not printed."""


@dataclass(frozen=True, slots=True)
class Party:
    """A party as printed: the copy the ledger keeps, not today's master data."""

    name: str
    address_lines: tuple[str, ...]
    country_code: str
    tax_number: str | None = None
    bank_account: str | None = None


@dataclass(frozen=True, slots=True)
class Conversion:
    """1 ``from_currency`` = ``rate`` ``to_currency``, as published by ``source_name`` on ``rate_date``."""

    from_currency: str
    to_currency: str
    rate: Decimal
    source_name: str
    rate_date: date


@dataclass(frozen=True, slots=True)
class LineAdjustment:
    """A discount, cap, coupon or credit of a charge: its name, and what it adds (negative lowers the charge)."""

    name: str
    amount: Money
    kind: str = ""  # coupon or credit; else empty


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """One charge. ``quantity`` and ``allowance`` are in ``unit`` (empty or 1: pieces); days are local, inclusive."""

    name: str
    charge_kind: str
    first_day: date
    last_day: date
    is_late: bool
    is_personal_price: bool
    seller_name: str | None
    event_count: int
    quantity: Decimal
    allowance: Decimal
    unit: str
    period_factor: Decimal
    tax_category: str
    amount: Money
    price_amount: Decimal | None = None  # before conversion, in the price's currency, major units, exact
    conversion: Conversion | None = None
    before_discount: Money | None = None  # only where adjustments follow
    adjustments: tuple[LineAdjustment, ...] = ()
    gross: Money | None = None  # the agreed price of a charge whose price includes tax


@dataclass(frozen=True, slots=True)
class ProductCharges:
    """All charges of one product of one offering, with the sum the database made."""

    product_id: str
    offering_name: str
    service_kind: str
    identifiers: tuple[str, ...]
    net: Money
    lines: tuple[ChargeLine, ...]


@dataclass(frozen=True, slots=True)
class ServiceTotal:
    """The sum of one kind of service; ``bar_permille`` is the length of its bar, nothing else."""

    service_kind: str
    net: Money
    bar_permille: int
    name: str = ""  # as the book calls it; empty where it has no names of services


@dataclass(frozen=True, slots=True)
class AllowanceBalance:
    """An allowance of the period: what this account used of it, what is left for all who share it.

    In ``unit``, which of an allowance of money is a currency.
    """

    name: str
    owner: str  # the product's identifier, where the allowance is one product's; else empty
    used: Decimal
    left: Decimal
    unit: str
    last_day: date
    is_carried_over: bool
    is_money: bool = False


@dataclass(frozen=True, slots=True)
class CreditBalance:
    """A coupon or credit of the account: what the account's bills of the period used, what later bills find."""

    kind: str
    name: str
    percent: Decimal | None
    used: Money
    left: Money | None  # None: nothing is kept for later bills
    last_day: date | None  # None: no end


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One tax rate of a document, also in the supplier's currency where that differs."""

    tax_category: str
    treatment: str
    rate_percent: Decimal
    mention: str | None
    base: Money
    tax: Money
    home_tax: Money | None = None
    home_conversion: Conversion | None = None
    # The name of a tax that is not called VAT; further taxes have the base of the main one, which counts once.
    tax_name: str = ""
    is_further_tax: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """From what the document was made: enough to find it again and to make it again."""

    bill_run_id: int
    period_id: str
    book_digest: str
    input_digest: str
    document_key: str


@dataclass(frozen=True, slots=True)
class BillDocument:
    """One bill: everything one legal entity charges one account for one period.

    A customer whose period has several suppliers gets one statement: the first invoice, ``further_invoices`` behind it,
    each with its own supplier and number, and one amount due. ``issuer_name`` is who writes it when that is not the
    supplier; ``collector`` who is paid when that is not the supplier; ``brand_name`` what stands at the head.
    """

    number: str
    language_code: str
    currency_code: str
    account_id: str
    supplier: Party
    customer: Party
    issue_date: date
    due_date: date
    first_day: date
    last_day: date
    net: Money
    tax: Money
    gross: Money
    services: tuple[ServiceTotal, ...]
    products: tuple[ProductCharges, ...]
    taxes: tuple[TaxLine, ...]
    proof: Proof
    kind: DocumentKind = DocumentKind.BILL
    allowances: tuple[AllowanceBalance, ...] = ()
    credits: tuple[CreditBalance, ...] = ()
    issuer_name: str | None = None
    mandate: str | None = None
    collector: Party | None = None
    brand_name: str | None = None
    is_own_brand: bool = True
    further_invoices: "tuple[BillDocument, ...]" = ()
    due: Money | None = None  # of all invoices of the statement, where there are several

    @property
    def amount_due(self) -> Money:
        """What is to be paid for the whole statement."""
        return self.due or self.gross

    @property
    def payee(self) -> Party:
        """Whose account the money goes to."""
        return self.collector or self.supplier

    def __post_init__(self) -> None:
        gross = self.gross.minor + _total(self.further_invoices, "gross")
        _equal(self.number, "the invoices of the statement and the amount due", gross, self.amount_due.minor)
        lines = [line.amount.minor for product in self.products for line in product.lines]
        _equal(self.number, "the lines and the net amount", sum(lines), self.net.minor)
        _equal(self.number, "the services and the net amount", _total(self.services, "net"), self.net.minor)
        _equal(self.number, "the products and the net amount", _total(self.products, "net"), self.net.minor)
        main_taxes = tuple(line for line in self.taxes if not line.is_further_tax)
        _equal(self.number, "the tax bases and the net amount", _total(main_taxes, "base"), self.net.minor)
        _equal(self.number, "the taxes and the tax amount", _total(self.taxes, "tax"), self.tax.minor)
        _equal(self.number, "net and tax and the gross amount", self.net.minor + self.tax.minor, self.gross.minor)


@dataclass(frozen=True, slots=True)
class PositionLine:
    """What one item of an agreement earned: the base it was taken from, the term, the amount in both currencies."""

    item_id: str
    rule: str
    basis: str
    percent: Decimal | None
    unit_amount: Decimal | None
    unit_currency_code: str
    line_count: int
    base_exact: Decimal  # major units of the position's currency
    share_exact: Decimal
    amount: Money
    settlement_amount: Money
    conversion: Conversion | None


@dataclass(frozen=True, slots=True)
class AgreementPositions:
    """The positions under one version of one agreement."""

    agreement_id: str
    agreement_name: str
    version: str
    lines: tuple[PositionLine, ...]


@dataclass(frozen=True, slots=True)
class PeriodItem:
    """An amount of the period that no line gives: a guarantee, a cap, an advance taken back, a fee, an adjustment."""

    kind: str
    item_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class OfferingRevenue:
    """Revenue of one offering that the document's agreements share out, and the receiver's exact part of it."""

    offering_name: str
    item_id: str
    currency_code: str
    count: int  # charge lines; of usage between partners, usage records
    base_exact: Decimal  # major units
    share_exact: Decimal
    is_usage: bool = False


@dataclass(frozen=True, slots=True)
class CorrectedDocument:
    """An earlier document that this one corrects."""

    number: str
    issue_date: date


@dataclass(frozen=True, slots=True)
class SettlementDocument:
    """What one party owes another for one period: a statement, or an invoice written in the receiver's name."""

    number: str
    kind: DocumentKind
    language_code: str
    currency_code: str
    payer: Party
    receiver: Party
    issue_date: date
    due_date: date
    first_day: date
    last_day: date
    position: Money
    tax: Money
    document: Money
    withheld: Money
    payment: Money
    taxes: tuple[TaxLine, ...]
    agreements: tuple[AgreementPositions, ...]
    offerings: tuple[OfferingRevenue, ...]
    is_paid_by_operator: bool
    proof: Proof
    items: tuple[PeriodItem, ...] = ()
    retained: Money | None = None
    retention_release_date: date | None = None
    corrects: tuple[CorrectedDocument, ...] = ()

    def __post_init__(self) -> None:
        retained = self.retained.minor if self.retained else 0
        amounts = [item.amount.minor for item in self.items]
        amounts += [line.settlement_amount.minor for agreement in self.agreements for line in agreement.lines]
        _equal(self.number, "the positions and the position amount", sum(amounts), self.position.minor)
        _equal(self.number, "the tax bases and the position amount", _total(self.taxes, "base"), self.position.minor)
        _equal(self.number, "the taxes and the tax amount", _total(self.taxes, "tax"), self.tax.minor)
        _equal(self.number, "position and tax and the total", self.position.minor + self.tax.minor, self.document.minor)
        _equal(
            self.number, "total and payment", self.document.minor, self.payment.minor + self.withheld.minor + retained
        )


def _total(parts: tuple, amount_name: str) -> int:
    return sum(getattr(part, amount_name).minor for part in parts)


def _equal(number: str, what: str, found: int, expected: int) -> None:
    if found != expected:
        raise InconsistentDocumentError(
            f"document {number}: {what} differ: {found} and {expected} minor units. It is not printed: rebuild the "
            "period, and if it is posted, compare published.fct_reconciliation with the ledger."
        )
