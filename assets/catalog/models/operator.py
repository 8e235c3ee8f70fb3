"""``operator.yaml``: who runs the book, in which languages, currencies and time zone, and who issues documents.

Belongs here: the operator, its legal entities, partners known to the book, rules for FX dates.
Belongs elsewhere: customers and other parties (populations of the inbox).
"""

from typing import Annotated, Literal

from pydantic import Field

from assets.catalog.models.grammar import (
    BillCycle,
    BookModel,
    CountryCode,
    CurrencyCode,
    Date,
    Identifier,
    LanguageCode,
    Percent,
    Text,
    Texts,
    TimeZone,
    Unique,
    WholeNumber,
)
from assets.catalog.models.party import PartyId
from assets.catalog.models.pricing import Pricing
from assets.catalog.models.proration import Proration
from assets.catalog.models.sharing_terms import Split

_SERIES = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,8}$")]


class FxPolicy(BookModel):
    """Which rates convert amounts."""

    source: Identifier = Field(description="Source of rates, as in fx.yaml.")
    date_rule: Literal["last_published_before_issue_date"] = Field(
        description="Which day's rate: the last one published before the document's issue date."
    )


_BIC = Annotated[str, Field(pattern=r"^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$")]


class PaymentAccount(BookModel):
    """An account from which a legal entity pays partners, for one currency."""

    currency: CurrencyCode = Field(description="Currency of the payments made from it.")
    iban: Text = Field(description="IBAN of the account that is debited.")
    bic: _BIC | None = Field(None, description="BIC of its bank; needed where the bank asks for it.")


class LegalEntity(BookModel):
    """A company that supplies and issues documents in its own name."""

    id: Identifier = Field(description="Name of the entity; offerings refer to it as supplier.")
    party: PartyId = Field(description="The party that it is.")
    name: Text = Field(description="Legal name on documents.")
    country: CountryCode = Field(description="Country of establishment, which decides the tax rules.")
    tax_number: Text = Field(description="VAT number with country prefix.")
    currency: CurrencyCode = Field(description="Currency in which its tax is due.")
    bank_account: Text | None = Field(None, description="IBAN for payments by customers.")
    payment_accounts: list[PaymentAccount] = Field(
        default_factory=list,
        description="Accounts that pay partners, one per currency; in the entity's own currency `bank_account` pays "
        "unless another is named here.",
    )
    address: list[Text] = Field(min_length=1, max_length=6, description="Address lines.")
    bill_series_prefix: _SERIES = Field(description="Start of its document numbers, 1 to 8 capitals or digits, unique.")


class Brand(BookModel):
    """A name under which something is sold: the operator's own, or that of a reseller (white label)."""

    id: Identifier = Field(description="Name of the brand in the book.")
    name: Text = Field(description="How documents show it.")
    party: PartyId | None = Field(None, description="Whose brand it is; the operator's without it.")


class WithholdingRule(BookModel):
    """What tax a payer keeps back from one class of payments to receivers of one country, in a span of days."""

    payment_class: Identifier = Field(description="Class of payments, as agreements name it: royalty, service ...")
    payer_country: CountryCode = Field(description="Country of the payer.")
    receiver_country: CountryCode = Field(description="Country of the receiver.")
    rate_percent: Percent = Field(le=100, description="Percent of the amount before VAT.")
    certificate_rate_percent: Percent | None = Field(
        None, le=100, description="Percent while a certificate of residence is valid; without it `rate_percent`."
    )
    round_to: Literal["minor", "major"] = Field(
        "minor", description="The tax is rounded to the `minor` unit, or to whole `major` units (Poland: zloty)."
    )
    effective_from: Date = Field(description="First day.")
    effective_until: Date | None = Field(None, description="The day after the last; without it there is no end.")


class LatestPayment(BookModel):
    """The latest day of payment that the law allows, for some receivers and documents; the most specific row counts."""

    receiver_country: CountryCode | None = Field(None, description="Country of the receiver; any without it.")
    document: Literal["statement", "self_billed"] | None = Field(None, description="Kind of document; any without it.")
    days: WholeNumber = Field(le=365, description="Days from the document to the latest payment.")


