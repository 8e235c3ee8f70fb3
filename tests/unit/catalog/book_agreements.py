# ruff: noqa: E501 - lines of the book and messages are shown as they are
"""The agreements of the small valid book: two versions, a chain of resellers, a white label, a tariff for roaming.

Belongs here: their files as text. Belongs elsewhere: the rest of the book, and which file is which (``books``).
"""

STREAMLY = """\
agreements:
  - id: streamly-content
    name: {pl: "Streamly", en: "Streamly"}
    payer: wisla-telekom
    parties: [wisla-telekom, streamly]
    versions:
      - version: "1"
        effective_from: "2026-01-01"
        effective_until: "2026-07-01"
        known_from: "2025-11-20"
        covers: [{offering: video-stream}]
        sharing:
          - {id: content, to: streamly, basis: after_discount_ex_tax, percent: "70"}
          - {id: kept, remaining_to: wisla-telekom}
        settlement: {self_billing: {agreed_on: "2025-11-20"}, currency: EUR, fx_source: ecb, trigger: billed, due_days: "30", document: self_billed, tax_category: standard}
      - version: "2"
        effective_from: "2026-07-01"
        known_from: "2026-06-20"
        covers: [{offering: video-stream}]
        sharing:
          - {id: content, to: streamly, percent: "65"}
          - {id: kept, remaining_to: wisla-telekom}
        settlement: {self_billing: {agreed_on: "2025-11-20"}, currency: EUR, fx_source: ecb, trigger: billed, due_days: "30", document: self_billed, tax_category: standard}
"""

RESELLERS = """\
agreements:
  - id: reseller
    name: {pl: "Gadu", en: "Gadu"}
    payer: wisla-telekom
    parties: [wisla-telekom, gadu]
    versions:
      - version: "1"
        effective_from: "2026-01-01"
        known_from: "2025-12-01"
        covers: [{offering: mobile-start, seller: gadu}]
        sharing:
          - {id: margin, to: gadu, percent: "20"}
          - {id: bonus, to: seller.parent, basis: "item:margin", percent: "10"}
          - {id: extra, to: gadu, basis: remaining, percent: "1.5"}
          - {id: kept, remaining_to: wisla-telekom}
        settlement: {currency: PLN, fx_source: ecb, trigger: billed, due_days: "30", document: statement, tax_category: standard}
  - id: sub-reseller
    name: {pl: "Kiosk", en: "Kiosk"}
    payer: gadu
    parties: [gadu, kiosk]
    associated_agreement: {agreement: reseller, item: margin}
    versions:
      - version: "1"
        effective_from: "2026-03-01"
        effective_until: "2026-07-01"
        known_from: "2026-02-01"
        sharing:
          - {id: per-minute, to: kiosk, per_unit: "0.01"}
          - {id: kept, remaining_to: gadu}
        settlement: {currency: PLN, fx_source: ecb, trigger: billed, due_days: "14", document: statement, tax_category: standard}
      - version: "2"
        effective_from: "2026-07-01"
        known_from: "2026-06-01"
        sharing:
          - {id: per-minute, to: kiosk, per_unit: "0.02"}
          - {id: kept, remaining_to: gadu}
        settlement: {currency: PLN, fx_source: ecb, trigger: billed, due_days: "14", document: statement, tax_category: standard}
  - id: landlord
    name: {pl: "Dom", en: "House"}
    payer: kiosk
    parties: [kiosk, house]
    associated_agreement: {agreement: sub-reseller, item: per-minute}
    versions:
      - version: "1"
        effective_from: "2026-07-01"
        known_from: "2026-06-01"
        sharing:
          - {id: rent, to: house, percent: "5"}
          - {id: desk, to: house, currency: EUR, fixed: {amount: "2.50", per: customer}, max: "1"}
          - {id: scale, to: house, basis: lower of list and remaining, tiers: {of: revenue, mode: marginal, steps: [{up_to: "1000", percent: "1"}, {percent: "2"}]}}
          - {id: kept, remaining_to: kiosk}
        settlement:
          currency: PLN
          fx_source: ecb
          trigger: billed
          due_days: "14"
          document: statement
          tax_category: standard
          items: [{id: floor, kind: minimum_guarantee, to: house, amount: "100", period: year}]
          withholding: {payment_class: rent}
"""

WHITE_LABEL = """\
agreements:
  - id: gadu-line
    name: {pl: "Gadu: linia", en: "Gadu: line"}
    payer: gadu
    parties: [wisla-telekom, gadu]
    versions:
      - version: "1"
        effective_from: "2026-01-01"
        known_from: "2025-12-01"
        covers: [{offering: line, seller: gadu}]
        roles:
          supplier: gadu-pl
          issuer: wisla-pl
          mandate: "2025/117"
          brand: gadu-mobile
          collector: wisla-pl
          revenue: {recognised_as: agent, reason: "Gadu sells in its own name", approved_by: "cfo", approved_on: "2025-12-01"}
        sharing:
          - {id: wholesale, to: operator, percent: "60"}
          - {id: content, to: content_provider, percent: "5"}
          - {id: kept, kept: true}
        settlement: {currency: PLN, fx_source: ecb, trigger: billed, due_days: "30", document: statement, tax_category: standard}
"""

ROAMING = """\
agreements:
  - id: roaming-partner
    name: {pl: "Roaming", en: "Roaming"}
    payer: wisla-telekom
    parties: [wisla-telekom, gadu]
    tariffs:
      - id: calls
        name: {pl: "Rozmowy", en: "Calls"}
        payer: wisla-telekom
        receiver: gadu
        covers: [{usage: voice, where: {network: {in: [roaming]}}}]
        prices:
          - id: minutes
            kind: usage
            name: {pl: "Minuty", en: "Minutes"}
            currency: EUR
            usage: voice
            measure: {aggregate: sum, characteristic: duration}
            versions:
              - {effective_from: "2026-01-01", tariff: {model: per_unit, unit_amount: "0.019", per_quantity: "60"}}
    versions:
      - version: "1"
        effective_from: "2026-01-01"
        known_from: "2025-12-01"
        settlement: {currency: EUR, fx_source: ecb, trigger: billed, due_days: "30", document: statement, tax_category: standard}
"""
