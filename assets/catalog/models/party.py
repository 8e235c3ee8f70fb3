"""Parties as the book names them: ids of party records, and roles that are looked up per line.

Belongs here: the grammar of party ids and of roles.
Belongs elsewhere: what a party gets (``sharing``), who it is (the inbox's party records).
"""

import re
from typing import Annotated

from pydantic import WithJsonSchema

from assets.catalog.models.grammar import matching

PARTY_PATTERN = r"^[A-Za-z0-9_-]{1,40}$"
ROLE_PATTERN = r"^(operator|(seller|content_provider)(\.parent){0,22})$"


# The only role that is the same for every line: whose book it is.
OPERATOR_ROLE = "operator"


def is_role(receiver: str) -> bool:
    """Whether a receiver is a role that is resolved per line (``seller.parent``) rather than a party."""
    return re.fullmatch(ROLE_PATTERN, receiver, re.ASCII) is not None


PartyId = Annotated[
    str,
    matching(PARTY_PATTERN, "a party id: letters, digits, '_' and '-', at most 40", "Use the id of the party record."),
    WithJsonSchema({"title": "party id", "type": "string", "pattern": PARTY_PATTERN}),
]
Receiver = Annotated[
    str,
    matching(
        rf"{PARTY_PATTERN}|{ROLE_PATTERN}",
        "a party id, or a role: operator, content_provider, seller, seller.parent, seller.parent.parent ...",
        "Name the party, or the role that is looked up per line.",
    ),
    WithJsonSchema({"title": "party id or role", "type": "string", "pattern": rf"{PARTY_PATTERN}|{ROLE_PATTERN}"}),
]
