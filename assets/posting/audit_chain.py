"""The audit chain: every act of record, each entry hashed together with the one before.

Belongs here: appending, verifying, the head to print. Belongs elsewhere: what is worth an entry (the stages), keeping
the head outside the database (the close report): a chain cut off at its end can only be seen from outside.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from assets.publishing.digests import canonical_json

GENESIS = "0" * 64
# Any constant: writers of the chain take turns on it until their transaction ends.
_CHAIN_LOCK = 4_702_111_234


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last entry: its number and its hash. An empty chain has number 0 and the genesis hash."""

    entry_number: int
    entry_hash: str


def append_entry(connection: psycopg.Connection, kind: str, payload: Mapping[str, Any]) -> ChainHead:
    """Add one entry in the caller's transaction and return the new head.

    Call it last: writers wait for each other from here until they commit. ``payload`` holds text, whole numbers,
    lists and mappings; no floats.
    """
    connection.execute("select pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])
    last = head(connection)
    body = {"kind": kind, **payload}
    entry = ChainHead(last.entry_number + 1, entry_hash(last.entry_hash, body))
    connection.execute(
        "insert into control.audit_chain (entry_number, previous_hash, entry_hash, payload) values (%s, %s, %s, %s)",
        [entry.entry_number, last.entry_hash, entry.entry_hash, Jsonb(body)],
    )
    return entry


def entry_hash(previous_hash: str, payload: Mapping[str, Any]) -> str:
    """SHA-256 over the previous hash and the canonical JSON of the payload."""
    return hashlib.sha256((previous_hash + canonical_json(payload)).encode("ascii")).hexdigest()


def head(connection: psycopg.Connection) -> ChainHead:
    """The last entry, to be printed on the close report and kept elsewhere."""
    last = connection.execute(
        "select entry_number, entry_hash from control.audit_chain order by entry_number desc limit 1"
    ).fetchone()
    return ChainHead(*last) if last else ChainHead(0, GENESIS)


def verify_chain(connection: psycopg.Connection, expected: ChainHead | None = None) -> list[str]:
    """Walk the chain from the start; every problem as a sentence, none when it holds.

    With ``expected``, a head kept outside, a chain that was cut off or rewritten is seen too.
    """
    problems = []
    previous_hash, expected_number, expected_seen = GENESIS, 1, expected is None or expected.entry_number == 0
    for number, stored_previous, stored_hash, payload in connection.execute(
        "select entry_number, previous_hash, entry_hash, payload from control.audit_chain order by entry_number"
    ):
        if number != expected_number:
            problems.append(f"entry {expected_number} is missing; the next one found is {number}")
        if stored_previous != previous_hash:
            problems.append(f"entry {number} does not follow the entry before it")
        if stored_hash != entry_hash(stored_previous, payload):
            problems.append(f"entry {number} was changed: its content does not give its hash")
        if expected and number == expected.entry_number:
            expected_seen = stored_hash == expected.entry_hash
        previous_hash, expected_number = stored_hash, number + 1
    if expected is not None and not expected_seen:
        problems.append(f"entry {expected.entry_number} with hash {expected.entry_hash} is not in the chain")
    return problems
