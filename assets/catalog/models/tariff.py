"""Tariffs: what a cumulative quantity costs.

Belongs here: the models of a tariff as the book writes them; personal price overrides use the same shapes.
Belongs elsewhere: when and to what a tariff applies (``usage_price``), how it is read at its edges (``pricing``),
computing amounts (dbt).
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from assets.catalog.models.grammar import BookModel, Percent, Price, Quantity, WholeNumber

_PER_QUANTITY = "The quantity that one unit amount pays for: 60 makes a price per minute from seconds."
_TIERS = "Tiers with increasing `up_to`; the last has none, unless `pricing.beyond_last` says what is beyond it."
_BLOCK_SIZE = "Quantity that is charged in whole blocks; without it every part of a unit has its part of the price."
_BLOCK_ROUNDING = "Whether a part of a block counts whole (`up`), not at all (`down`) or from its half on (`nearest`)."

BlockRounding = Literal["up", "down", "nearest"]


class _Limits(BookModel):
    """The least and the most that a quantity above zero costs: a cap per event, hour or day with such a counter."""

    minimum: Price | None = Field(None, description="Least cost of any quantity above 0 on the counter.")
    maximum: Price | None = Field(None, description="Most that the quantity on the counter can cost.")


class FlatTariff(BookModel):
    """One amount, whatever the quantity; for usage it is charged once when there is any."""

    model: Literal["flat"]
    amount: Price = Field(description="The amount in the price's currency, major unit: 25.00.")


class PerUnitTariff(_Limits):
    """Every unit costs the same."""

    model: Literal["per_unit"]
    unit_amount: Price = Field(description="Amount for `per_quantity` units.")
    per_quantity: Quantity = Field("1", gt=0, validate_default=True, description=_PER_QUANTITY)
    block_size: Quantity | None = Field(None, gt=0, description=_BLOCK_SIZE)
    block_rounding: BlockRounding = Field("up", description=_BLOCK_ROUNDING)


class Tier(BookModel):
    """A span of the cumulative quantity, from where the tier before ends."""

    up_to: Quantity | None = Field(None, gt=0, description="Upper bound; left out in the last tier.")
    from_quantity: Quantity | None = Field(
        None,
        alias="from",
        description="With it the tier takes `up_to` - `from` of the quantity that is left, wherever the two stand; "
        "without it the tier starts where the one before ends.",
    )
    blocks: WholeNumber | None = Field(
        None, ge=1, description="Instead of `up_to`: how many blocks of `block_size` the tier takes."
    )
    unit_amount: Price = Field("0", validate_default=True, description="Amount for `per_quantity` units in this tier.")
    flat_amount: Price = Field("0", validate_default=True, description="Amount charged once when the tier is entered.")
    per_quantity: Quantity | None = Field(
        None, gt=0, description="The quantity that this tier's unit amount pays for; without it the tariff's."
    )
    block_size: Quantity | None = Field(None, gt=0, description=_BLOCK_SIZE)
    block_rounding: BlockRounding = Field("up", description=_BLOCK_ROUNDING)
    maximum: Price | None = Field(None, description="Most that the part of the quantity in this tier can cost.")


class GraduatedTariff(_Limits):
    """Each tier prices the part of the quantity that falls into it."""

    model: Literal["graduated"]
    tiers: list[Tier] = Field(min_length=1, description=_TIERS)
    per_quantity: Quantity = Field("1", gt=0, validate_default=True, description=_PER_QUANTITY)


class VolumeTariff(_Limits):
    """The tier that the whole quantity reaches prices all of it."""

    model: Literal["volume"]
    tiers: list[Tier] = Field(min_length=1, description=_TIERS)
    per_quantity: Quantity = Field("1", gt=0, validate_default=True, description=_PER_QUANTITY)


class PackageTariff(_Limits):
    """Whole packages; a started package is paid in full, or only a full one, or from its half on."""

    model: Literal["package"]
    package_size: Quantity = Field(gt=0, description="Quantity in one package.")
    package_amount: Price = Field(description="Amount of one package.")
    rounding: BlockRounding = Field("up", description=_BLOCK_ROUNDING.replace("block", "package"))


class PercentageTariff(_Limits):
    """A part of an amount that comes with the event: the measure is the sum of that characteristic."""

    model: Literal["percentage"]
    rate_percent: Percent = Field(description="Percent of the amount: 2.9.")


class PercentageTier(BookModel):
    """A span of the cumulative amount, from where the tier before ends."""

    up_to: Quantity | None = Field(None, gt=0, description="Upper bound; left out in the last tier.")
    rate_percent: Percent = Field("0", validate_default=True, description="Percent of the amount in this tier.")
    flat_amount: Price = Field("0", validate_default=True, description="Amount charged once when the tier is entered.")
    maximum: Price | None = Field(None, description="Most that the part of the amount in this tier can cost.")


class GraduatedPercentageTariff(_Limits):
    """Each tier takes its percentage of the part of the amount that falls into it."""

    model: Literal["graduated_percentage"]
    tiers: list[PercentageTier] = Field(min_length=1, description=_TIERS)


class DynamicTariff(_Limits):
    """The amount comes with the event, as the characteristic that is summed; it is multiplied and charged."""

    model: Literal["dynamic"]
    multiplier: Price = Field("1", validate_default=True, description="What one unit of the amount is charged at.")


def _tariff_tag(value: Any) -> str | None:
    found = value.get("model") if isinstance(value, dict) else getattr(value, "model", None)
    return f"model={found}" if isinstance(found, str) else None


Tariff = Annotated[
    Annotated[FlatTariff, Tag("model=flat")]
    | Annotated[PerUnitTariff, Tag("model=per_unit")]
    | Annotated[GraduatedTariff, Tag("model=graduated")]
    | Annotated[VolumeTariff, Tag("model=volume")]
    | Annotated[PackageTariff, Tag("model=package")]
    | Annotated[PercentageTariff, Tag("model=percentage")]
    | Annotated[GraduatedPercentageTariff, Tag("model=graduated_percentage")]
    | Annotated[DynamicTariff, Tag("model=dynamic")],
    Discriminator(_tariff_tag),
]
