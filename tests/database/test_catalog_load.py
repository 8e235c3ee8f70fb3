"""A checked book becomes dated rows: once per digest, all or nothing, with chains resolved into ranked steps."""

import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from assets.catalog.check import CheckedBook, check_book
from assets.catalog.loading.load import BookHasProblems, load_book
from assets.catalog.models.usage_specification import UsageSpecification
from tests.unit.catalog.books import VALID_BOOK, write_book

pytestmark = pytest.mark.database


def checked(folder: Path, files: dict[str, str] | None = None) -> CheckedBook:
    found = check_book(write_book(folder, {**VALID_BOOK, **(files or {})}))
    assert found.report() == ""
    return found


def usage_specifications(connection, book_id: int) -> list[tuple[int, UsageSpecification]]:
    rows = connection.execute(
        "select usage_specification_id, definition from catalog.usage_specification_versions where book_id = %s"
        " order by usage_specification_id",
        [book_id],
    ).fetchall()
    return [(key, UsageSpecification.model_validate(definition)) for key, definition in rows]


def test_the_same_book_again_writes_no_rows(connection, tmp_path):
    book = checked(tmp_path / "one")
    first = load_book(connection, book)
    tables = [
        row[0]
        for row in connection.execute(
            "select table_name from information_schema.tables where table_schema = 'catalog' order by 1"
        ).fetchall()
    ]
    before = {table: connection.execute(f"select count(*) from catalog.{table}").fetchone() for table in tables}  # noqa: S608

    again = load_book(connection, book)

    after = {table: connection.execute(f"select count(*) from catalog.{table}").fetchone() for table in tables}  # noqa: S608
    assert first.is_new and not again.is_new
    assert again.book_id == first.book_id
    assert after == before
    empty = [table for table, count in after.items() if count[0] == 0]
    assert not empty, "the test book leaves tables without rows"


def test_a_changed_book_is_another_version_with_the_same_usage_specification_ids(connection, tmp_path):
    first = load_book(connection, checked(tmp_path / "one"))
    dearer = VALID_BOOK["offerings/mobile.yaml"].replace('unit_amount: "0.19"', 'unit_amount: "0.21"')
    second = load_book(connection, checked(tmp_path / "two", {"offerings/mobile.yaml": dearer}))

    assert second.is_new and second.book_id != first.book_id
    ids = [[key for key, _ in usage_specifications(connection, book_id)] for book_id in (first.book_id, second.book_id)]
    assert ids[0] == ids[1]


def test_the_book_given_last_is_the_current_one_also_when_it_is_an_earlier_one(connection, tmp_path):
    def current() -> int:
        return connection.execute("select catalog.current_book()").fetchone()[0]

    one = checked(tmp_path / "one")
    dearer = VALID_BOOK["offerings/mobile.yaml"].replace('unit_amount: "0.19"', 'unit_amount: "0.21"')
    first, second = (
        load_book(connection, one),
        load_book(connection, checked(tmp_path / "two", {"offerings/mobile.yaml": dearer})),
    )
    assert current() == second.book_id > first.book_id
    assert load_book(connection, one).book_id == first.book_id == current()


def test_a_book_with_problems_is_not_loaded(connection, tmp_path):
    broken = check_book(tmp_path / "nowhere")
    with pytest.raises(BookHasProblems, match="no such folder"):
        load_book(connection, broken)


def test_a_failure_half_way_leaves_nothing(connection, tmp_path, monkeypatch):
    monkeypatch.setattr("assets.catalog.loading.load.load_agreements", lambda *_: 1 / 0)
    other_name = VALID_BOOK["fx.yaml"].replace("European Central Bank", "ECB")
    book = checked(tmp_path / "one", {"fx.yaml": other_name})
    with pytest.raises(ZeroDivisionError):
        load_book(connection, book)
    connection.rollback()
    count = connection.execute(
        "select count(*) from catalog.book_versions where book_digest = %s", [book.digest]
    ).fetchone()
    assert count == (0,)


