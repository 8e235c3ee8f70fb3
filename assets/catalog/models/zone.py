"""``zones/*.csv``: named lists of number prefixes or codes; the file's name is the list's name.

Belongs here: one row of a zone list.
Belongs elsewhere: prefixes of a region (``reference.phone_prefixes``).
"""

from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from assets.catalog.models.grammar import BookModel, Identifier, matching

MATCH_PATTERN = r"^(region:[A-Z]{2}|[A-Za-z0-9][A-Za-z0-9._-]{0,39})$"
ZONE_COLUMNS = ("zone", "match")
_match: BeforeValidator = matching(
    MATCH_PATTERN,
    "leading digits without '+', region:XX with a country code, or a code",
    "Write for example 4822, region:PL or home-wifi.",
)


class ZoneRow(BookModel):
    """One line of a zone list. The longest match wins; digits win over the prefixes of a region."""

    zone: Identifier = Field(description="Name of the zone.")
    match: Annotated[
        str, _match, WithJsonSchema({"title": "prefix, region or code", "type": "string", "pattern": MATCH_PATTERN})
    ] = Field(description="Leading digits of the number, `region:PL` for all prefixes of a region, or a whole code.")
