"""A service nobody has thought of yet is a YAML file and a price: real cloud bills, and a kind made up on the spot."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from tests.pipeline import PROJECT_ROOT, Pipeline

pytestmark = [pytest.mark.database, pytest.mark.slow]

PERIOD = "2024-09-c01"
FOCUS_SAMPLE = PROJECT_ROOT.parent / "shared" / "data" / "cloud_billing" / "focus_1.0_sample_1000.csv"
FOCUS_BILLED_COST = Decimal("20.52022672899")
CLOUD_BOOK = Path(__file__).parent / "books" / "cloud_reseller"

POPULATIONS = {
    "parties_1.csv": """\
party_id,effective_from,party_kind,name,country_code,tax_number,tax_status,language_code,parent_party_id,bank_account,address_lines
lumen-clouds,2024-01-01,organization,Lumen Clouds Ltd,IE,IE6388047V,business,en,,IE29AIBK93115212345678,1 Harbour Row|Dublin
hyperscale,2024-01-01,organization,Hyperscale Inc,US,,business,en,,,1 Cloud Way|Reno
sunbird,2024-01-01,organization,SunBird Inc,US,,business,en,,,2 Main Street|Austin
""",
    "accounts_1.csv": """\
account_id,effective_from,party_id,currency_code,language_code,bill_cycle,due_days
sunbird-1,2024-01-01,sunbird,USD,en,c01,30
""",
    "products_1.csv": """\
product_id,effective_from,effective_until,account_id,offering_id,seller_party_id
sunbird-cloud,2024-01-01T00:00:00+00:00,,sunbird-1,managed-cloud,
sunbird-drones,2024-01-01T00:00:00+00:00,,sunbird-1,drone-flights,
""",
    "identifiers_1.csv": """\
identifier_kind,identifier,effective_from,effective_until,product_id
cloud-account,1234567890123,2024-01-01T00:00:00+00:00,,sunbird-cloud
cloud-account,/providers/Microsoft.Billing/billingAccounts/8611537,2024-01-01T00:00:00+00:00,,sunbird-cloud
cloud-account,20209880,2024-01-01T00:00:00+00:00,,sunbird-cloud
drone,drone-7,2024-01-01T00:00:00+00:00,,sunbird-drones
""",
}

DRONE_SPECIFICATION = """\
usage_specification:
  id: drone-flight
  service: drones
  name: {en: "Drone flights"}
  file: {name_pattern: "flights_*.jsonl", format: jsonl}
  event_id: [flight]
  event_time: landed_at
  served_by: {characteristic: drone, identifier_kind: drone}
  age_limit_days: 3650
  characteristics:
    - {id: flight, column: flight, type: text, max_length: 20}
    - {id: landed_at, column: landed_at, type: timestamp}
    - {id: drone, column: drone, type: text, max_length: 20}
    - {id: kind, column: kind, type: code, priced_by: value, allowed: [survey, delivery]}
    - {id: distance, column: km, type: quantity, unit: km, slot: 1, minimum: "0", maximum: "5000"}
"""

DRONE_OFFERING = """\
offerings:
  - id: drone-flights
    kind: simple
    service: drones
    name: {en: "Drone flights"}
    tax_category: standard
    supplier: lumen
    effective_from: "2024-01-01"
    prices:
      - id: delivery
        kind: usage
        name: {en: "Delivery"}
        currency: USD
        usage: drone-flight
        where: {kind: {in: [delivery]}}
        measure: {aggregate: sum, characteristic: distance}
        versions:
          - effective_from: "2024-01-01"
            tariff: {model: graduated, tiers: [{up_to: "10", unit_amount: "2.00"}, {unit_amount: "1.50"}]}
      - id: survey
        kind: usage
        name: {en: "Survey"}
        currency: USD
        usage: drone-flight
        where: {kind: {in: [survey]}}
        measure: {aggregate: count}
        versions:
          - effective_from: "2024-01-01"
            tariff: {model: per_unit, unit_amount: "40"}
"""

DRONE_AGREEMENT = """\
agreements:
  - id: drone-operator
    name: {en: "Drone operator"}
    payer: lumen-clouds
    parties: [lumen-clouds, hyperscale]
    versions:
      - version: "1"
        effective_from: "2024-01-01"
        known_from: "2023-12-01"
        covers: [{offering: drone-flights}]
        sharing:
          - {id: flights, to: hyperscale, basis: after_discount_ex_tax, percent: "60"}
          - {id: kept, remaining_to: lumen-clouds}
        settlement: {currency: USD, fx_source: ecb, trigger: billed, due_days: "30", document: statement, tax_category: standard}
