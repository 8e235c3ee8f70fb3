"""Usage guided to agreements: interconnect in both directions, wholesale behind a retail call, roaming in SDR.

The book and the files are all there is; the sums are worked by hand in docs/agreements/gallery.md.
"""

import csv
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from assets.catalog.check import check_book
from assets.ingestion.returns import write_return_report
from assets.publishing.account_periods import AccountPeriod, agreement_account
from orchestration.paths import PROJECT_ROOT
from orchestration.trial import Trial, TrialFailed
from tests.unit.catalog.books import VALID_BOOK, write_book

pytestmark = [pytest.mark.database, pytest.mark.slow]

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
        settlement: {currency: PLN, fx_source: ecb, trigger: billed, due_days: "30", document: statement, tax_category: standard}
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
          - {usage: voice, where: {called: {zone_list: destinations, in: [eu, world]}}}
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
        settlement: {currency: EUR, fx_source: ecb, trigger: billed, due_days: "30", document: statement, tax_category: standard}
"""  # noqa: E501
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
        settlement: {currency: PLN, fx_source: treasury, trigger: billed, due_days: "30", document: statement, tax_category: standard}
"""  # noqa: E501
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
        settlement: {currency: PLN, fx_source: ecb, trigger: consumed, cycle: month, due_days: "30", document: statement, tax_category: standard}
"""  # noqa: E501
CAPS = PROJECT_ROOT.parent / "shared" / "data" / "regulated_rates" / "eu_wholesale_caps.csv"
# Unit of the regulation -> quantity of a record that costs the cap: seconds, messages, megabytes.
PER = {"EUR/min": "60", "EUR/sms": "1", "EUR/GB": "1000"}


def capped_agreement() -> str:
    """The EU's wholesale roaming caps as a price list: one price per service, one version per row of the file."""
    with CAPS.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["scheme"] == "EU_roaming_wholesale"]
    prices = ""
    for service, code in (("voice_outgoing", "voice"), ("sms", "sms"), ("data", "data")):
        prices += f"""\
          - id: {code}
            kind: usage
            name: {{pl: "{code}", en: "{code}"}}
            currency: EUR
            usage: roaming-in
            where: {{service: {{in: [{code}]}}}}
            measure: {{aggregate: sum, characteristic: units}}
            versions:
"""
        for row in rows:
            if row["service"] == service:
                last = row["valid_to"] and str(date.fromisoformat(row["valid_to"]) + timedelta(days=1))
                until = f'effective_until: "{last}", ' if last else ""
                prices += (
                    f'              - {{effective_from: "{row["valid_from"]}", {until}tariff: {{model: per_unit, '
                    f'unit_amount: "{row["max_rate_excl_vat"]}", per_quantity: "{PER[row["unit"]]}"}}}}\n'
                )
    return f"""\
agreements:
  - id: eu-caps
    name: {{pl: "Pułapy UE", en: "EU caps"}}
    payer: wisla-telekom
    parties: [wisla-telekom, house]
    tariffs:
      - id: visited
        name: {{pl: "Pułapy", en: "Caps"}}
        payer: wisla-telekom
        receiver: house
        covers: [{{usage: roaming-in, identified_by: {{characteristic: plmn, identifier_kind: plmn}}}}]
        prices:
{prices}    versions:
      - version: "1"
        effective_from: "2022-07-01"
        known_from: "2022-07-01"
        settlement: {{currency: EUR, fx_source: ecb, trigger: billed, due_days: "30", document: statement, tax_category: standard}}
"""  # noqa: E501


