"""``usage/*.yaml``: one usage specification each; how a usage file looks and what its columns mean.

Belongs here: file format, characteristics with type, unit and bounds, who used the service.
Belongs elsewhere: what usage costs (``offering``), reading the files themselves (``assets.ingestion``).
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from assets.catalog.models.grammar import BookModel, Flag, Identifier, SignedQuantity, Text, Texts, Unique, WholeNumber


class FileNumbering(BookModel):
    """That file names carry a number, so that a file that never came is noticed."""

    names: Text = Field(
        description="Like `name_pattern`, with `{number}` where the number stands, and `{month}` (YYYY-MM) where "
        "numbers start again every month."
    )
    first: WholeNumber = Field(
        1, ge=0, le=999_999_999, description="The number of the first file; of a feed taken over, the next one."
    )
    files_per_month: WholeNumber | None = Field(
        None,
        ge=1,
        le=100_000,
        description="How many files a month has; with it a missing last file is noticed too, once the month is over.",
    )


class UsageFile(BookModel):
    """Which files of the inbox belong to the specification, and how they are written."""

    name_pattern: Text = Field(
        description="File names that belong to this specification; `*` stands for any characters. "
        "Every text format may be gzipped (.gz)."
    )
    format: Literal["csv", "jsonl"] = Field(description="`csv` with a header line, or `jsonl` with one object a line.")
    delimiter: Literal[",", ";", "\t", "|"] = Field(",", description="csv: the character between two fields.")
    null_text: str = Field("", max_length=40, description="What an absent value looks like.")
    extra_columns: Literal["refused", "ignored"] = Field(
        "refused",
        description="What to do with columns that no characteristic names: refuse the file, or leave them out.",
    )
    control_totals: Annotated[list[Identifier], Unique] | None = Field(
        None,
        min_length=1,
        description="Quantities whose sums the sender states in the manifest beside each file (`totals`); a file "
        "without them, or whose rows add up otherwise, is refused whole.",
    )
    numbering: FileNumbering | None = Field(
        None,
        description="The numbers in the file names; a period is not published while one is missing, unless a person "
        "accepts it by name.",
    )


class ServedBy(BookModel):
    """Who used the service: the characteristic that is looked up among the products' identifiers."""

    characteristic: Identifier = Field(description="The characteristic that holds the identifier.")
    identifier_kind: Identifier = Field(description="Kind of the identifier: msisdn, device, tenant ...")


class TimeBandSplit(BookModel):
    """What happens to usage that lasts longer than the band of time in which it starts."""

    split: Literal["by_start", "at_boundary"] = Field(
        "by_start",
        description="`by_start`: the band in which the event starts prices all of it. `at_boundary`: each band prices "
        "its part. A part is charged in whole blocks of its tariff, the last of which may reach into the next band.",
    )
    duration: Identifier | None = Field(
        None, description="With `at_boundary`: the quantity in seconds that says how long the event lasts."
    )


class _Characteristic(BookModel):
    id: Identifier = Field(description="Name by which prices and this file refer to the characteristic.")
    column: Text = Field(description="csv: the header's exact spelling. jsonl: the key.")
    required: Flag = Field(True, description="Whether a row without a value is rejected.")


class TextCharacteristic(_Characteristic):
    """Free text, for example an event id."""

    type: Literal["text"]
    max_length: WholeNumber = Field(200, ge=1, le=1000, description="Longest accepted value, in characters.")


class DetailCharacteristic(_Characteristic):
    """Text that is kept with the row for people to read and never used for a price."""

    type: Literal["detail"]
    max_length: WholeNumber = Field(500, ge=1, le=4000, description="Longest accepted value, in characters.")


class CodeCharacteristic(_Characteristic):
    """A word from a small vocabulary."""

    type: Literal["code"]
    max_length: WholeNumber = Field(40, ge=1, le=200, description="Longest accepted value, in characters.")
    allowed: Annotated[list[Text], Unique] | None = Field(
        None, min_length=1, description="The accepted values; without it every value is accepted."
    )
    priced_by: Literal["value", "zone"] | None = Field(
        None, description="`value`: prices may compare it. `zone`: prices may look it up in a zone list."
    )


class PhoneNumberCharacteristic(_Characteristic):
    """A phone number in international form, with or without a plus sign."""

    type: Literal["phone_number"]
    priced_by: Literal["zone"] | None = Field(None, description="`zone`: prices may look its leading digits up.")
    leading_digits: WholeNumber = Field(
        7,
        ge=1,
        le=15,
        description="How many leading digits are kept for zones; at least as many as the longest prefix.",
    )


