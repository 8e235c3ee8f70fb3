"""Usage guided to agreements: interconnect in both directions, wholesale behind a retail call, roaming in SDR.

The book and the files are all there is; the sums are worked by hand in docs/agreements/gallery.md.
"""

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from assets.catalog.check import check_book
from assets.ingestion.returns import write_return_report
from assets.publishing.account_periods import AccountPeriod, agreement_account
from orchestration.dbt.trial import Trial, TrialFailed
from tests.dbt.sharing.party_tariff_book import (
    AGREEMENTS,
    CALENDAR,
    CREDITS,
    HOTSPOTS,
    PREPAID,
    ROAMING,
    TAP,
    TRUNKS,
    WIFI,
)
from tests.dbt.sharing.party_tariff_month import CAPS, INBOX, capped_agreement, manifest
from tests.dbt.sharing.party_tariff_offers import MORE_AGREEMENTS, MORE_OFFERINGS, PEAK_SHARE, PLAIN, SURFING
from tests.unit.catalog.books import VALID_BOOK, write_book

pytestmark = [pytest.mark.database, pytest.mark.slow]


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
    files["usage/wifi.yaml"] = WIFI
    files["agreements/hotspots.yaml"] = HOTSPOTS
    files["offerings/surfing.yaml"] = SURFING
    files["offerings/plain.yaml"] = PLAIN
    files["offerings/more.yaml"] = MORE_OFFERINGS
    files["agreements/more.yaml"] = MORE_AGREEMENTS
    files["agreements/peak-share.yaml"] = PEAK_SHARE
    inbox = {**INBOX}
    agreements = ["telnova", "carrier", "ibermovil", "prepaid-content", "hotspots"]
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
        days = {
            name: (date(2026, 10, 1), date(2026, 11, 1))
            for name in ("a1", "a2", "a3", *map(agreement_account, agreements))
        }
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
    # Trunks: 5 rated, 1 without price, 2 without agreement; 2 behind retail calls; 5 for an item of the waterfall; 2 in
    # SDR; 3 prepaid; 2 at the airport and 1 that is nobody's; 4 by the caps.
    assert counted["party_usage_is_rated_or_suspended"] == 23 + (4 if CAPS.exists() else 0)


def test_prices_of_one_tariff_go_into_both_shares_and_a_price_into_one(month: str) -> None:
    shares = query(
        month,
        """select offering_id, array_agg(distinct guides.share_number order by guides.share_number)
           from int_agreement_guides as guides group by offering_id
           having count(distinct guides.share_number) > 1""",
    )
    assert shares, "the prices of a tariff are dealt out"
    divided = query(
        month,
        """select product_number, price_version_id from fct_rated_usage
           group by product_number, price_version_id having count(distinct share_number) > 1""",
    )
    assert divided == []


def test_usage_without_agreement_or_price_is_suspended_with_the_reason(month: str) -> None:
    found = query(
        month, "select reason_code, detail from fct_suspended_usage where detail like '%trunks%' order by 1, 2"
    )
    assert found == [
        ("no_agreement", "no tariff of an agreement covers this trunks usage"),
        ("no_agreement", "no tariff of an agreement covers this trunks usage"),
        ("no_price", "tariff telnova/incoming covers this trunks usage and has no price in force for it"),
    ]


def test_usage_of_either_finds_its_product_its_tariff_or_both(month: str) -> None:
    # The customer: 30 minutes at 0.10, wherever. The airport: 20 minutes of the customer and 30 of somebody, at 0.05.
    lines = "select event_count, amount_exact from"
    assert query(month, f"{lines} fct_applied_billing_rates where offering_id = 'surfing'") == [(2, Decimal(3))]
    assert query(month, f"{lines} fct_applied_party_billing_rates where agreement_id = 'hotspots'") == [
        (2, Decimal("2.5"))
    ]
    found = query(month, "select reason_code, line_number, detail from fct_suspended_usage where detail like '%wifi%'")
    detail = "no tariff of an agreement covers this wifi usage, and device phone has no product in force"
    assert found == [("no_agreement", 5, detail)]


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