PARTY = "party_id,effective_from,party_kind,name,country_code,tax_number,tax_status,language_code,parent_party_id,bank_account,address_lines\n"  # noqa: E501
SINCE = "2026-01-01T00:00:00+01:00"
INBOX = {
    "parties_1.csv": PARTY
    + "p1,2025-01-01,individual,Ala,PL,,consumer,pl,,,Dom\n"
    + "gadu,2025-01-01,organization,Telnova,PL,PL1,business,pl,,,Dom\n"
    + "kiosk,2025-01-01,organization,Carrier,PL,PL2,business,pl,,,Dom\n"
    + "streamly,2025-01-01,organization,Streamly,PL,PL4,business,pl,,,Dom\n"
    + "house,2025-01-01,organization,Networks,PL,PL3,business,pl,,,Dom\n",
    "fx_rates_1.csv": "fx_source,rate_date,base_currency_code,quote_currency_code,rate\n"
    "treasury,2026-10-29,XDR,PLN,5.1\ntreasury,2026-10-30,XDR,PLN,4.9\n",
    "accounts_1.csv": "account_id,effective_from,party_id,currency_code,language_code,bill_cycle,due_days\n"
    "a1,2025-01-01,p1,PLN,pl,c01,14\n",
    "products_1.csv": "product_id,effective_from,effective_until,account_id,offering_id,seller_party_id\n"
    f"line,{SINCE},,a1,mobile-start,\n",
    "identifiers_1.csv": "identifier_kind,identifier,effective_from,effective_until,product_id\n"
    f"msisdn,48600000001,{SINCE},,line\n"
    # The trunk is Telnova's until the 20th.
    f"trunk,TN-01,{SINCE},2026-10-20T00:00:00+02:00,telnova\n"
    "plmn,21407,2022-01-01T00:00:00+01:00,,ibermovil\nplmn,21401,2022-01-01T00:00:00+01:00,,eu-caps\n",
    "trunks_1.csv": "call_id,started_at,a_number,b_number,trunk,direction,duration_s\n"
    # Outgoing: a first minute, then seconds, at 0.06 a minute: 60 + 90 s = 0.15.
    "o1,2026-10-05T10:00:00+02:00,48600000001,48123456789,TN-01,outgoing,20\n"
    "o2,2026-10-06T10:00:00+02:00,48600000001,48123456789,TN-01,outgoing,90\n"
    # To the EU in euros: 125 s at 0.10.
    "o3,2026-10-06T11:00:00+02:00,48600000001,49301234567,TN-01,outgoing,125\n"
    # Incoming: 200 s at 0.02.
    "i1,2026-10-06T12:00:00+02:00,48111111111,48600000001,TN-01,incoming,200\n"
    # Incoming with a B-number that the tariff does not price: suspended.
    "i2,2026-10-06T12:00:00+02:00,48111111111,12025550100,TN-01,incoming,200\n"
    # Somebody else's trunk, and Telnova's after it gave it back: no agreement.
    "x1,2026-10-06T12:00:00+02:00,48111111111,48600000001,XX-01,incoming,200\n"
    "x2,2026-10-21T12:00:00+02:00,48111111111,48600000001,TN-01,incoming,200\n"
    # September: late.
    "l1,2026-09-30T12:00:00+02:00,48111111111,48600000001,TN-01,incoming,60\n",
    # Two records of SDR 10.000 and 2.345; one without a number of units goes back to the sender.
    "CDESPIBPLWIS7.csv": "record,local_timestamp,imsi,plmn,service,units,charge_sdr\n"
    "1,2026-10-03T10:00:00+02:00,260011,21407,voice,600,10.000\n"
    "2,2026-10-04T10:00:00+02:00,260011,21407,data,20,2.345\n"
    "3,2026-10-04T11:00:00+02:00,260011,21407,data,,0.655\n"
    # By the EU's caps: data on the last day of 2025 and the first of 2026, calls, messages.
    "4,2025-12-31T23:59:59+01:00,260012,21401,data,2000,0\n"
    "5,2026-01-01T00:00:00+01:00,260012,21401,data,2000,0\n"
    "6,2026-01-02T10:00:00+01:00,260012,21401,voice,90,0\n"
    "7,2026-01-02T10:00:00+01:00,260012,21401,sms,10,0\n",
    "credits_1.csv": "record,used_at,wallet,content,amount\n"
    "1,2026-10-05T20:00:00+02:00,w1,films,10.00\n"
    "2,2026-10-06T20:00:00+02:00,w1,films,4.99\n"
    "3,2026-10-31T23:59:59+01:00,w2,films,0.01\n",
    "voice_1.csv": "call_id,started_at,caller,called,network,duration_s,bytes,note\n"
    # Retail 1.20 EUR a minute; wholesale 1.80 at peak (Monday 10:00) and 0.60 on Saturday.
    "r1,2026-10-05T10:00:00+02:00,48600000001,49301234567,home,60,0,\n"
    "r2,2026-10-10T10:00:00+02:00,48600000001,49301234567,home,90,0,\n"
    # National: no wholesale cost.
    "r3,2026-10-10T10:00:00+02:00,48600000001,48123456789,home,60,0,\n",
}


