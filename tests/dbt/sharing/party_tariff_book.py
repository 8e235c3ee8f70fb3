"""Rules between partners as a book's files: interconnect, a carrier behind retail calls, roaming, prepaid credit.

Belongs here: usage guided to agreements, and the tariffs that price it. Belongs elsewhere: what customers buy and how
it is shared (``party_tariff_offers``), the usage (``party_tariff_month``).
"""

CALENDAR = """\
calendars:
  - id: week
    bands:
      - {id: peak, weekdays: [monday, tuesday, wednesday, thursday, friday], start: "08:00", end: "18:00"}
"""
TRUNKS = """\
usage_specification:
  id: trunks
  service: voice
  name: {pl: "Połączenia międzyoperatorskie", en: "Interconnect"}
  file: {name_pattern: "trunks_*.csv*", format: csv}
  event_id: [call_id]
  event_time: started_at
  served_by: {characteristic: trunk, identifier_kind: trunk}
  guided_to: agreement
  age_limit_days: 90
  characteristics:
    - {id: call_id, column: call_id, type: text}
    - {id: started_at, column: started_at, type: timestamp}
    - {id: a_number, column: a_number, type: phone_number, priced_by: zone}
    - {id: b_number, column: b_number, type: phone_number, priced_by: zone}
    - {id: trunk, column: trunk, type: code, priced_by: value}
    - {id: direction, column: direction, type: code, priced_by: value, allowed: [incoming, outgoing]}
    - {id: duration, column: duration_s, type: quantity, unit: s, slot: 1, minimum: "0", maximum: "86400"}
"""
AGREEMENTS = """\
agreements:
  - id: telnova
    name: {pl: "Telnova", en: "Telnova"}
    payer: wisla-telekom
    parties: [wisla-telekom, gadu]
    tariffs:
      - id: outgoing
        name: {pl: "Wychodzące", en: "Outgoing"}
        payer: wisla-telekom
        receiver: gadu
        covers:
          - usage: trunks
            where: {direction: {in: [outgoing]}}
            identified_by: {characteristic: trunk, identifier_kind: trunk}
        prices:
          - id: termination
            kind: usage
            name: {pl: "Zakończenie", en: "Termination"}
            currency: PLN
            usage: trunks
            measure: {aggregate: sum, characteristic: duration}
            round_up_to: {first: "60", next: "1"}
            versions:
              - {effective_from: "2026-01-01", tariff: {model: per_unit, unit_amount: "0.06", per_quantity: "60"}}
          - id: termination-eu
            kind: usage
            name: {pl: "Zakończenie UE", en: "Termination EU"}
            currency: EUR
            usage: trunks
            where: {b_number: {zone_list: destinations, in: [eu]}}
            measure: {aggregate: sum, characteristic: duration}
            versions:
              - {effective_from: "2026-01-01", tariff: {model: per_unit, unit_amount: "0.10", per_quantity: "60"}}
      - id: incoming
        name: {pl: "Przychodzące", en: "Incoming"}
        payer: gadu
        receiver: wisla-telekom
        covers:
          - usage: trunks
            where: {direction: {in: [incoming]}}
            identified_by: {characteristic: trunk, identifier_kind: trunk}
        prices:
          - id: termination
            kind: usage
            name: {pl: "Zakończenie", en: "Termination"}
            currency: PLN
            usage: trunks
            where: {b_number: {zone_list: destinations, in: [national, warsaw]}}
            measure: {aggregate: sum, characteristic: duration}
            versions:
              - {effective_from: "2026-01-01", tariff: {model: per_unit, unit_amount: "0.02", per_quantity: "60"}}
    versions:
      - version: "1"
        effective_from: "2026-01-01"
        known_from: "2025-12-01"
        settlement: {currency: PLN, fx_source: ecb, trigger: billed, due_days: "30", document: statement,
            tax_category: standard}
  - id: carrier
    name: {pl: "Hurt", en: "Wholesale"}
    payer: wisla-telekom
    parties: [wisla-telekom, kiosk]
    tariffs:
      - id: voice
        name: {pl: "Rozmowy", en: "Calls"}
        payer: wisla-telekom
        receiver: kiosk
        covers:
          - {usage: voice, where: {network: {in: [home]}, called: {zone_list: destinations, in: [eu, world]}}}
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
    versions:
      - version: "1"
        effective_from: "2026-01-01"
        known_from: "2025-12-01"
        settlement: {currency: EUR, fx_source: ecb, trigger: billed, due_days: "30", document: statement,
            tax_category: standard}
"""
TAP = """\
usage_specification:
  id: roaming-in
  service: voice
  name: {pl: "Roaming, rekordy TAP", en: "Roaming, TAP records"}
  file:
    name_pattern: "CD*.csv"
    format: csv
    control_totals: [charge]
    numbering: {names: "CDESPIBPLWIS{number}.csv", first: "7"}
  event_id: [plmn, record]
  event_time: started_at
  served_by: {characteristic: imsi, identifier_kind: imsi}
  guided_to: agreement
  age_limit_days: 3650
  characteristics:
    - {id: record, column: record, type: text}
    - {id: started_at, column: local_timestamp, type: timestamp}
    - {id: imsi, column: imsi, type: text}
    - {id: plmn, column: plmn, type: code, priced_by: value}
    - {id: service, column: service, type: code, priced_by: value, allowed: [voice, sms, data]}
    - {id: units, column: units, type: quantity, unit: "1", slot: 1, minimum: "0", maximum: "1000000"}
    - {id: charge, column: charge_sdr, type: quantity, unit: XDR, slot: 2, scale: 3, minimum: "0", maximum: "100000"}
"""
ROAMING = """\
agreements:
  - id: ibermovil
    name: {pl: "Ibermóvil", en: "Ibermóvil"}
    payer: wisla-telekom
    parties: [wisla-telekom, house]
    tariffs:
      - id: charged
        name: {pl: "Opłaty z TAP", en: "Charges of TAP"}
        payer: wisla-telekom
        receiver: house
        covers: [{usage: roaming-in, identified_by: {characteristic: plmn, identifier_kind: plmn}}]
        prices:
          - id: charge
            kind: usage
            name: {pl: "Opłata", en: "Charge"}
            currency: XDR
            usage: roaming-in
            measure: {aggregate: sum, characteristic: charge}
            versions: [{effective_from: "2026-01-01", tariff: {model: per_unit, unit_amount: "1"}}]
    versions:
      - version: "1"
        effective_from: "2026-01-01"
        known_from: "2025-12-01"
        settlement: {currency: PLN, fx_source: treasury, trigger: billed, due_days: "30", document: statement,
            tax_category: standard}
"""
# Prepaid: what is consumed was paid before, with credits; nothing is billed, the partner's part is owed all the same.
CREDITS = """\
usage_specification:
  id: credits-used
  service: ott
  name: {pl: "Wykorzystane środki", en: "Credits used"}
  file: {name_pattern: "credits_*.csv", format: csv}
  event_id: [record]
  event_time: used_at
  served_by: {characteristic: wallet, identifier_kind: wallet}
  guided_to: agreement
  age_limit_days: 90
  characteristics:
    - {id: record, column: record, type: text}
    - {id: used_at, column: used_at, type: timestamp}
    - {id: wallet, column: wallet, type: text}
    - {id: content, column: content, type: code, priced_by: value}
    - {id: amount, column: amount, type: quantity, unit: PLN, slot: 1, scale: 2, minimum: "0", maximum: "1000"}
"""
PREPAID = """\
agreements:
  - id: prepaid-content
    name: {pl: "Treści prepaid", en: "Prepaid content"}
    payer: wisla-telekom
    parties: [wisla-telekom, streamly]
    tariffs:
      - id: consumed
        name: {pl: "Wykorzystane", en: "Consumed"}
        payer: wisla-telekom
        receiver: streamly
        covers: [{usage: credits-used, where: {content: {in: [films]}}}]
        prices:
          - id: part
            kind: usage
            name: {pl: "Część", en: "Part"}
            currency: PLN
            usage: credits-used
            measure: {aggregate: sum, characteristic: amount}
            versions: [{effective_from: "2026-01-01", tariff: {model: per_unit, unit_amount: "0.70"}}]
    versions:
      - version: "1"
        effective_from: "2026-01-01"
        known_from: "2025-12-01"
        settlement: {currency: PLN, fx_source: ecb, trigger: consumed, cycle: month, due_days: "30",
            document: statement, tax_category: standard}
"""
# What customers use and others may: a session belongs to a customer's product, to a hotspot's tariff, or to both.
WIFI = """\
usage_specification:
  id: wifi
  service: data
  name: {pl: "Wi-Fi", en: "Wi-Fi"}
  file: {name_pattern: "wifi_*.csv", format: csv}
  event_id: [session]
  event_time: started_at
  served_by: {characteristic: device, identifier_kind: device}
  guided_to: either
  age_limit_days: 90
  characteristics:
    - {id: session, column: session, type: text}
    - {id: started_at, column: started_at, type: timestamp}
    - {id: device, column: device, type: text}
    - {id: spot, column: spot, type: code, priced_by: value}
    - {id: duration, column: duration_s, type: quantity, unit: s, slot: 1, minimum: "0", maximum: "86400"}
"""
HOTSPOTS = """\
agreements:
  - id: hotspots
    name: {pl: "Hotspoty", en: "Hotspots"}
    payer: wisla-telekom
    parties: [wisla-telekom, kiosk]
    tariffs:
      - id: airport
        name: {pl: "Lotnisko", en: "Airport"}
        payer: wisla-telekom
        receiver: kiosk
        covers: [{usage: wifi, where: {spot: {in: [airport]}}}]
        prices:
          - id: minutes
            kind: usage
            name: {pl: "Minuty", en: "Minutes"}
            currency: PLN
            usage: wifi
            measure: {aggregate: sum, characteristic: duration}
            versions:
              - {effective_from: "2026-01-01", tariff: {model: per_unit, unit_amount: "0.05", per_quantity: "60"}}
    versions:
      - version: "1"
        effective_from: "2026-01-01"
        known_from: "2025-12-01"
        settlement: {currency: PLN, fx_source: ecb, trigger: billed, due_days: "30", document: statement,
            tax_category: standard}
"""