class PaymentPolicy(BookModel):
    """Who may be paid, and when at the latest."""

    approved_partners_only: bool = Field(
        False,
        description="Pay only partners whose tax data, bank account and self-billing terms a second person approved "
        "(`partner_approvals_*.csv`).",
    )
    cooling_off_days: WholeNumber = Field(
        default=7, le=365, description="Days between the approval of a bank account and the first payment to it."
    )
    unapproved_terms: Literal["wait", "pay"] = Field(
        "wait",
        description="What happens to documents under terms whose term sheet no second person approved (`apportion "
        "terms approve`). `wait` (the cautious default): the payout waits. `pay`: approvals are not asked for.",
    )
    latest_payment: list[LatestPayment] = Field(
        default_factory=list,
        description="Statutory latest days of payment; where no row fits, 60 days (Directive 2011/7/EU, article 3(5)).",
    )


class TaxName(BookModel):
    """A tax of ``taxes.csv`` besides VAT, or another name for that."""

    id: Identifier = Field(description="As the column `tax` of taxes.csv has it; `vat` names the main tax.")
    name: Texts = Field(description="Name on bills, in every language of the operator.")


class ServiceName(BookModel):
    """What a service is called: the lines of a bill are summed per service on its overview."""

    id: Identifier = Field(description="As `service` of usage specifications and offerings has it.")
    name: Texts = Field(description="Name on bills, in every language of the operator.")


class Operator(BookModel):
    """The company whose book this is."""

    party: PartyId = Field(description="The operator's own party id; it pays out the root agreements.")
    time_zone: TimeZone = Field(description="Local time of the book, and of accounts that name none of their own.")
    home_currency: CurrencyCode = Field(description="Currency of its reports.")
    languages: Annotated[list[LanguageCode], Unique] = Field(
        min_length=1, description="Languages of documents; every name must have a text in each."
    )
    currencies: Annotated[list[CurrencyCode], Unique] = Field(min_length=1, description="Currencies that are used.")
    split: Split | None = Field(
        None, description="How positions are rounded where an agreement does not say; by largest remainder without it."
    )
    bill_cycles: Annotated[list[BillCycle], Unique] = Field(
        min_length=1,
        description="Days of the month on which periods start: c01 to c31, or the last day of a month without it.",
    )
    partners: Annotated[list[PartyId], Unique] = Field(
        default_factory=list, description="Party ids that agreements may name besides the operator's."
    )
    proration: Proration | None = Field(None, description="How part cycles of fees are counted.")
    tax_rounding: Literal["per_rule", "per_bill", "per_line"] = Field(
        "per_rule",
        description="Where tax is rounded: on the sum of the lines of each tax rule; once for the bill, on the "
        "tax of its lines before rounding, added up over all rates and split over them; or line by line.",
    )
    taxes: list[TaxName] = Field(
        default_factory=list,
        description="Taxes besides VAT that taxes.csv has rows for; an entry `vat` names the main tax otherwise, as "
        "sales tax.",
    )
    services: list[ServiceName] = Field(
        default_factory=list,
        description="Names of services on bills. Without any a bill shows their ids; with some, every service of an "
        "offering needs one.",
    )
    coupon_decimals: WholeNumber | None = Field(
        None,
        le=12,
        description="Decimals of a minor unit to which what a coupon takes of each line is rounded before whole units "
        "are split; 12 without it. Other systems keep 5 or none, and their tax moves with it.",
    )
    withholding: list[WithholdingRule] = Field(
        default_factory=list,
        description="Tax withheld by class of payment and countries; a payment of a class without a rule is parked.",
    )
    payments: PaymentPolicy | None = Field(None, description="Who may be paid; without it approvals are not asked for.")
    fx: FxPolicy = Field(description="Which rates convert amounts.")
    pricing: Pricing | None = Field(
        None, description="Settings of prices that make none themselves, nor does their offering."
    )
    brands: list[Brand] = Field(default_factory=list, description="Brands that bills can show.")
    legal_entities: list[LegalEntity] = Field(min_length=1, description="Companies that issue documents.")


class OperatorFile(BookModel):
    """The whole of ``operator.yaml``."""

    operator: Operator = Field(description="The operator.")
