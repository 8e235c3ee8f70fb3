"""Settlement terms on what the two parties do about a document: accept it, doubt it, set it off, wait for more.

Belongs here: self-billing, the receiver's own figures, disputes, netting, threshold.
Belongs elsewhere: what is settled and how it is documented (``settlement``), the acts themselves
(``assets.settling``), payments (``assets.payments``).

What the law asks for (a prior agreement on self-billing, the latest day of payment) is a setting with a cautious
default; docs/payments.md says where each comes from.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from assets.catalog.models.grammar import (
    BookModel,
    Date,
    Identifier,
    Percent,
    SettlementAmount,
    Text,
    Unique,
    WholeNumber,
)
from assets.catalog.models.party import PartyId


class SelfBillingTerms(BookModel):
    """The prior agreement that the payer writes the receiver's invoices, and how the receiver accepts each of them."""

    agreed_on: Date = Field(description="Day on which self-billing was agreed in writing.")
    accept_within_days: WholeNumber = Field(
        default=14, ge=1, le=90, description="Days from the document in which the receiver accepts or contests it."
    )
    silence: Literal["waits", "accepts"] = Field(
        "waits",
        description="What no answer in these days means. `waits` (the cautious default): the document stays proposed. "
        "`accepts`: it counts as accepted, where law and agreement allow it.",
    )
    corrections_by: Literal["payer", "receiver"] = Field(
        "payer", description="Who writes the corrections: the `payer` (self-billed credit notes), or the `receiver`."
    )


class PartnerStatement(BookModel):
    """A CSV file in which the receiver states what it thinks it gets, and what its columns mean."""

    id: Identifier = Field(description="Name of the feed, unique in the book.")
    by: PartyId = Field(description="The receiver whose figures they are.")
    name_pattern: Text = Field(description="File names, with `*`: `streamly_figures_*.csv`.")
    grain: Literal["period", "product_day", "line"] = Field(
        description="What one row is of: the whole `period`, one product on one day, or one charge line (by the line "
        "key of the CSV that comes with the statement)."
    )
    delimiter: Literal[",", ";", "|"] = Field(",", description="What separates the columns.")
    month: Text = Field(description="Column with the month of the settlement, YYYY-MM.")
    amount: Text = Field(description="Column with the amount in the settlement currency, major units: 1234.56.")
    product: Text | None = Field(None, description="Of `product_day`: column with the product id.")
    day: Text | None = Field(None, description="Of `product_day`: column with the day, YYYY-MM-DD.")
    line: Text | None = Field(None, description="Of `line`: column with the line key.")


class DisputeTerms(BookModel):
    """When two figures count as the same, whose counts then, and the days of a dispute."""

    tolerance_percent: Percent = Field(
        default_factory=Decimal,
        le=100,
        description="Figures that differ by at most so many percent of the payer's agree.",
    )
    tolerance_amount: SettlementAmount = Field(
        default_factory=Decimal, description="Figures that differ by at most this amount agree, whatever the percent."
    )
    prevails: Literal["payer", "receiver"] = Field(
        "payer", description="Whose figure counts where they agree without being equal."
    )
    raise_within_days: WholeNumber = Field(
        default=30, le=3650, description="Days from the document in which a dispute can be raised; then it stands."
    )
    answer_within_days: WholeNumber = Field(
        default=60,
        le=3650,
        description="Days from raising after which a dispute that nobody resolved is deemed accepted as the payer's "
        "figure says.",
    )
    escalate_after_days: Annotated[list[WholeNumber], Unique] = Field(
        default_factory=lambda: [14, 30], description="Days from raising on which it goes one level up, in order."
    )


class PayoutTerms(BookModel):
    """Netting and threshold: both delay or shorten the transfer, never the document."""

    netting: bool = Field(
        False,
        description="`true`: what each owes the other is set off, when both debts are due, undisputed, in one "
        "currency, and no flag of the party forbids it.",
    )
    threshold: SettlementAmount = Field(
        default_factory=Decimal, description="A smaller amount waits for the next settlement; 0 pays every one."
    )
    longest_wait_days: WholeNumber = Field(
        default=365, le=3650, description="Days from its due date after which an amount is paid however small it is."
    )
    rate_difference: Literal["payer", "receiver"] = Field(
        "payer",
        description="Who bears that the rate moves between the position and the payment. `receiver`: the difference is "
        "an adjustment of the next settlement.",
    )
