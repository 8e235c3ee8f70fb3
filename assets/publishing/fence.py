"""The check that a writer of record still holds its lane, in the transaction that writes.

Belongs here: asking the database and wording its no. Belongs elsewhere: the check itself (``control.assert_token``),
taking and taking over leases (``orchestration.database.lease``).
"""

import psycopg

from assets.publishing.refusal import Refusal


def assert_token(connection: psycopg.Connection, lane: str, token: int | None = None) -> None:
    """Lock the lease row until the end of the transaction and refuse a token that is not the current one.

    ``token`` is that of the caller's lease; by default the one that the session was opened with.

    Raises:
        Refusal: ``superseded``, another run has taken the lane over, or the session carries no token.
    """
    try:
        with connection.transaction():
            if token is not None:
                connection.execute("select set_config('apportion.token', %s, true)", [str(token)])
            connection.execute("select control.assert_token(%s)", [lane])
    except psycopg.errors.ObjectNotInPrerequisiteState as error:
        raise Refusal(
            "superseded",
            f"lane {lane}: {error.diag.message_primary}.",
            "Nothing was written. A newer run has taken the lane over; let it finish, or start again.",
        ) from error
