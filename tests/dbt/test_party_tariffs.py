"""Usage guided to agreements: interconnect in both directions, wholesale behind a retail call, roaming in SDR.

The book and the files are all there is; the sums are worked by hand in docs/agreements/gallery.md.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from assets.catalog.check import check_book
from assets.publishing.account_periods import AccountPeriod
from orchestration.trial import Trial
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
PARTY = "party_id,effective_from,party_kind,name,country_code,tax_number,tax_status,language_code,parent_party_id,bank_account,address_lines\n"  # noqa: E501
SINCE = "2026-01-01T00:00:00+01:00"
INBOX = {
    "parties_1.csv": PARTY
    + "p1,2025-01-01,individual,Ala,PL,,consumer,pl,,,Dom\n"
    + "gadu,2025-01-01,organization,Telnova,PL,PL1,business,pl,,,Dom\n"
    + "kiosk,2025-01-01,organization,Carrier,PL,PL2,business,pl,,,Dom\n",
    "accounts_1.csv": "account_id,effective_from,party_id,currency_code,language_code,bill_cycle,due_days\n"
    "a1,2025-01-01,p1,PLN,pl,c01,14\n",
    "products_1.csv": "product_id,effective_from,effective_until,account_id,offering_id,seller_party_id\n"
    f"line,{SINCE},,a1,mobile-start,\n",
    "identifiers_1.csv": "identifier_kind,identifier,effective_from,effective_until,product_id\n"
    f"msisdn,48600000001,{SINCE},,line\n"
    # The trunk is Telnova's until the 20th.
    f"trunk,TN-01,{SINCE},2026-10-20T00:00:00+02:00,telnova\n",
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
    return run_month(new_database(), folder, files, INBOX, ["a1"], ["telnova", "carrier"])


def run_month(
    url: str, folder: Path, book: dict[str, str], inbox: dict[str, str], accounts: list[str], agreements: list[str]
) -> str:
    """October of these accounts and agreements, from YAML and files to settlements."""
    checked = check_book(write_book(folder / "book", book))
    assert checked.report() == ""
    write_book(folder / "inbox", inbox)
    with Trial(url, "conformance", folder) as trial:
        trial.load(checked)
        assert trial.take_in(folder / "inbox", now=datetime(2026, 11, 1, tzinfo=UTC)) == []
        days = (date(2026, 10, 1), date(2026, 11, 1))
        names = [*accounts, *(f"agreement:{agreement}" for agreement in agreements)]
        trial.open(
            [AccountPeriod.between(name, *days, "Europe/Warsaw") for name in names], issue_date=date(2026, 11, 2)
        )
        trial.build(["fct_reconciliation", "fct_settlement_items", "fct_suspended_usage", "dim_rated_products"])
    return url


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
    # 5 rated and 1 without price, 2 without agreement, 2 behind retail calls.
    assert counted["party_usage_is_rated_or_suspended"] == 10
    assert counted["usage_is_rated_or_suspended"] == 11
