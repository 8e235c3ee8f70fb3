"""The book as Dagster assets: one per catalog table, so that lineage meets the dbt sources without mapping code."""

from collections.abc import Iterator

import dagster as dg

CATALOG_TABLES = (
    "book_versions",
    "texts",
    "legal_entities",
    "payment_accounts",
    "usage_specifications",
    "usage_specification_versions",
    "zone_prefixes",
    "tax_rules",
    "fx_rates",
    "currencies",
    "calendars",
    "time_bands",
    "calendar_holidays",
    "offerings",
    "bundle_components",
    "prices",
    "price_conditions",
    "price_tiers",
    "price_time_bands",
    "allowances",
    "allowance_covers",
    "agreements",
    "agreement_covers",
    "agreement_tiers",
    "agreement_terms",
    "agreement_steps",
    "agreement_items",
    "withholding_rules",
)


@dg.multi_asset(
    name="book",
    specs=[
        dg.AssetSpec(
            ["catalog", table],
            description=f"Rules of the book in table catalog.{table}: dated rows, one set per book digest.",
            group_name="catalog",
            owners=["team:catalog"],
            kinds={"yaml", "postgres"},
        )
        for table in CATALOG_TABLES
    ],
    can_subset=False,
)
def book(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Checks the whole book, then loads it as dated versions with a digest; the same book again changes nothing."""
    from assets.catalog.check import check_book
    from assets.catalog.loading.load import load_book
    from assets.rows import first_value
    from orchestration.database.connection import connect
    from orchestration.failures import PermanentFailure
    from orchestration.partitions import PERIOD_PARTITIONS, SETTLEMENT_PERIOD_PARTITIONS
    from orchestration.paths import book_folder

    checked = check_book(book_folder())
    if checked.problems:
        listing = "\n".join(str(problem) for problem in checked.problems)
        raise PermanentFailure(f"{len(checked.problems)} problem(s) in {book_folder()}:\n{listing}")
    with connect() as connection:
        loaded = load_book(connection, checked)
        counts = {
            table: first_value(connection.execute(f"select count(*) from catalog.{table}"))  # noqa: S608
            for table in CATALOG_TABLES
        }
        context.instance.add_dynamic_partitions(PERIOD_PARTITIONS, period_ids_to_offer(connection, loaded.book_id))
        context.instance.add_dynamic_partitions(
            SETTLEMENT_PERIOD_PARTITIONS, settlement_periods_to_offer(connection, loaded.book_id)
        )
    for table in CATALOG_TABLES:
        yield dg.MaterializeResult(
            asset_key=["catalog", table],
            metadata={
                "dagster/row_count": counts[table],
                "book_digest": loaded.book_digest,
                "book_id": loaded.book_id,
                "is_new": loaded.is_new,
            },
        )


def period_ids_to_offer(connection, book_id: int) -> list[str]:
    """Billing periods of the book's cycles that people may choose: the months of the last two years and the next."""
    rows = connection.execute(
        """
        select to_char(month, 'YYYY-MM-') || cycle
        from catalog.book_versions,
             jsonb_array_elements_text(definition -> 'operator' -> 'bill_cycles') as cycle,
             generate_series(date_trunc('month', now()) - interval '23 months',
                             date_trunc('month', now()) + interval '1 month', interval '1 month') as month
        where book_id = %s
        order by 1
        """,
        [book_id],
    ).fetchall()
    return [row[0] for row in rows]


def settlement_periods_to_offer(connection, book_id: int) -> list[str]:
    """Settlement periods of the cycles of the book's agreements: those of the last two years and the next month."""
    from assets.publishing.settlement_periods import periods_of

    rows = connection.execute(
        """
        select distinct settlement_cycle, (now() - interval '23 months')::date, (now() + interval '1 month')::date
        from catalog.agreements
        where book_id = %s and settlement_cycle <> 'bill_run'
        order by 1
        """,
        [book_id],
    ).fetchall()
    return [period_id for cycle, first, last in rows for period_id in periods_of(cycle, first, last)]
