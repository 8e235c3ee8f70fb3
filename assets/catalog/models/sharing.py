"""The sharing model of an agreement: the waterfall of items that gives out a line's amount.

Belongs here: the forms of an item, what it is taken of, who gets it, its limits.
Belongs elsewhere: amounts that are measured over a period (``sharing_measured``), the agreement and its versions
(``agreement``), when and how positions are settled (``settlement``), resolving items into ranked steps
(``assets.catalog.chains``), computing shares (dbt).
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, WithJsonSchema

from assets.catalog.models.grammar import BookModel, CurrencyCode, Identifier, Percent, Price, matching
from assets.catalog.models.party import Receiver
from assets.catalog.models.sharing_measured import FixedAmount, Tiers

BASES = ("list", "before_discount_ex_tax", "after_discount_ex_tax", "collected_ex_tax", "remaining")
_ONE_BASIS = rf"({'|'.join(BASES)}|item:[a-z0-9][a-z0-9_-]{{0,39}})"
_BASIS_PATTERN = rf"^({_ONE_BASIS}|(higher|lower) of {_ONE_BASIS} and {_ONE_BASIS})$"

Basis = Annotated[
    str,
    matching(
        _BASIS_PATTERN,
        f"{', '.join(BASES)}, item:<id of an earlier item>, or 'higher of <one> and <another>', 'lower of ...'",
        "Choose what the item is taken of.",
    ),
    WithJsonSchema({"title": "basis", "type": "string", "pattern": _BASIS_PATTERN}),
]


class _Item(BookModel):
    id: Identifier = Field(description="Name of the item, unique in the version.")


class _AmountItem(_Item):
    to: Receiver = Field(description="Who gets it: a party, or a role that is resolved per line.")
    currency: CurrencyCode | None = Field(
        None,
        description="Currency of the item's own amounts; a line in another one is converted. Without it they are in "
        "the line's currency, whatever that is.",
    )
    min: Price | None = Field(None, description="Least amount per line.")
    max: Price | None = Field(None, description="Most amount per line.")
    cost: bool = Field(
        False,
        description="`true`: owed even where the revenue does not reach; the negative margin is "
        "reported. `false`: never more than what earlier items left.",
    )


class _BasedItem(_AmountItem):
    basis: Basis = Field(
        "after_discount_ex_tax",
        description="`list`, `before_discount_ex_tax`: of the line. `after_discount_ex_tax`: the amount that is "
        "shared. `collected_ex_tax`: the same, as it is paid. `remaining`: what earlier items left. `item:<id>`: what "
        "an earlier item gave. `higher of list and remaining`, `lower of ...`: of two.",
    )


class PercentItem(_BasedItem):
    """A part of an amount."""

    percent: Percent = Field(le=100, description="Percent of the basis.")


class TiersItem(_BasedItem):
    """A part of an amount, or an amount per unit, that depends on what is reached in a period."""

    tiers: Tiers = Field(description="The tiers.")


class PerUnitItem(_AmountItem):
    """An amount per billed unit."""

    basis: Literal["quantity"] = Field("quantity", description="Always the billed quantity.")
    per_unit: Price = Field(description="Amount per billed unit.")


class TariffItem(_AmountItem):
    """What a full tariff of the agreement asks for the usage of the line: wholesale by zone and time."""

    tariff: Identifier = Field(
        description="A tariff of this agreement with `settled: false`. It rates the events of the line, whatever the "
        "customer pays for them; a line without such usage gives 0."
    )


class FixedItem(_AmountItem):
    """The same amount for each line, product, customer or period."""

    fixed: FixedAmount = Field(description="The amount and what it is for.")


class RemainingItem(_Item):
    """All that is left; always the last item, so a waterfall leaves nothing over."""

    remaining_to: Receiver = Field(description="Who gets the rest; the payer itself when the rest is kept.")


class KeptItem(_Item):
    """All that is left stays with the payer; always the last item."""

    kept: Literal[True] = Field(description="`true`.")


LAST_ITEMS = (RemainingItem, KeptItem)
_RULES = ("remaining_to", "kept", "percent", "tiers", "per_unit", "tariff", "fixed")


def _rule_tag(value: Any) -> str | None:
    for rule in _RULES:
        if (rule in value) if isinstance(value, dict) else hasattr(value, rule):
            return f"rule={rule}"
    return None


SharingItem = Annotated[
    Annotated[PercentItem, Tag("rule=percent")]
    | Annotated[TiersItem, Tag("rule=tiers")]
    | Annotated[PerUnitItem, Tag("rule=per_unit")]
    | Annotated[TariffItem, Tag("rule=tariff")]
    | Annotated[FixedItem, Tag("rule=fixed")]
    | Annotated[RemainingItem, Tag("rule=remaining_to")]
    | Annotated[KeptItem, Tag("rule=kept")],
    Discriminator(_rule_tag),
]


def receiver_of(item: Any, payer: str) -> str:
    """The party or role that an item gives to; the rest that is kept is the payer's."""
    if isinstance(item, KeptItem):
        return payer
    return str(item.remaining_to if isinstance(item, RemainingItem) else item.to)


def bases_of(item: Any) -> tuple[str, ...]:
    """What an item is taken of: one basis, or the two of which the higher or lower counts."""
    if isinstance(item, LAST_ITEMS):
        return ("remaining",)
    if isinstance(item, FixedItem | TariffItem):
        return ()
    words = str(item.basis).split(" ")
    return (words[0],) if len(words) == 1 else (words[2], words[4])


def choice_of(item: Any) -> str | None:
    """``higher`` or ``lower`` for an item with two bases."""
    words = str(getattr(item, "basis", "")).split(" ")
    return words[0] if len(words) > 1 else None
