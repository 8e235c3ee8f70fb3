"""Agreement items, VAT, withholding and retention: the sums of docs/agreements, worked by the models.

One month of 2026 with posted months before it, all partners in one build; every number can be checked with a pencil.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.dbt.dbt_runner import compiled_sql
from tests.dbt.sharing.settlement_fixture import Hop, Item, Settlement, build

pytestmark = [pytest.mark.database, pytest.mark.slow]

Rows = list[tuple[object, ...]]
KEPT = Item("kept", "wisla")
# Each partner earns the whole of what its customers pay: one percent item of 100 and nothing kept.
PARTNERS = {
    "vat-pl": ("PL", "7000"), "reverse-ie": ("IE", "7000"), "withheld-us": ("US", "7000"), "treaty-us": ("US", "7000"),
    "gross-us": ("US", "7000"), "zloty-us": ("US", "1234.56"), "retained": ("PL", "1000"), "weak": ("PL", "600"),
    "year": ("PL", "1300"), "year-end": ("PL", "1300"), "three": ("PL", "900"), "capped": ("PL", "900"),
    "silent": ("PL", None),
    "credit": ("US", "-500"), "adjusted": ("PL", "100"),
}  # fmt: skip


def item(kind: str, receiver: str, amount: str, period: str | None = None, true_up: str = "at_end",
         percent: str = "100", taken_off: bool = False) -> tuple[object, ...]:  # fmt: skip
    return kind, receiver, amount, period, true_up, percent, taken_off


def hop(partner: str, **terms: object) -> Hop:
    return Hop(f"a-{partner}", "wisla", [Item("share", partner, "100"), KEPT], **terms)


def january() -> Settlement:
    run = Settlement()
    run.party("customer")
    for country in ("PL", "IE", "US"):
        run.tax("PL", country, "0", "reverse_charge")
        if country != "PL":
            run.tax(country, "PL", "0", "reverse_charge", status="business")
    run.taxes.pop(0)
    run.tax("PL", "PL", "23")
    run.account("anna")
    terms = {
        "withheld-us": {"payment_class": "royalty"},
        "treaty-us": {"payment_class": "royalty"},
        "gross-us": {"payment_class": "royalty", "is_grossed_up": True},
        "zloty-us": {"payment_class": "service"},
        "credit": {"payment_class": "royalty"},
        "retained": {"retention": ("10", 90)},
        "weak": {"period_items": [item("minimum_guarantee", "weak", "1000", "month")]},
        "year": {"period_items": [item("minimum_guarantee", "year", "12000", "year", "each_period")]},
        "year-end": {"period_items": [item("minimum_guarantee", "year-end", "12000", "year")]},
        "three": {
            "period_items": [
                item("minimum_guarantee", "three", "1200", "month"),
                item("recoupment", "three", "5000", percent="50"),
                item("cap", "three", "550", "month"),
                item("fee", "three", "25", taken_off=True),
            ]
        },
        "capped": {"period_items": [item("cap", "capped", "2000", "year")]},
        "silent": {"period_items": [item("minimum_guarantee", "silent", "300", "month")]},
    }
    run.party("unruled-ie", "IE")
    run.account("parked")
    run.charge("50", "parked", run.agreement(hop("unruled-ie", payment_class="royalty")))
    for partner, (country, amount) in PARTNERS.items():
        run.party(partner, country)
        agreement = run.agreement(hop(partner, **terms.get(partner, {})))
        if amount is not None:
            run.charge(amount, "anna", agreement)
    # Guarantees that no line stands behind: of a partner without tax rule, one without record, one without withholding.
    run.party("untaxed-jp", "JP")
    for partner, more in (("untaxed-jp", {}), ("unknown", {}), ("unruled-ie", {"payment_class": "royalty"})):
        guarantee = [item("minimum_guarantee", partner, "300", "month")]
        run.agreement(
            Hop(f"g-{partner}", "wisla", [Item("share", partner, "100"), KEPT], period_items=guarantee, **more)
        )
    run.withholding += [
        ("royalty", "PL", "US", "20", "10", False),
        ("service", "PL", "US", "20", None, True),
    ]
    run.certificates += [
        ("treaty-us", "CFR-2026", "2026-01-01", "2027-01-01"),
        ("withheld-us", "CFR-2025", "2025-01-01", "2026-01-01"),
    ]
    run.adjustments += [
        ("adj-1", "a-adjusted", "adjusted", "PLN", -1500, "ana", "boris"),
        ("adj-self", "a-adjusted", "adjusted", "PLN", 99999, "ana", " ANA"),
        ("adj-euro", "a-adjusted", "adjusted", "EUR", 99999, "ana", "boris"),
    ]
    return run


# The run is January 2026; what "capped" earned in it before (a first run of the month) is posted.
POSTED = """
    insert into control.bill_runs (lane, period_id, state, period_start, period_end, issue_date, book_id,
        sealed_batch_id, token, code_version)
    values ('build', '2026-01-c15', 'open', '2025-12-15', '2026-01-15', '2026-01-15', 1, 1, 0, 'test');
    alter table ledger.settlement_items drop constraint settlement_items_settlement_key_fkey;
    insert into ledger.settlement_items (item_key, settlement_key, stage, item_kind, agreement_id, item_id,
        payer_party_id, receiver_party_id, currency_code, amount_minor, settled_on)
    select gen_random_uuid(), gen_random_uuid(), 'position', kind, 'a-' || partner, kind, 'wisla', partner, 'PLN',
        amount, settled_on
    from (values
        ('share', 'capped', 150000, date '2026-01-14'), ('share', 'capped', 900000, date '2025-12-31'),
        ('share', 'year', 0, date '2025-12-31'), ('share', 'three', 940000, date '2025-12-31'),
        ('recoupment', 'three', -470000, date '2025-12-31')
    ) as posted (kind, partner, amount, settled_on);
