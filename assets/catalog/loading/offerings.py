"""Writes offerings, prices, conditions, tiers, allowances and bundle components.

Belongs here: rows of the catalog tables that rating reads.
Belongs elsewhere: the transaction and the book version (``loading``), tiers of a tariff (``loading.tariff_rows``).
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import astuple, fields
from typing import Any

import psycopg

from assets.catalog.book import Book
from assets.catalog.loading.adjustments import AdjustmentRows
from assets.catalog.loading.allowances import load_allowances
from assets.catalog.loading.calendars import TIME_BAND_COLUMNS, time_band_rows
from assets.catalog.loading.party_tariffs import price_lists, tariff_offerings
from assets.catalog.loading.price_rules import PriceRules
from assets.catalog.loading.rows import copy_rows
from assets.catalog.loading.tariff_rows import TierRow, tier_rows
from assets.catalog.models.fee_price import MinimumPrice, RecurringPrice
from assets.catalog.models.offering import BundleOffering, Offering
from assets.catalog.models.party_tariff import AgreementTariff
from assets.catalog.models.pricing import resolved as settings_in_force
from assets.catalog.models.proration import resolved
from assets.catalog.models.usage_price import PriceVersion, UsagePrice
from assets.catalog.models.usage_specification import QuantityCharacteristic
from assets.rows import first_value

AtMidnight = Callable[[datetime.date | None], datetime.datetime | None]

_INSERT_PRICE = """
insert into catalog.prices (
    book_id, offering_id, price_id, price_kind, currency_code, is_tax_inclusive, effective_from, effective_until,
    usage_specification_id, measure_aggregation, measure_slot, tariff_model, specificity, allowance_id,
    charged, is_prorated, trial_applies, sort_order
)
values (
    %(book_id)s, %(offering_id)s, %(price_id)s, %(price_kind)s, %(currency_code)s, %(is_tax_inclusive)s,
    %(effective_from)s, %(effective_until)s, %(usage_specification_id)s, %(measure_aggregation)s, %(measure_slot)s,
    %(tariff_model)s, %(specificity)s, %(allowance_id)s, %(charged)s, %(is_prorated)s,
    %(trial_applies)s, %(sort_order)s
)
returning price_version_id
"""
_OFFERING_COLUMNS = (
    "book_id",
    "offering_id",
    "offering_kind",
    "service_kind",
    "tax_category",
    "legal_entity_id",
    "trial_days",
    "effective_from",
    "effective_until",
    "allocation_method",
    "content_provider_party_id",
)


def load_offerings(
    connection: psycopg.Connection,
    book: Book,
    book_id: int,
    specification_ids: Mapping[str, int],
    at_midnight: AtMidnight,
) -> None:
    """Write all offerings of a checked book. ``at_midnight`` turns a local day into the instant at which it starts."""
    offerings = [book.offerings[identifier].value for identifier in sorted(book.offerings)]
    rows = [_offering_row(book_id, offering) for offering in offerings]
    copy_rows(connection, "offerings", _OFFERING_COLUMNS, [*rows, *tariff_offerings(book, book_id)])
    copy_rows(
        connection,
        "bundle_components",
        (
            "book_id",
            "bundle_offering_id",
            "component_offering_id",
            "weight",
            "standalone_amount",
            "takes_residual",
        ),
        [
            (
                book_id,
                bundle.value.id,
                component.offering,
                component.weight,
                component.standalone_amount,
                component.takes_residual,
            )
            for bundle in book.bundles
            for component in bundle.value.components
        ],
    )
    _load_phases(connection, book_id, offerings)
    load_allowances(connection, book, book_id)
    _load_prices(connection, book, book_id, specification_ids, at_midnight)


def _offering_row(book_id: int, offering: Offering) -> tuple[Any, ...]:
    return (
        book_id,
        offering.id,
        offering.kind,
        offering.service,
        offering.tax_category,
        offering.supplier,
        offering.trial_days,
        offering.effective_from,
        offering.effective_until,
        offering.allocation if isinstance(offering, BundleOffering) else None,
        offering.content_provider,
    )


def _load_phases(connection: psycopg.Connection, book_id: int, offerings: list[Offering]) -> None:
    columns = (
        "book_id", "offering_id", "phase_number", "phase_id", "phase_kind", "phase_offering_id", "length_count",
        "length_unit",
    )  # fmt: skip
    rows = [
        (
            book_id, offering.id, number, phase.id, phase.kind, phase.offering or offering.id,
            phase.lasts.count if phase.lasts else None, phase.lasts.unit if phase.lasts else None,
        )
        for offering in offerings
        for number, phase in enumerate(offering.phases, start=1)
    ]  # fmt: skip
    copy_rows(connection, "offering_phases", columns, rows)


def _load_prices(
    connection: psycopg.Connection,
    book: Book,
    book_id: int,
    specification_ids: Mapping[str, int],
    at_midnight: AtMidnight,
) -> None:
    conditions: list[tuple[Any, ...]] = []
    rules = PriceRules()
    fee_cycles: list[tuple[Any, ...]] = []
    adjustments = AdjustmentRows(at_midnight)
    tiers: list[tuple[Any, ...]] = []
    bands: list[tuple[Any, ...]] = []
    for identifier, offering in price_lists(book):
        for position, price in enumerate(offering.prices):
            for version in price.versions:
                values = {
                    "book_id": book_id,
                    "offering_id": identifier,
                    "price_id": price.id,
                    "price_kind": price.kind,
                    "currency_code": price.currency,
                    "is_tax_inclusive": _is_tax_inclusive(book, offering, price),
                    "effective_from": at_midnight(version.effective_from),
                    "effective_until": at_midnight(version.effective_until),
                    "tariff_model": version.tariff.model,
                    "sort_order": position + 1,
                    **_kind_values(book, price, specification_ids),
                }
                version_id = first_value(connection.execute(_INSERT_PRICE, values))
                tiers += [(version_id, 0, *astuple(row)) for row in tier_rows(version.tariff)]
                adjustments.add(version_id, price, offering)
                adjustments.add_settings(version_id, price, offering.pricing, book.valid_operator.pricing)
                if isinstance(price, RecurringPrice | MinimumPrice) and not isinstance(offering, AgreementTariff):
                    fee_cycles.append((version_id, *_fee_cycle(book, offering, price)))
                if isinstance(price, UsagePrice) and isinstance(version, PriceVersion):
                    specification = book.usage_specifications[price.usage].value
                    rules.add(version_id, price, version, specification, offering.pricing, book.valid_operator.pricing)
                    bands += time_band_rows(book, price.calendar, version_id, version)
                    for number, part in enumerate(version.time_bands, start=1):
                        tiers += [(version_id, number, *astuple(row)) for row in tier_rows(part.tariff)]
                    conditions += [
                        (version_id, name, condition.zone_list, condition.values)
                        for name, condition in price.where.items()
                    ]
    condition_columns = ("price_version_id", "characteristic", "zone_list", "allowed_values")
    copy_rows(connection, "price_conditions", condition_columns, conditions)
    copy_rows(connection, "price_time_bands", TIME_BAND_COLUMNS, bands)
    tier_columns = ("price_version_id", "band_number", *(column.name for column in fields(TierRow)))
    copy_rows(connection, "price_tiers", tier_columns, tiers)
    rules.write(connection)
    fee_cycle_columns = (
        "price_version_id",
        "every_unit",
        "every_count",
        "anchor",
        "cycle_day",
        "counts_seconds",
        "charges_last_day",
        "divisor",
        "factor_decimals",
    )
    copy_rows(connection, "price_fee_cycles", fee_cycle_columns, fee_cycles)
    adjustments.write(connection)


def _is_tax_inclusive(book: Book, offering: Any, price: Any) -> bool:
    """As the price says, else its settings, its offering's, the operator's; prices between partners never are."""
    if isinstance(offering, AgreementTariff):
        return False
    if price.tax_inclusive is not None:
        return price.tax_inclusive
    settings = settings_in_force(getattr(price, "pricing", None), offering.pricing, book.valid_operator.pricing)
    return bool(settings.tax_inclusive)


def _fee_cycle(book: Book, offering: Offering, price: RecurringPrice | MinimumPrice) -> tuple[Any, ...]:
    """Columns of ``price_fee_cycles`` after the key, each setting from the price, the offering or the operator."""
    proration = resolved(price.proration, offering.proration, book.valid_operator.proration)
    return (
        price.every,
        price.count,
        price.anchor,
        price.cycle_day,
        proration["by"] == "second",
        proration["last_day"] == "charged",
        proration["divisor"],
        proration["factor_decimals"],
    )


def _kind_values(book: Book, price: Any, specification_ids: Mapping[str, int]) -> dict[str, Any]:
    """Columns that depend on the kind of the price."""
    values: dict[str, Any] = {
        "usage_specification_id": None,
        "measure_aggregation": None,
        "measure_slot": None,
        "specificity": 0,
        "allowance_id": None,
        "charged": None,
        "is_prorated": True,
        "trial_applies": False,
    }
    if isinstance(price, UsagePrice):
        specification = book.usage_specifications[price.usage].value
        quantity = specification.characteristic(price.measure.characteristic or "")
        values |= {
            "usage_specification_id": specification_ids[price.usage],
            "measure_aggregation": price.measure.aggregate,
            "measure_slot": quantity.slot if isinstance(quantity, QuantityCharacteristic) else None,
            "specificity": len(price.where),
            "allowance_id": price.allowance,
        }
    elif isinstance(price, RecurringPrice | MinimumPrice):
        values |= {"charged": price.charged, "is_prorated": price.prorated, "trial_applies": price.trial}
    return values
