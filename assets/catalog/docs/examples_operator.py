"""Chapters of the book's reference on the operator: who issues documents, what holds for the whole book.

Belongs here: what each form is for and a short worked example of it. Belongs elsewhere: the other files of the book
(``docs.examples``).
"""

from assets.catalog.docs.form import Form
from assets.catalog.models.operator import (
    Brand,
    FxPolicy,
    LatestPayment,
    LegalEntity,
    Operator,
    PaymentAccount,
    PaymentPolicy,
    ServiceName,
    TaxName,
    WithholdingRule,
)

OPERATOR_FORMS: tuple[Form, ...] = (
    Form(
        "operator.yaml",
        "Who runs the book, and who issues documents. `partners` names the parties that agreements may use; customers "
        "are not part of the book, they arrive through the inbox.",
        "operator.yaml",
        (Operator, FxPolicy, LegalEntity, PaymentAccount, PaymentPolicy, WithholdingRule, Brand, TaxName, ServiceName),
        """\
operator:
  party: wisla-telekom
  time_zone: Europe/Warsaw
  home_currency: PLN
  languages: [en]
  currencies: [PLN, EUR]
  bill_cycles: [c01]
  partners: [streamly, alfa, beta]
  withholding:
    - {payment_class: royalty, payer_country: PL, receiver_country: US, rate_percent: "20",
       certificate_rate_percent: "10", effective_from: "2026-01-01"}
  taxes: [{id: telecom-levy, name: {en: "Telecom levy"}}]
  services: [{id: voice, name: {en: "Calls"}}, {id: smart-grid, name: {en: "Smart grid"}}]
  fx: {source: ecb, date_rule: last_published_before_issue_date}
  legal_entities:
    - id: wisla-pl
      party: wisla-telekom
      name: Wisła Telekom S.A.
      country: PL
      tax_number: "PL5261040828"
      currency: PLN
      bank_account: PL61109010140000071219812874
      payment_accounts: [{currency: EUR, iban: PL10105000997603123456789123, bic: INGBPLPW}]
      address: ["ul. Nadbrzeżna 12", "00-382 Warszawa"]
      bill_series_prefix: WT
  brands: [{id: alfa-mobile, name: "Alfa Mobile", party: alfa}]
""",
    ),
    Form(
        "Settings of the operator",
        "What holds for the whole book unless an offering, a price or an agreement says otherwise, and who is paid "
        "when. "
        "Taxes of 1.115 and 2.225 on one bill are 1.12 and 2.23 `per_rule`, 3.34 together `per_bill`. Ten days of a "
        "cycle of 31 of a fee of 31.00 are 10.00; with a divisor of `thirty_days` 10.33. A position of 10.04 francs is "
        "paid as 10.05 in steps of 5, and whose part was cut the most gets what is left over. Of 7,003.10 zloty of "
        "royalties to Germany 5 percent, 350.155, are withheld in whole zloty: 350. A bank account that is approved on "
        "1 March is paid from 8 March on, and a self-billed document of a Polish partner within 30 days.",
        "operator.yaml",
        (LatestPayment,),
        """\
operator:
  party: wisla-telekom
  time_zone: Europe/Warsaw
  home_currency: PLN
  languages: [en]
  currencies: [PLN, CHF]
  bill_cycles: [c01]
  partners: [streamly]
  tax_rounding: per_bill
  coupon_decimals: "5"
  pricing: {bounds: up_to_inclusive, unused: nothing, below_zero: first_unit}
  proration: {by: day, last_day: not_charged, divisor: thirty_days}
  split: {left_over: largest_remainder, negatives: mirrored, step: "5"}
  withholding:
    - {payment_class: royalty, payer_country: PL, receiver_country: DE, rate_percent: "5", round_to: major,
       effective_from: "2026-01-01", effective_until: "2027-01-01"}
  payments:
    approved_partners_only: true
    cooling_off_days: "7"
    unapproved_terms: wait
    latest_payment: [{receiver_country: PL, document: self_billed, days: "30"}]
  fx: {source: ecb, date_rule: last_published_before_issue_date}
  legal_entities:
    - id: wisla-pl
      party: wisla-telekom
      name: Wisła Telekom S.A.
      country: PL
      tax_number: "PL5261040828"
      currency: PLN
      address: ["ul. Nadbrzeżna 12"]
      bill_series_prefix: WT
""",
        level=3,
    ),
)
