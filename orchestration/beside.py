"""A period calculated beside the records: with another book (lane ``whatif``), or before it has ended (``running``).

Belongs here: opening the lane's run over the data in force, making its models, in the database in use.
Belongs elsewhere: trials with their own data (``orchestration.dbt.trial``), what is read of it (``assets.settling``).

Nothing is published: the rows stay in the lane's schema until its next run.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psycopg

from assets.catalog.check import CheckedBook
from assets.catalog.loading.load import load_book
from assets.publishing.bill_run_opening import code_version, open_bill_run
from assets.publishing.bill_runs import BillRun
from assets.publishing.refusal import Refusal
from assets.quality.gates import check_usage_in
from orchestration.database.connection import connect, database_url
from orchestration.dbt.trial import Trial

MODELS = ("fct_customer_bills", "fct_party_settlements", "fct_settlement_items", "fct_account_outcomes")


@contextmanager
def calculated_beside(
    lane: str,
    period_id: str,
    *,
    book: CheckedBook | None = None,
    issue_date: date | None = None,
    models: Sequence[str] = MODELS,
) -> Iterator[tuple[psycopg.Connection, BillRun]]:
    """Calculate a period in a lane and hand out a connection and the run; the lane is held until the block ends.

    Args:
        book: Another book than the one in use; it is loaded and does not become the current one.

    Raises:
        Refusal: ``no_book``, ``usage_refused`` (the door of the usage is shut), or as ``open_bill_run``.
        TrialFailed: a model failed.
    """
    with tempfile.TemporaryDirectory() as folder, Trial(database_url(), lane, Path(folder)) as trial:
        with connect() as connection:
            gate = check_usage_in(connection)
        if not gate.passed:
            raise Refusal("usage_refused", "usage that came in has not passed its door.", "Run apportion ingest.")
        with trial.connect() as connection:
            book_id = None
            if book is not None:
                if connection.execute("select from catalog.book_uses limit 1").fetchone() is None:
                    raise Refusal("no_book", "no book is in use yet.", "Load one first: apportion ingest.")
                book_id = load_book(connection, book, make_current=False).book_id
            run = open_bill_run(
                connection,
                lane=lane,
                period_id=period_id,
                issue_date=issue_date,
                book_id=book_id,
                token=trial.token,
                code_version=code_version(),
            )
        trial.build(models)
        with trial.connect() as connection:
            yield connection, run
