# ruff: noqa: E501 - lines of the book and messages are shown as they are
"""Every kind of broken book is reported with file, line, what was found and what was expected; never a traceback."""

import re
from pathlib import Path

import pytest

from assets.catalog.check import check_book
from tests.unit.catalog.books import VALID_BOOK, write_book

TAXES_WITH_NAMES = "\n".join(
    line + (",tax" if number == 0 else ",") for number, line in enumerate(VALID_BOOK["taxes.csv"].splitlines())
) + "\n"  # fmt: skip

# Name, file, text to replace, replacement, place and words of the message.
BROKEN = [
    # The YAML itself
    ("a duplicate key", "operator.yaml", "  home_currency: PLN", "  home_currency: PLN\n  home_currency: EUR",
     "operator.yaml:5: operator.home_currency: found the key 'home_currency' a second time (first on line 4)"),
    ("an alias", "operator.yaml", "currency: PLN\n      bank", "currency: *pln\n      bank",
     "operator.yaml:18: operator.legal_entities[0].currency: found the alias *pln, expected the value itself"),
    ("an anchor", "operator.yaml", "home_currency: PLN", "home_currency: &pln PLN",
     "operator.yaml:4: operator.home_currency: found the anchor &pln"),
    ("a tag", "operator.yaml", "home_currency: PLN", "home_currency: !!str PLN",
     "operator.yaml:4: operator.home_currency: found the tag 'tag:yaml.org,2002:str'"),
    ("a country that YAML takes for false", "operator.yaml", "country: PL", "country: NO",
     "operator.yaml:16: operator.legal_entities[0].country: found NO without quotes"),
    ("a time without quotes", "usage/voice.yaml", "column: bytes", "column: 1:30",
     "usage/voice.yaml:17: usage_specification.characteristics[6].column: found 1:30 without quotes"),
    ("a decimal without quotes", "offerings/mobile.yaml", 'unit_amount: "0.19"', "unit_amount: 1.10",
     "offerings/mobile.yaml:37: offerings[0].prices[2].versions[0].tariff.unit_amount: found 1.10 without quotes"),
    ("a number with a leading zero", "offerings/mobile.yaml", 'trial_days: "14"', "trial_days: 010",
     "offerings/mobile.yaml:9: offerings[0].trial_days: found 010 without quotes"),
    ("a number with an exponent", "offerings/mobile.yaml", 'quantity: "6000"', "quantity: 6e3",
     "offerings/mobile.yaml:73: offerings[0].allowances[0].quantity: found 6e3 without quotes"),
    ("a date without quotes", "offerings/mobile.yaml", 'effective_from: "2026-01-01"\n    trial', "effective_from: 2026-01-01\n    trial",
     "offerings/mobile.yaml:8: offerings[0].effective_from: found 2026-01-01 without quotes"),
    ("a tab", "fx.yaml", "    name:", "\tname:", "fx.yaml:3: found text that is not YAML (found character "),
    ("an open bracket", "offerings/tv.yaml", "name: {pl: \"Wideo\"", "name: [{pl: \"Wideo\"", "in what began on line 5), expected YAML"),
    ("a second document", "fx.yaml", "fx_sources:", "a: b\n---\nfx_sources:", "fx.yaml:2: found a second document"),
    ("an empty value", "fx.yaml", "base_currency: EUR", "base_currency:", "fx.yaml:5: fx_sources[0].base_currency: found no value"),
    # Shapes and grammars
    ("an unknown field", "offerings/mobile.yaml", "    supplier:", "    suplier: x\n    supplier:",
     "offerings/mobile.yaml:7: offerings[0].suplier: found the unknown field 'suplier', expected one of adjustments, allowances, "),
    ("a missing field", "offerings/tv.yaml", "    supplier: wisla-pl\n    effective_from: \"2026-01-01\"\n    prices", "    effective_from: \"2026-01-01\"\n    prices",
     "offerings/tv.yaml:2: offerings[0]: found no field supplier, expected the field supplier"),
    ("a decimal comma", "offerings/mobile.yaml", 'amount: "25.00"', 'amount: "25,00"',
     "offerings/mobile.yaml:18: offerings[0].prices[0].versions[0].tariff.amount: found '25,00', expected an exact decimal"),
    ("eleven decimals", "offerings/mobile.yaml", '"0.19"', '"0.19000000001"',
     "offerings/mobile.yaml:37: offerings[0].prices[2].versions[0].tariff.unit_amount: found '0.19000000001'"),
    ("not a number", "offerings/mobile.yaml", '"0.19"', '"NaN"', "tariff.unit_amount: found 'NaN', expected an exact decimal"),
    ("an unknown tariff", "offerings/mobile.yaml", "model: package", "model: parcel",
     "offerings/mobile.yaml:69: offerings[0].prices[4].versions[0].tariff.model: found 'parcel', expected one of dynamic, flat, graduated"),
    ("a tariff whose least is above its most", "offerings/mobile.yaml", 'model: package, package_size: "10"',
     'model: package, minimum: "5", maximum: "4", package_size: "10"', "tariff.minimum: found 5, expected at most the maximum, 4"),
    ("a rounded increment without increments", "offerings/mobile.yaml", '        measure: {aggregate: sum, characteristic: duration}\n        versions',
     '        measure: {aggregate: sum, characteristic: duration}\n        pricing: {rounding: [{at: increment, decimals: 5}]}\n        versions',
     "prices[3].versions[0].tariff: found a rounding at the increment, and a tariff without blocks, expected block_size"),
    ("one place rounded twice", "offerings/mobile.yaml", "rounding: [{at: event, method: half_even, decimals: 2}]",
     "rounding: [{at: event, decimals: 2}, {at: event, decimals: 3}]", "pricing.rounding: found"),
    ("a usage price in a bundle", "offerings/tv.yaml", "- id: pack-fee\n        kind: recurring", "- id: pack-fee\n        kind: usage",
     "offerings/tv.yaml:29: offerings[1].prices[0].kind: found 'usage', expected one of one_time, recurring"),
    ("yes for true", "offerings/mobile.yaml", "trial: true", 'trial: "yes"',
     "offerings/mobile.yaml:16: offerings[0].prices[0].trial: found 'yes', expected true or false"),
    ("an identifier with capitals", "offerings/tv.yaml", "- id: subscription", "- id: Subscription",
     "offerings/tv.yaml:10: offerings[0].prices[0].id: found 'Subscription', expected an identifier"),
    ("a day that does not exist", "agreements/streamly.yaml", "2025-11-20", "2025-11-31",
     "agreements/streamly.yaml:10: agreements[0].versions[0].known_from: found '2025-11-31', expected a date"),
    ("a right-to-left override in a name", "offerings/tv.yaml", 'en: "Video"', 'en: "Vid\\u202Eeo"',
     "offerings/tv.yaml:5: offerings[0].name.en: found 'Vid\\u202eeo', expected visible characters only, without U+202E"),
    ("a NUL in a name", "offerings/tv.yaml", 'en: "Video"', 'en: "Vid\\0eo"',
     "offerings/tv.yaml:5: offerings[0].name.en: found 'Vid\\x00eo', expected visible characters only, without U+0000"),
    ("a zero width joiner in a name", "offerings/tv.yaml", 'en: "Video"', 'en: "Vid\\u200Deo"', "without U+200D"),
    ("a bill cycle on the 32nd", "operator.yaml", "c15", "c32",
     "operator.yaml:7: operator.bill_cycles[1]: found 'c32', expected a bill cycle c01 to c31"),
    ("an unknown time zone", "operator.yaml", "Europe/Warsaw", "Europe/Warszawa", "operator.yaml:3: operator.time_zone: found 'Europe/Warszawa'"),
    ("a currency that does not exist", "operator.yaml", "PLN, EUR, USD", "PLN, EUR, XYZ",
     "operator.yaml:6: operator.currencies[2]: found 'XYZ', expected an ISO 4217 currency code"),
    ("a wrong IBAN", "operator.yaml", "PL61109010140000071219812874", "PL61109010140000071219812875",
     "operator.yaml:19: operator.legal_entities[0].bank_account: found 'PL61109010140000071219812875', expected a valid IBAN"),
    ("a wrong VAT number", "operator.yaml", "PL5261040828", "PL5261040829", "operator.yaml:17: operator.legal_entities[0].tax_number"),
    # References
    ("an unknown currency of a price", "offerings/mobile.yaml", "currency: EUR", "currency: GBP",
     "offerings/mobile.yaml:41: offerings[0].prices[3].currency: found currency 'GBP', expected one of the operator's currencies: EUR, PLN, USD"),
    ("a missing translation", "offerings/tv.yaml", '{pl: "Pakiet", en: "Home pack"}', '{en: "Home pack"}',
     "offerings/tv.yaml:20: offerings[1].name: found no text in pl, expected a text in each language of the operator: pl, en"),
    ("an unknown party", "agreements/streamly.yaml", "parties: [wisla-telekom, streamly]", "parties: [wisla-telekom, streamly, streemly]",
     "agreements/streamly.yaml:5: agreements[0].parties[2]: found party 'streemly', expected one of gadu, house, kiosk, streamly, wisla-telekom"),
    ("a receiver that is no party", "agreements/streamly.yaml", "to: streamly, percent", "to: kiosk, percent",
     "agreements/streamly.yaml:21: agreements[0].versions[1].sharing[0].to: found receiver 'kiosk', expected one of parties"),
    ("an unknown legal entity", "offerings/mobile.yaml", "supplier: wisla-pl", "supplier: wisla-de",
     "offerings/mobile.yaml:7: offerings[0].supplier: found legal entity 'wisla-de', expected one of gadu-pl, wisla-pl"),
    ("an unknown tax category", "offerings/mobile.yaml", "tax_category: standard", "tax_category: books",
     "offerings/mobile.yaml:6: offerings[0].tax_category: found tax category 'books', expected one of standard"),
    ("an unknown zone", "offerings/mobile.yaml", "in: [eu, world]", "in: [eu, wold]",
     "offerings/mobile.yaml:44: offerings[0].prices[3].where.called.in[1]: found zone 'wold', expected one of eu, national, warsaw, world"),
    ("an unknown zone list", "offerings/mobile.yaml", "zone_list: destinations, in: [eu, world]", "zone_list: destination, in: [eu, world]",
     "offerings/mobile.yaml:44: offerings[0].prices[3].where.called.zone_list: found zone list 'destination', expected one of destinations"),
    ("an unknown usage specification", "offerings/mobile.yaml", "currency: EUR\n        usage: voice", "currency: EUR\n        usage: vioce",
     "offerings/mobile.yaml:42: offerings[0].prices[3].usage: found usage specification 'vioce', expected one of voice"),
    ("an unknown characteristic", "offerings/mobile.yaml", "network: {in:", "netwerk: {in:",
     "offerings/mobile.yaml:61: offerings[0].prices[4].where.netwerk: found characteristic 'netwerk', expected one that usage specification voice prices by: called, network"),
    ("a value that is not allowed", "offerings/mobile.yaml", "in: [roaming]", "in: [raoming]",
     "offerings/mobile.yaml:61: offerings[0].prices[4].where.network.in[0]: found value 'raoming', expected one of home, roaming"),
    ("a sum of something that is no quantity", "offerings/mobile.yaml", "characteristic: duration}\n        allowance", "characteristic: network}\n        allowance",
     "offerings/mobile.yaml:33: offerings[0].prices[2].measure.characteristic: found characteristic 'network', expected a quantity"),
    ("a missing allowance", "offerings/mobile.yaml", "allowance: minutes", "allowance: minuts",
     "offerings/mobile.yaml:34: offerings[0].prices[2].allowance: found allowance 'minuts', expected one of minutes"),
    ("an unknown component", "offerings/tv.yaml", "offering: mobile-start", "offering: mobile-stat",
     "offerings/tv.yaml:25: offerings[1].components[0].offering: found offering 'mobile-stat', expected one of line, mobile-start, video-stream"),
    ("a guarantee without period", "agreements/streamly.yaml", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard, items: [{id: floor, kind: minimum_guarantee, to: streamly, amount: \"1000\"}]}\n      - version",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.items[0]: found a minimum_guarantee without period, expected the period that it is measured in"),
    ("a trigger that a bill run does not know", "agreements/streamly.yaml", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version", "fx_source: ecb, trigger: consumed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.trigger: found trigger consumed with cycle bill_run, expected a cycle with settlement runs of its own: a bill run settles what it bills"),
    ("a cut-off of a bill run", "agreements/streamly.yaml", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version", "fx_source: ecb, cut_off_days: \"5\", trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.cut_off_days: found cut_off_days with cycle bill_run, expected it only with a cycle of its own: a bill run has the calendar of its bills"),
    ("an order of payments that are not asked for", "agreements/streamly.yaml", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version", "fx_source: ecb, cycle: month, payment_allocation: tax_first, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.payment_allocation: found payment_allocation tax_first with trigger billed, expected it only with trigger collected"),
    ("a guarantee within a settlement period", "agreements/streamly.yaml", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version", "fx_source: ecb, cycle: quarter, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard, items: [{id: floor, kind: minimum_guarantee, period: month, to: streamly, amount: \"1000\"}]}\n      - version",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.items[0].period: found a minimum_guarantee per month in an agreement settled per quarter, expected a period that is not within a settlement period"),
    ("a guarantee for the payer", "agreements/streamly.yaml", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard, items: [{id: floor, kind: cap, period: month, to: wisla-telekom, amount: \"1000\"}]}\n      - version",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.items[0].to: found receiver 'wisla-telekom', expected a receiver among parties: streamly"),
    ("a period of a fee", "agreements/streamly.yaml", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard, items: [{id: fee, kind: fee, period: year, to: streamly, amount: \"1000\"}]}\n      - version",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.items[0].period: found period in a fee, expected it only in minimum_guarantee and cap"),
    ("an agreement item twice", "agreements/streamly.yaml", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard, items: [{id: a, kind: fee, to: streamly, amount: \"1\"}, {id: a, kind: fee, to: streamly, amount: \"2\"}]}\n      - version",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.items[0].id: found the item 'a' 2 times, expected once"),
    ("withholding without payment class", "agreements/streamly.yaml", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard, withholding: {borne_by: payer}}\n      - version",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.withholding: found no field payment_class"),
    ("an unknown payment class", "agreements/streamly.yaml", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard, withholding: {payment_class: royalty}}\n      - version",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.withholding.payment_class: found payment class 'royalty', expected one of rent"),
    ("self-billing without terms", "agreements/streamly.yaml", 'settlement: {self_billing: {agreed_on: "2025-11-20"}, currency', "settlement: {currency",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.document: found document self_billed without self_billing, expected the terms under which it was agreed"),
    ("terms of self-billing for a statement", "agreements/streamly.yaml", "document: self_billed", "document: statement",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.self_billing: found self_billing for a statement"),
    ("a payment later than the law allows", "agreements/streamly.yaml", "due_days: \"30\", document: self_billed, tax_category: standard}\n      - version", "due_days: \"61\", document: self_billed, tax_category: standard}\n      - version",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.due_days: found 61 days, expected at most 60, the statutory latest day of payment"),
    ("an escalation after the end", "agreements/streamly.yaml", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard, disputes: {answer_within_days: \"20\"}}\n      - version",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.disputes.escalate_after_days: found an escalation after 30 days, of a dispute that ends after 20"),
    ("figures of the payer", "agreements/streamly.yaml", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard, partner_statement: {id: f, by: wisla-telekom, name_pattern: \"f_*.csv\", grain: period, month: m, amount: a}}\n      - version",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.partner_statement.by: found figures by 'wisla-telekom', expected a receiver among parties: streamly"),
    ("figures per line without the line", "agreements/streamly.yaml", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard, partner_statement: {id: f, by: streamly, name_pattern: \"f_*.csv\", grain: line, month: m, amount: a}}\n      - version",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.partner_statement: found grain line without line"),
    ("figures of a period with a product", "agreements/streamly.yaml", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard, partner_statement: {id: f, by: streamly, name_pattern: \"f_*.csv\", grain: period, month: m, amount: a, product: p}}\n      - version",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.partner_statement.product: found product with grain period, expected only amount, month"),
    ("one column for two figures", "agreements/streamly.yaml", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard, partner_statement: {id: f, by: streamly, name_pattern: \"f_*.csv\", grain: period, month: a, amount: a}}\n      - version",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.partner_statement: found one column for two things"),
    ("a missing FX source", "agreements/streamly.yaml", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version", "trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement: found no field fx_source, expected the field fx_source"),
    ("an unknown FX source", "agreements/streamly.yaml", "fx_source: ecb, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version", "fx_source: nbp, trigger: billed, due_days: \"30\", document: self_billed, tax_category: standard}\n      - version",
     "agreements/streamly.yaml:15: agreements[0].versions[0].settlement.fx_source: found FX source 'nbp', expected one of ecb"),
    ("an unknown offering in covers", "agreements/resellers.yaml", "offering: mobile-start, seller", "offering: mobile, seller",
     "agreements/resellers.yaml:10: agreements[0].versions[0].covers[0].offering: found offering 'mobile', expected one of home-pack, line, mobile-start, video-stream"),
    ("an unknown event id", "usage/voice.yaml", "event_id: [call_id]", "event_id: [call]",
     "usage/voice.yaml:6: usage_specification.event_id[0]: found characteristic 'call', expected one of call_id"),
    # Rules
    ("overlapping versions of a price", "offerings/mobile.yaml", 'effective_until: "2026-07-01"', 'effective_until: "2026-08-01"',
     "offerings/mobile.yaml:19: offerings[0].prices[0].versions[1].effective_from: found 2026-07-01, while the version from 2026-01-01 lasts until 2026-08-01, expected versions that do not overlap"),
    ("overlapping versions of an agreement", "agreements/streamly.yaml", '        effective_until: "2026-07-01"\n', "",
     "agreements/streamly.yaml:16: agreements[0].versions[1].effective_from: found 2026-07-01, while the version from 2026-01-01 lasts until no end"),
    ("a gap between versions", "agreements/streamly.yaml", 'effective_until: "2026-07-01"', 'effective_until: "2026-06-01"',
     "agreements/streamly.yaml:17: agreements[0].versions[1].effective_from: found no version from 2026-06-01 until 2026-07-01"),
    ("a version without a day", "offerings/mobile.yaml", 'effective_until: "2026-07-01"', 'effective_until: "2026-01-01"', "which holds no day"),
    ("a waterfall that leaves something over", "agreements/streamly.yaml", '          - {id: kept, remaining_to: wisla-telekom}\n        settlement: {self_billing: {agreed_on: "2025-11-20"}, currency: EUR, fx_source: ecb, trigger: billed, due_days: "30", document: self_billed, tax_category: standard}\n      - version', '        settlement: {self_billing: {agreed_on: "2025-11-20"}, currency: EUR, fx_source: ecb, trigger: billed, due_days: "30", document: self_billed, tax_category: standard}\n      - version',
     "agreements/streamly.yaml:13: agreements[0].versions[0].sharing[0]: found a waterfall that leaves something over, expected remaining_to or kept as the last item"),
    ("a waterfall that gives out more than there is", "agreements/resellers.yaml", "basis: remaining, percent: \"1.5\"}", "percent: \"80\"}",
     "agreements/resellers.yaml:14: agreements[0].versions[0].sharing[2].percent: found 102 percent given out up to here, expected at most 100 percent"),
    ("a percent above 100", "agreements/streamly.yaml", 'percent: "65"', 'percent: "165"',
     "agreements/streamly.yaml:21: agreements[0].versions[1].sharing[0].percent: found '165', expected less than or equal to 100"),
    ("remaining_to in the middle", "agreements/resellers.yaml", '{id: extra, to: gadu, basis: remaining, percent: "1.5"}', "{id: extra, remaining_to: gadu}",
     "agreements/resellers.yaml:14: agreements[0].versions[0].sharing[2]: found remaining_to before the last item"),
    ("a basis that is a later item", "agreements/resellers.yaml", "item:margin", "item:extra",
     "agreements/resellers.yaml:13: agreements[0].versions[0].sharing[1].basis: found item 'extra', expected an earlier item: margin"),
    ("an item without a rule", "agreements/streamly.yaml", ', percent: "65"', "",
     "agreements/streamly.yaml:21: agreements[0].versions[1].sharing[0]: found no rule, expected one of the fields fixed, kept, per_unit, percent, remaining_to, tariff, tiers"),
    ("tiers out of order", "agreements/resellers.yaml", '{percent: "2"}]', '{up_to: "900", percent: "2"}, {percent: "3"}]',
     "sharing[2].tiers.steps[1].up_to: found up_to 900 after 1000, expected more than 1000"),
    ("tiers with an end", "agreements/resellers.yaml", '{percent: "2"}]', '{up_to: "2000", percent: "2"}]',
     "sharing[2].tiers.steps[1].up_to: found up_to 2000, expected a last tier without end"),
    ("tiers without up_to", "agreements/resellers.yaml", '{up_to: "1000", percent: "1"}', '{percent: "1"}',
     "sharing[2].tiers.steps[0]: found no up_to, expected up_to in every tier but the last"),
    ("a tier that gives nothing", "agreements/resellers.yaml", '{percent: "2"}]', "{}]",
     "sharing[2].tiers.steps[1]: found neither percent nor per_unit, expected one of percent and per_unit"),
    ("tiers of two kinds", "agreements/resellers.yaml", "{percent: \"2\"}]", "{per_unit: \"2\"}]",
     "found tiers with percent and tiers with per_unit, expected one kind of rate in all tiers"),
    ("an amount per unit of revenue", "agreements/resellers.yaml", '[{up_to: "1000", percent: "1"}, {percent: "2"}]', '[{per_unit: "1"}]',
     "sharing[2].tiers.of: found an amount per unit of revenue, expected percent in tiers of revenue"),
    ("tiers that give out more than there is", "agreements/resellers.yaml", 'basis: lower of list and remaining, tiers: {of: revenue, mode: marginal, steps: [{up_to: "1000", percent: "1"}, {percent: "2"}]}', 'tiers: {of: revenue, mode: marginal, steps: [{percent: "96"}]}',
     "agreements/resellers.yaml:50: agreements[2].versions[0].sharing[2].tiers: found 101 percent given out up to here, expected at most 100 percent of what is shared"),
    ("a min above the max", "agreements/resellers.yaml", 'max: "1"}', 'min: "2", max: "1"}',
     "sharing[1].min: found min 2 above max 1, expected a min that is not above max"),
    ("a basis that needs payments", "agreements/resellers.yaml", "basis: lower of list and remaining", "basis: collected_ex_tax",
     "sharing[2].basis: found basis collected_ex_tax with trigger billed, expected trigger collected"),
    ("a second basis that is a later item", "agreements/resellers.yaml", "lower of list and remaining", "lower of list and item:scale",
     "sharing[2].basis: found item 'scale', expected an earlier item: desk, rent"),
    ("kept in the middle", "agreements/resellers.yaml", '{id: desk, to: house, currency: EUR, fixed: {amount: "2.50", per: customer}, max: "1"}', "{id: desk, kept: true}",
     "found kept before the last item, expected kept as the last item"),
    ("a chain with a cycle", "agreements/resellers.yaml", "    parties: [wisla-telekom, gadu]", "    parties: [wisla-telekom, gadu]\n    associated_agreement: {agreement: landlord, item: kept}",
     "agreements/resellers.yaml:43: agreements[2].associated_agreement: found the cycle landlord -> sub-reseller -> reseller -> landlord"),
    ("an unknown agreement above", "agreements/resellers.yaml", "agreement: sub-reseller", "agreement: subreseller",
     "agreements/resellers.yaml:42: agreements[2].associated_agreement.agreement: found agreement 'subreseller', expected one of gadu-line, reseller, roaming-partner, streamly-content, sub-reseller"),
    ("an unknown item above", "agreements/resellers.yaml", "item: margin}", "item: margins}",
     "agreements/resellers.yaml:21: agreements[1].associated_agreement.item: found item 'margins', expected an item of agreement reseller version 1: bonus, extra, kept, margin"),
    ("a hop whose payer got nothing", "agreements/resellers.yaml", "item: margin}", "item: kept}",
     "agreements/resellers.yaml:19: agreements[1].payer: found payer 'gadu', expected the receiver of item kept of agreement reseller version 1: wisla-telekom"),
    ("a root agreement paid by somebody else", "agreements/streamly.yaml", "payer: wisla-telekom", "payer: streamly",
     "agreements/streamly.yaml:4: agreements[0].payer: found payer 'streamly', expected the operator wisla-telekom"),
    ("two agreements for one line", "agreements/resellers.yaml", "covers: [{offering: mobile-start, seller: gadu}]", "covers: [{offering: video-stream}]",
     "found a cover of offering video-stream that is as specific as the one of agreement "),
    ("two prices for one event", "offerings/mobile.yaml", "in: [eu, world]", "in: [eu, warsaw]",
     "offerings/mobile.yaml:38: offerings[0].prices[3]: found 'calls-world', which matches the same voice usage as 'calls-national' with as many conditions"),
    ("tier bounds that do not increase", "offerings/mobile.yaml", '- {up_to: "600", unit_amount: "1.20"}', '- {up_to: "600", unit_amount: "1.20"}\n                - {up_to: "600", unit_amount: "1.10"}',
     "offerings/mobile.yaml:53: offerings[0].prices[3].versions[0].tariff.tiers[1].up_to: found 600 after 600, expected bounds that increase"),
    ("a bounded last tier", "offerings/mobile.yaml", '- {unit_amount: "0.90"', '- {up_to: "900", unit_amount: "0.90"',
     "offerings/mobile.yaml:53: offerings[0].prices[3].versions[0].tariff.tiers[1].up_to: found the bound 900 in the last tier"),
    ("blocks without their size", "offerings/mobile.yaml", '- {up_to: "600", unit_amount: "1.20"}', '- {blocks: "600", unit_amount: "1.20"}',
     "offerings/mobile.yaml:52: offerings[0].prices[3].versions[0].tariff.tiers[0].blocks: found blocks without block_size, expected the size of a block"),
    ("blocks and a bound", "offerings/mobile.yaml", '- {up_to: "600", unit_amount: "1.20"}', '- {up_to: "600", blocks: "10", block_size: "60", unit_amount: "1.20"}',
     "offerings/mobile.yaml:52: offerings[0].prices[3].versions[0].tariff.tiers[0].up_to: found up_to beside blocks, expected one of the two"),
    ("a tier that takes nothing", "offerings/mobile.yaml", '- {up_to: "600", unit_amount: "1.20"}', '- {from: "600", up_to: "600", unit_amount: "1.20"}',
     "offerings/mobile.yaml:52: offerings[0].prices[3].versions[0].tariff.tiers[0].up_to: found 0 after 0, expected bounds that increase"),
    ("a format without an offset", "usage/voice.yaml", "type: timestamp", 'type: timestamp, format: "%Y%m%d%H%M%S"',
     "characteristics[1].format: found '%Y%m%d%H%M%S' without an offset, expected assume_offset or %z"),
    ("a format with a part that nobody knows", "usage/voice.yaml", "type: timestamp", 'type: timestamp, format: "%Y%m%d%Q%z"', "found '%Q', expected parts among"),
    ("a format without a day", "usage/voice.yaml", "type: timestamp", 'type: timestamp, format: "%Y-%m %H:%M%z"', "expected a year, a month, a day and an hour"),
    ("an offset beyond any", "usage/voice.yaml", "type: timestamp", 'type: timestamp, assume_offset: "+99:99"', "assume_offset: found '+99:99'"),
    ("an identifier too long for an index", "usage/voice.yaml",
     "characteristic: caller, identifier_kind: msisdn}\n  age_limit_days: 90\n  characteristics:\n    - {id: call_id, column: call_id, type: text, max_length: 40",
     "characteristic: call_id, identifier_kind: msisdn}\n  age_limit_days: 90\n  characteristics:\n    - {id: call_id, column: call_id, type: text, max_length: 1000",
     "characteristics[0].max_length: found 1000 for an identifier, expected at most 500"),
    ("slots with a gap", "usage/voice.yaml", "slot: 2", "slot: 3", "usage/voice.yaml:10: usage_specification.characteristics: found the slots 1, 3"),
    ("file names without their number", "usage/voice.yaml", "format: csv", "format: csv, numbering: {names: \"voice_{month}.csv\"}",
     "usage_specification.file.numbering.names: found 'voice_{month}.csv', expected {number} once"),
    ("a placeholder that nobody knows", "usage/voice.yaml", "format: csv", "format: csv, numbering: {names: \"voice_{year}_{number}.csv\"}",
     "usage_specification.file.numbering.names: found 'voice_{year}_{number}.csv', expected {number} once"),
    ("files per month of an endless series", "usage/voice.yaml", "format: csv",
     "format: csv, numbering: {names: \"voice_{number}.csv\", files_per_month: \"2\"}",
     "usage_specification.file.numbering.files_per_month: found files_per_month for numbers that never start again"),
    ("a bound beyond the storage", "usage/voice.yaml", 'maximum: "86400"', 'maximum: "86400000000000"', "expected a bound that fits 18 digits with its scale"),
    ("weights that are all zero", "offerings/tv.yaml", 'weight: "2"}\n      - {offering: video-stream, weight: "1"}', 'weight: "0"}\n      - {offering: video-stream, weight: "0"}',
     "offerings/tv.yaml:24: offerings[1].components: found weights that are all 0"),
    ("an offering twice", "offerings/tv.yaml", "- id: video-stream", "- id: mobile-start",
     "offerings/tv.yaml:2: offerings[0].id: found the offering 'mobile-start' a second time (first in offerings/mobile.yaml:2)"),
    # CSV files
    ("a tax row with a missing field", "taxes.csv", "PL,*,*,standard,outside_scope,0,,2025-01-01,", "PL,*,*,standard,outside_scope,0,2025-01-01,",
     "taxes.csv:5: found 8 fields, expected 9 fields"),
    ("overlapping tax rules", "taxes.csv", "PL,*,*,", "PL,PL,*,",
     "taxes.csv:5: found a second row for 'PL PL * standard' in overlapping days (first on line 2)"),
    ("a reverse charge with a rate", "taxes.csv", "reverse_charge,0,", "reverse_charge,19,", "taxes.csv:3: rate_percent: found reverse_charge with 19 percent"),
    ("a standard rate that nobody knows", "taxes.csv", "PL,DE,consumer", "PL,US,consumer", "taxes.csv:4: rate_percent: found standard for US"),
    ("a further tax that has no name", "taxes.csv", VALID_BOOK["taxes.csv"], TAXES_WITH_NAMES + "PL,PL,*,standard,standard,5,,2025-01-01,,levy\n",
     "taxes.csv:6: tax: found tax 'levy', expected one of vat. Remedy: Name it in taxes of operator.yaml."),
    ("a partner's document with several taxes", "taxes.csv", VALID_BOOK["taxes.csv"], TAXES_WITH_NAMES + "PL,PL,*,standard,standard,5,,2025-01-01,,levy\n",
     "tax_category: found tax category 'standard', which has rows of levy too, expected a category of vat alone"),
    ("a further tax of a category without vat", "taxes.csv", VALID_BOOK["taxes.csv"], TAXES_WITH_NAMES + "PL,PL,*,levied,standard,5,,2025-01-01,,levy\n",
     "taxes.csv:6: tax: found 'levy' of category 'levied', which has no row of vat"),
    ("left over to an item that is not there", "agreements/streamly.yaml", "        settlement: {self_billing", "        split: {left_over_to: nobody}\n        settlement: {self_billing",
     "split.left_over_to: found item 'nobody', expected one of"),
    ("a service without name", "operator.yaml", "  fx:", '  services: [{id: no-such, name: {en: "None", pl: "Nic"}}]\n  fx:',
     "found service 'voice' without name, expected one of services: no-such. Remedy: Add its name to services of operator.yaml."),
    ("a service named twice", "operator.yaml", "  fx:", '  services: [{id: voice, name: {en: "A", pl: "A"}}, {id: voice, name: {en: "B", pl: "B"}}]\n  fx:',
     "services[0].id: found the service 'voice' 2 times, expected each service once"),
    ("another header", "zones/destinations.csv", "zone,match", "zone;match", "zones/destinations.csv:1: found the header 'zone;match', expected the header zone,match"),
    ("a region that does not exist", "zones/destinations.csv", "region:US", "region:XX", "zones/destinations.csv:5: found 'region:XX', expected a region"),
    ("a prefix twice", "zones/destinations.csv", "warsaw,4822", "warsaw,4822\neu,4822", "zones/destinations.csv:4: found '4822' a second time (first on line 3)"),
    ("a prefix longer than the leading digits", "zones/destinations.csv", "warsaw,4822", "warsaw,48221234", "found zone list destinations with prefixes of 8 digits"),
    ("an open quote", "zones/destinations.csv", "warsaw,4822", 'warsaw,"4822', "found unreadable text"),
]  # fmt: skip


@pytest.fixture
def reported(tmp_path):
    def report(files: dict) -> str:
        return check_book(write_book(tmp_path / "book", files)).report()

    return report


def test_the_valid_book_has_no_problems(reported):
    assert reported(VALID_BOOK) == ""


@pytest.mark.parametrize(
    ("file", "old", "new", "message"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_a_broken_book_is_reported_with(reported, file, old, new, message):
    assert old in VALID_BOOK[file], "the mutation does not fit the valid book any more"
    report = reported({**VALID_BOOK, file: VALID_BOOK[file].replace(old, new, 1)})
    assert message in report
    for line in report.splitlines():
        assert re.match(r"^[a-z_/.]+(:[0-9]+)?: .*found .+, expected .+\.", line), (
            f"not like a compiler's message: {line}"
        )


def test_all_problems_of_all_files_are_reported_at_once(reported):
    files = dict(VALID_BOOK)
    names = [case[0] for case in BROKEN]
    for name in (
        "a decimal comma",
        "an unknown party",
        "overlapping tax rules",
        "a missing translation",
        "a wrong IBAN",
    ):
        _, file, old, new, _ = BROKEN[names.index(name)]
        files[file] = files[file].replace(old, new, 1)
    report = reported(files)
    for name in (
        "a decimal comma",
        "an unknown party",
        "overlapping tax rules",
        "a missing translation",
        "a wrong IBAN",
    ):
        assert BROKEN[names.index(name)][4] in report


def test_one_fault_gives_one_problem_and_not_a_cascade(reported):
    """A file that cannot be read makes no reference to it unknown."""
    report = reported({**VALID_BOOK, "usage/voice.yaml": b"\xff\xfe"})
    assert (
        report
        == "usage/voice.yaml:1: found a byte that is not UTF-8 (0xff), expected UTF-8 text. Remedy: Save the file as UTF-8."
    )


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04" + bytes(200), b"[" * 5000, b"a: &a [*a, *a]", b'a: "\\UFFFFFFFF"', b"? [a]\n: b", b"\xef\xbb\xbf"],
                         ids=["empty", "NUL", "zip", "deep", "alias of itself", "beyond Unicode", "list as key", "only a byte order mark"])  # fmt: skip
@pytest.mark.parametrize("file", list(VALID_BOOK))
def test_no_bytes_raise(reported, file, content):
    assert f"{file}" in reported({**VALID_BOOK, file: content})


def test_a_file_above_the_size_limit_is_refused(reported):
    report = reported({**VALID_BOOK, "offerings/tv.yaml": VALID_BOOK["offerings/tv.yaml"] + "#" * 1_000_001})
    assert "offerings/tv.yaml: found 10" in report and "expected at most 1000000 bytes" in report


def test_an_alias_bomb_is_refused_at_once(reported):
    bomb = "a: &a [x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}, *{a}]\n" for a, b in zip("abcdefghij", "bcdefghijk", strict=True)
    )
    assert "found the alias *a, expected the value itself" in reported({**VALID_BOOK, "fx.yaml": bomb})


def test_a_folder_that_is_not_there_is_a_problem(tmp_path):
    assert "found no such folder" in check_book(tmp_path / "nowhere").report()


def test_a_missing_file_is_a_problem(reported):
    files = {name: text for name, text in VALID_BOOK.items() if name != "taxes.csv"}
    assert reported(files) == "taxes.csv: found no such file, expected the file. Remedy: The book needs a taxes.csv."


def test_a_file_in_the_wrong_place_is_a_problem(reported):
    assert "offering/x.yaml: found a file that belongs to no kind" in reported(
        {**VALID_BOOK, "offering/x.yaml": "a: b"}
    )


def test_a_chain_that_needs_more_ranks_than_there_are_is_refused(reported):
    partners = ", ".join(f"p{number}" for number in range(30))
    hops = "agreements:\n"
    for number in range(26):
        payer = "wisla-telekom" if number == 0 else f"p{number - 1}"
        above = "" if number == 0 else f"    associated_agreement: {{agreement: a{number - 1}, item: share}}\n"
        covers = "        covers: [{offering: mobile-start}]\n" if number == 0 else ""
        hops += (
            f"  - id: a{number}\n    name: {{pl: A, en: A}}\n    payer: {payer}\n    parties: [{payer}, p{number}]\n{above}"
            '    versions:\n      - version: "1"\n        effective_from: "2026-01-01"\n        known_from: "2026-01-01"\n'
            f'{covers}        sharing:\n          - {{id: share, to: p{number}, percent: "50"}}\n'
            f"          - {{id: kept, remaining_to: {payer}}}\n        settlement: {{currency: PLN, fx_source: ecb, "
            "trigger: billed, due_days: 30, document: statement, tax_category: standard}\n"
        )
    operator = VALID_BOOK["operator.yaml"].replace("[streamly, gadu", f"[{partners}, streamly, gadu")
    report = reported({**VALID_BOOK, "operator.yaml": operator, "agreements/resellers.yaml": hops})
    assert "found a chain below a0 with 27 ranks and 52 steps, expected at most 24 ranks and 96 steps" in report


class TestDigest:
    def test_comments_white_space_file_names_and_order_do_not_matter(self, tmp_path):
        one = check_book(write_book(tmp_path / "one", VALID_BOOK)).digest
        files = dict(VALID_BOOK)
        files["offerings/aa.yaml"] = "# another name\n" + files.pop("offerings/tv.yaml").replace("29.99", "29.990")
        files["taxes.csv"] = "\n".join(
            [*files["taxes.csv"].splitlines()[:1], *reversed(files["taxes.csv"].splitlines()[1:])]
        )
        assert check_book(write_book(tmp_path / "two", files)).digest == one

    def test_any_content_matters(self, tmp_path):
        one = check_book(write_book(tmp_path / "one", VALID_BOOK)).digest
        dearer = {**VALID_BOOK, "offerings/tv.yaml": VALID_BOOK["offerings/tv.yaml"].replace("29.99", "29.98")}
        assert check_book(write_book(tmp_path / "two", dearer)).digest != one


def test_the_example_book_is_sound():
    assert check_book(Path(__file__).parents[3] / "examples" / "book").report() == ""
