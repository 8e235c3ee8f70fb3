"""A negative margin waits for a person who answers for it by name."""

import psycopg
import pytest

from assets.posting.post import post
from assets.publishing.publish import publish
from assets.publishing.refusal import Refusal
from assets.settling.margins import approve_margins, negative_margins
from tests.database import mini_run

pytestmark = [pytest.mark.database, pytest.mark.slow]


def test_a_negative_margin_is_approved_once_by_name_and_for_ever(connection: psycopg.Connection) -> None:
    mini_run.prepare(connection)
    run = mini_run.open_run(connection)
    mini_run.build(connection, run)
    connection.execute(
        """insert into build.fct_negative_margins values (%s, %s, 'tariff', 'carrier', 'voice', 'mobile', 'calls',
            'wisla-telekom', 'PLN', 2, 10, 12.5, -2.5)""",
        [run.bill_run_id, run.period_id],
    )
    mini_run.store_gate(connection, run)
    publish(connection, run)
    with pytest.raises(Refusal, match="no posted negative margin"):
        approve_margins(connection, run.period_id, "carrier", approved_by="Ewa Maj", reason="contract of 2025")
    post(connection, run.bill_run_id, mini_run.TOKEN)
    with pytest.raises(Refusal, match="nobody's name"):
        approve_margins(connection, run.period_id, "carrier", approved_by=" ", reason="contract of 2025")
    # A settlement run that settles the agreement's shares of this run waits for the same approval.
    settled = (
        """insert into published.fct_settled_shares values (999, '2026-10-month', %s, %s, '2026-10-01', 'PLN', 1, 1)"""
    )
    connection.execute(settled, [run.bill_run_id, "other"])
    assert negative_margins(connection, "2026-10-month") == []
    connection.execute(settled, [run.bill_run_id, "carrier"])
    assert [margin["agreement_id"] for margin in negative_margins(connection, "2026-10-month")] == ["carrier"]
    assert (
        approve_margins(connection, "2026-10-month", "carrier", approved_by="Ewa Maj", reason="contract of 2025") == 1
    )
    (margin,) = negative_margins(connection, run.period_id)
    assert (margin["agreement_id"], margin["approved_by"], margin["event_count"]) == ("carrier", "Ewa Maj", 2)
    with pytest.raises(Refusal, match="waits for an approval"):
        approve_margins(connection, run.period_id, "carrier", approved_by="Jan Lis", reason="again")
    acts = "select count(*) from control.audit_chain where payload ->> 'kind' = 'negative_margin_approved'"
    assert connection.execute(acts).fetchone() == (1,)
    for change in ("update control.margin_approvals set reason = 'other'", "delete from control.margin_approvals"):
        with pytest.raises(psycopg.errors.RestrictViolation), connection.transaction():
            connection.execute(change)
