"""Coupons and credits of billing accounts: what takes something off whole bills, as dated records of the inbox.

Belongs here: their layouts, and what must hold between their fields.
Belongs elsewhere: what they take off which line (dbt, ``int_coupon_parts`` and ``int_credit_parts``), discounts that
the book gives (``assets.catalog.models.adjustment``).
"""

from assets.ingestion.grammars import Rule, value
from assets.ingestion.layout import Field, Layout
from assets.ingestion.population_fields import ID, Population, code, identifier, instant, layout, text

_SCALE = 4
_CHARGE_KINDS = ("usage", "recurring", "one_time", "minimum")
_LIST = "ids with | between them"


def _ids(field_id: str) -> Field:
    return text(field_id, required=False, max_length=4000, pattern=rf"{ID}(\|{ID})*", words=_LIST)


def _kinds(field_id: str) -> Field:
    one = f"({'|'.join(_CHARGE_KINDS)})"
    words = f"{', '.join(_CHARGE_KINDS)}, with | between them"
    return text(field_id, required=False, pattern=rf"{one}(\|{one})*", words=words)


def _amount(field_id: str, *, required: bool) -> Field:
    return Field(field_id, field_id, "quantity", required=required, scale=_SCALE, minimum_units=1)


def _currency(*, required: bool) -> Field:
    return text("currency_code", required=required, pattern=r"[A-Z]{3}", words="an ISO 4217 code such as PLN")


def _priority() -> Field:
    return Field("priority", "priority", "whole_number", required=False, minimum_units=0, maximum_units=9999)


# Which lines a coupon or credit is for: a line must be in each list that is given.
_COVERED = (_ids("products"), _ids("offerings"), _ids("prices"), _kinds("charge_kinds"))
_COVERED_COLUMNS = {
    "products": "string_to_array(products, '|')",
    "offerings": "string_to_array(offerings, '|')",
    "prices": "string_to_array(prices, '|')",
    "charge_kinds": "string_to_array(charge_kinds, '|')",
}
_HEAD_COLUMNS = {
    "account_id": "account_id",
    "effective_from": "effective_from::timestamptz",
    "effective_until": "effective_until::timestamptz",
    "name": "name",
    "amount": f"amount::numeric(18, {_SCALE})",
    "currency_code": "currency_code",
    "priority": "coalesce(priority, '100')::integer",
    "borne_by": "coalesce(borne_by, 'everyone')",
}

COUPONS = Population(
    layout=layout(
        "coupons",
        identifier("coupon_id"),
        identifier("account_id"),
        instant("effective_from"),
        instant("effective_until", required=False),
        text("name", required=False, max_length=100),
        Field(
            "percent", "percent", "quantity",
            required=False, scale=_SCALE, minimum_units=1, maximum_units=100 * 10**_SCALE,
        ),
        _amount("amount", required=False),
        _currency(required=False),
        code("lasts", "once", "periods", "forever", required=False),
        Field("periods", "periods", "whole_number", required=False, minimum_units=1, maximum_units=999),
        code("rest", "lost", "kept", required=False),
        _priority(),
        *_COVERED,
        text("borne_by", required=False, pattern=rf"{ID}(\.parent)*", words="everyone, a party id, or a role"),
        file_format="jsonl",
        suffix="jsonl*",
        period=True,
    ),
    table="inbox.coupons",
    key=("account_id", "coupon_id"),
    columns={
        "coupon_id": "coupon_id",
        **_HEAD_COLUMNS,
        "percent": f"percent::numeric(7, {_SCALE})",
        "lasts": "coalesce(lasts, 'once')",
        "periods": "periods::integer",
        "rest": "coalesce(rest, 'lost')",
        **_COVERED_COLUMNS,
    },
)  # fmt: skip

CREDITS = Population(
    layout=layout(
        "credits",
        identifier("credit_id"),
        identifier("account_id"),
        instant("effective_from"),
        instant("effective_until", required=False),
        text("name", required=False, max_length=100),
        _amount("amount", required=True),
        _currency(required=True),
        _priority(),
        *_COVERED,
        text("borne_by", required=False, pattern=rf"{ID}(\.parent)*", words="everyone, a party id, or a role"),
        file_format="jsonl",
        suffix="jsonl*",
        period=True,
    ),
    table="inbox.credits",
    key=("account_id", "credit_id"),
    columns={"credit_id": "credit_id", **_HEAD_COLUMNS, **_COVERED_COLUMNS},
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
