"""Splits of whole amounts, in the words of eight libraries: a method in prose, weights, an amount in minor units."""

import math
import re
from fractions import Fraction
from typing import Any

from tests.conformance.fields import Fields, NotApplicable, NotTranslated, words_of
from tests.conformance.readings import split_exact, split_parts
from tests.conformance.scenario import Scenario
from tests.conformance.sources import commission, waterfall

# What a method says about units that are left over, by words of which one must stand in it; the first that fits counts.
_LEFT_OVER = (
    ("whole blocks", "whole_blocks"),
    ("extra last part", "separate"),
    ("from the last part to the first", "carry_from_last"),
    ("largest fractions", "largest_remainder"),
    ("nearest the next whole unit", "largest_remainder"),
    ("largest weights", "largest_weights"),
    ("right to left", "last_parts"),
    ("left to right", "first_parts"),
    ("first parts", "first_parts"),
    ("first portions", "first_parts"),
    ("in proportion to the maxima", "first_parts"),
)
# Methods that are called by their names alone.
_NAMED = {
    "largest_remainder": "largest_remainder",
    "dhondt": "dhondt",
    "saintelague": "sainte_lague",
    "modified_saintelague": "modified_sainte_lague",
    "huntington": "huntington_hill",
    "adams": "adams",
    "dean": "dean",
}
_CASH_STEP = re.compile(r"cash step ([1-9][0-9]*)")
_UNIT = re.compile(r"(cents|[A-Z]{3}|1/[0-9]+ [A-Z]{3}( \(scale [0-9]+\))?)(, cash step [0-9]+)?")


def translate(scenario: Scenario) -> None:
    """Fill in the scenario of a case about splitting."""
    with words_of(scenario.case) as (params, usage, expected):
        model = scenario.case.model
        if model == "allocate":
            _split(scenario, params, usage, expected)
        elif model == "revenue_share":
            waterfall.translate(scenario, params, usage, expected)
        elif model == "commission":
            commission.translate(scenario, params, usage, expected)
        else:
            raise NotTranslated(f"unknown model {model}")


def _split(scenario: Scenario, params: Fields, usage: Fields, expected: Fields) -> None:
    words = str(params.take("method")).lower()
    unit = str(params.take("unit", "cents"))
    if not _UNIT.fullmatch(unit):
        raise NotTranslated(f"unknown params.unit: {unit!r}")
    cash_step = _CASH_STEP.search(unit)
    has_maxima = "maxima" in params
    if has_maxima:
        weights = [int(maximum) for maximum in params.numbers("maxima")]
    else:
        weights = _whole_numbers(params.items("weights"))
    expected.take("parts")
    if not any(weights):
        raise NotApplicable("all weights are zero and the peer loses the amount; here it stays with the payer")
    setting = {
        "total": usage.whole("amount"),
        "step": int(cash_step[1]) if cash_step else 1,
        "has_maxima": has_maxima,
        "negatives": "floor" if _cuts_downwards(words) else "mirrored",
        "zero_weights": "nothing" if _leaves_zero_weights_out(words) else "take_part",
    }
    methods = _methods(words)
    for method in methods:
        for number, weight in enumerate(weights, start=1):
            scenario.splits.append({**setting, "method": method, "part_number": number, "weight": weight})
    if "no rounding" in words:
        scenario.read("parts", split_exact())
    else:
        scenario.read("parts", split_parts(with_rest=bool({"separate", "whole_blocks"} & set(methods))))


def _methods(words: str) -> list[str]:
    """The methods a text names: one, or several that must all come to the same."""
    if words.startswith("same result for: "):
        return [_named(name) for name in words.removeprefix("same result for: ").split(", ")]
    if words in _NAMED:
        return [_named(words)]
    if "no rounding" in words:
        return ["separate"]
    for phrase, method in _LEFT_OVER:
        if phrase in words:
            return [method]
    raise NotTranslated(f"unknown params.method: {words!r}")


def _named(name: str) -> str:
    if name not in _NAMED:
        raise NotTranslated(f"unknown params.method: {name!r}")
    return _NAMED[name]


def _cuts_downwards(words: str) -> bool:
    """Whether a negative part is cut towards minus infinity: floor, where nothing says towards zero.

    The library that gives what is left over to the largest weights divides towards zero as well.
    """
    return words.startswith("floor,") and "largest weights" not in words


def _leaves_zero_weights_out(words: str) -> bool:
    return any(
        phrase in words for phrase in ("zero weights get nothing", "non-zero weight", "floor (towards zero)", "seats")
    )


def _whole_numbers(weights: list[Any]) -> list[int]:
    """The same ratio in lowest whole numbers: 1/3 and 2/7 are 7 and 6."""
    try:
        ratios = [Fraction(str(weight)) for weight in weights]
    except (ValueError, ZeroDivisionError):
        raise NotTranslated(f"unknown weights {weights!r}") from None
    denominator = math.lcm(*(ratio.denominator for ratio in ratios))
    numerators = [ratio.numerator * (denominator // ratio.denominator) for ratio in ratios]
    return [numerator // (math.gcd(*numerators) or 1) for numerator in numerators]
