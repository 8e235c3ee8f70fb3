"""Tariffs: what a cumulative quantity costs.

Belongs here: the five models of a tariff as the book writes them; personal price overrides use the same shapes.
Belongs elsewhere: when and to what a tariff applies (``offering``), computing amounts (dbt).
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, TypeAdapter

from assets.catalog.models.grammar import BookModel, Price, Quantity

_PER_QUANTITY = "The quantity that one unit amount pays for: 60 makes a price per minute from seconds."


class FlatTariff(BookModel):
    """One amount, whatever the quantity; for usage it is charged once when there is any."""

    model: Literal["flat"]
    amount: Price = Field(description="The amount in the price's currency, major unit: 25.00.")


class PerUnitTariff(BookModel):
    """Every unit costs the same."""

    model: Literal["per_unit"]
    unit_amount: Price = Field(description="Amount for `per_quantity` units.")
    per_quantity: Quantity = Field("1", gt=0, validate_default=True, description=_PER_QUANTITY)


class Tier(BookModel):
    """A span of the cumulative quantity, from where the tier before ends."""

    up_to: Quantity | None = Field(None, gt=0, description="Inclusive upper bound; left out in the last tier only.")
    unit_amount: Price = Field("0", validate_default=True, description="Amount for `per_quantity` units in this tier.")
    flat_amount: Price = Field("0", validate_default=True, description="Amount charged once when the tier is entered.")


class GraduatedTariff(BookModel):
    """Each tier prices the part of the quantity that falls into it."""

    model: Literal["graduated"]
    tiers: list[Tier] = Field(min_length=1, description="Tiers with increasing `up_to`; the last has none.")
    per_quantity: Quantity = Field("1", gt=0, validate_default=True, description=_PER_QUANTITY)


class VolumeTariff(BookModel):
    """The tier that the whole quantity reaches prices all of it."""

    model: Literal["volume"]
    tiers: list[Tier] = Field(min_length=1, description="Tiers with increasing `up_to`; the last has none.")
    per_quantity: Quantity = Field("1", gt=0, validate_default=True, description=_PER_QUANTITY)


class PackageTariff(BookModel):
    """Whole packages; a started package is paid in full."""

    model: Literal["package"]
    package_size: Quantity = Field(gt=0, description="Quantity in one package.")
    package_amount: Price = Field(description="Amount of one package.")


def _tariff_tag(value: Any) -> str | None:
    found = value.get("model") if isinstance(value, dict) else getattr(value, "model", None)
    return f"model={found}" if isinstance(found, str) else None


Tariff = Annotated[
    Annotated[FlatTariff, Tag("model=flat")]
    | Annotated[PerUnitTariff, Tag("model=per_unit")]
    | Annotated[GraduatedTariff, Tag("model=graduated")]
    | Annotated[VolumeTariff, Tag("model=volume")]
    | Annotated[PackageTariff, Tag("model=package")],
    Discriminator(_tariff_tag),
]

# For readers of a tariff outside the book, such as price_overrides_*.jsonl of the inbox.
TARIFF: TypeAdapter[Any] = TypeAdapter(Tariff)
