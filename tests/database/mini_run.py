"""One small, consistent bill run in every table that publishing, posting, paying and the gates read.

Belongs here: rows as dbt would have built them, worked out by hand. Belongs elsewhere: whether dbt makes them.

October 2026 at an operator in Warsaw with four accounts: A1 (PLN) and A2 (EUR) are billed, A3 is parked, A4 has nothing
to bill. Streamly gets 70 percent of the video fees, in EUR:

    A1  calls        10.00 PLN   nobody's share
    A1  video        20.01 PLN   Streamly 1400.7 grosz, kept 600.3
    A2  video        25.00 EUR   (100.00 PLN at 0.25) Streamly 1750 cents, kept 750
"""

import hashlib
import uuid
from datetime import UTC, date, datetime, timedelta

import psycopg

from assets.publishing.bill_run_opening import open_bill_run
from assets.publishing.bill_runs import BillRun
from assets.publishing.digests import output_digest
from assets.publishing.publish import SMALL_TABLES
from assets.quality.checks import CheckResult
from assets.quality.gate_rows import gate_result, store_bill_run_gate, store_usage_gate

OPERATOR, STREAMLY = "wisla", "streamly"
PERIOD = "2026-10-c01"
TOKEN = 7
IBAN = "DE89370400440532013000"
DEBTOR_IBAN = "PL10105000997603123456789123"
# Approvals of terms are not asked for, except where a test is about them.
BOOK = '{"operator": {"payments": {"unapproved_terms": "pay"}}}'
CODE_VERSION = hashlib.sha256(b"code").hexdigest()
PASSED = CheckResult("planted", "none", True, 1, 0)
FAILED = CheckResult("planted", "none", False, 1, 1)