"""

# 8 km + 7 km: 10 km at 2.00 and 5 km at 1.50 are 27.50; one survey is 40.00.
FLIGHTS = """\
{"flight": "f1", "landed_at": "2024-09-03T10:00:00Z", "drone": "drone-7", "kind": "delivery", "km": "8"}
{"flight": "f2", "landed_at": "2024-09-04T10:00:00+02:00", "drone": "drone-7", "kind": "delivery", "km": "7"}
{"flight": "f3", "landed_at": "2024-09-05T10:00:00Z", "drone": "drone-7", "kind": "survey", "km": "120.5"}
{"flight": "f4", "landed_at": "2024-09-05T10:00:00Z", "drone": "drone-7", "kind": "race", "km": "1"}
"""


@pytest.fixture(scope="module")
def billed(new_pipeline, tmp_path_factory) -> Pipeline:
    book = tmp_path_factory.mktemp("book") / "book"
    shutil.copytree(CLOUD_BOOK, book)
    (book / "usage" / "drone-flight.yaml").write_text(DRONE_SPECIFICATION)
    (book / "offerings" / "drones.yaml").write_text(DRONE_OFFERING)
    (book / "agreements" / "drones.yaml").write_text(DRONE_AGREEMENT)
    pipeline = new_pipeline(book=book)
    pipeline.inbox.mkdir()
    for name, text in POPULATIONS.items():
        (pipeline.inbox / name).write_text(text)
    (pipeline.inbox / "flights_1.jsonl").write_text(FLIGHTS)
    if FOCUS_SAMPLE.exists():
        shutil.copy(FOCUS_SAMPLE, pipeline.inbox / "focus_1.csv")
    pipeline.run("ingest")
    pipeline.run("bill-run", PERIOD)
    pipeline.run("post", PERIOD)
    return pipeline


def test_a_new_usage_kind_given_as_yaml_only_is_rated_billed_and_shared(billed):
    amounts = dict(
        billed.query(
            "select price_id, amount_minor from published.fct_applied_billing_rates where product_id = 'sunbird-drones'"
        )
    )
    assert amounts == {"delivery": 2750, "survey": 4000}
    assert (
        billed.value(
            "select sum(amount_minor) from published.fct_positions"
            " where agreement_id = 'drone-operator' and not is_kept"
        )
        == 4050
    )
    assert billed.query("select rows_accepted, rows_rejected from inbox.file_accounts where feed = 'drone-flight'") == [
        (3, 1)
    ]


@pytest.mark.skipif(not FOCUS_SAMPLE.exists(), reason="the FOCUS sample is not beside this checkout")
class TestRealCloudBills:
    def test_each_of_the_thousand_rows_is_accounted_for(self, billed):
        read, accepted, others = billed.query(
            "select rows_read, rows_accepted, rows_duplicate + rows_conflict + rows_rejected"
            " from inbox.file_accounts where feed = 'focus'"
        )[0]
        assert (read, accepted, others) == (1000, 1000, 0)

    def test_the_exact_sum_of_billed_cost_is_carried_to_the_charges(self, billed):
        assert (
            billed.value(
                "select sum(amount_exact) from published.fct_applied_billing_rates where product_id = 'sunbird-cloud'"
            )
            == FOCUS_BILLED_COST
        )
        assert (
            billed.value(
                "select sum(events.amount_exact) from published.fct_rated_usage as events"
                " inner join published.dim_rated_products as products using (bill_run_id, product_number)"
                " where products.product_id = 'sunbird-cloud'"
            )
            == FOCUS_BILLED_COST
        )

    def test_the_partner_gets_its_share_and_a_bill_and_a_settlement_are_made(self, billed):
        # 20.52 rounded once; 92.5 percent of it is 18.981.
        assert (
            billed.value(
                "select amount_minor from published.fct_applied_billing_rates where product_id = 'sunbird-cloud'"
            )
            == 2052
        )
        assert billed.value(
            "select amount_exact from published.fct_positions where agreement_id = 'hyperscale-resale' and not is_kept"
        ) == Decimal("1898.1")
        assert billed.value("select gross_minor from ledger.customer_bills") == 2052 + 6750
        assert (
            billed.value("select count(*) from ledger.settlement_documents where receiver_party_id = 'hyperscale'") == 1
        )
