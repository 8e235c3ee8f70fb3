"""Commissions of a marketplace: percent of an item and of its shipping, a fixed amount, the most specific rule."""

from tests.conformance.fields import Fields, NotTranslated
from tests.conformance.scenario import Scenario


def translate(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """Fill in the scenario of a commission."""
    raise NotTranslated("unknown model commission")
