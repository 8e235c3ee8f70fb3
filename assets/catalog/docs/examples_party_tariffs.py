"""Chapter of the book's reference on tariffs between partners: interconnect, wholesale, roaming.

Belongs here: what a tariff of an agreement is for and a short worked example of it.
Belongs elsewhere: prices (``docs.examples_pricing``), agreements as a whole (``docs.examples_agreements``).
"""

from assets.catalog.docs.form import Form
from assets.catalog.models.party_tariff import AgreementTariff, IdentifiedBy, TariffCover

PARTY_TARIFF_FORMS: tuple[Form, ...] = (
    Form(
        "Tariffs between partners",
        "An agreement may have full tariffs: price lists of what its parties owe each other for usage. Usage finds a "
        "tariff by what its events say (trunk, direction, numbers by zone) and by identifiers that "
        "`identifiers_*.csv` gives to the agreement. Its prices are written and rated like those of an offering; an "
        "event can be a customer's and any number of partners'. Lines are exact (`fct_applied_party_billing_rates`), "
        "and each tariff's sum is rounded once, as a position. Usage that is covered and has no price is suspended.",
        "agreements/telnova.yaml",
        (AgreementTariff, TariffCover, IdentifiedBy),
        """\
agreements:
  - id: telnova
    name: {en: "Telnova: interconnect"}
    payer: wisla-telekom
    parties: [wisla-telekom, telnova]
    pricing: {rounding: [{at: event, method: half_up, decimals: 6}]}
    tariffs:
      - id: outgoing
        name: {en: "Calls to Telnova"}
        payer: wisla-telekom
        receiver: telnova
        settled: true
        pricing: {below_zero: mirrored}
        covers:
          - usage: trunks
            where: {direction: {in: [outgoing]}}
            identified_by: {characteristic: trunk, identifier_kind: trunk}
        prices:
          - id: termination
            kind: usage
            name: {en: "Termination"}
            currency: PLN
            usage: trunks
            measure: {aggregate: sum, characteristic: duration}
            round_up_to: {first: "60", next: "1"}
            versions:
              - {effective_from: "2026-01-01", tariff: {model: per_unit, unit_amount: "0.06", per_quantity: "60"}}
    versions:
      - version: "1"
        effective_from: "2026-01-01"
        known_from: "2025-12-01"
        settlement:
          currency: PLN
          fx_source: ecb
          trigger: billed
          due_days: "30"
          document: statement
          tax_category: standard
""",
        "Two calls of 20 and 90 seconds over Telnova's trunk are 60 + 90 seconds at 0.06 a minute: the operator owes "
        "0.15. A tariff `incoming` with payer and receiver the other way round makes what Telnova owes.",
        level=3,
    ),
)