def key(*parts: object) -> uuid.UUID:
    """A stable key from words."""
    return uuid.UUID(hashlib.md5("/".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest())


def insert(connection: psycopg.Connection, table: str, **row: object) -> None:
    """One row, by column names."""
    columns = ", ".join(row)
    values = ", ".join(f"%({name})s" for name in row)
    connection.execute(f"insert into {table} ({columns}) values ({values})", row)  # noqa: S608  names of this module


def prepare(connection: psycopg.Connection) -> None:
    """The book, the populations, one batch of usage with its passed door, and the lease."""
    connection.execute("update control.leases set token = %s where lane = 'build'", [TOKEN])
    for code, digits in (("PLN", 2), ("EUR", 2), ("JPY", 0)):
        connection.execute("insert into catalog.currencies values (%s, %s) on conflict do nothing", [code, digits])
    connection.execute(
        """insert into catalog.book_versions (book_digest, operator_party_id, time_zone, home_currency, definition)
           values (%s, %s, 'Europe/Warsaw', 'PLN', %s)""",
        ["b" * 64, OPERATOR, BOOK],
    )
    book_id = latest(connection, "catalog.book_versions", "book_id")
    insert(connection, "catalog.legal_entities", book_id=book_id, legal_entity_id="wisla-pl", party_id=OPERATOR,
           legal_name="Wisla", country_code="PL", tax_number="PL5261040828", currency_code="PLN", bank_account=None,
           address_lines=["Warszawa"], bill_series_prefix="WT")  # fmt: skip
    for currency in ("PLN", "EUR"):
        insert(connection, "catalog.payment_accounts", book_id=book_id, legal_entity_id="wisla-pl",
               currency_code=currency, iban=DEBTOR_IBAN, bic="INGBPLPW")  # fmt: skip
    _agreement(connection, book_id)
    connection.execute("insert into inbox.batches default values")
    batch_id = latest(connection, "inbox.batches", "batch_id")
    file_id = population_file(connection, batch_id)
    for party, account in ((STREAMLY, IBAN), (OPERATOR, None), ("anna", None)):
        insert(connection, "inbox.parties", party_id=party, effective_from=date(2026, 1, 1), party_kind="organization",
               name=party.title(), country_code="PL", tax_status="business", language_code="pl", bank_account=account,
               address_lines=["Warszawa"], file_id=file_id, line_number=1)  # fmt: skip
    for account_id, currency in (("A1", "PLN"), ("A2", "EUR"), ("A3", "PLN"), ("A4", "PLN")):
        add_account(connection, account_id, currency_code=currency)
    deliver_usage(connection, batch_id)
    store_usage_gate(connection, batch_id, gate_result("usage_in", [PASSED]))


def latest(connection: psycopg.Connection, table: str, column: str) -> int:
    """The highest id of a table: identities go on counting when a test rolls back."""
    return connection.execute(f"select max({column}) from {table}").fetchone()[0]  # noqa: S608  names of this module


def add_account(connection: psycopg.Connection, account_id: str, **more: object) -> None:
    """A billing account in force since January 2026."""
    row = {"effective_from": date(2026, 1, 1), "currency_code": "PLN", "bill_cycle": "c01"} | more
    insert(connection, "inbox.billing_accounts", account_id=account_id, party_id="anna", language_code="pl",
           due_days=14, file_id=latest(connection, "inbox.files", "file_id"), line_number=1, **row)  # fmt: skip


def _agreement(connection: psycopg.Connection, book_id: int) -> None:
    version_id = connection.execute(
        """insert into catalog.agreements (book_id, agreement_id, version, effective_from, known_from, payer_party_id,
               settlement_currency_code, fx_source, settlement_trigger, due_days, document_kind, tax_category,
               definition)
           values (%s, 'streamly-content', '1', '2026-01-01', '2025-11-20', %s, 'EUR', 'ecb', 'billed', 30,
               'self_billed', 'standard', '{}') returning agreement_version_id""",
        [book_id, OPERATOR],
    ).fetchone()[0]
    terms_id = connection.execute(
        """insert into catalog.agreement_terms (book_id, root_agreement_version_id, effective_from)
           values (%s, %s, '2026-01-01') returning terms_id""",
        [book_id, version_id],
    ).fetchone()[0]
    common = {"terms_id": terms_id, "hop_number": 1, "agreement_version_id": version_id, "payer_party_id": OPERATOR}
    insert(connection, "catalog.agreement_steps", **common, step_number=1, step_rank=1, item_id="content",
           receiver_party_id=STREAMLY, basis="after_discount_ex_tax", rule="percent", percent=70)  # fmt: skip
    insert(connection, "catalog.agreement_steps", **common, step_number=2, step_rank=2, item_id="kept",
           receiver_party_id=OPERATOR, basis="remaining", rule="remaining", is_kept=True)  # fmt: skip


def population_file(connection: psycopg.Connection, batch_id: int) -> int:
    """A loaded population file, for rows that need one."""
    return connection.execute(
        """insert into inbox.files (batch_id, feed, feed_kind, file_name, content_sha256, size_bytes, state,
               received_at)
           values (%s, 'parties', 'population', 'parties_1.csv', %s, 1, 'loaded', now()) returning file_id""",
        [batch_id, hashlib.sha256(f"population {batch_id}".encode()).hexdigest()],
    ).fetchone()[0]


def deliver_usage(connection: psycopg.Connection, batch_id: int) -> int:
    """A file of five rows: three accepted, one duplicate (stored too), one rejected. Returns the file's id."""
    specification_id = connection.execute(
        """insert into catalog.usage_specifications (usage_specification_code) values ('voice')
           on conflict (usage_specification_code) do update set usage_specification_code = 'voice'
           returning usage_specification_id"""
    ).fetchone()[0]
    file_id = connection.execute(
        """insert into inbox.files (batch_id, feed, feed_kind, file_name, content_sha256, size_bytes, state,
               received_at, rows_read, rows_accepted, rows_duplicate, rows_rejected, quantity_units_accepted)
           values (%s, 'voice', 'usage', 'voice_1.csv', %s, 1, 'loaded', now(), 5, 3, 1, 1, 180000000)
           returning file_id""",
        [batch_id, hashlib.sha256(f"usage {batch_id}".encode()).hexdigest()],
    ).fetchone()[0]
    leaf = f"inbox.usage_rows_b{batch_id}"
    connection.execute(f"create table {leaf} partition of inbox.usage_rows for values in ({batch_id})")
    for line in (2, 3, 4, 5):
        event = min(line, 4)
        insert(connection, "inbox.usage_rows", batch_id=batch_id, file_id=file_id, line_number=line,
               usage_specification_id=specification_id, event_key=key("event", event),
               content_hash=key("content", event), event_at=datetime(2026, 10, 5, 12, tzinfo=UTC),
               identifier_id=1, characteristic_set_id=1,
               quantity_units=60_000_000)  # fmt: skip
    for line, disposition in ((5, "duplicate"), (6, "rejected")):
        insert(connection, "inbox.row_dispositions", file_id=file_id, line_number=line, disposition=disposition,
               reason_code="planted", decided_in_batch_id=batch_id)  # fmt: skip
    return file_id


def open_run(connection: psycopg.Connection, period_id: str = PERIOD, **more: object) -> BillRun:
    """Open a run of lane build with the fixture's lease."""
    arguments = {"lane": "build", "token": TOKEN, "code_version": CODE_VERSION} | more
    return open_bill_run(connection, period_id=period_id, **arguments)


def build(connection: psycopg.Connection, run: BillRun) -> None:
    """Make the lane's tables anew, as a dbt run would, with the rows of the run's accounts."""
    for table in ("fct_rated_usage", *SMALL_TABLES):
        connection.execute(f"drop table if exists build.{table} cascade")
        by_share = "partition by list (share_number)" if table == "fct_rated_usage" else ""
        connection.execute(f"create table build.{table} (like published.{table}) {by_share}")
    for number in (1, 2):
        connection.execute(
            f"create table build.int_usage_rated_{number} partition of build.fct_rated_usage for values in ({number})"
        )
    if run.sequence == 0:
        _build_first(connection, run)
    else:
        _build_supplement(connection, run)


def store_gate(connection: psycopg.Connection, run: BillRun, gate: str = "lines_before_posting", check=PASSED) -> None:
    """A gate row as the checks would leave it, for tests that are not about the checks."""
    schema = "build" if gate == "lines_before_posting" else "published"
    store_bill_run_gate(connection, run, gate_result(gate, [check]), output_digest(connection, schema, run.bill_run_id))


def open_build_and_check(connection: psycopg.Connection, period_id: str = PERIOD, **more: object) -> BillRun:
    """A run ready to be published."""
    run = open_run(connection, period_id, **more)
    build(connection, run)
    store_gate(connection, run)
    return run


def _build_first(connection: psycopg.Connection, run: BillRun) -> None:
    _outcomes(connection, run, A1="billed", A2="billed", A3="parked", A4="nothing_to_bill")
    _product(connection, run, 1, "A1", events=(2, 3))
    _product(connection, run, 2, "A3", events=(4,))
    calls = _line(connection, run, "A1", "calls", 1000, "10.00", kind="usage", event_count=2)
    video_1 = _line(connection, run, "A1", "video", 2001, "20.01")
    video_2 = _line(connection, run, "A2", "video", 2500, "100.00", currency="EUR", fx_rate="0.25")
    _bill(connection, run, "A1", 2, 3001, 690, "PLN")
    _bill(connection, run, "A2", 1, 2500, 575, "EUR")
    _own_share(connection, run, calls, 1000)
    _video_shares(connection, run, video_1, "PLN", 2001, "1400.7", "600.3")
    _video_shares(connection, run, video_2, "EUR", 2500, "1750", "750")
    _balance(connection, run, "calls", "counter", quantity="120", amount_billed="10.00")
    _balance(connection, run, "video", "fee", quantity="0", amount_billed="7.50", covered_from=run.period_start,
             covered_until=run.period_end + timedelta(days=61))  # fmt: skip
    _position(connection, run, "own", 0, OPERATOR, "PLN", "1000", 1000, "PLN", 1000)
    _position(connection, run, "content", 1, STREAMLY, "PLN", "1400.7", 1401, "EUR", 350, fx_rate="0.25")
    _position(connection, run, "kept", 1, OPERATOR, "PLN", "600.3", 600, "PLN", 600)
    _position(connection, run, "content", 1, STREAMLY, "EUR", "1750", 1750, "EUR", 1750)
    _position(connection, run, "kept", 1, OPERATOR, "EUR", "750", 750, "EUR", 750)
    settlement = key("settlement", run.period_id, run.sequence)
    insert(connection, "build.fct_party_settlements", bill_run_id=run.bill_run_id, period_id=run.period_id,
           settlement_key=settlement, payer_party_id=OPERATOR, receiver_party_id=STREAMLY,
           receiver=f'{{"name": "Streamly", "bank_account": "{IBAN}", "language_code": "en"}}',
           document_kind="self_billed", currency_code="EUR", position_minor=2100, tax_category="standard",
           tax_treatment="reverse_charge", tax_rate_percent=0, tax_minor=0, document_minor=2100, withheld_minor=0,
           payment_minor=2100, due_date=date(2026, 12, 1), is_paid_by_operator=True, retained_minor=0)  # fmt: skip
    for currency, amount in (("PLN", 350), ("EUR", 1750)):
        _item(connection, run, settlement, "position", "share", amount,
              key("position", run.period_id, run.sequence, "content", STREAMLY, currency))  # fmt: skip
    _item(connection, run, settlement, "document", "tax", 0, key("tax", settlement))
    _journal(connection, run, settlement, STREAMLY, ("partner_cost", "PLN", 1401), ("fx_clearing", "PLN", -1401),
             ("fx_clearing", "EUR", 350), ("partner_cost", "EUR", 1750), ("partner_payable", "EUR", -2100))  # fmt: skip
    _settled_shares(connection, run)
    _reconciliation(connection, run)


def _build_supplement(connection: psycopg.Connection, run: BillRun) -> None:
    """A3, parked in the first run, is billed: its calls of 5.00 PLN."""
    _outcomes(connection, run, A3="billed")
    _product(connection, run, 1, "A3", events=(4,))
    calls = _line(connection, run, "A3", "calls", 500, "5.00", kind="usage", event_count=1)
    _bill(connection, run, "A3", 1, 500, 115, "PLN")
    _own_share(connection, run, calls, 500)
    _position(connection, run, "own", 0, OPERATOR, "PLN", "500", 500, "PLN", 500)
    _reconciliation(connection, run)


def _terms(connection: psycopg.Connection) -> int:
    return latest(connection, "catalog.agreement_terms", "terms_id")


def _agreement_version(connection: psycopg.Connection) -> int:
    return latest(connection, "catalog.agreements", "agreement_version_id")


def _outcomes(connection: psycopg.Connection, run: BillRun, **outcomes: str) -> None:
    for account_id, outcome in outcomes.items():
        reason = "no_tax_rule" if outcome == "parked" else None
        insert(connection, "build.fct_account_outcomes", bill_run_id=run.bill_run_id, period_id=run.period_id,
               account_id=account_id, outcome=outcome, reason_code=reason)  # fmt: skip


def _product(
    connection: psycopg.Connection, run: BillRun, number: int, account_id: str, events: tuple[int, ...]
) -> None:
    insert(connection, "build.dim_rated_products", bill_run_id=run.bill_run_id, product_number=number,
           product_id=f"P-{account_id}", account_id=account_id, offering_id="mobile")  # fmt: skip
    for event in events:
        insert(connection, "build.fct_rated_usage", bill_run_id=run.bill_run_id, event_key=key("event", event),
               file_id=1, line_number=event, event_at=datetime(2026, 10, 5, 12, tzinfo=UTC), product_number=number,
               price_version_id=1, is_late=False,
               quantity_units=60_000_000, allowance_units=0, amount_exact=5, share_number=1 + event % 2)  # fmt: skip


def _line(connection: psycopg.Connection, run: BillRun, account_id: str, price_id: str, amount_minor: int,
          amount_exact: str, kind: str = "recurring", currency: str = "PLN", fx_rate: str = "1",
          event_count: int = 0) -> uuid.UUID:  # fmt: skip
    line_key = key("line", run.period_id, run.sequence, account_id, price_id)
    is_foreign = currency != "PLN"
    insert(connection, "build.fct_applied_billing_rates", bill_run_id=run.bill_run_id, period_id=run.period_id,
           line_key=line_key, account_id=account_id, product_id=f"P-{account_id}", product_number=1,
           offering_id="mobile", price_id=price_id, price_version_id=1, charge_kind=kind, service_kind="voice",
           terms_id=_terms(connection) if price_id == "video" else None, tax_category="standard",
           legal_entity_id="wisla-pl", covered_from=run.period_start, covered_until=run.period_end, is_late=False,
           event_count=event_count,
           billed_quantity=1, allowance_quantity=0, period_factor=1, price_currency_code="PLN",
           amount_exact=amount_exact, fx_source="ecb" if is_foreign else None,
           fx_date=date(2026, 10, 30) if is_foreign else None, fx_rate=fx_rate, currency_code=currency,
           amount_minor=amount_minor, line_number=1, list_minor=amount_minor,
           before_discount_minor=amount_minor, coupon_exact_minor=0, coupon_minor=0, credit_minor=0,
           carried_exact_minor=0)  # fmt: skip
    insert(connection, "build.fct_rate_parts", bill_run_id=run.bill_run_id, line_key=line_key, part_number=1,
           part_kind="line", covered_from=run.period_start, covered_until=run.period_end, quantity=1, period_factor=1,
           price_currency_code="PLN", amount_exact=amount_exact, charged_exact=amount_exact)  # fmt: skip
    return line_key


def _balance(connection: psycopg.Connection, run: BillRun, price_id: str, kind: str, **more: object) -> None:
    insert(connection, "build.fct_closing_balances", bill_run_id=run.bill_run_id, account_id="A1", product_id="P-A1",
           offering_id="mobile", price_id=price_id, balance_kind=kind, counter_start=date(2026, 1, 1),
           counter_until=date(2027, 1, 1), value="", free_quantity=0, event_count=0, currency_code="PLN",
           **more)  # fmt: skip


def _bill(connection: psycopg.Connection, run: BillRun, account_id: str, line_count: int, net_minor: int,
          tax_minor: int, currency: str) -> None:  # fmt: skip
    bill_key = key("bill", run.period_id, run.sequence, account_id)
    insert(connection, "build.fct_customer_bills", bill_run_id=run.bill_run_id, period_id=run.period_id,
           bill_key=bill_key, account_id=account_id, party_id="anna", legal_entity_id="wisla-pl", language_code="pl",
           currency_code=currency, customer='{"name": "Anna", "address_lines": ["Warszawa"], "country_code": "PL"}',
           issue_date=run.issue_date, due_date=date(2026, 12, 24), line_count=line_count, net_minor=net_minor,
           tax_minor=tax_minor, gross_minor=net_minor + tax_minor, coupon_minor=0, credit_minor=0)  # fmt: skip
    insert(connection, "build.fct_bill_taxes", bill_run_id=run.bill_run_id, bill_key=bill_key, tax_category="standard",
           tax_treatment="standard", tax_rate_percent=23, currency_code=currency, base_minor=net_minor,
           tax_minor=tax_minor, home_currency_code="PLN", home_fx_rate=1, tax_home_minor=tax_minor,
           tax_id="vat")  # fmt: skip
    _journal(connection, run, bill_key, "anna", ("customer_receivable", currency, net_minor + tax_minor),
             ("service_revenue", currency, -net_minor), ("output_tax", currency, -tax_minor))  # fmt: skip


def _journal(connection: psycopg.Connection, run: BillRun, transaction: uuid.UUID, party_id: str,
             *entries: tuple[str, str, int]) -> None:  # fmt: skip
    for number, (ledger_account, currency, amount_minor) in enumerate(entries, 1):
        insert(connection, "build.fct_journal_lines", bill_run_id=run.bill_run_id, transaction_key=transaction,
               entry_number=number, ledger_account=ledger_account, party_id=party_id, currency_code=currency,
               amount_minor=amount_minor)  # fmt: skip


def _own_share(connection: psycopg.Connection, run: BillRun, line_key: uuid.UUID, amount: int) -> None:
    insert(connection, "build.fct_revenue_shares", bill_run_id=run.bill_run_id, line_key=line_key, hop_number=0,
           step_number=0, item_id="own", payer_party_id=OPERATOR, receiver_party_id=OPERATOR, is_kept=True,
           currency_code="PLN", tax_category="standard", base_exact=amount, amount_exact=amount)  # fmt: skip


def _video_shares(connection: psycopg.Connection, run: BillRun, line_key: uuid.UUID, currency: str, base: int,
                  streamly: str, kept: str) -> None:  # fmt: skip
    for step, item, receiver, amount in ((1, "content", STREAMLY, streamly), (2, "kept", OPERATOR, kept)):
        insert(connection, "build.fct_revenue_shares", bill_run_id=run.bill_run_id, line_key=line_key, hop_number=1,
               step_number=step, terms_id=_terms(connection), agreement_version_id=_agreement_version(connection),
               agreement_id="streamly-content", item_id=item,
               payer_party_id=OPERATOR, receiver_party_id=receiver, is_kept=receiver == OPERATOR,
               currency_code=currency, tax_category="standard", base_exact=base, amount_exact=amount)  # fmt: skip


def _position(connection: psycopg.Connection, run: BillRun, item: str, hop: int, receiver: str, currency: str,
              amount_exact: str, amount_minor: int, settlement_currency: str, settlement_minor: int,
              fx_rate: str = "1") -> None:  # fmt: skip
    is_foreign = currency != settlement_currency
    insert(connection, "build.fct_positions", bill_run_id=run.bill_run_id, period_id=run.period_id,
           position_key=key("position", run.period_id, run.sequence, item, receiver, currency), hop_number=hop,
           agreement_id="streamly-content" if hop else None,
           agreement_version_id=_agreement_version(connection) if hop else None, item_id=item,
           payer_party_id=OPERATOR, receiver_party_id=receiver, is_kept=receiver == OPERATOR, currency_code=currency,
           tax_category="standard", line_count=1, amount_exact=amount_exact, amount_minor=amount_minor,
           settlement_currency_code=settlement_currency, fx_source="ecb" if is_foreign else None,
           fx_date=date(2026, 10, 30) if is_foreign else None, fx_rate=fx_rate,
           settlement_amount_minor=settlement_minor)  # fmt: skip


def _item(connection: psycopg.Connection, run: BillRun, settlement: uuid.UUID, stage: str, kind: str, amount: int,
          item_key: uuid.UUID) -> None:  # fmt: skip
    insert(connection, "build.fct_settlement_items", bill_run_id=run.bill_run_id, period_id=run.period_id,
           settlement_key=settlement, item_key=item_key, stage=stage, item_kind=kind,
           agreement_id="streamly-content", item_id="content", payer_party_id=OPERATOR, receiver_party_id=STREAMLY,
           currency_code="EUR", amount_minor=amount, settled_on=date(2026, 10, 31))  # fmt: skip


def _settled_shares(connection: psycopg.Connection, run: BillRun) -> None:
    """The run settles its own shares, as agreements of cycle bill_run want it."""
    connection.execute(
        """insert into build.fct_settled_shares
           select bill_run_id, %s, bill_run_id, agreement_id, '2026-10-01', currency_code, count(*), sum(amount_exact)
           from build.fct_revenue_shares where agreement_id is not null
           group by bill_run_id, agreement_id, currency_code""",
        [run.period_id],
    )


def _reconciliation(connection: psycopg.Connection, run: BillRun) -> None:
    insert(connection, "build.fct_reconciliation", bill_run_id=run.bill_run_id, check_name="lines_are_bills_net",
           description="lines = net", currency_code="PLN", left_value=1, right_value=1, rows_looked_at=1,
           is_equal=True)  # fmt: skip