def test_usage_specifications_come_back_as_they_were_written(connection, tmp_path):
    book = checked(tmp_path / "one")
    loaded = load_book(connection, book)
    found = {entry.id: entry for _, entry in usage_specifications(connection, loaded.book_id)}
    assert found == {code: place.value for code, place in book.book.usage_specifications.items()}


def test_days_become_local_midnights_of_the_operator(connection, tmp_path):
    loaded = load_book(connection, checked(tmp_path / "one"))
    instants = connection.execute(
        "select distinct effective_from from catalog.prices where book_id = %s and price_id = 'monthly-fee' order by 1",
        [loaded.book_id],
    ).fetchall()
    # Warsaw is one hour ahead of UTC in winter and two in summer.
    assert [row[0].astimezone(datetime.UTC).isoformat() for row in instants] == [
        "2025-12-31T23:00:00+00:00",
        "2026-06-30T22:00:00+00:00",
    ]


def test_tiers_carry_exclusive_lower_and_inclusive_upper_bounds(connection, tmp_path):
    loaded = load_book(connection, checked(tmp_path / "one"))
    rows = connection.execute(
        """
        select tier_number, from_quantity, until_quantity, unit_amount, flat_amount
        from catalog.price_tiers
        inner join catalog.prices using (price_version_id)
        where book_id = %s and price_id = 'calls-world'
        order by tier_number
        """,
        [loaded.book_id],
    ).fetchall()
    assert rows == [
        (1, Decimal(0), Decimal(600), Decimal("1.2"), Decimal(0)),
        (2, Decimal(600), None, Decimal("0.9"), Decimal("0.5")),
    ]


def test_standard_rates_and_regions_are_resolved_from_their_packages(connection, tmp_path):
    loaded = load_book(connection, checked(tmp_path / "one"))
    rate = connection.execute(
        "select rate_percent from catalog.tax_rules where book_id = %s and receiver_country_code = 'DE'"
        " and receiver_status = 'consumer'",
        [loaded.book_id],
    ).fetchone()
    assert rate == (Decimal(19),)
    prefixes = connection.execute(
        "select zone, prefix from catalog.zone_prefixes where book_id = %s and prefix in ('48', '4822', '1', '1416')",
        [loaded.book_id],
    ).fetchall()
    # +1 belongs to many regions, so the United States do not take all of it; a written prefix beats the region.
    assert sorted(prefixes) == [("national", "48"), ("warsaw", "4822")]


def test_exchange_rates_are_exact_and_appended_once(connection, tmp_path):
    book = checked(tmp_path / "one")
    load_book(connection, book)
    again = load_book(connection, book)
    assert (again.fx_rates_added, again.fx_rates_differing) == (0, 0)
    currencies = connection.execute(
        "select array_agg(distinct quote_currency_code order by quote_currency_code) from catalog.fx_rates"
    ).fetchone()[0]
    assert currencies == ["PLN", "USD"]
    weekend = connection.execute(
        "select count(*) from catalog.fx_rates where extract(isodow from rate_date) > 5"
    ).fetchone()
    assert weekend == (0,)


STEPS = """
select
    steps.step_number, steps.hop_number, steps.step_rank, agreements.agreement_id, agreements.version, steps.item_id,
    coalesce(steps.receiver_party_id, steps.receiver_role), steps.hop_base_step_number, steps.basis,
    steps.basis_step_number, steps.rule, steps.is_kept
from catalog.agreement_steps as steps
inner join catalog.agreements using (agreement_version_id)
inner join catalog.agreement_terms as terms using (terms_id)
inner join catalog.agreements as roots on roots.agreement_version_id = terms.root_agreement_version_id
where terms.book_id = %s and roots.agreement_id = 'reseller' and terms.effective_from = %s
order by steps.step_number
"""


