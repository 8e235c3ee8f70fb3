"""Billed usage that is doubted afterwards: another content came under the id of an event on a posted bill.

Belongs here: finding it, so that somebody asks the sender. Belongs elsewhere: what is a conflict
(``assets.ingestion.dispositions``), taking a wrong charge back (the population ``line_corrections``).

What is posted stays as it is. The event is not billed again either way: a conflict is never rated.
"""

from dataclasses import dataclass

import psycopg


@dataclass(frozen=True, slots=True)
class ContestedUsage:
    """How many billed events of a feed and a posted period have come again with other content."""

    feed: str
    period_id: str
    event_count: int

    def __str__(self) -> str:
        return f"{self.feed}: {self.event_count:,} event(s) billed in {self.period_id} came again with other content"


def contested_usage(connection: psycopg.Connection) -> list[ContestedUsage]:
    """By feed and period, with those that have most first."""
    rows = connection.execute(
        """select files.feed, bill_runs.period_id, count(distinct billed.event_key)
           from inbox.row_dispositions as dispositions
           join published.fct_rated_usage as billed on billed.event_key = dispositions.event_key
           join control.bill_runs on bill_runs.bill_run_id = billed.bill_run_id and bill_runs.state = 'posted'
           join inbox.files on files.file_id = dispositions.file_id
           where dispositions.disposition = 'conflict'
           group by files.feed, bill_runs.period_id
           order by 3 desc, files.feed, bill_runs.period_id"""
    ).fetchall()
    return [ContestedUsage(*row) for row in rows]