def test_a_tariff_is_an_item_of_the_waterfall_too(month: str) -> None:
    """Per line: what it brings, what its calls cost near and far, half of the rest for the studio, what is kept."""
    rates = "select fx_rate from int_fx_rates_in_run where fx_source = 'ecb' and from_currency_code = 'PLN'"
    ((zloty,),) = query(month, f"{rates} and to_currency_code = 'EUR'")
    shares = query(
        month,
        """select product_id, is_late, item_id, shares.base_exact, shares.amount_exact
           from fct_revenue_shares as shares join fct_applied_billing_rates as lines using (line_key)
           where agreement_id = 'peak-share' order by 1, 2, step_number""",
    )
    found: dict[str, list[Any]] = {}
    for product, is_late, _, base, amount in shares:
        found.setdefault(f"{product}{' late' if is_late else ''}", [base]).append(amount)
    world = 400 * zloty
    assert found == {
        # 180 s at 1.20 a minute are 3.60; 1.80 + 0.90 to the carrier, half of 0.90 to the studio.
        "plain-1": [360, 270, 0, 45, 45],
        # 1.20 at peak costs 1.80: the studio gets nothing, 0.60 are missing.
        "plain-2": [120, 180, 0, 0, -60],
        # 1.80, less 4.00 PLN.
        "plain-3": [180, 0, world, (180 - world) / 2, (180 - world) / 2],
        # A Saturday in September: 1.20 less 0.60.
        "plain-4 late": [120, 60, 0, 30, 30],
    }
    assert query(month, "select count(*) from fct_applied_party_billing_rates where agreement_id = 'peak-share'") == [
        (0,)
    ]


def test_what_the_item_owes_beyond_the_revenue_waits_for_an_approval(month: str) -> None:
    found = query(
        month,
        "select margin_kind, item_id, event_count, revenue_exact, cost_exact from fct_negative_margins"
        " where agreement_id = 'peak-share'",
    )
    assert found == [("sharing", "", 1, Decimal("1.2"), Decimal("1.8"))]


def test_usage_that_an_allowance_covers_is_paid_by_the_fee(month: str) -> None:
    # The carrier's 2.70 EUR are less than the fee of 29.00 PLN; the calls themselves bring nothing.
    assert query(
        month, "select sum(event_count), sum(revenue_exact) from int_usage_costs where agreement_id = 'carrier'"
    ) == [(2, 0)]
    assert query(month, "select count(*) from fct_negative_margins where agreement_id = 'carrier'") == [(0,)]


def shared(url: str, agreement: str) -> dict[str, list[Any]]:
    """Billed amount and shares of each line of an agreement, by its offering and price."""
    rows = query(
        url,
        """select agreement_id, offering_id || ' ' || price_id || case when is_late then ' late' else '' end,
               amount_minor, array_agg(shares.amount_exact order by step_number)
           from fct_revenue_shares as shares join fct_applied_billing_rates as lines using (line_key)
           group by 1, 2, 3, line_key""",
    )
    return {line: [billed, *amounts] for name, line, billed, amounts in rows if name == agreement}


def test_prepaid_credit_is_shared_as_it_is_consumed(month: str) -> None:
    # 30 minutes at 0.50 are 15.00, paid from the credit: billed 0.00. The operator bears what the credit paid, so 70
    # percent of 15.00 are the studio's; of the 2 minutes of September 0.70 of 1.00. 4.00 of the credit are left.
    assert shared(month, "prepaid-calls") == {
        "prepaid calls": [0, -1500, 1050, 450],
        "prepaid calls late": [0, -100, 70, 30],
    }


def test_a_bundle_is_shared_by_four_partners_and_its_discount_is_borne_by_one(month: str) -> None:
    # 100.00 less a tenth: parts of 60.00 and 40.00, billed 54.00 and 36.00. The second bears 6.00 and 4.00.
    assert shared(month, "pack-of-four") == {
        "part-a pack-fee": [5400, -600, 2400, 1800, 1200, 600, 0],
        "part-b pack-fee": [3600, -400, 1600, 1200, 800, 400, 0],
    }


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
    # 70 percent of 10.00 + 4.99 + 0.01.
    lines = query(
        month,
        "select event_count, amount_exact from fct_applied_party_billing_rates where agreement_id = 'prepaid-content'",
    )
    assert lines == [(3, Decimal("10.5"))]
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
