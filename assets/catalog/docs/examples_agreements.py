"""Chapters of the book's reference on agreements: covers and chains.

Belongs here: what each form of an agreement is for and a short worked example of it.
Belongs elsewhere: items of the waterfall (``docs.examples_sharing``), settlement terms (``docs.examples_settlement``),
the other files of the book (``docs.examples``).
"""

from assets.catalog.docs.examples_party_tariffs import PARTY_TARIFF_FORMS
from assets.catalog.docs.examples_settlement import SETTLEMENT_FORMS
from assets.catalog.docs.examples_sharing import SHARING_FORMS
from assets.catalog.docs.form import Form
from assets.catalog.models.agreement import Agreement, AgreementVersion, AssociatedAgreement, Cover
from assets.catalog.models.roles import AgreementRoles, OfferingRoles, Revenue

AGREEMENT_FORMS: tuple[Form, ...] = (
    Form(
        "agreements/*.yaml",
        "An agreement shares what its payer earns. A root agreement is paid by the operator and covers lines of bills; "
        "of several covers that match a line the one with the most fields wins. A line without agreement is the "
        "operator's own.",
        "agreements/streamly.yaml",
        (Agreement, AgreementVersion, Cover),
        """\
agreements:
  - id: streamly-content
    name: {en: "Streamly: video content"}
    payer: wisla-telekom
    parties: [wisla-telekom, streamly]
    versions:
      - version: "1"
        effective_from: "2026-01-01"
        known_from: "2025-11-20"
        covers: [{offering: video-stream}, {offering: mobile-start, price: sms, seller: alfa}]
        sharing:
          - {id: content, to: streamly, basis: after_discount_ex_tax, percent: "70"}
          - {id: kept, remaining_to: wisla-telekom}
        settlement:
          currency: EUR
          fx_source: ecb
          trigger: billed
          due_days: "30"
          document: self_billed
          self_billing: {agreed_on: "2025-11-20"}
          tax_category: standard
""",
        "Of a line of 10.00 without tax Streamly gets 7.00 and the operator keeps 3.00; so it does of messages that "
        "Alfa sold, unless an agreement about other messages names as many fields:",
    ),
    *SHARING_FORMS,
    Form(
        "Chains",
        "A hop shares what an item of the agreement above gave to the hop's payer. It has no covers, settles on its "
        "own terms, and its bases are of that amount. A chain has at most 24 ranks and no cycle.",
        "agreements/beta.yaml",
        (AssociatedAgreement,),
        """\
agreements:
  - id: alfa-beta
    name: {en: "Alfa and Beta"}
    payer: alfa
    parties: [alfa, beta]
    associated_agreement: {agreement: alfa-distribution, item: distribution}
    versions:
      - version: "1"
        effective_from: "2026-01-01"
        known_from: "2025-12-01"
        sharing:
          - {id: region, to: beta, percent: "60"}
          - {id: kept, remaining_to: alfa}
        settlement: {currency: EUR, fx_source: ecb, trigger: billed, due_days: 30, document: statement, tax_category: standard}
""",  # noqa: E501
        "Alfa got 30.00 as `distribution`; Beta gets 18.00 of it and Alfa keeps 12.00:",
        level=3,
    ),
    Form(
        "Roles",
        "Who supplies for VAT, who writes the invoice, whose brand it shows, who collects, and whose revenue it is are "
        "five separate facts. An offering states them for its lines, a root agreement for the lines that it covers. "
        "White label is a brand and nothing else, unless the reseller is the supplier: then it has a legal entity of "
        "its own with tax number and series, is the payer of the agreement, and gives a mandate. Combinations that are "
        "not allowed are refused ([roles](../roles.md)).",
        "roles",
        (OfferingRoles, AgreementRoles, Revenue),
        """\
supplier: alfa-pl
issuer: wisla-pl
mandate: "2025/117"
brand: alfa-mobile
collector: wisla-pl
revenue:
  recognised_as: agent
  principal: alfa
  reason: "Alfa sells in its own name and sets the price"
  approved_by: "CFO"
  approved_on: "2025-12-01"
""",
        "Alfa supplies; the operator writes its invoices, collects, and has only what the agreement leaves it as "
        "revenue:",
        level=3,
    ),
    Form(
        "Where roles stand",
        "An offering names who writes its invoice, collects, and is shown, and whose content it is; a component of a "
        "bundle may differ from the bundle.",
        "offerings/white-label.yaml",
        (),
        """\
offerings:
  - id: alfa-mobile
    kind: simple
    service: mobile
    name: {en: "Alfa Mobile"}
    tax_category: standard
    supplier: alfa-pl
    roles: {issuer: wisla-pl, mandate: "2025/117", brand: alfa-mobile, collector: wisla-pl}
    content_provider: streamly
    effective_from: "2026-01-01"
  - id: alfa-pack
    kind: bundle
    service: bundle
    name: {en: "Alfa Pack"}
    tax_category: standard
    supplier: alfa-pl
    roles: {issuer: wisla-pl, mandate: "2025/117"}
    content_provider: streamly
    effective_from: "2026-01-01"
    components: [{offering: alfa-mobile}]
""",
        "Of a line of 10.00 an item `to: content_provider` with 40 percent gives Streamly 4.00:",
        level=4,
    ),
    Form(
        "Roles of the lines of an agreement",
        "",
        "agreements/alfa-agency.yaml",
        (),
        """\
agreements:
  - id: alfa-agency
    name: {en: "Alfa: agency"}
    payer: wisla-telekom
    parties: [wisla-telekom, alfa]
    versions:
      - version: "1"
        effective_from: "2026-01-01"
        known_from: "2025-12-01"
        covers: [{offering: mobile-start, seller: alfa}]
        roles:
          supplier: alfa-pl
          revenue: {recognised_as: agent, reason: "Alfa sets the price", approved_by: "CFO", approved_on: "2025-12-01"}
        sharing:
          - {id: commission, to: wisla-telekom, percent: "15"}
          - {id: rest, remaining_to: alfa}
        settlement: {currency: PLN, fx_source: ecb, trigger: billed, due_days: 30, document: statement, tax_category: standard}
""",  # noqa: E501
        "Of a line of 10.00 the operator's revenue is 1.50; 8.50 is owed to Alfa and never was revenue:",
        level=4,
    ),
    *PARTY_TARIFF_FORMS,
    *SETTLEMENT_FORMS,
)