def test_a_chain_of_three_hops_is_resolved_into_ranked_steps(connection, tmp_path):
    loaded = load_book(connection, checked(tmp_path / "one"))
    steps = connection.execute(STEPS, [loaded.book_id, "2026-07-01T00:00:00+02:00"]).fetchall()
    assert steps == [
        (1, 1, 1, "reseller", "1", "margin", "gadu", None, "after_discount_ex_tax", None, "percent", False),
        (2, 1, 2, "reseller", "1", "bonus", "seller.parent", None, "item", 1, "percent", False),
        (3, 1, 3, "reseller", "1", "extra", "gadu", None, "remaining", None, "percent", False),
        (4, 1, 4, "reseller", "1", "kept", "wisla-telekom", None, "remaining", None, "remaining", True),
        (5, 2, 2, "sub-reseller", "2", "per-minute", "kiosk", 1, "quantity", None, "per_unit", False),
        (6, 2, 3, "sub-reseller", "2", "kept", "gadu", 1, "remaining", None, "remaining", True),
        (7, 3, 3, "landlord", "1", "rent", "house", 5, "after_discount_ex_tax", None, "percent", False),
        (8, 3, 3, "landlord", "1", "desk", "house", 5, "none", None, "fixed_once", False),
        (9, 3, 4, "landlord", "1", "scale", "house", 5, "list", None, "tiers", False),
        (10, 3, 5, "landlord", "1", "kept", "kiosk", 5, "remaining", None, "remaining", True),
    ]


def test_the_five_roles_of_every_hop_are_separate_facts(connection, tmp_path):
    """The same line with and without its agreement, and what the operator is paid for a hop further down."""
    loaded = load_book(connection, checked(tmp_path / "one"))
    rows = connection.execute(
        """select hop_number, coalesce(agreement_id, ''), coalesce(item_id, ''), supplier, issuer, mandate, brand,
               collector, revenue_as, principal_party_id, revenue_approved_by
           from catalog.hop_roles
           where book_id = %s and (offering_id = 'line' or agreement_id = 'gadu-line') order by 1, 2, 3""",
        [loaded.book_id],
    ).fetchall()
    sold = ("gadu-pl", "wisla-pl", "2025/117", "gadu-mobile", "wisla-pl", "agent", "gadu", "cfo")
    assert rows == [
        (0, "", "", "wisla-pl", "wisla-pl", None, "wisla-home", "wisla-pl", "principal", None, None),
        (0, "gadu-line", "", *sold),
        (1, "gadu-line", "content", *["content_provider"] * 2, None, None, "content_provider", "agent", "gadu", None),
        (1, "gadu-line", "wholesale", *["wisla-telekom"] * 2, None, None, "wisla-telekom", "agent", "gadu", None),
    ]


def test_terms_are_split_where_any_version_of_the_chain_changes(connection, tmp_path):
    loaded = load_book(connection, checked(tmp_path / "one"))
    spans = connection.execute(
        """
        select
            (terms.effective_from at time zone 'Europe/Warsaw')::date,
            (terms.effective_until at time zone 'Europe/Warsaw')::date,
            count(*)
        from catalog.agreement_terms as terms
        inner join catalog.agreement_steps using (terms_id)
        inner join catalog.agreements as roots on roots.agreement_version_id = terms.root_agreement_version_id
        where terms.book_id = %s and roots.agreement_id = 'reseller'
        group by terms.terms_id
        order by terms.effective_from
        """,
        [loaded.book_id],
    ).fetchall()
    day = datetime.date
    assert spans == [
        (day(2026, 1, 1), day(2026, 3, 1), 4),  # before the sub-reseller
        (day(2026, 3, 1), day(2026, 7, 1), 6),  # the landlord comes in July
        (day(2026, 7, 1), None, 10),
    ]


def test_the_example_book_loads(connection):
    book = check_book(Path(__file__).parents[2] / "examples" / "book")
    assert book.report() == ""
    loaded = load_book(connection, book)
    ranks = connection.execute(
        "select min(step_rank), bool_and(step_rank <= 24) from catalog.agreement_steps"
        " inner join catalog.agreement_terms using (terms_id) where book_id = %s",
        [loaded.book_id],
    ).fetchone()
    assert ranks == (1, True)
