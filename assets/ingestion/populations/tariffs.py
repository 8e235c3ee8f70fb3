"""Tariffs inside price overrides: the shapes of the book, checked and spread into tiers by SQL.

Belongs here: the JSON of `tariff` as DuckDB rules and as PostgreSQL tier rows.
Belongs elsewhere: the same shapes in the book (``assets.catalog.models.tariff``), what a tariff costs (dbt).
"""

from collections.abc import Callable

from assets.ingestion.grammars import Rule, literal, value
from assets.ingestion.layout import Layout

_PRICE = r"(0|[1-9][0-9]{0,7})(\.[0-9]{1,10})?"
_QUANTITY = r"(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?"
# One level of tiers; numbers are always quoted, so none of them ever passes through a double.
_STRING = r'"[^"\\]*"'
_PAIR = rf"[ \t]*{_STRING}[ \t]*:[ \t]*{_STRING}[ \t]*"
_TIER = rf"[ \t]*\{{(?:{_PAIR}(?:,{_PAIR})*)?[ \t]*\}}[ \t]*"
_TOP_PAIR = rf"[ \t]*{_STRING}[ \t]*:[ \t]*(?:{_STRING}|\[{_TIER}(?:,{_TIER})*\])[ \t]*"
_TARIFF = rf"\{{{_TOP_PAIR}(?:,{_TOP_PAIR})*\}}"

_LIMITS = {"minimum", "maximum"}
_KEYS: dict[str, tuple[set[str], set[str]]] = {
    "flat": ({"model", "amount"}, set()),
    "per_unit": ({"model", "unit_amount"}, {"per_quantity", "block_size", "block_rounding"} | _LIMITS),
    "graduated": ({"model", "tiers"}, {"per_quantity"} | _LIMITS),
    "volume": ({"model", "tiers"}, {"per_quantity"} | _LIMITS),
    "package": ({"model", "package_size", "package_amount"}, {"rounding"} | _LIMITS),
    "percentage": ({"model", "rate_percent"}, _LIMITS),
    "graduated_percentage": ({"model", "tiers"}, _LIMITS),
    "dynamic": ({"model"}, {"multiplier"} | _LIMITS),
}
_TIER_KEYS = {"up_to", "unit_amount", "flat_amount", "per_quantity", "block_size", "block_rounding", "maximum"}
_PERCENTAGE_TIER_KEYS = {"up_to", "rate_percent", "flat_amount", "maximum"}
_PRICE_WORDS = "a decimal with at most 8 digits and 10 decimals"
_QUANTITY_WORDS = "a positive decimal with at most 12 digits and 6 decimals"
_PERCENT = r"(0|[1-9][0-9]{0,2})(\.[0-9]{1,10})?"
_ROUNDINGS = ("up", "down", "nearest")


def tariff_rules(layout: Layout) -> list[Rule]:
    """Rules for the field `tariff`, in addition to the layout's own; each looks at what the ones before let through."""
    tariff = value(layout.field("tariff"))
    found = []

    def rule(condition: str, code: str, expected: str) -> None:
        found.append(Rule(condition, code, "tariff", tariff, expected))

    rule(
        f"not regexp_full_match({tariff}, {literal(_TARIFF)})",
        "bad_json",
        "a tariff object whose numbers are quoted decimals, tiers one level deep",
    )
    rule(f"len(list_distinct(json_keys({tariff}))) < len(json_keys({tariff}))", "bad_json", "each key once")
    models = ", ".join(map(literal, _KEYS))
    rule(f"coalesce({tariff} ->> '$.model', '') not in ({models})", "unknown_code", "model: one of " + ", ".join(_KEYS))
    for model, (required, optional) in _KEYS.items():
        needed = " and ".join(f"{literal(key)} in json_keys({tariff})" for key in sorted(required))
        known = ", ".join(map(literal, sorted(required | optional)))
        rule(
            f"{tariff} ->> '$.model' = {literal(model)} and not ({needed}"
            f" and len(list_filter(json_keys({tariff}), lambda k: k not in ({known}))) = 0)",
            "bad_value",
            f"{model}: the keys {', '.join(sorted(required))}"
            + (f", perhaps {', '.join(sorted(optional))}" if optional else ""),
        )
    for key, pattern, words in (
        *((key, _PRICE, _PRICE_WORDS) for key in ("amount", "unit_amount", "package_amount", "multiplier")),
        *((key, _PRICE, _PRICE_WORDS) for key in sorted(_LIMITS)),
        *((key, _QUANTITY, _QUANTITY_WORDS) for key in ("per_quantity", "package_size", "block_size")),
        ("rate_percent", _PERCENT, "a decimal with at most 3 digits and 10 decimals"),
    ):
        text = f"({tariff} ->> '$.{key}')"
        zero = f" or regexp_full_match({text}, '[0.]*')" if pattern == _QUANTITY else ""
        rule(f"not regexp_full_match({text}, {literal(pattern)}){zero}", "bad_decimal", f"{key}: {words}")
    for key in ("rounding", "block_rounding"):
        known = ", ".join(map(literal, _ROUNDINGS))
        rule(f"({tariff} ->> '$.{key}') not in ({known})", "unknown_code", f"{key}: one of {', '.join(_ROUNDINGS)}")
    rule(f"json_type({tariff}, '$.tiers') <> 'ARRAY'", "bad_value", "tiers: a list")
    _tier_rules(tariff, rule)
    return found