@pytest.fixture(scope="module")
def month(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """October: one customer, an interconnect partner, a wholesale carrier."""
    folder = tmp_path_factory.mktemp("tariffs")
    files = {
        **VALID_BOOK,
        "calendars/week.yaml": CALENDAR,
        "usage/trunks.yaml": TRUNKS,
        "agreements/partners.yaml": AGREEMENTS,
    }
    files["operator.yaml"] = files["operator.yaml"].replace("[PLN, EUR, USD]", "[PLN, EUR, USD, XDR]")
    files["fx.yaml"] += "  - {id: treasury, name: Treasury, base_currency: XDR}\n"
    files["agreements/roaming.yaml"] = ROAMING
    files["usage/roaming-in.yaml"] = TAP
    files["usage/credits-used.yaml"] = CREDITS
    files["agreements/prepaid.yaml"] = PREPAID
    inbox = {**INBOX}
    agreements = ["telnova", "carrier", "ibermovil", "prepaid-content"]
    if CAPS.exists():
        files["agreements/caps.yaml"] = capped_agreement()
        agreements.append("eu-caps")
    content = inbox["CDESPIBPLWIS7.csv"]
    inbox["CDESPIBPLWIS7.csv.manifest.json"] = manifest(content, 7, "13.000")
    url = new_database()
    checked = check_book(write_book(folder / "book", files))
    assert checked.report() == ""
    with Trial(url, "conformance", folder) as trial:
        trial.load(checked)
        # The sender's control total is that of all records, also of one that is rejected.
        wrong = {"CDESPIBPLWIS7.csv": content, "CDESPIBPLWIS7.csv.manifest.json": manifest(content, 7, "12.345")}
        write_book(folder / "wrong", wrong)
        with pytest.raises(TrialFailed, match=r"charge of 13.000 in all rows. Expected: 12.345 as in the manifest"):
            trial.take_in(folder / "wrong", now=NOW)
        write_book(folder / "inbox", inbox)
        (rejected,) = trial.take_in(folder / "inbox", now=NOW)
        assert rejected.characteristic == "units"
        days = {name: (date(2026, 10, 1), date(2026, 11, 1)) for name in ("a1", *map(agreement_account, agreements))}
        if CAPS.exists():
            # From before the caps changed until after.
            days[agreement_account("eu-caps")] = (date(2025, 12, 1), date(2026, 11, 1))
        windows = [AccountPeriod.between(name, *span, "Europe/Warsaw") for name, span in days.items()]
        trial.open(windows, issue_date=date(2026, 11, 2))
        trial.build(
            (
                "fct_reconciliation",
                "fct_settlement_items",
                "fct_suspended_usage",
                "dim_rated_products",
                "fct_negative_margins",
            )
        )
    return url


NOW = datetime(2026, 11, 1, tzinfo=UTC)


def manifest(content: str, rows: int, charge: str) -> str:
    """What the visited network says about its file."""
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    return json.dumps(
        {"rows": rows, "sha256": sha256, "sent_at": "2026-10-31T12:00:00+01:00", "totals": {"charge": charge}}
    )


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Rows of the lane."""
    with psycopg.connect(url) as connection:
        connection.execute("set search_path = conformance, catalog")
        return connection.execute(statement).fetchall()


def test_usage_of_trunks_is_owed_in_both_directions(month: str) -> None:
    lines = query(
        month,
        """select tariff_id, price_id, payer_party_id, receiver_party_id, is_late, event_count, currency_code,
               amount_exact
           from fct_applied_party_billing_rates where agreement_id = 'telnova' order by 1, 2, 5""",
    )
    assert lines == [
        ("incoming", "termination", "gadu", "wisla-telekom", False, 1, "PLN", Decimal("0.0666666666666667")),
        ("incoming", "termination", "gadu", "wisla-telekom", True, 1, "PLN", Decimal("0.02")),
        ("outgoing", "termination", "wisla-telekom", "gadu", False, 2, "PLN", Decimal("0.15")),
        ("outgoing", "termination-eu", "wisla-telekom", "gadu", False, 1, "EUR", Decimal("0.2083333333333333")),
    ]


def test_every_equation_of_the_run_holds(month: str) -> None:
    assert query(month, "select check_name, left_value, right_value from fct_reconciliation where not is_equal") == []
    counted = dict(query(month, "select check_name, rows_looked_at from fct_reconciliation where currency_code = ''"))
    # Trunks: 5 rated, 1 without price, 2 without agreement; 2 behind retail calls; 2 in SDR; 3 prepaid; 4 by the caps.
    assert counted["party_usage_is_rated_or_suspended"] == 15 + (4 if CAPS.exists() else 0)


def test_usage_without_agreement_or_price_is_suspended_with_the_reason(month: str) -> None:
    found = query(
        month, "select reason_code, detail from fct_suspended_usage where detail like '%trunks%' order by 1, 2"
    )
    assert found == [
        ("no_agreement", "no tariff of an agreement covers this trunks usage"),
        ("no_agreement", "no tariff of an agreement covers this trunks usage"),
        ("no_price", "tariff telnova/incoming covers this trunks usage and has no price in force for it"),
    ]


def settled(url: str, party: str, currency: str) -> tuple[Any, ...]:
    """What the operator owes a party, and what the party owes the operator: position, tax, document."""
    rows = dict(
        query(
            url,
            "select payer_party_id, array[position_minor, tax_minor, document_minor] from fct_party_settlements"  # noqa: S608
            f" where '{party}' in (payer_party_id, receiver_party_id) and currency_code = '{currency}'",
        )
    )
    return rows.get("wisla-telekom"), rows.get(party)


def test_each_direction_of_interconnect_is_a_document_of_its_own(month: str) -> None:
    # Outgoing: PLN 0.15 and EUR 0.20833, converted once from the exact amount; incoming 0.0866 is 9 groszy.
    ((rate,),) = query(
        month, "select fx_rate from fct_positions where currency_code = 'EUR' and agreement_id = 'telnova'"
    )
    euros = (Decimal("20.833333") * rate).quantize(Decimal(1), ROUND_HALF_UP)
    position = 15 + int(euros)
    tax = int((position * Decimal("0.23")).quantize(Decimal(1), ROUND_HALF_UP))
    assert settled(month, "gadu", "PLN") == ([position, tax, position + tax], [9, 2, 11])
    entries = query(
        month,
        "select ledger_account, amount_minor from fct_journal_lines where party_id = 'gadu' and ledger_account in"
        " ('partner_receivable', 'partner_revenue', 'output_tax') order by 1",
    )
    assert entries == [("output_tax", -2), ("partner_receivable", 11), ("partner_revenue", -9)]


def test_a_peak_minute_dearer_than_the_retail_price_is_a_negative_margin(month: str) -> None:
    # Peak: 60 s at 1.80; Saturday: 90 s at 0.60: 2.70 together. Retail: 150 s at 1.20 = 3.00, a margin of 0.30.
    lines = query(month, "select amount_exact from fct_applied_party_billing_rates where agreement_id = 'carrier'")
    assert lines == [(Decimal("2.7"),)]
    assert settled(month, "kiosk", "EUR")[0] == [270, 62, 332]


def test_charges_in_sdr_are_converted_by_the_operators_own_records(month: str) -> None:
    # SDR 10.000 + 2.345 at 4.9, the last rate before the issue date: 60.4905.
    found = query(
        month,
        "select currency_code, amount_exact, fx_source, fx_date, fx_rate, settlement_amount_minor from fct_positions"
        " where agreement_id = 'ibermovil'",
    )
    assert found == [("XDR", Decimal("1234.5"), "treasury", date(2026, 10, 30), Decimal("4.9"), 6049)]
    assert settled(month, "house", "PLN")[0] == [6049, 1391, 7440]


def test_prepaid_consumption_is_owed_without_a_bill(month: str) -> None:
    # 70 percent of 10.00 + 4.99 + 0.01; its own calendar settles it, so it is in no position of the bill run.
    lines = query(
        month,
        "select event_count, amount_exact from fct_applied_party_billing_rates where agreement_id = 'prepaid-content'",
    )
    assert lines == [(3, Decimal("10.5"))]
    assert query(month, "select count(*) from fct_positions where agreement_id = 'prepaid-content'") == [(0,)]
    assert query(month, "select count(*) from fct_applied_billing_rates where service_kind = 'ott'") == [(0,)]


def test_what_is_refused_goes_back_to_the_sender(month: str, tmp_path: Path) -> None:
    with psycopg.connect(month) as connection:
        assert write_return_report(connection, "roaming-in", tmp_path / "returns.csv") == 1
    with (tmp_path / "returns.csv").open(encoding="utf-8") as file:
        found = [(row["line_number"], row["returned"], row["field"], row["record"]) for row in csv.DictReader(file)]
    record = "3,2026-10-04T11:00:00+02:00,260011,21407,data,,0.655"
    assert found == [
        ("4", "rejected", "units", record),
    ]


@pytest.mark.skipif(not CAPS.exists(), reason="the EU's caps are not beside the project")
def test_the_eus_caps_are_a_price_list_that_changes_with_the_year(month: str) -> None:
    # 2 GB at 1.30, 2 GB at 1.10, 90 s at 0.019 a minute, 10 messages at 0.003.
    found = query(
        month,
        "select price_id, covered_from at time zone 'Europe/Warsaw', amount_exact"
        " from fct_applied_party_billing_rates where agreement_id = 'eu-caps' order by 1, 2",
    )
    assert found == [
        ("data", datetime(2025, 12, 1), Decimal("2.6")),
        ("data", datetime(2026, 1, 1), Decimal("2.2")),
        ("sms", datetime(2025, 12, 1), Decimal("0.03")),
        ("voice", datetime(2025, 12, 1), Decimal("0.0285")),
    ]
    assert settled(month, "house", "EUR")[0] == [486, 112, 598]