class TimestampCharacteristic(_Characteristic):
    """An instant: ISO 8601 with offset, unless a format or an offset is given."""

    type: Literal["timestamp"]
    format: Text | None = Field(None, description="strptime format, when the file does not write ISO 8601.")
    assume_offset: str | None = Field(
        None,
        pattern=r"^[+-](0[0-9]|1[0-4]):[0-5][0-9]$",
        description="Offset of times without one, for example `+00:00`.",
    )


class QuantityCharacteristic(_Characteristic):
    """A measured amount. It is stored as a whole number of 10^-scale units in one of three slots."""

    type: Literal["quantity"]
    unit: Text = Field(description="Unit shown on documents: s, MB, 1 ...")
    slot: WholeNumber = Field(ge=1, le=3, description="Storage slot; every specification uses slot 1.")
    scale: WholeNumber = Field(6, ge=0, le=12, description="Decimals kept; a value with more is rejected.")
    minimum: SignedQuantity = Field(description="Smallest accepted value.")
    maximum: SignedQuantity = Field(description="Largest accepted value; with the scale it must fit 18 digits.")


def _characteristic_tag(value: Any) -> str | None:
    found = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
    return f"type={found}" if isinstance(found, str) else None


Characteristic = Annotated[
    Annotated[TextCharacteristic, Tag("type=text")]
    | Annotated[DetailCharacteristic, Tag("type=detail")]
    | Annotated[CodeCharacteristic, Tag("type=code")]
    | Annotated[PhoneNumberCharacteristic, Tag("type=phone_number")]
    | Annotated[TimestampCharacteristic, Tag("type=timestamp")]
    | Annotated[QuantityCharacteristic, Tag("type=quantity")],
    Discriminator(_characteristic_tag),
]


class UsageSpecification(BookModel):
    """One kind of usage: its file, its characteristics, its event id and time, and who used it."""

    id: Identifier = Field(
        description="Code of the specification; prices refer to it. Never reused for something else."
    )
    service: Identifier = Field(description="voice, sms, data, ott, iot, cloud, ehealth ...: grouping on the bill.")
    name: Texts = Field(description="Name in every language of the operator.")
    file: UsageFile = Field(description="File format and name.")
    event_id: Annotated[list[Identifier], Unique] = Field(
        min_length=1, description="Characteristics that together identify an event, for ever."
    )
    event_time: Identifier = Field(description="The timestamp that decides which rules apply.")
    served_by: ServedBy = Field(description="How the event finds its product.")
    guided_to: Literal["product", "agreement", "either"] = Field(
        "product",
        description="What an event must find, else it is suspended: a `product`, an `agreement` whose tariff covers it "
        "(trunk traffic, roaming of others; never a customer's), or `either` of them. Tariffs that cover an event of "
        "a product rate it besides, whatever stands here.",
    )
    age_limit_days: WholeNumber = Field(
        ge=1,
        le=3650,
        description="Events older than this at delivery are rejected; duplicates are looked for in this span.",
    )
    time_bands: TimeBandSplit = Field(
        default_factory=lambda: TimeBandSplit(split="by_start", duration=None),
        description="How usage meets bands of time. Left out: by_start.",
    )
    characteristics: list[Characteristic] = Field(min_length=1, description="The columns; for csv in file order.")

    def characteristic(self, characteristic_id: str) -> Characteristic | None:
        """The characteristic of that id, or None."""
        return next((entry for entry in self.characteristics if entry.id == characteristic_id), None)

    @property
    def quantities(self) -> tuple[QuantityCharacteristic, ...]:
        """Quantity characteristics by slot: 1, 2, 3."""
        found = [entry for entry in self.characteristics if isinstance(entry, QuantityCharacteristic)]
        return tuple(sorted(found, key=lambda entry: entry.slot))

    @property
    def duration_slot(self) -> int | None:
        """Slot of the duration by which events are split at the boundaries of bands of time; None for no splitting."""
        quantity = self.characteristic(self.time_bands.duration or "")
        return quantity.slot if isinstance(quantity, QuantityCharacteristic) else None

    @property
    def priced_characteristics(self) -> tuple[CodeCharacteristic | PhoneNumberCharacteristic, ...]:
        """Characteristics that prices may look at, in file order: those that go into the characteristic set."""
        return tuple(
            entry
            for entry in self.characteristics
            if isinstance(entry, CodeCharacteristic | PhoneNumberCharacteristic) and entry.priced_by is not None
        )


class UsageSpecificationFile(BookModel):
    """The whole of ``usage/<id>.yaml``."""

    usage_specification: UsageSpecification = Field(description="The specification.")
