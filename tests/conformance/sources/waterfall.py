"""Portions of portions: a fee that is split further, what is kept, caps."""

from tests.conformance.fields import Fields, NotTranslated
from tests.conformance.scenario import Scenario


def translate(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    """Fill in the scenario of a revenue share."""
    raise NotTranslated("unknown model revenue_share")
