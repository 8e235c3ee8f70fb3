"""What customers buy and partners share in the month of ``party_tariff_month``, as a book's files.

Belongs here: offerings, and agreements that share what they bring in after a tariff's cost, from credit, in a bundle.
Belongs elsewhere: agreements that price usage for themselves (``party_tariff_book``).
"""

# The same carrier as an item of the waterfall: what customers pay is shared after what their calls cost.
PLAIN = """\
offerings:
  - id: plain
    kind: simple
    service: voice
    name: {pl: "Prosta", en: "Plain"}
    tax_category: standard
    supplier: wisla-pl
    effective_from: "2026-01-01"
    prices:
      - id: calls
        kind: usage
        name: {pl: "Rozmowy", en: "Calls"}
        currency: EUR
        usage: voice
        where: {called: {zone_list: destinations, in: [eu, world, national]}}
        measure: {aggregate: sum, characteristic: duration}
        versions:
          - {effective_from: "2026-01-01", tariff: {model: per_unit, unit_amount: "1.20", per_quantity: "60"}}
"""
PEAK_SHARE = """\
agreements:
  - id: peak-share
    name: {pl: "Udział", en: "Peak share"}
    payer: wisla-telekom
    parties: [wisla-telekom, gadu, streamly]
    tariffs:
      - id: minutes
        name: {pl: "Minuty", en: "Minutes"}
        payer: wisla-telekom
        receiver: gadu
        settled: false
        covers:
          - {usage: voice, where: {called: {zone_list: destinations, in: [eu]}}}
        prices:
          - id: eu
            kind: usage
            name: {pl: "UE", en: "EU"}
            currency: EUR
            usage: voice
            where: {called: {zone_list: destinations, in: [eu]}}
            measure: {aggregate: sum, characteristic: duration}
            calendar: week
            counter: event
            versions:
              - effective_from: "2026-01-01"
                tariff: {model: per_unit, unit_amount: "0.60", per_quantity: "60"}
                time_bands: [{in: [peak], tariff: {model: per_unit, unit_amount: "1.80", per_quantity: "60"}}]
      - id: far
        name: {pl: "Daleko", en: "Far away"}
        payer: wisla-telekom
        receiver: gadu
        settled: false
        covers: [{usage: voice, where: {called: {zone_list: destinations, in: [world]}}}]
        prices:
          - id: world
            kind: usage
            name: {pl: "Świat", en: "World"}
            currency: PLN
            usage: voice
            where: {called: {zone_list: destinations, in: [world]}}
            measure: {aggregate: sum, characteristic: duration}
            round_up_to: {first: "60", next: "60"}
            counter: event
            versions:
              - {effective_from: "2026-01-01", tariff: {model: per_unit, unit_amount: "2.00", per_quantity: "60"}}
    versions:
      - version: "1"
        effective_from: "2026-01-01"
        known_from: "2025-12-01"
        covers: [{offering: plain}]
        sharing:
          - {id: network, to: gadu, tariff: minutes, cost: true}
          - {id: far, to: gadu, tariff: far, cost: true}
          - {id: content, to: streamly, basis: remaining, percent: "50", min: "0"}
          - {id: own, kept: true}
        settlement: {currency: EUR, fx_source: ecb, trigger: billed, due_days: "30", document: statement,
            tax_category: standard}
"""
# Prepaid: 20.00 a month buy credit of 20.00, which calls are paid from; what is left stays. The studio has 70 percent
# of what is consumed, before the credit pays it, in the month of consumption. And a bundle that four partners share.
MORE_OFFERINGS = """\
offerings:
  - id: prepaid
    kind: simple
    service: voice
    name: {pl: "Prepaid", en: "Prepaid"}
    tax_category: standard
    supplier: wisla-pl
    effective_from: "2026-01-01"
    prices:
      - id: top-up
        kind: recurring
        name: {pl: "Doładowanie", en: "Top-up"}
        currency: PLN
        charged: in_advance
        versions: [{effective_from: "2026-01-01", tariff: {model: flat, amount: "20.00"}}]
      - id: calls
        kind: usage
        name: {pl: "Rozmowy", en: "Calls"}
        currency: PLN
        usage: voice
        allowance: credit
        measure: {aggregate: sum, characteristic: duration}
        versions:
          - {effective_from: "2026-01-01", tariff: {model: per_unit, unit_amount: "0.50", per_quantity: "60"}}
    allowances:
      - {id: credit, name: {pl: "Środki", en: "Credit"}, amount: "20.00", rollover: {expires: never}}
  - id: part-a
    kind: simple
    service: voice
    name: {pl: "Część A", en: "Part A"}
    tax_category: standard
    supplier: wisla-pl
    effective_from: "2026-01-01"
    prices: [{id: fee, kind: recurring, name: {pl: "A", en: "A"}, currency: PLN,
        versions: [{effective_from: "2026-01-01", tariff: {model: flat, amount: "60.00"}}]}]
  - id: part-b
    kind: simple
    service: voice
    name: {pl: "Część B", en: "Part B"}
    tax_category: standard
    supplier: wisla-pl
    effective_from: "2026-01-01"
    prices: [{id: fee, kind: recurring, name: {pl: "B", en: "B"}, currency: PLN,
        versions: [{effective_from: "2026-01-01", tariff: {model: flat, amount: "60.00"}}]}]
  - id: pack
    kind: bundle
    service: bundle
    name: {pl: "Pakiet", en: "Pack"}
    tax_category: standard
    supplier: wisla-pl
    effective_from: "2026-01-01"
    components: [{offering: part-a, weight: "3"}, {offering: part-b, weight: "2"}]
    prices:
      - id: pack-fee
        kind: recurring
        name: {pl: "Opłata", en: "Fee"}
        currency: PLN
        versions: [{effective_from: "2026-01-01", tariff: {model: flat, amount: "100.00"}}]
        adjustments: [{id: spring, kind: percent, percent: "10", name: {pl: "Wiosna", en: "Spring"}, borne_by: kiosk}]
"""
MORE_AGREEMENTS = """\
agreements:
  - id: prepaid-calls
    name: {pl: "Prepaid: rozmowy", en: "Prepaid calls"}
    payer: wisla-telekom
    parties: [wisla-telekom, streamly]
    versions:
      - version: "1"
        effective_from: "2026-01-01"
        known_from: "2025-12-01"
        covers: [{offering: prepaid, price: calls}]
        bears: {discounts: wisla-telekom}
        sharing:
          - {id: content, to: streamly, percent: "70"}
          - {id: own, kept: true}
        settlement: {currency: PLN, fx_source: ecb, trigger: consumed, cycle: month, due_days: "30",
            document: statement, tax_category: standard}
  - id: pack-of-four
    name: {pl: "Pakiet czterech", en: "Pack of four"}
    payer: wisla-telekom
    parties: [wisla-telekom, streamly, kiosk, gadu, house]
    versions:
      - version: "1"
        effective_from: "2026-01-01"
        known_from: "2025-12-01"
        covers: [{offering: part-a}, {offering: part-b}]
        sharing:
          - {id: one, to: streamly, percent: "40"}
          - {id: two, to: kiosk, percent: "30"}
          - {id: three, to: gadu, percent: "20"}
          - {id: four, to: house, percent: "10"}
          - {id: own, kept: true}
        settlement: {currency: USD, fx_source: ecb, trigger: billed, cycle: month, due_days: "30",
            document: statement, tax_category: standard}
"""
SURFING = """\
offerings:
  - id: surfing
    kind: simple
    service: data
    name: {pl: "Surfowanie", en: "Surfing"}
    tax_category: standard
    supplier: wisla-pl
    effective_from: "2026-01-01"
    prices:
      - id: minutes
        kind: usage
        name: {pl: "Minuty", en: "Minutes"}
        currency: PLN
        usage: wifi
        measure: {aggregate: sum, characteristic: duration}
        versions:
          - {effective_from: "2026-01-01", tariff: {model: per_unit, unit_amount: "0.10", per_quantity: "60"}}
"""
