"""The book as Dagster assets: one per catalog table, so that lineage meets the dbt sources without mapping code."""

from collections.abc import Iterator

import dagster as dg

CATALOG_TABLES = {
    "book_versions": "Each version of the book that was loaded: digest, time zone, home currency, the whole text",
    "texts": "Names of the book's things in every language",
    "legal_entities": "Who issues documents: name, address, tax number, account",
    "brands": "Names and marks under which bills go out",
    "payment_accounts": "The operator's own accounts, one per currency, that partners are paid from",
    "usage_specifications": "The number of each kind of usage, the same in every version of the book",
    "usage_specification_versions": "What a file of each kind of usage looks like",
    "zone_prefixes": "Prefixes and codes of the named zones",
    "tax_rules": "Tax rates by supplier, customer's country and status, category and date",
    "withholding_rules": "Tax that is withheld from what partners are paid",
    "fx_rates": "Exchange rates by source and day",
    "currencies": "Currencies and their digits",
    "calendars": "Calendars of bands of time",
    "calendar_holidays": "The holidays of each calendar",
    "time_bands": "Bands of time: days of the week, hours, holidays",
    "offerings": "What is sold: service, supplier, tax category",
    "offering_phases": "Phases of an offering's life: trial, discount, fixed term, evergreen",
    "bundle_components": "What a bundle is made of, and each part's weight",
    "prices": "Prices of offerings, dated",
    "price_groups": "Prices that share a counter",
    "price_conditions": "What usage must be like for a price to be its own",
    "price_tiers": "Tiers of tariffs",
    "price_tariff_settings": "What a tariff says besides its tiers: blocks, free units, limits, what is below zero",
    "price_time_bands": "Tariffs of bands of time",
    "price_counters": "What a price counts, since when and of whom",
    "price_event_rules": "What happens to one event: increments, connect fee, limits, rounding",
    "price_fee_cycles": "Cycles, anchors and proration of recurring prices",
    "price_adjustments": "Discounts, minimums, maximums and commitments, in their order",
    "price_line_roundings": "How a line is rounded before it is rounded to the minor unit",
    "price_early_ends": "What an early end costs",
    "minimum_counts": "Which prices count towards a minimum",
    "allowances": "What customers have before they pay",
    "allowance_covers": "The prices that draw from each allowance",
    "agreements": "Versions of partner agreements, with the two times from which they apply and were known",
    "agreement_covers": "What each agreement covers",
    "agreement_terms": "The chains of agreements, resolved: one set of terms per chain and day",
    "agreement_steps": "The steps of each chain, ranked: who gets what of which basis",
    "agreement_tiers": "Tiers of shares",
    "agreement_items": "Amounts of an agreement that no line gives: guarantees, caps, advances, fees",
    "agreement_tariffs": "What partners owe each other for usage",
    "agreement_tariff_covers": "The usage that each of these tariffs covers",
    "agreement_tariff_conditions": "What that usage must be like",
    "customer_roles": "Who supplies, issues, collects and is shown to the customer, per offering",
}


@dg.multi_asset(
    name="book",
    specs=[
        dg.AssetSpec(
            ["catalog", table],
            description=f"{said}. Dated rows of the book, one set per book digest.",
            group_name="catalog",
            owners=["team:catalog"],
            kinds={"yaml", "postgres"},
        )
        for table, said in CATALOG_TABLES.items()
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
