"""A small hand-made run from charges to the journal: every amount here can be checked with a pencil."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.dbt.dbt_runner import compiled_sql
from tests.dbt.sharing.settlement_fixture import Hop, Item, Settlement, build

pytestmark = [pytest.mark.database, pytest.mark.slow]

Rows = list[tuple[object, ...]]
# Equations over usage that tariffs of agreements rate, of which there is none here.
PARTY_LINES = (
    "party_usage_is_rated_or_suspended",
    "party_charges_are_lines_or_parked",
    "party_positions_are_their_lines",
)


def small_run() -> Settlement:
    """Friday 2026-01-30: 1 EUR = 4.2 PLN = 168 JPY; nothing is known about KWD."""
    run = Settlement()
    for party in ("customer", "studio", "reseller", "kid", "master"):
        run.party(party, parent={"kid": "reseller", "reseller": "master"}.get(party))
    run.party("streamly", "DE")
    run.party("farside", "US")
    run.tax("PL", "PL", "23")
    run.tax("DE", "PL", "0", "reverse_charge", status="business")
    run.rate("2026-01-30", "PLN", "4.2")
    run.rate("2026-01-30", "JPY", "168")
    run.rate("2026-02-02", "PLN", "9.9")
    return run


def kept_by_operator() -> Item:
    return Item("kept", "wisla")


@pytest.fixture(scope="module")
def query(database_url: str, target_path: Path) -> Iterator[Callable[[str], Rows]]:
    run = small_run()
    content = run.agreement(
        Hop(
            "content",
            "wisla",
            [Item("c", "streamly", "70"), Item("s", "studio", "20"), kept_by_operator()],
            currency="EUR",
        )
    )
    resale = run.agreement(
        Hop("resale", "wisla", [Item("fee", "seller.parent", per_unit="0.02"), kept_by_operator()]),
        Hop("master", "reseller", [Item("up", "master", "50"), Item("kept", "reseller")], shares=("resale", "fee")),
    )
    unknown = run.agreement(Hop("unknown", "wisla", [Item("c", "nobody", "5"), kept_by_operator()]))
    untaxed = run.agreement(Hop("untaxed", "wisla", [Item("c", "farside", "5"), kept_by_operator()]))
    dinars = run.agreement(Hop("dinars", "wisla", [Item("c", "studio", "5"), kept_by_operator()], currency="KWD"))

    run.account("anna")
    run.charge("10.00", "anna", content)
    run.charge("0.00", "anna")
    run.charge("100.00", "anna", resale, quantity="12.5", seller="kid")
    run.account("jiro", "JPY")
    run.charge("10.05", "jiro", content)
    run.account("empty")
    run.account("category-unknown")
    run.charge("1", "category-unknown", category="reduced")
    run.account("currency-unknown", "KWD")
    run.charge("1", "currency-unknown")
    run.account("role-unknown")
    run.charge("1", "role-unknown", resale, seller="master")
    run.account("partner-unknown")
    run.charge("1", "partner-unknown", unknown)
    run.account("partner-untaxed")
    run.charge("1", "partner-untaxed", untaxed)
    run.account("partner-rate-unknown")
    run.charge("1", "partner-rate-unknown", dinars)
    with psycopg.connect(database_url) as connection:
        run.fill(connection)
    build(database_url, target_path)
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


def test_each_account_ends_billed_parked_with_its_reason_or_with_nothing_to_bill(query: Callable[[str], Rows]) -> None:
    assert query("select account_id, outcome, reason_code from build.fct_account_outcomes order by account_id") == [
        ("anna", "billed", None),
        ("category-unknown", "parked", "no_tax_rule"),
        ("currency-unknown", "parked", "no_fx_rate"),
        ("empty", "nothing_to_bill", None),
        ("jiro", "billed", None),
        ("partner-rate-unknown", "parked", "no_fx_rate"),
        ("partner-unknown", "parked", "no_party"),
        ("partner-untaxed", "parked", "no_tax_rule"),
        ("role-unknown", "parked", "no_role"),
    ]


def test_the_detail_of_a_parked_account_says_what_to_load(query: Callable[[str], Rows]) -> None:
    details = dict(query("select account_id, detail from build.fct_account_outcomes where outcome = 'parked'"))
    assert "category reduced in force on 2026-02-02; add a row to taxes.csv" in details["category-unknown"]
    assert "no exchange rate PLN to KWD in source ecb" in details["currency-unknown"]
    assert "nobody is seller.parent of master on 2026-01-01" in details["role-unknown"]
    assert "receiver nobody has no party record" in details["partner-unknown"]


def test_bills_have_net_tax_and_gross_in_the_accounts_currency(query: Callable[[str], Rows]) -> None:
    # jiro: 10.05 zloty at 168 / 4.2 = 40 yen are 402 yen; 23 % of 402 is 92.46.
    assert query(
        """select account_id, currency_code, line_count, net_minor, tax_minor, gross_minor, due_date::text
           from build.fct_customer_bills order by account_id"""
    ) == [
        ("anna", "PLN", 3, 11000, 2530, 13530, "2026-02-16"),
        ("jiro", "JPY", 1, 402, 92, 494, "2026-02-16"),
    ]


def test_tax_of_a_bill_in_yen_is_also_stated_in_zloty(query: Callable[[str], Rows]) -> None:
    # 1 yen = 4.2 / 168 = 0.025 zloty, so 92 yen are 2.30 zloty.
    assert query(
        """select home_currency_code, home_fx_date::text, home_fx_rate::text, tax_home_minor from build.fct_bill_taxes
           where currency_code = 'JPY'"""
    ) == [("PLN", "2026-01-30", "0.0250000000", 230)]


def test_positions_stay_in_the_lines_currency_and_settle_in_the_agreements(query: Callable[[str], Rows]) -> None:
    # 281.4 + 80.4 + 40.2 = 402 yen: cut to 281, 80 and 40, one is left; 0.4 is cut twice, the earlier step gets it.
    assert query(
        """select item_id, currency_code, amount_exact::float8, amount_minor, settlement_currency_code,
               settlement_amount_minor
           from build.fct_positions where agreement_id = 'content' order by currency_code, item_id"""
    ) == [
        ("c", "JPY", 281.4, 282, "EUR", 168),
        ("kept", "JPY", 40.2, 40, "JPY", 40),
        ("s", "JPY", 80.4, 80, "EUR", 48),
        ("c", "PLN", 700.0, 700, "EUR", 167),
        ("kept", "PLN", 100.0, 100, "PLN", 100),
        ("s", "PLN", 200.0, 200, "EUR", 48),
    ]


def test_each_hop_of_a_chain_gets_its_own_document(query: Callable[[str], Rows]) -> None:
    # 12.5 units at 0.02 are 25 groszy for the reseller, who passes on half: 12.5 each, the odd one to the earlier item.
    assert query(
        """select payer_party_id, receiver_party_id, currency_code, position_minor, tax_treatment, tax_minor,
               payment_minor, is_paid_by_operator
           from build.fct_party_settlements order by payer_party_id, receiver_party_id"""
    ) == [
        ("reseller", "master", "PLN", 13, "standard", 3, 16, False),
        ("wisla", "reseller", "PLN", 25, "standard", 6, 31, True),
        ("wisla", "streamly", "EUR", 335, "reverse_charge", 0, 335, True),
        ("wisla", "studio", "EUR", 96, "standard", 22, 118, True),
    ]


def test_cost_in_two_currencies_is_cleared_against_one_payment(query: Callable[[str], Rows]) -> None:
    assert query(
        """select ledger_account, currency_code, amount_minor from build.fct_journal_lines
           where party_id = 'streamly' order by entry_number"""
    ) == [
        ("partner_cost", "JPY", 282),
        ("partner_cost", "PLN", 700),
        ("fx_clearing", "JPY", -282),
        ("fx_clearing", "PLN", -700),
        ("fx_clearing", "EUR", 167),
        ("fx_clearing", "EUR", 168),
        ("partner_payable", "EUR", -335),
    ]


def test_every_equation_holds_and_those_over_nothing_say_so(query: Callable[[str], Rows]) -> None:
    rows = query("select check_name, is_equal, rows_looked_at from build.fct_reconciliation")
    assert all(is_equal for _, is_equal, _ in rows)
    assert {name for name, _, looked_at in rows if looked_at == 0} == {
        "usage_is_rated_or_suspended",
        "rated_usage_is_usage_charges",
        *PARTY_LINES,
    }


def test_the_columns_are_those_that_readers_see(query: Callable[[str], Rows]) -> None:
    columns = """select table_name, column_name, ordinal_position, data_type, numeric_precision, numeric_scale
                 from information_schema.columns where table_schema = '{}' and table_name in (
                     'fct_applied_billing_rates', 'fct_line_adjustments', 'fct_rate_parts', 'fct_bill_taxes',
                     'fct_customer_bills', 'fct_account_outcomes', 'fct_revenue_shares', 'fct_positions',
                     'fct_party_settlements', 'fct_journal_lines', 'fct_reconciliation') order by 1, 3"""
    assert query(columns.format("build")) == query(columns.format("published"))


def test_a_second_build_gives_the_same_rows_and_keys(
    query: Callable[[str], Rows], database_url: str, target_path: Path
) -> None:
    digests = """select
        (select md5(string_agg(t::text, '' order by t::text)) from build.fct_revenue_shares as t),
        (select md5(string_agg(t::text, '' order by t::text)) from build.fct_positions as t),
        (select md5(string_agg(t::text, '' order by t::text)) from build.fct_party_settlements as t),
        (select md5(string_agg(t::text, '' order by t::text)) from build.fct_journal_lines as t)"""
    before = query(digests)
    build(database_url, target_path)
    assert query(digests) == before


@pytest.mark.parametrize(
    "damage",
    [
        "update build.fct_revenue_shares set amount_exact = 'NaN' where step_number = 1",
        "update build.fct_revenue_shares set amount_exact = amount_exact + 1 where step_number = 1",
        "update build.fct_revenue_shares set amount_exact = amount_exact - base_exact where step_number = 1",
        "delete from build.fct_revenue_shares where step_number = 0",
    ],
)
def test_a_damaged_share_is_found_by_the_conservation_test(
    query: Callable[[str], Rows], database_url: str, target_path: Path, damage: str
) -> None:
    find_loss = compiled_sql(database_url, target_path, "assert_each_line_is_shared_without_loss")
    assert query(find_loss) == []
    with psycopg.connect(database_url) as connection:
        connection.execute(damage)
        assert connection.execute(find_loss).fetchall() != []
        connection.rollback()


def test_ten_thousand_lines_of_one_cent_pay_70_20_and_10(new_database: Callable[[], str], target_path: Path) -> None:
    run = small_run()
    terms = run.agreement(
        Hop("content", "wisla", [Item("c", "streamly", "70"), Item("s", "studio", "20"), kept_by_operator()])
    )
    run.account("anna")
    for _ in range(10_000):
        run.charge("0.01", "anna", terms)
    url = new_database()
    with psycopg.connect(url) as connection:
        run.fill(connection)
        build(url, target_path)
        positions = connection.execute(
            "select receiver_party_id, line_count, amount_minor from build.fct_positions order by amount_minor desc"
        ).fetchall()
    assert positions == [("streamly", 10_000, 7_000), ("studio", 10_000, 2_000), ("wisla", 10_000, 1_000)]
