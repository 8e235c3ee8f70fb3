"""``taxes.csv``: the tax decision table, most specific row first; no row means that the bill is parked.

Belongs here: one row of the table.
Belongs elsewhere: standard rates (``reference``), computing tax (dbt).
"""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, TypeAdapter, WithJsonSchema

from assets.catalog.models.grammar import BookModel, CountryCode, Date, Identifier, decimal_type, wrong

TAX_COLUMNS = (
    "supplier_country",
    "receiver_country",
    "receiver_status",
    "tax_category",
    "treatment",
    "rate_percent",
    "mention",
    "effective_from",
    "effective_until",
)
# A column that files without further taxes leave out.
OPTIONAL_TAX_COLUMNS = ("tax",)
# The tax every supply has a row for; further taxes come on top of it, on the same base.
MAIN_TAX = "vat"
_RATE: TypeAdapter[Decimal] = TypeAdapter(decimal_type(2, 4))
_COUNTRY: TypeAdapter[str] = TypeAdapter(CountryCode)


def _rate(value: Any) -> Any:
    return value if value == "standard" else _RATE.validate_python(value)


def _country_or_any(value: Any) -> str:
    if value == "*":
        return value
    if not isinstance(value, str) or len(value) != 2:
        raise wrong("an ISO 3166 country code, or * for any other", "Use two capital letters, as in PL.")
    return _COUNTRY.validate_python(value)


class TaxRow(BookModel):
    """A tax on one category of supplies between two countries in a span of days, half-open."""

    supplier_country: CountryCode = Field(description="Country of the supplier.")
    receiver_country: Annotated[
        str,
        BeforeValidator(_country_or_any),
        WithJsonSchema({"title": "country or `*`", "type": "string", "pattern": r"^([A-Z]{2}|\*)$"}),
    ] = Field(description="Country of the receiver; `*` for every country without a row of its own.")
    receiver_status: Literal["business", "consumer", "*"] = Field(description="Status of the receiver; `*` for both.")
    tax_category: Identifier = Field(description="Category, as offerings and agreements name it.")
    treatment: Literal["standard", "reduced", "zero", "exempt", "reverse_charge", "outside_scope"] = Field(
        description="How the supply is treated; all but `standard` and `reduced` have rate 0."
    )
    rate_percent: Annotated[
        Decimal | Literal["standard"],
        BeforeValidator(_rate),
        WithJsonSchema(
            {
                "title": "percent or `standard`",
                "type": "string",
                "pattern": r"^(standard|(0|[1-9][0-9]?)(\.[0-9]{1,4})?)$",
            }
        ),
    ] = Field(description="Percent, or `standard`: the receiver country's standard rate from eu-vat-rates-data.")
    mention: Literal["reverse_charge", "export", "exempt", "self_billing"] | None = Field(
        None, description="Key of the legal sentence on the document."
    )
    effective_from: Date = Field(description="First day.")
    effective_until: Date | None = Field(None, description="The day after the last; without it there is no end.")
    tax: Identifier = Field(
        MAIN_TAX,
        description="Which tax it is: `vat`, which every supply needs a row for (whatever a country calls it), or a "
        "further one named in `taxes` of operator.yaml, as a telecom levy or a city's tax. Bills charge each tax on "
        "the same base. A column that may be left out.",
    )
