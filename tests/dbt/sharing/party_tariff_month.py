"""A month of usage between partners as files: interconnect, wholesale behind retail calls, roaming, prepaid.

Belongs here: the inbox of ``test_party_tariffs.py`` as text, and the EU's caps as an agreement. Belongs elsewhere: the
rest of the book (``party_tariff_book``, ``party_tariff_offers``), what comes out (the tests).
"""

import csv
import hashlib
import json
from datetime import date, timedelta

from orchestration.paths import PROJECT_ROOT

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
    "a1,2025-01-01,p1,PLN,pl,c01,14\na2,2025-01-01,p1,EUR,pl,c01,14\n"
    "a3,2025-01-01,p1,PLN,pl,c01,14\n",
    "products_1.csv": "product_id,effective_from,effective_until,account_id,offering_id,seller_party_id\n"
    f"line,{SINCE},,a1,mobile-start,\n"
    + "".join(f"plain-{number},{SINCE},,a2,plain,\n" for number in (1, 2, 3, 4))
    + f"credit,{SINCE},,a3,prepaid,\nfour,{SINCE},,a3,pack,\nsurf,{SINCE},,a3,surfing,\n",
    "identifiers_1.csv": "identifier_kind,identifier,effective_from,effective_until,product_id\n"
    f"msisdn,48600000001,{SINCE},,line\n"
    + "".join(f"msisdn,4860000001{number},{SINCE},,plain-{number}\n" for number in (1, 2, 3, 4))
    + f"msisdn,48600000021,{SINCE},,credit\n"
    + f"device,laptop,{SINCE},,surf\n"
    +  # The trunk is Telnova's until the 20th.
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
    # A customer at home and at the airport, somebody there and somewhere.
    "wifi_1.csv": "session,started_at,device,spot,duration_s\n"
    "w1,2026-10-05T10:00:00+02:00,laptop,home,600\n"
    "w2,2026-10-05T11:00:00+02:00,laptop,airport,1200\n"
    "w3,2026-10-05T12:00:00+02:00,phone,airport,1800\n"
    "w4,2026-10-05T13:00:00+02:00,phone,home,2400\n",
    "voice_1.csv": "call_id,started_at,caller,called,network,duration_s,bytes,note\n"
    # Retail 1.20 EUR a minute; wholesale 1.80 at peak (Monday 10:00) and 0.60 on Saturday.
    "r1,2026-10-05T10:00:00+02:00,48600000001,49301234567,home,60,0,\n"
    "r2,2026-10-10T10:00:00+02:00,48600000001,49301234567,home,90,0,\n"
    # National: no wholesale cost.
    "r3,2026-10-10T10:00:00+02:00,48600000001,48123456789,home,60,0,\n"
    # Plain 1: a minute at peak and 90 s on Saturday, and 30 s to Poland that cost nothing. Plain 2: the peak minute.
    "s1,2026-10-05T10:00:00+02:00,48600000011,49301234567,roaming,60,0,\n"
    "s2,2026-10-10T10:00:00+02:00,48600000011,49301234567,roaming,90,0,\n"
    "s3,2026-10-10T10:00:00+02:00,48600000011,48123456789,roaming,30,0,\n"
    "s4,2026-10-05T10:00:00+02:00,48600000012,49301234567,roaming,60,0,\n"
    # Plain 3: 90 s to the world are two whole minutes of 2.00 PLN. Plain 4: a call of September, late.
    "s5,2026-10-06T10:00:00+02:00,48600000013,12025550100,roaming,90,0,\n"
    "s6,2026-09-26T10:00:00+02:00,48600000014,49301234567,roaming,60,0,\n"
    # Prepaid: 30 minutes, and 2 minutes of September.
    "c1,2026-10-05T10:00:00+02:00,48600000021,48123456789,home,600,0,\n"
    "c2,2026-10-10T10:00:00+02:00,48600000021,48123456789,home,1200,0,\n"
    "c3,2026-09-26T10:00:00+02:00,48600000021,48123456789,home,120,0,\n",
}


def manifest(content: str, rows: int, charge: str) -> str:
    """What the visited network says about its file."""
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    return json.dumps(
        {"rows": rows, "sha256": sha256, "sent_at": "2026-10-31T12:00:00+01:00", "totals": {"charge": charge}}
    )
