"""Tiers that say how much they take stand where the ones before them end."""

from decimal import Decimal

import pytest

from assets.catalog.loading.tariff_rows import tier_rows
from assets.catalog.models.tariff import GraduatedTariff


@pytest.mark.parametrize(
    ("tiers", "bounds"),
    [
        ([{"up_to": "5"}, {"up_to": "12"}, {}], [("0", "5"), ("5", "12"), ("12", None)]),
        # Steps of a price list: each takes 9 and 1 of what is left, wherever the list says that they stand.
        ([{"from": "0", "up_to": "9"}, {"from": "0", "up_to": "1"}], [("0", "9"), ("9", "10")]),
        ([{"from": "1.1", "up_to": "2"}, {}], [("0", "0.9"), ("0.9", None)]),
        (
            [{"blocks": "10", "block_size": "100"}, {"blocks": "3", "block_size": "1000"}],
            [("0", "1000"), ("1000", "4000")],
        ),
    ],
)
def test_bounds_are_cumulative(tiers, bounds):
    tariff = GraduatedTariff.model_validate({"model": "graduated", "tiers": [{"unit_amount": "1", **t} for t in tiers]})
    found = [(row.from_quantity, row.until_quantity) for row in tier_rows(tariff)]
    assert found == [(Decimal(lower), None if upper is None else Decimal(upper)) for lower, upper in bounds]
