"""Settlement terms of an agreement: how the positions that sharing makes become documents and payments.

Belongs here: currency, exchange rates, trigger, document, tax category, due days.
Belongs elsewhere: what each party gets (``sharing``), what the two parties do about a document
(``settlement_conduct``), computing positions and documents (dbt).
"""

from typing import Literal

from pydantic import Field

from assets.catalog.models.grammar import (
    BookModel,
    CurrencyCode,
    Flag,
    Identifier,
    Percent,
    SettlementAmount,
    TimeZone,
    WholeNumber,
)
from assets.catalog.models.party import PartyId
from assets.catalog.models.settlement_conduct import DisputeTerms, PartnerStatement, PayoutTerms, SelfBillingTerms


class WithholdingTerms(BookModel):
    """Tax that the payer keeps back and pays to the tax office in the receiver's name."""

    payment_class: Identifier = Field(description="What is paid for, as in withholding of operator.yaml: royalty ...")
    borne_by: Literal["receiver", "payer"] = Field(
        "receiver",
        description="`receiver`: the tax comes off what the receiver gets. `payer`: the amount is grossed up, so that "
        "the receiver gets it whole.",
    )


class RetentionTerms(BookModel):
    """A part of each payment that is held back for a time as a security."""

    percent: Percent = Field(le=100, description="Percent of the position that is held back.")
    release_days: WholeNumber = Field(le=3650, description="Days from the document to the release.")


class SettlementItem(BookModel):
    """An amount per period that no line gives: a guarantee, a cap, an advance taken back, a fee."""

    id: Identifier = Field(description="Name of the item, unique in the terms.")
    kind: Literal["minimum_guarantee", "cap", "recoupment", "fee"] = Field(
        description="`minimum_guarantee`: at least `amount` per measurement period, what is missing is trued up. "
        "`cap`: at most `amount`. `recoupment`: an advance of `amount` is taken back. `fee`: `amount` every month."
    )
    to: PartyId = Field(description="The receiver in whose settlement it stands.")
    amount: SettlementAmount = Field(description="Amount in the settlement currency.")
    period: Literal["month", "year"] | None = Field(
        None, description="Measurement period of a guarantee or cap: `month`, or `year` from January."
    )
    true_up: Literal["each_period", "at_end"] | None = Field(
        None,
        description="Of a guarantee. `at_end` (the default): in the settlement that ends the measurement period. "
        "`each_period`: for the months so far, so that a strong month takes back what a weak one was filled up with.",
    )
    prorated: bool | None = Field(
        None,
        description="Of a guarantee or cap: `true` when an agreement that begins within the measurement period has the "
        "amount for its days only; else (the default) it is the whole amount from the first period on.",
    )
    percent: Percent | None = Field(
        None, le=100, description="Of a recoupment: at most so many percent of what has been earned; default 100."
    )
    direction: Literal["to_receiver", "from_receiver"] | None = Field(
        None, description="Of a fee: `to_receiver` adds it (the default), `from_receiver` takes it off."
    )


class Settlement(BookModel):
    """How the positions of the agreement are settled."""

    currency: CurrencyCode = Field(description="Currency in which the receivers are paid.")
    fx_source: Identifier = Field(description="Source of rates, as in fx.yaml.")
    cycle: Literal["bill_run", "month", "quarter", "half_year", "year"] = Field(
        "bill_run",
        description="How often it is settled. `bill_run`: by each bill run, for the lines of that run. The others have "
        "settlement runs of their own, for all that was posted: a calendar month, quarter, half-year, year.",
    )
    time_zone: TimeZone | None = Field(
        None, description="Where the days of the settlement calendar begin; without it at the operator's."
    )
    cut_off_days: WholeNumber = Field(
        0,
        le=180,
        description="Days after the end of a settlement period that are waited for what still comes in; the document "
        "is issued on the day after them.",
    )
    trigger: Literal["billed", "consumed", "collected"] = Field(
        description="What puts a line into a settlement period. `billed`: the end of the billing period of its posted "
        "bill. `consumed`: the day on which what it charges for began. `collected`: payments of its bill, each for the "
        "part of the line that it pays. What comes after its period was closed is in the next one."
    )
    payment_allocation: Literal["pro_rata", "tax_first", "oldest_first"] = Field(
        "pro_rata",
        description="With trigger `collected`: what a partial payment of a bill pays. `pro_rata`: the same part of "
        "every line and of the tax. `tax_first`: the tax, then the same part of every line. `oldest_first`: the part "
        "of the payment without tax pays the lines in the order in which they start.",
    )
    due_days: WholeNumber = Field(le=365, description="Days from the document to the payment.")
    document: Literal["statement", "self_billed"] = Field(
        description="`statement`, or `self_billed`: the payer writes the receiver's invoice."
    )
    partner_invoice: Flag = Field(
        False,
        description="With `document: statement`: `true` when the receiver writes an invoice of its own for it. The "
        "payment waits until that has come, over the amount of the statement.",
    )
    tax_category: Identifier = Field(description="Tax category of the receiver's supply, as in taxes.csv.")
    items: list[SettlementItem] = Field(
        default_factory=list,
        max_length=8,
        description="What is added or taken per period, in this order: each item works on the shares and the items "
        "before it.",
    )
    withholding: WithholdingTerms | None = Field(None, description="Tax withheld; without it none is.")
    retention: RetentionTerms | None = Field(None, description="Part held back; without it none is.")
    self_billing: SelfBillingTerms | None = Field(
        None, description="What was agreed on the receiver's invoices that the payer writes; needed for `self_billed`."
    )
    disputes: DisputeTerms = Field(
        default_factory=lambda: DisputeTerms.model_validate({}),
        description="What happens when the receiver's figures are others than the payer's.",
    )
    partner_statement: PartnerStatement | None = Field(
        None, description="The files in which the receiver states its own figures; without it none are read."
    )
    payout: PayoutTerms = Field(
        default_factory=lambda: PayoutTerms.model_validate({}), description="When and against what it is paid."
    )
