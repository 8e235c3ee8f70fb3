"""A partner's login sees its own documents, items and payments and nothing else, through whatever relation (I29)."""

import uuid
from collections.abc import Callable, Iterator
from itertools import pairwise

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from assets.payments.pay import pay
from tests.database import mini_run
from tests.database.mini_run import STREAMLY
from tests.database.test_payments import PAY_DAY, post_month

pytestmark = pytest.mark.database

# Every relation a person could name: tables, partitions, views, materialized views, sequences, foreign tables.
RELATIONS = """
    select relnamespace::regnamespace::text, relname from pg_class
    where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        and relnamespace::regnamespace::text not in ('information_schema', 'pg_catalog')
        and relnamespace::regnamespace::text not like 'pg\\_%'
    order by 1, 2
"""
OPEN_TO_PARTNERS = {
    ("control", "partner_logins"), ("ledger", "disputes"), ("ledger", "payments"), ("ledger", "settlement_documents"),
    ("ledger", "settlement_items"), ("partner", "disputes"), ("partner", "payments"),
    ("partner", "statement_items"), ("partner", "statements"),
}  # fmt: skip

# A chain of five hops: who pays whom.
CHAIN = ("wisla-telekom", "hop1", "hop2", "hop3", "hop4", "hop5")
HOPS = tuple(pairwise(CHAIN))


@pytest.fixture(scope="module")
def posted_url(new_database: Callable[[], str]) -> Iterator[str]:
    """A posted and paid month, and two logins: Streamly's, and that of a partner without any document."""
    url = new_database()
    with psycopg.connect(url) as connection:
        database = connection.info.dbname
        mini_run.prepare(connection)
        run = post_month(connection)
        pay(connection, run.bill_run_id, PAY_DAY, "run", dry_run=False, maker="ana")
        connection.execute(
            """insert into ledger.disputes (dispute_id, settlement_key, agreement_id, payer_party_id, receiver_party_id,
                   currency_code, disputed_minor, held_minor, raised_on, answer_by, escalate_on, raised_by)
               select 'D1', settlement_key, 'streamly-content', payer_party_id, receiver_party_id, currency_code, -5, 5,
                   '2026-11-05', '2027-01-04', '{}', 'ana' from ledger.settlement_documents"""
        )
        for hop in HOPS:
            insert_hop(connection, *hop)
        for partner in (STREAMLY, "other", *CHAIN[1:]):
            role = login(database, partner)
            connection.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))
            connection.execute(sql.SQL("grant apportion_partner to {}").format(sql.Identifier(role)))
            connection.execute("insert into control.partner_logins values (%s, %s)", [role, partner])
    yield url
    with psycopg.connect(url) as connection:
        for partner in (STREAMLY, "other", *CHAIN[1:]):
            connection.execute(
                sql.SQL("drop owned by {0}; drop role {0}").format(sql.Identifier(login(database, partner)))
            )


def insert_hop(connection: psycopg.Connection, payer: str, receiver: str) -> None:
    """A document with an item, payment and dispute between two parties of a chain, after Streamly's."""
    own = {
        "payer_party_id": payer, "receiver_party_id": receiver, "settlement_key": str(uuid.uuid4()),
        "document_number": f"ST/{payer}/1", "series_id": f"T/{payer}", "item_key": str(uuid.uuid4()),
        "payment_id": f"PAY{payer}", "end_to_end_id": f"E2E{payer}", "dispute_id": f"D-{payer}",
    }  # fmt: skip
    connection.execute("set local session_replication_role = replica")
    for relation in ("settlement_documents", "settlement_items", "payments", "disputes"):
        copied = sql.SQL(
            """insert into {table}
               select made.* from (select * from {table} where receiver_party_id = %(pattern)s limit 1) as pattern,
                   jsonb_populate_record(null::{table}, to_jsonb(pattern) || %(own)s) as made"""
        ).format(table=sql.Identifier("ledger", relation))
        assert connection.execute(copied, {"own": Jsonb(own), "pattern": STREAMLY}).rowcount == 1
    connection.execute("set local session_replication_role = origin")


def login(database: str, partner: str) -> str:
    return f"{database}_{partner}"


@pytest.fixture
def as_partner(posted_url: str) -> Iterator[Callable[[str], psycopg.Connection]]:
    """A session with a partner's rights: ``as_partner('streamly')``."""
    opened = []

    def connect(partner: str) -> psycopg.Connection:
        connection = psycopg.connect(posted_url, autocommit=True)
        opened.append(connection)
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(login(connection.info.dbname, partner))))
        return connection

    yield connect
    for connection in opened:
        connection.close()


def readable(connection: psycopg.Connection) -> dict[tuple[str, str], int]:
    """Rows of every relation that the session can read anything of."""
    counts = {}
    for schema, name in connection.execute(RELATIONS).fetchall():
        try:
            statement = sql.SQL("select count(*) from {}").format(sql.Identifier(schema, name))
            counts[(schema, name)] = connection.execute(statement).fetchone()[0]
        except psycopg.errors.InsufficientPrivilege:
            continue
    return counts