"""


@pytest.fixture(scope="module")
def query(database_url: str, target_path: Path) -> Iterator[Callable[[str], Rows]]:
    with psycopg.connect(database_url) as connection:
        january().fill(connection)
        connection.execute(POSTED)
        connection.commit()
    build(database_url, target_path)
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


def document(query: Callable[[str], Rows], partner: str) -> tuple[object, ...]:
    (row,) = query(f"""select position_minor, tax_minor, document_minor, withheld_minor, retained_minor, payment_minor
                       from build.fct_party_settlements where receiver_party_id = '{partner}'""")  # noqa: S608  names of this module
    return row


def items(query: Callable[[str], Rows], partner: str) -> Rows:
    return query(f"""select item_kind, amount_minor from build.fct_settlement_items
                     where receiver_party_id = '{partner}' and stage = 'position' and item_kind <> 'share'
                     order by item_kind""")  # noqa: S608  names of this module


def test_an_item_that_cannot_be_settled_parks_its_agreement_and_no_other(query):
    """They once left the documents without their items, so that the whole run failed its equations."""
    rows = query("select agreement_id, reason_code, account_id from build.int_agreement_problems order by 1")
    assert rows == [
        ("g-unknown", "no_party", "agreement:g-unknown"),
        ("g-unruled-ie", "no_withholding_rule", "agreement:g-unruled-ie"),
        ("g-untaxed-jp", "no_tax_rule", "agreement:g-untaxed-jp"),
    ]  # fmt: skip
    assert not any(items(query, partner) for partner in ("untaxed-jp", "unknown", "unruled-ie"))
    assert document(query, "silent")[0] == 30000


def test_the_same_share_of_7000_pays_8610_7000_and_5600(query):
    assert document(query, "vat-pl") == (700000, 161000, 861000, 0, 0, 861000)
    assert document(query, "reverse-ie") == (700000, 0, 700000, 0, 0, 700000)
    # A certificate that ended with last year lowers nothing.
    assert document(query, "withheld-us") == (700000, 0, 700000, 140000, 0, 560000)


def test_a_valid_certificate_lowers_the_rate_and_a_gross_up_leaves_the_share_whole(query):
    assert document(query, "treaty-us") == (700000, 0, 700000, 70000, 0, 630000)
    # 7,000 * 20 / 80 = 1,750 on top; 20 percent of 8,750 are 1,750.
    assert document(query, "gross-us") == (875000, 0, 875000, 175000, 0, 700000)
    assert items(query, "gross-us") == [("gross_up", 175000)]


def test_a_rule_may_round_the_tax_to_whole_zloty_and_a_credit_gives_it_back(query):
    # 20 percent of 1,234.56 are 246.912: 247.
    assert document(query, "zloty-us") == (123456, 0, 123456, 24700, 0, 98756)
    assert document(query, "credit") == (-50000, 0, -50000, -10000, 0, -40000)


def test_a_retention_is_held_back_from_the_payment_and_has_its_release_day(query):
    # 1,000 + 23 % = 1,230; 10 percent of the position are held back until 2026-02-02 + 90 days.
    assert document(query, "retained") == (100000, 23000, 123000, 0, 10000, 113000)
    assert query("select retention_release_date::text from build.fct_party_settlements where retained_minor <> 0") == [
        ("2026-05-03",)
    ]


def test_a_month_below_its_guarantee_is_filled_up_even_without_a_line(query):
    assert items(query, "weak") == [("minimum_guarantee", 40000)]
    assert document(query, "silent") == (30000, 6900, 36900, 0, 0, 36900)


def test_a_yearly_guarantee_by_months_asks_for_a_twelfth_in_january(query):
    # 12,000 / 12 = 1,000 so far, 1,300 earned: nothing to add.
    assert items(query, "year") == []


# What a year's months earn, and what their guarantee of 12,000 a year adds or takes back by `each_period`, in zloty.
YEAR = [
    (1300, 0), (200, 500), (1800, -500), (0, 700), (400, 600), (3000, -1300),
    (100, 200), (900, 100), (1200, -200), (50, 950), (700, 300), (600, 400),
]  # fmt: skip


def test_a_yearly_guarantee_is_trued_up_over_a_year_of_uneven_months(query, database_url: str, target_path: Path):
    """The months' 10,250 and 1,750 of guarantee are 12,000, by months and at the end; then a new year begins."""
    added: dict[str, list[int]] = {"year": [], "year-end": []}
    with psycopg.connect(database_url) as connection:
        for number, (earned, _) in enumerate([*YEAR, (400, None)]):
            first = f"{2026 + number // 12}-{number % 12 + 1:02}-01"
            connection.execute(
                "update build.int_run set period_last_date = cast(%s::date + interval '1 month' as date) - 1", [first]
            )
            connection.execute(
                """update build.fct_positions set settlement_amount_minor = %s
                   where agreement_id in ('a-year', 'a-year-end') and not is_kept""",
                [earned * 100],
            )
            for model in ("int_agreement_items_in_run", "int_agreement_item_amounts"):
                made = compiled_sql(database_url, target_path, model)
                columns = connection.execute(f"select * from ({made}) as made limit 0").description  # noqa: S608  dbt's own
                listed = ", ".join(column.name for column in columns)
                connection.execute(f"truncate build.{model}")
                connection.execute(f"insert into build.{model} ({listed}) {made}")
            given = dict(
                connection.execute(
                    """select receiver_party_id, amount_minor from build.int_agreement_item_amounts
                       where receiver_party_id in ('year', 'year-end')"""
                ).fetchall()
            )
            for partner, months in added.items():
                months.append(given.get(partner, 0) // 100)
            # The month is posted.
            connection.execute(
                """insert into ledger.settlement_items (item_key, settlement_key, stage, item_kind, agreement_id,
                       item_id, payer_party_id, receiver_party_id, currency_code, amount_minor, settled_on)
                   select gen_random_uuid(), gen_random_uuid(), 'position', item_kind, 'a-' || partner, item_kind,
                       'wisla', partner, 'PLN', amount, period_last_date
                   from build.int_run, (
                       select 'share', unnest(%s::text[]), %s
                       union all
                       select 'minimum_guarantee', receiver_party_id, amount_minor
                       from build.int_agreement_item_amounts where receiver_party_id = any (%s)
                   ) as posted (item_kind, partner, amount)""",
                [list(added), earned * 100, list(added)],
            )
        connection.rollback()
    assert sum(earned for earned, _ in YEAR) + 1750 == 12000
    # Of January 2027 a twelfth of the new year is due, by months: 1,000 less 400.
    assert added == {"year": [*(due for _, due in YEAR), 600], "year-end": [0] * 11 + [1750, 0]}


def test_a_prorated_item_is_for_the_days_of_an_agreement_that_begins_in_mid_year(
    query, database_url: str, target_path: Path
):
    """From 19 October: 13 days of 365 by the end of October, 74 by that of the year; else twelfths and the whole."""
    made = compiled_sql(database_url, target_path, "int_agreement_items_in_run")
    found = {}
    with psycopg.connect(database_url) as connection:
        connection.execute("update build.int_agreements_settled set effective_from = '2026-10-19 00:00+02'")
        for is_prorated in (False, True):
            connection.execute("update catalog.agreement_items set is_prorated = %s", [is_prorated])
            for day in ("2026-10-31", "2026-12-31"):
                connection.execute("update build.int_run set period_last_date = %s", [day])
                found[is_prorated, day] = dict(
                    connection.execute(
                        f"""select receiver_party_id, amount_to_date_minor from ({made}) as made
                            where receiver_party_id in ('year', 'year-end', 'capped')"""  # noqa: S608  dbt's own
                    ).fetchall()
                )
        connection.rollback()
    assert found == {
        (False, "2026-10-31"): {"year": 1000000, "year-end": None, "capped": 200000},
        (False, "2026-12-31"): {"year": 1200000, "year-end": 1200000, "capped": 200000},
        (True, "2026-10-31"): {"year": 42740, "year-end": None, "capped": 40548},
        (True, "2026-12-31"): {"year": 243288, "year-end": 243288, "capped": 40548},
    }


def test_guarantee_recoupment_cap_and_fee_work_in_their_order(query):
    # 900 -> guarantee 1,200 (+300); of an advance of 5,000 are 300 left, at most 50 percent of (9,400 + 1,200) = 5,300:
    # -300 -> 900; cap 550 -> -350; fee -25.
    assert items(query, "three") == [
        ("cap", -35000), ("fee", -2500), ("minimum_guarantee", 30000), ("recoupment", -30000)
    ]  # fmt: skip


def test_a_yearly_cap_counts_what_was_posted_this_year_only(query):
    # 1,500 posted in January, 900 more: 400 above the 2,000 of the year.
    assert items(query, "capped") == [("cap", -40000)]


def test_a_class_of_payment_without_a_rule_parks_the_account(query):
    ((reason, detail),) = query("select reason_code, detail from build.fct_account_outcomes where outcome = 'parked'")
    assert reason == "no_withholding_rule"
    assert "payments of class royalty from PL to IE have no rule" in detail


def test_an_adjustment_needs_a_second_person_and_its_agreement_in_its_currency(query):
    assert items(query, "adjusted") == [("adjustment", -1500)]
    assert document(query, "adjusted")[0] == 8500


def test_items_add_up_to_documents_payments_and_a_journal_of_zero(query):
    assert (
        query(
            """select settlement_key from build.fct_party_settlements
           left join (select settlement_key, sum(amount_minor) filter (where stage = 'position') as position,
                   sum(amount_minor) filter (where stage <> 'payment') as document, sum(amount_minor) as payment
               from build.fct_settlement_items group by 1) as items using (settlement_key)
           where (position, document, payment) is distinct from (position_minor, document_minor, payment_minor)"""
        )
        == []
    )
    assert query("select currency_code, sum(amount_minor) from build.fct_journal_lines group by 1") == [("PLN", 0)]
    assert query("select check_name from build.fct_reconciliation where not is_equal") == []
    assert query("select count(*) from build.fct_party_settlements") == [(len(PARTNERS),)]


@pytest.mark.parametrize(
    ("claim", "damage"),
    [
        ("assert_positions_are_settled_once", "update build.fct_party_settlements set position_minor = 1"),
        ("assert_settlement_items_add_up", "delete from build.fct_settlement_items where item_kind = 'tax'"),
        ("assert_settlement_items_add_up", "update build.fct_party_settlements set payment_minor = payment_minor + 1"),
        ("assert_settlement_items_add_up", "delete from build.fct_settlement_items where item_kind = 'withholding'"),
    ],
)
def test_a_damaged_settlement_is_found(query, database_url: str, target_path: Path, claim: str, damage: str):
    find_loss = compiled_sql(database_url, target_path, claim)
    assert query(find_loss) == []
    with psycopg.connect(database_url) as connection:
        connection.execute(damage)
        assert connection.execute(find_loss).fetchall() != []
        connection.rollback()
