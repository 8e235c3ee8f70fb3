"""Chapter of the book's reference on phases.

Belongs here: sentences and the example. Belongs elsewhere: worked examples (``worked/phases.yaml``), other chapters.
"""

from assets.catalog.docs.form import Form
from assets.catalog.models.phase import Phase, PhaseLength

PHASE_FORMS = (
    Form(
        "Phases",
        "What a product pays changes with its age: a trial, an introduction, a term, and then for ever. The phases "
        "of an offering follow each other from the product's start, on the local calendar of its account; each has "
        "the prices, discounts and allowances of the offering that it names. Fees change like with any change of "
        "plan: the day belongs to the new prices. Usage pays what its instant says. Lines name the offering of "
        "their phase, so agreements cover those. One-time prices of a phase's offering are charged when the phase "
        "begins; `charged: at_early_end` when a product leaves within a phase of kind `fixed_term`.",
        "offerings/fibre.yaml",
        (Phase, PhaseLength),
        """\
offerings:
  - id: fibre
    kind: simple
    service: data
    name: {en: "Fibre"}
    tax_category: standard
    supplier: wisla-pl
    effective_from: "2026-01-01"
    phases:
      - {id: intro, kind: discount, offering: fibre-intro, lasts: {count: 3, unit: month}}
      - {id: term, kind: fixed_term, lasts: {count: 21, unit: month}}
      - {id: open, kind: evergreen}
    prices:
      - id: fee
        kind: recurring
        name: {en: "Monthly fee"}
        currency: EUR
        versions: [{effective_from: "2026-01-01", tariff: {model: flat, amount: "30.00"}}]
      - id: leaving
        kind: one_time
        charged: at_early_end
        per_month_left: true
        name: {en: "For the rest of the term"}
        currency: EUR
        versions: [{effective_from: "2026-01-01", tariff: {model: flat, amount: "10.00"}}]
""",
        "Three months at the prices of `fibre-intro`, then 21 at 30.00, then the same without a term. Who leaves 4 "
        "months and 10 days before the end of the term pays 50.00:",
        level=3,
    ),
)