def _tier_rules(tariff: str, rule: Callable[[str, str, str], None]) -> None:
    tiers = f"json_extract({tariff}, '$.tiers[*]')"
    bounds = f"json_extract_string({tariff}, '$.tiers[*].up_to')"

    def some(condition: str) -> str:
        return f"len(list_filter({tiers}, lambda t: coalesce({condition}, false))) > 0"

    rule(some("len(list_distinct(json_keys(t))) < len(json_keys(t))"), "bad_json", "each key of a tier once")
    is_percentage = f"({tariff} ->> '$.model') = 'graduated_percentage'"
    for keys, condition in ((_TIER_KEYS, f"not {is_percentage}"), (_PERCENTAGE_TIER_KEYS, is_percentage)):
        known = ", ".join(map(literal, sorted(keys)))
        unknown = f"len(list_filter(json_keys(t), lambda k: k not in ({known}))) > 0"
        rule(f"{condition} and {some(unknown)}", "bad_value", f"tiers: the keys {', '.join(sorted(keys))}")
    known = ", ".join(map(literal, _ROUNDINGS))
    rule(
        some(f"(t ->> '$.block_rounding') not in ({known})"), "unknown_code", f"block_rounding: {', '.join(_ROUNDINGS)}"
    )
    for key in ("per_quantity", "block_size"):
        rule(some(f"regexp_full_match(t ->> '$.{key}', '[0.]*')"), "bad_decimal", f"{key}: {_QUANTITY_WORDS}")
    for key, pattern in (
        *((key, _PRICE) for key in ("unit_amount", "flat_amount", "maximum")),
        *((key, _QUANTITY) for key in ("up_to", "per_quantity", "block_size")),
        ("rate_percent", _PERCENT),
    ):
        rule(some(f"not regexp_full_match(t ->> '$.{key}', {literal(pattern)})"), "bad_decimal", f"{key}: a decimal")
    rule(
        f"len({tiers}) > 0 and (len({bounds}) <> len({tiers}) - 1 or ({tiers}[-1] ->> '$.up_to') is not null)",
        "bad_value",
        "up_to in every tier but the last",
    )
    steps = f"list_transform({bounds}, lambda b: try_cast(b as decimal(18, 6)))"
    rule(
        f"len({bounds}) > 0 and ({steps} <> list_sort(list_distinct({steps})) or {steps}[1] <= 0)",
        "bad_value",
        "up_to increasing, above 0",
    )


# Rows of inbox.price_override_tiers from `delivered_text(line_number, tariff)`; the same columns as price_tiers.
TIERS = """
    select line_number, 1 as tier_number, 0::numeric(18, 6) as from_quantity, null::numeric(18, 6) as until_quantity,
        coalesce(tariff::jsonb ->> 'unit_amount', tariff::jsonb ->> 'package_amount', tariff::jsonb ->> 'rate_percent',
            tariff::jsonb ->> 'multiplier', case tariff::jsonb ->> 'model' when 'dynamic' then '1' else '0' end
        )::numeric(18, 10) as unit_amount,
        coalesce(tariff::jsonb ->> 'amount', '0')::numeric(18, 10) as flat_amount,
        coalesce(tariff::jsonb ->> 'package_size', tariff::jsonb ->> 'block_size')::numeric(18, 6) as block_size,
        coalesce(tariff::jsonb ->> 'package_size', tariff::jsonb ->> 'per_quantity', '1')::numeric(18, 6)
            as per_quantity,
        coalesce(tariff::jsonb ->> 'rounding', tariff::jsonb ->> 'block_rounding', 'up') as block_rounding,
        null::numeric(18, 10) as maximum_amount
    from delivered_text where not tariff::jsonb ? 'tiers'
    union all
    select line_number, tier.number,
        coalesce(lag((tier.value ->> 'up_to')::numeric(18, 6)) over (partition by line_number order by tier.number), 0),
        (tier.value ->> 'up_to')::numeric(18, 6),
        coalesce(tier.value ->> 'unit_amount', tier.value ->> 'rate_percent', '0')::numeric(18, 10),
        coalesce(tier.value ->> 'flat_amount', '0')::numeric(18, 10), (tier.value ->> 'block_size')::numeric(18, 6),
        coalesce(tier.value ->> 'per_quantity', tariff::jsonb ->> 'per_quantity', '1')::numeric(18, 6),
        coalesce(tier.value ->> 'block_rounding', 'up'), (tier.value ->> 'maximum')::numeric(18, 10)
    from delivered_text, jsonb_array_elements(tariff::jsonb -> 'tiers') with ordinality as tier (value, number)
"""
