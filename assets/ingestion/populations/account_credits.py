"""Coupons and credits of billing accounts: what takes something off whole bills, as dated records of the inbox.

Belongs here: their layouts, and what must hold between their fields.
Belongs elsewhere: what they take off which line (dbt, ``int_coupon_parts`` and ``int_credit_parts``), discounts that
the book gives (``assets.catalog.models.adjustment``).
"""

from assets.ingestion.grammars import Rule, value
from assets.ingestion.layout import Field, Layout
from assets.ingestion.populations.fields import (
    ID,
    code,
    currency,
    effective,
    identifier,
    layout,
    population,
    quantity,
    text,
    whole_number,
)

_SCALE = 4
_CHARGE_KINDS = ("usage", "recurring", "one_time", "minimum")
_LIST = "ids with | between them"


def _ids(field_id: str) -> Field:
    return text(field_id, required=False, max_length=4000, pattern=rf"{ID}(\|{ID})*", words=_LIST)


def _kinds(field_id: str) -> Field:
    one = f"({'|'.join(_CHARGE_KINDS)})"
    words = f"{', '.join(_CHARGE_KINDS)}, with | between them"
    return text(field_id, required=False, pattern=rf"{one}(\|{one})*", words=words)


# Which lines a coupon or credit is for: a line must be in each list that is given.
_COVERED = (_ids("products"), _ids("offerings"), _ids("prices"), _kinds("charge_kinds"))
_COVERED_COLUMNS = {
    "products": "string_to_array(products, '|')",
    "offerings": "string_to_array(offerings, '|')",
    "prices": "string_to_array(prices, '|')",
    "charge_kinds": "string_to_array(charge_kinds, '|')",
}
_HEAD_COLUMNS = {
    "amount": f"amount::numeric(18, {_SCALE})",
    "priority": "coalesce(priority, '100')::integer",
    "borne_by": "coalesce(borne_by, 'everyone')",
}

COUPONS = population(
    layout(
        "coupons",
        identifier("coupon_id"),
        identifier("account_id"),
        *effective(),
        text("name", required=False, max_length=100),
        quantity("percent", _SCALE, required=False, minimum_units=1, maximum_units=100 * 10**_SCALE),
        quantity("amount", _SCALE, required=False, minimum_units=1),
        currency(required=False),
        code("lasts", "once", "periods", "forever", required=False),
        whole_number("periods", 1, 999, required=False),
        code("rest", "lost", "kept", required=False),
        whole_number("priority", 0, 9999, required=False),
        *_COVERED,
        text("borne_by", required=False, pattern=rf"{ID}(\.parent)*", words="everyone, a party id, or a role"),
        file_format="jsonl",
        period=True,
    ),
    table="inbox.coupons",
    key=("account_id", "coupon_id"),
    columns={
        **_HEAD_COLUMNS,
        "percent": f"percent::numeric(7, {_SCALE})",
        "lasts": "coalesce(lasts, 'once')",
        "rest": "coalesce(rest, 'lost')",
        **_COVERED_COLUMNS,
    },
)

CREDITS = population(
    layout(
        "credits",
        identifier("credit_id"),
        identifier("account_id"),
        *effective(),
        text("name", required=False, max_length=100),
        quantity("amount", _SCALE, minimum_units=1),
        currency(),
        whole_number("priority", 0, 9999, required=False),
        *_COVERED,
        text("borne_by", required=False, pattern=rf"{ID}(\.parent)*", words="everyone, a party id, or a role"),
        file_format="jsonl",
        period=True,
    ),
    table="inbox.credits",
    key=("account_id", "credit_id"),
    columns={**_HEAD_COLUMNS, **_COVERED_COLUMNS},
)


def account_credit_rules(feed: Layout) -> list[Rule]:
    """What must hold between the fields of a coupon, in addition to the layout's own rules."""
    if feed.feed != "coupons":
        return []
    percent, amount, currency, lasts, periods, rest = (
        value(feed.field(field_id)) for field_id in ("percent", "amount", "currency_code", "lasts", "periods", "rest")
    )

    def rule(condition: str, field_id: str, expected: str) -> Rule:
        return Rule(condition, "bad_value", field_id, value(feed.field(field_id)), expected)

    return [
        rule(f"({percent} is null) = ({amount} is null)", "percent", "either percent or amount, one of them"),
        rule(f"({amount} is null) <> ({currency} is null)", "currency_code", "the currency of amount, none of percent"),
        rule(f"({lasts} is not distinct from 'periods') <> ({periods} is not null)", "periods",
             "how many bills when lasts is periods, and nothing otherwise"),
        rule(f"{rest} = 'kept' and {amount} is null", "rest", "lost for a coupon in percent: it leaves no rest"),
    ]  # fmt: skip
