"""Populations: upserts in bulk, duplicates, conflicts inside a file, tariffs spread into tiers."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from assets.ingestion.digests import population_digest
from assets.ingestion.ingest import ingest_folder
from assets.ingestion.populations import records

pytestmark = pytest.mark.database

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PARTIES = (
    "party_id,effective_from,party_kind,name,country_code,tax_number,tax_status,language_code,parent_party_id,"
    "bank_account,address_lines"
)
ANNA = "anna,2026-01-01,individual,Anna Żółć,PL,,consumer,pl,,,ul. Prosta 1|00-001 Warszawa|Polska"
SHOP = 'shop,2026-01-01,organization,"Shop, Ltd",DE,DE123456789,business,de,wisla,DE89370400440532013000,Weg 2|Berlin'


@pytest.fixture
def deliver(connection, tmp_path):
    """``deliver(name, *lines)`` lands one file, takes it in and returns its outcome."""
    landing = tmp_path / "inbox"
    landing.mkdir()

    def put(name: str, *lines: str):
        (landing / name).write_text("\n".join(lines) + "\n")
        report = ingest_folder(connection, landing, tmp_path / "store", [], dagster_run_id=None, now=NOW)
        report.clear_landing(landing)
        (outcome,) = report.files
        assert outcome.state == "loaded", outcome.reason
        assert outcome.rows_read == sum(
            (outcome.rows_accepted, outcome.rows_duplicate, outcome.rows_conflict, outcome.rows_rejected)
        )
        return outcome

    return put


def test_parties_are_loaded_changed_and_recognised(connection, deliver):
    assert deliver("parties_1.csv", PARTIES, ANNA, SHOP).rows_accepted == 2
    assert connection.execute("select * from inbox.parties order by party_id").fetchall()[0][:11] == (
        "anna",
        date(2026, 1, 1),
        "individual",
        "Anna Żółć",
        "PL",
        None,
        "consumer",
        "pl",
        None,
        None,
        ["ul. Prosta 1", "00-001 Warszawa", "Polska"],
    )
    before = population_digest(connection)
    again = deliver("parties_2.csv", PARTIES, SHOP, ANNA, ANNA)
    assert (again.rows_accepted, again.rows_duplicate) == (0, 3)
    assert population_digest(connection) == before
    changed = deliver("parties_3.csv", PARTIES, ANNA.replace("Prosta 1", "Prosta 2"), SHOP)
    assert (changed.rows_accepted, changed.rows_duplicate) == (1, 1)
    assert connection.execute(
        "select address_lines[1], file_id, line_number from inbox.parties where party_id = 'anna'"
    ).fetchall() == [("ul. Prosta 2", changed.file_id, 2)]
    assert population_digest(connection) != before


def test_two_contents_under_one_key_in_one_file_are_conflicts_and_change_nothing(connection, deliver):
    outcome = deliver("parties_1.csv", PARTIES, ANNA, ANNA.replace("Żółć", "Nowak"), SHOP)
    assert (outcome.rows_accepted, outcome.rows_conflict) == (1, 2)
    assert connection.execute("select party_id from inbox.parties").fetchall() == [("shop",)]
    assert connection.execute(
        "select line_number, disposition, reason_code, raw_line from inbox.row_dispositions order by 1"
    ).fetchall() == [
        (2, "conflict", "other_content_same_key", ANNA),
        (3, "conflict", "other_content_same_key", ANNA.replace("Żółć", "Nowak")),
    ]


@pytest.mark.parametrize(
    ("line", "code", "characteristic"),
    [
        (ANNA.replace("anna", "an na"), "bad_value", "party_id"),
        (ANNA.replace("2026-01-01", "2026-02-30"), "bad_date", "effective_from"),
        (ANNA.replace("2026-01-01", "infinity"), "bad_date", "effective_from"),
        (ANNA.replace("2026-01-01", "0000-01-01"), "bad_date", "effective_from"),
        (ANNA.replace("individual", "person"), "unknown_code", "party_kind"),
        (ANNA.replace("Anna", "Anna\u202e"), "control_character", "name"),
        (ANNA.replace("Anna Żółć", ""), "missing_value", "name"),
        (ANNA.replace("PL", "pl"), "bad_value", "country_code"),
        (SHOP.replace("DE89370400440532013000", "DE89 3704 0044 0532 0130 00"), "bad_value", "bank_account"),
        (ANNA + ",x", "wrong_field_count", None),
    ],
)
def test_a_bad_party_is_rejected_with_its_reason(connection, deliver, line, code, characteristic):
    assert deliver("parties_1.csv", PARTIES, line, SHOP if line.startswith("an") else ANNA).rows_rejected == 1
    assert connection.execute(
        "select reason_code, characteristic, raw_line from inbox.row_dispositions"
    ).fetchall() == [(code, characteristic, line)]


def test_accounts_products_and_identifiers_are_loaded(connection, deliver):
    deliver(
        "accounts_1.csv",
        "account_id,effective_from,party_id,currency_code,language_code,bill_cycle,due_days",
        "A1,2026-01-01,anna,PLN,pl,c01,14",
    )
    deliver(
        "products_1.csv",
        "product_id,effective_from,effective_until,account_id,offering_id,seller_party_id",
        "P1,2026-01-01T00:00:00+01:00,,A1,mobile-start,",
        "P2,2026-01-01T00:00:00+01:00,2026-01-01T00:00:00+01:00,A1,x,",
    )
    deliver(
        "identifiers_1.csv",
        "identifier_kind,identifier,effective_from,effective_until,product_id",
        "msisdn,+48600000001,2026-01-01T00:00:00+01:00,,P1",
        "tenant,abc+1,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,P1",
    )
    deliver(
        "accounts_2.csv",
        "account_id,effective_from,party_id,currency_code,language_code,bill_cycle,due_days,time_zone",
        "A2,2026-01-01,anna,PLN,pl,c31,14,America/New_York",
        "A3,2026-01-01,anna,PLN,pl,c31,14,",
        "A4,2026-01-01,anna,PLN,pl,c31,14,Mars/Olympus",
    )
    assert connection.execute(
        "select account_id, bill_cycle, due_days, time_zone from inbox.billing_accounts order by 1"
    ).fetchall() == [("A1", "c01", 14, None), ("A2", "c31", 14, "America/New_York"), ("A3", "c31", 14, None)]
    assert connection.execute(
        "select product_id, effective_from, effective_until, seller_party_id from inbox.products"
    ).fetchall() == [("P1", datetime(2025, 12, 31, 23, tzinfo=UTC), None, None)]
    assert connection.execute("select reason_code, characteristic from inbox.row_dispositions").fetchall() == [
        ("empty_period", "effective_until"),
        ("unknown_code", "time_zone"),
    ]
    assert connection.execute(
        "select identifier_kind, identifier, product_id from inbox.product_identifiers order by 1"
    ).fetchall() == [
        ("msisdn", "48600000001", "P1"),
        ("tenant", "abc+1", "P1"),
    ]


def _override(tariff: dict | str, product_id: str = "P1") -> str:
    text = tariff if isinstance(tariff, str) else json.dumps(tariff)
    fields = '"price_id": "calls", "effective_from": "2026-01-01T00:00:00+01:00", "effective_until": null'
    return f'{{"product_id": "{product_id}", {fields}, "tariff": {text}}}'


GRADUATED = {
    "model": "graduated",
    "per_quantity": "60",
    "tiers": [
        {"up_to": "100", "unit_amount": "0.20", "flat_amount": "1"},
        {"up_to": "500.5", "unit_amount": "0.15"},
        {"unit_amount": "0.10"},
    ],
}


def test_every_tariff_becomes_tiers(connection, deliver):
    tariffs = [
        {"model": "flat", "amount": "5.00"},
        {"model": "per_unit", "unit_amount": "0.1234567891"},
        {"model": "per_unit", "unit_amount": "0.19", "per_quantity": "60"},
        GRADUATED,
        {"model": "package", "package_size": "1024", "package_amount": "3"},
    ]
    deliver("price_overrides_1.jsonl", *(_override(tariff, f"P{n}") for n, tariff in enumerate(tariffs)))
    rows = connection.execute(
        """select product_id, tariff_model, per_quantity, tier_number, from_quantity, until_quantity, unit_amount,
            flat_amount, block_size
        from inbox.price_overrides join inbox.price_override_tiers using (price_override_id) order by 1, 4"""
    ).fetchall()
    d = Decimal
    assert rows == [
        ("P0", "flat", 1, 1, 0, None, 0, 5, None),
        ("P1", "per_unit", 1, 1, 0, None, d("0.1234567891"), 0, None),
        ("P2", "per_unit", 60, 1, 0, None, d("0.19"), 0, None),
        ("P3", "graduated", 60, 1, 0, 100, d("0.2"), 1, None),
        ("P3", "graduated", 60, 2, 100, d("500.5"), d("0.15"), 0, None),
        ("P3", "graduated", 60, 3, d("500.5"), None, d("0.1"), 0, None),
        ("P4", "package", 1024, 1, 0, None, 3, 0, 1024),
    ]


def test_an_override_is_replaced_with_its_tiers_and_an_equal_one_is_a_duplicate(connection, deliver):
    deliver("price_overrides_1.jsonl", _override(GRADUATED))
    assert (
        deliver(
            "price_overrides_2.jsonl", _override(GRADUATED).replace("0.20", "0.2"), _override(GRADUATED, "P2")
        ).rows_duplicate
        == 1
    )
    deliver("price_overrides_3.jsonl", _override({"model": "per_unit", "unit_amount": "0.5"}))
    assert connection.execute(
        """select unit_amount from inbox.price_overrides join inbox.price_override_tiers using (price_override_id)
        where product_id = 'P1'"""
    ).fetchall() == [(Decimal("0.5"),)]


@pytest.mark.parametrize(
    ("tariff", "code"),
    [
        ('{"model": "flat", "amount": 5}', "bad_json"),
        ('{"model": "flat", "amount": "\\ud800"}', "bad_json"),
        ('{"model": "flat", "amount": "5", "amount": "6"}', "bad_json"),
        ('{"model": "flat", "amount": "5e1"}', "bad_decimal"),
        ('{"model": "flat", "amount": "-5"}', "bad_decimal"),
        ('{"model": "flat", "amount": "5.12345678901"}', "bad_decimal"),
        ('{"model": "flat"}', "bad_value"),
        ('{"model": "flat", "amount": "5", "per_quantity": "60"}', "bad_value"),
        ('{"model": "percentages", "percent": "5"}', "unknown_code"),
        ('{"model": "percentage", "percent": "5"}', "bad_value"),
        ('{"model": "per_unit", "unit_amount": "1", "block_rounding": "nowhere"}', "unknown_code"),
        ('{"model": "volume", "tiers": [{"unit_amount": "1", "block_size": "0"}]}', "bad_decimal"),
        ('{"model": "graduated_percentage", "tiers": [{"unit_amount": "1"}]}', "bad_value"),
        ('{"amount": "5"}', "unknown_code"),
        ('{"model": "per_unit", "unit_amount": "1", "per_quantity": "0"}', "bad_decimal"),
        ('{"model": "graduated", "tiers": "x"}', "bad_value"),
        ('{"model": "graduated", "tiers": []}', "bad_json"),
        ('{"model": "graduated", "tiers": [{"up_to": "1", "unit_amount": "1"}]}', "bad_value"),
        ('{"model": "graduated", "tiers": [{"unit_amount": "1"}, {"unit_amount": "2"}]}', "bad_value"),
        ('{"model": "volume", "tiers": [{"up_to": "2"}, {"up_to": "1"}, {"unit_amount": "2"}]}', "bad_value"),
        ('{"model": "volume", "tiers": [{"up_to": "0"}, {"unit_amount": "2"}]}', "bad_value"),
        ('{"model": "volume", "tiers": [{"up_to": "1x"}, {"unit_amount": "2"}]}', "bad_decimal"),
        ('{"model": "volume", "tiers": [{"amount": "1"}]}', "bad_value"),
        ('{"model": "volume", "tiers": [{"unit_amount": "1", "unit_amount": "2"}]}', "bad_json"),
        ('"flat"', "bad_json"),
        ("null", "missing_value"),
    ],
)
def test_a_bad_tariff_is_rejected(connection, deliver, tariff, code):
    outcome = deliver("price_overrides_1.jsonl", _override(tariff), _override(GRADUATED, "P2"))
    assert (outcome.rows_rejected, outcome.rows_accepted) == (1, 1)
    assert connection.execute(
        "select reason_code, characteristic, line_number from inbox.row_dispositions"
    ).fetchall() == [(code, "tariff", 1)]


def test_the_outcome_of_a_later_file_in_the_same_batch_sees_the_earlier_one(connection, tmp_path):
    landing = Path(tmp_path / "inbox")
    landing.mkdir()
    (landing / "parties_1.csv").write_text(f"{PARTIES}\n{ANNA}\n")
    (landing / "parties_2.csv").write_text(f"{PARTIES}\n{ANNA}\n{SHOP}\n")
    report = ingest_folder(connection, landing, tmp_path / "store", [], dagster_run_id=None, now=NOW)
    assert [(entry.rows_accepted, entry.rows_duplicate) for entry in report.files] == [(1, 0), (1, 1)]
    assert report.batch_id is not None


@pytest.mark.parametrize("rows_per_group", [1, records.ROWS_PER_GROUP])
def test_files_of_one_intake_are_decided_each_by_itself_however_they_are_loaded(
    connection, tmp_path, monkeypatch, rows_per_group
):
    monkeypatch.setattr(records, "ROWS_PER_GROUP", rows_per_group)
    landing = tmp_path / "inbox"
    landing.mkdir()
    other_anna = ANNA.replace("Prosta 1", "Prosta 2")
    files = {
        "parties_1.csv": (PARTIES, ANNA, SHOP, ANNA),
        "parties_2.csv": (PARTIES, other_anna, SHOP, ANNA.replace("PL", "pl")),
        "parties_3.csv": (PARTIES, ANNA, other_anna),
        "account_groups_1.csv": (
            "account_id,effective_from,effective_until,group_id",
            "anna,2026-01-01T00:00:00Z,,family",
            "anna,2026-01-01T01:00:00+01:00,,family",
        ),
    }
    for name, lines in files.items():
        (landing / name).write_text("\n".join(lines) + "\n")
    report = ingest_folder(connection, landing, tmp_path / "store", [], dagster_run_id=None, now=NOW)
    counts = {
        entry.file_name: (entry.rows_accepted, entry.rows_duplicate, entry.rows_conflict, entry.rows_rejected)
        for entry in report.files
    }
    assert counts == {
        "parties_1.csv": (2, 1, 0, 0),
        "parties_2.csv": (1, 1, 0, 1),
        "parties_3.csv": (0, 0, 2, 0),
        "account_groups_1.csv": (1, 1, 0, 0),
    }
    registered = connection.execute(
        """select file_name, rows_accepted, rows_duplicate, rows_conflict, rows_rejected from inbox.files
        where feed_kind = 'population' order by file_id"""
    )
    assert registered.fetchall() == [(name, *counted) for name, counted in counts.items()]
    # What the second file says replaced the first; the third contradicts itself, so it changes nothing.
    assert connection.execute(
        "select party_id, address_lines[1], file_name from inbox.parties join inbox.files using (file_id) order by 1"
    ).fetchall() == [("anna", "ul. Prosta 2", "parties_2.csv"), ("shop", "Weg 2", "parties_1.csv")]
    assert connection.execute(
        """select file_name, line_number, disposition, found, raw_line
        from inbox.row_dispositions join inbox.files using (file_id) order by file_id, line_number"""
    ).fetchall() == [
        ("parties_1.csv", 4, "duplicate", "the same key as in line 2", ANNA),
        ("parties_2.csv", 3, "duplicate", "the record is already there", SHOP),
        ("parties_2.csv", 4, "rejected", "pl", ANNA.replace("PL", "pl")),
        ("parties_3.csv", 2, "conflict", "the same key as in line 2", ANNA),
        ("parties_3.csv", 3, "conflict", "the same key as in line 2", other_anna),
        ("account_groups_1.csv", 3, "duplicate", "the same key as in line 2", files["account_groups_1.csv"][2]),
    ]


COUPON = {"coupon_id": "spring", "account_id": "A1", "effective_from": "2026-01-01T00:00:00Z"}
CREDIT = COUPON | {"credit_id": "gift", "amount": "50", "currency_code": "PLN"}
del CREDIT["coupon_id"]


def test_coupons_and_credits_are_loaded_with_what_they_are_for(connection, deliver):
    before = population_digest(connection)
    percent = COUPON | {"percent": "12.5", "lasts": "forever", "products": "P1|P2", "borne_by": "operator"}
    amount = COUPON | {
        "coupon_id": "welcome", "amount": "20.00", "currency_code": "PLN", "lasts": "periods", "periods": "3",
        "rest": "kept", "charge_kinds": "recurring|usage", "priority": "1", "name": "Welcome",
    }  # fmt: skip
    assert deliver("coupons_1.jsonl", json.dumps(percent), json.dumps(amount)).rows_accepted == 2
    assert deliver("credits_1.jsonl", json.dumps(CREDIT)).rows_accepted == 1
    assert connection.execute(
        "select coupon_id, percent, amount, lasts, periods, rest, priority, products, charge_kinds, borne_by"
        " from inbox.coupons order by 1"
    ).fetchall() == [
        ("spring", Decimal("12.5"), None, "forever", None, "lost", 100, ["P1", "P2"], None, "operator"),
        ("welcome", None, Decimal(20), "periods", 3, "kept", 1, None, ["recurring", "usage"], "everyone"),
    ]
    assert connection.execute("select amount, priority, products from inbox.credits").fetchall() == [(50, 100, None)]
    assert population_digest(connection) != before


@pytest.mark.parametrize(
    ("feed", "record", "code", "characteristic"),
    [
        ("coupons", COUPON, "bad_value", "percent"),
        ("coupons", COUPON | {"percent": "5", "amount": "5", "currency_code": "PLN"}, "bad_value", "percent"),
        ("coupons", COUPON | {"percent": "100.5"}, "above_maximum", "percent"),
        ("coupons", COUPON | {"percent": "0"}, "below_minimum", "percent"),
        ("coupons", COUPON | {"amount": "5"}, "bad_value", "currency_code"),
        ("coupons", COUPON | {"percent": "5", "currency_code": "PLN"}, "bad_value", "currency_code"),
        ("coupons", COUPON | {"percent": "5", "lasts": "periods"}, "bad_value", "periods"),
        ("coupons", COUPON | {"percent": "5", "periods": "2"}, "bad_value", "periods"),
        ("coupons", COUPON | {"percent": "5", "lasts": "twice"}, "unknown_code", "lasts"),
        ("coupons", COUPON | {"percent": "5", "rest": "kept"}, "bad_value", "rest"),
        ("coupons", COUPON | {"percent": "5", "charge_kinds": "usage|gifts"}, "bad_value", "charge_kinds"),
        ("coupons", COUPON | {"percent": "5", "effective_until": "2025-01-01T00:00:00Z"}, "empty_period",
         "effective_until"),
        ("credits", CREDIT | {"amount": "-5"}, "below_minimum", "amount"),
        ("credits", CREDIT | {"products": "P1, P2"}, "bad_value", "products"),
    ],
)  # fmt: skip
def test_a_bad_coupon_or_credit_is_rejected_with_its_reason(connection, deliver, feed, record, code, characteristic):
    assert deliver(f"{feed}_1.jsonl", json.dumps(record)).rows_rejected == 1
    assert connection.execute("select reason_code, characteristic from inbox.row_dispositions").fetchall() == [
        (code, characteristic)
    ]