def test_a_partner_reads_its_own_rows_and_no_other_relation(as_partner):
    own = readable(as_partner(STREAMLY))
    assert own.keys() == OPEN_TO_PARTNERS
    assert own["partner", "statements"] == own["ledger", "settlement_documents"] == 1
    assert own["partner", "statement_items"] == own["ledger", "settlement_items"] == 3
    assert own["partner", "payments"] == own["ledger", "payments"] == 1
    assert own["partner", "disputes"] == own["ledger", "disputes"] == 1
    assert own["control", "partner_logins"] == 1


def test_another_partner_reads_nothing_of_it_through_any_relation(as_partner):
    other = readable(as_partner("other"))
    assert other.keys() == OPEN_TO_PARTNERS
    assert {key: count for key, count in other.items() if count} == {("control", "partner_logins"): 1}


def with_parties(connection: psycopg.Connection) -> set[tuple[str, str]]:
    """Relations that say who pays and who is paid, as far as the session may read them."""
    rows = connection.execute(
        """select table_schema, table_name from information_schema.columns
           where column_name in ('payer_party_id', 'receiver_party_id') group by 1, 2 having count(*) = 2"""
    )
    return set(rows.fetchall())


@pytest.mark.parametrize("party", CHAIN[1:])
def test_a_party_of_a_chain_of_five_sees_its_own_hops_through_every_relation(as_partner, party):
    """The one it is paid by and the one it pays: not the prices above, nor the margins below."""
    connection = as_partner(party)
    own = {hop for hop in HOPS if party in hop}
    relations = with_parties(connection)
    # All that is open to partners says whose it is, but for the list of logins, which shows its own row only.
    assert relations == OPEN_TO_PARTNERS - {("control", "partner_logins")}
    for schema, name in sorted(relations):
        statement = sql.SQL("select payer_party_id, receiver_party_id from {}").format(sql.Identifier(schema, name))
        assert set(connection.execute(statement).fetchall()) == own, (schema, name)
    logins = connection.execute("select party_id from control.partner_logins").fetchall()
    assert logins == [(party,)]


@pytest.mark.parametrize(
    "statement",
    [
        "update control.partner_logins set party_id = 'streamly'",
        "insert into control.partner_logins values (current_user, 'streamly')",
        "insert into ledger.settlement_items select * from ledger.settlement_items",
        "delete from ledger.payments",
        "select bank_account from ledger.payments",
        "select receiver from ledger.settlement_documents",
        "select raised_by from ledger.disputes",
        "select * from ledger.claims('2026-11-25')",
        "select * from ledger.dispute_states('2026-11-25')",
        "select * from ledger.document_states('2026-11-25')",
        "create table partner.mine (n integer)",
        "create view public.mine as select 1 as n",
    ],
)
def test_a_partner_writes_nothing_and_sees_no_other_column(as_partner, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_partner("other").execute(statement)


def test_no_setting_of_the_session_widens_what_is_seen(as_partner):
    connection = as_partner("other")
    for setting in ("row_security", "apportion.party_id", "apportion.token"):
        try:
            connection.execute(f"set {setting} = off")
        except psycopg.Error:
            connection.rollback() if not connection.autocommit else None
        try:
            assert connection.execute("select count(*) from partner.statements").fetchone() == (0,)
        except psycopg.errors.InsufficientPrivilege:
            connection.execute("reset row_security")


def test_views_for_partners_have_the_readers_rights_and_tables_force_their_policies(posted_url):
    with psycopg.connect(posted_url) as connection:
        views = connection.execute(
            "select relname, reloptions from pg_class where relnamespace = 'partner'::regnamespace and relkind = 'v'"
        ).fetchall()
        assert views and all("security_invoker=true" in (options or []) for _, options in views)
        unforced = connection.execute(
            """select oid::regclass::text from pg_class
               where has_any_column_privilege('apportion_partner', oid, 'select') and relkind in ('r', 'p')
                   and relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema')
                   and not (relrowsecurity and relforcerowsecurity)"""
        ).fetchall()
        assert unforced == []
        assert connection.execute(
            """select count(*) from pg_class
               where relkind = 'm' and has_table_privilege('apportion_partner', oid, 'select')"""
        ).fetchone() == (0,)


def test_a_relation_that_forgets_its_policy_is_found(posted_url, as_partner):
    with psycopg.connect(posted_url) as connection:
        connection.execute("create view ledger.leak as select settlement_key from ledger.settlement_documents")
        connection.execute("grant select on ledger.leak to apportion_partner")
    try:
        assert readable(as_partner("other"))["ledger", "leak"] == 1 + len(HOPS)
    finally:
        with psycopg.connect(posted_url) as connection:
            connection.execute("drop view ledger.leak")
