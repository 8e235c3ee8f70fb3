# ruff: noqa: E501  one line per pair of columns
"""The columns of the CSV exports, and how each is made safe and exact in SQL.

Belongs here: column lists and their FROM clauses. Belongs elsewhere: writing the files (``exports``).
"""

from dataclasses import dataclass

# A spreadsheet takes a cell that starts with one of these for a formula (OWASP ASVS 1.2.10); full-width forms too.
_FORMULA_START = r"'^[=+\-@\t\r\n＝＋－＠]'"


def text(column: str, name: str) -> str:
    """A text column: an apostrophe goes before what could be a formula."""
    return f"case when ({column}) ~ {_FORMULA_START} then '''' || ({column}) else {column} end as {name}"


def typed(column: str, name: str) -> str:
    """A number, date, key or code of our own: written as it is, so that -2.50 stays a number."""
    return f"{column} as {name}"


def major(column: str, name: str, digits: str) -> str:
    """Minor units as an exact decimal in major units; trailing zeros of exact amounts go, the currency's digits stay."""
    return f"{column} * ('1e-' || {digits})::numeric as {name}"


@dataclass(frozen=True, slots=True)
class Export:
    """One CSV: its name, its columns, and where the rows come from in which order."""

    name: str
    columns: tuple[str, ...]
    source: str

    def query(self) -> str:
        """The whole statement; parameters: bill_run_ids, sealed_before, sealed_batch_id."""
        return f"select {', '.join(self.columns)} {self.source}"


_RUNS = "any(%(bill_run_ids)s::integer[])"

BILLS = Export(
    "bills",
    (
        text("bills.bill_number", "bill_number"), typed("bills.period_id", "period_id"),
        text("bills.account_id", "account_id"), text("bills.party_id", "party_id"),
        text("bills.customer ->> 'name'", "customer_name"), text("bills.customer ->> 'tax_number'", "customer_tax_number"),
        typed("bills.customer ->> 'country_code'", "customer_country"), text("bills.legal_entity_id", "legal_entity_id"),
        typed("bills.language_code", "language"), typed("bills.issue_date", "issue_date"),
        typed("bills.due_date", "due_date"), typed("bills.line_count", "line_count"),
        typed("bills.currency_code", "currency"), major("bills.net_minor", "net_amount", "minor_digits"),
        major("bills.tax_minor", "tax_amount", "minor_digits"), major("bills.gross_minor", "gross_amount", "minor_digits"),
        typed("bills.bill_run_id", "bill_run_id"), typed("bills.bill_key", "bill_key"),
    ),
    f"""
    from ledger.customer_bills as bills join catalog.currencies using (currency_code)
    where bills.bill_run_id = {_RUNS} order by bills.series_id, bills.number
    """,
)  # fmt: skip

LINES = Export(
    "lines",
    (
        text("bills.bill_number", "bill_number"), text("lines.account_id", "account_id"),
        text("lines.product_id", "product_id"), text("lines.offering_id", "offering_id"),
        text("lines.bundle_offering_id", "bundle_offering_id"), text("lines.price_id", "price_id"),
        typed("lines.charge_kind", "charge_kind"), text("lines.service_kind", "service"),
        text("lines.seller_party_id", "seller_party_id"), typed("lines.covered_from", "covered_from"),
        typed("lines.covered_until", "covered_until"), typed("lines.is_late::text", "is_late"),
        typed("lines.event_count", "usage_records"), typed("trim_scale(lines.billed_quantity)", "charged_quantity"),
        typed("trim_scale(lines.allowance_quantity)", "quantity_from_allowance"),
        typed("trim_scale(lines.period_factor)", "period_factor"), typed("lines.tax_category", "tax_category"),
        typed("lines.price_currency_code", "price_currency"), typed("trim_scale(lines.amount_exact)", "exact_amount"),
        typed("lines.fx_source", "fx_source"), typed("lines.fx_date", "fx_date"),
        typed("trim_scale(lines.fx_rate)", "fx_rate"), typed("lines.currency_code", "currency"),
        major("lines.amount_minor", "net_amount", "minor_digits"), typed("lines.line_key", "line_key"),
    ),
    f"""
    from ledger.posted_lines as posted
    join published.fct_applied_billing_rates as lines using (bill_run_id, line_key)
    join ledger.customer_bills as bills using (bill_key)
    join catalog.currencies as currencies on lines.currency_code = currencies.currency_code
    where posted.bill_run_id = {_RUNS}
    order by bills.series_id, bills.number, lines.product_id, lines.offering_id, lines.price_id, lines.covered_from,
        lines.line_key
    """,
)  # fmt: skip

SHARES = Export(
    "shares",
    (
        typed("shares.line_key", "line_key"), typed("shares.hop_number", "hop"), typed("shares.step_number", "step"),
        text("shares.agreement_id", "agreement_id"), text("shares.item_id", "item_id"),
        text("shares.payer_party_id", "payer_party_id"), text("shares.receiver_party_id", "receiver_party_id"),
        typed("shares.is_kept::text", "is_kept"), typed("shares.currency_code", "currency"),
        typed("trim_scale(shares.base_exact * ('1e-' || minor_digits)::numeric)", "base_exact_amount"),
        typed("trim_scale(shares.amount_exact * ('1e-' || minor_digits)::numeric)", "share_exact_amount"),
        typed("shares.tax_category", "tax_category"), typed("shares.bill_run_id", "bill_run_id"),
    ),
    f"""
    from published.fct_revenue_shares as shares join catalog.currencies using (currency_code)
    where shares.bill_run_id = {_RUNS} order by shares.bill_run_id, shares.line_key, shares.step_number
    """,
)  # fmt: skip

POSITIONS = Export(
    "positions",
    (
        text("documents.document_number", "document_number"), typed("positions.hop_number", "hop"),
        text("positions.agreement_id", "agreement_id"), text("positions.item_id", "item_id"),
        text("positions.payer_party_id", "payer_party_id"), text("positions.receiver_party_id", "receiver_party_id"),
        typed("positions.is_kept::text", "is_kept"), typed("positions.line_count", "line_count"),
        typed("positions.currency_code", "currency"),
        typed("trim_scale(positions.amount_exact * ('1e-' || currencies.minor_digits)::numeric)", "exact_amount"),
        major("positions.amount_minor", "amount", "currencies.minor_digits"),
        typed("positions.fx_source", "fx_source"), typed("positions.fx_date", "fx_date"),
        typed("trim_scale(positions.fx_rate)", "fx_rate"),
        typed("positions.settlement_currency_code", "settlement_currency"),
        major("positions.settlement_amount_minor", "settlement_amount", "settled_in.minor_digits"),
        typed("positions.tax_category", "tax_category"), typed("positions.position_key", "position_key"),
    ),
    f"""
    from published.fct_positions as positions
    join catalog.currencies as currencies on positions.currency_code = currencies.currency_code
    join catalog.currencies as settled_in on positions.settlement_currency_code = settled_in.currency_code
    left join ledger.posted_positions as posted using (position_key)
    left join ledger.settlement_documents as documents using (settlement_key)
    where positions.bill_run_id = {_RUNS}
    order by positions.bill_run_id, positions.hop_number, positions.payer_party_id, positions.receiver_party_id,
        positions.agreement_id, positions.item_id, positions.position_key
    """,
)  # fmt: skip

SETTLEMENTS = Export(
    "settlements",
    (
        text("documents.document_number", "document_number"), typed("documents.document_kind", "document_kind"),
        typed("documents.period_id", "period_id"), text("documents.payer_party_id", "payer_party_id"),
        text("documents.receiver_party_id", "receiver_party_id"), text("documents.receiver ->> 'name'", "receiver_name"),
        typed("documents.issue_date", "issue_date"), typed("documents.due_date", "due_date"),
        typed("documents.currency_code", "currency"), major("documents.position_minor", "position_amount", "minor_digits"),
        major("documents.tax_minor", "tax_amount", "minor_digits"),
        major("documents.document_minor", "document_amount", "minor_digits"),
        major("documents.withheld_minor", "withheld_amount", "minor_digits"),
        major("documents.retained_minor", "retained_amount", "minor_digits"),
        major("documents.payment_minor", "payment_amount", "minor_digits"),
        typed("documents.is_paid_by_operator::text", "is_paid_by_operator"),
        text("corrected.document_numbers", "corrects"), typed("documents.settlement_key", "settlement_key"),
    ),
    f"""
    from ledger.settlement_documents as documents join catalog.currencies using (currency_code)
    left join (
        select settlement_key, string_agg(document_number, ' ' order by issue_date, document_number) as document_numbers
        from ledger.corrected_documents(array(
            select settlement_key from ledger.settlement_documents where bill_run_id = {_RUNS} and document_minor < 0
        ))
        group by settlement_key
    ) as corrected using (settlement_key)
    where documents.bill_run_id = {_RUNS} order by documents.series_id, documents.number
    """,  # noqa: S608  a constant of this module
)  # fmt: skip

# What a document is made of, tax and payment included: its amounts are the sums of its stages.
SETTLEMENT_ITEMS = Export(
    "settlement_items",
    (
        text("documents.document_number", "document_number"), typed("items.stage", "stage"),
        typed("items.item_kind", "kind"), text("items.agreement_id", "agreement_id"), text("items.item_id", "item_id"),
        text("items.payer_party_id", "payer_party_id"), text("items.receiver_party_id", "receiver_party_id"),
        typed("items.currency_code", "currency"), major("items.basis_minor", "basis_amount", "minor_digits"),
        typed("trim_scale(items.rate_percent)", "rate_percent"), major("items.amount_minor", "amount", "minor_digits"),
        typed("items.settled_on", "settled_on"), text("items.reference", "reference"), typed("items.item_key", "item_key"),
    ),
    f"""
    from ledger.settlement_items as items
    join ledger.settlement_documents as documents using (settlement_key)
    join catalog.currencies as currencies on items.currency_code = currencies.currency_code
    where documents.bill_run_id = {_RUNS}
    order by documents.series_id, documents.number, array_position(array['position', 'document', 'payment'], items.stage),
        items.agreement_id, items.item_kind, items.item_id, items.item_key
    """,
)  # fmt: skip

# What a settlement run settled, line by line: shares of posted bill runs, and what adjusted them (with the reason).
SETTLED_SHARES = Export(
    "settled_shares",
    (
        typed("sources.period_id", "billing_period"), typed("shares.month_from", "month"),
        typed("shares.line_key", "line_key"), typed("shares.hop_number", "hop"), typed("shares.step_number", "step"),
        text("shares.agreement_id", "agreement_id"), text("shares.item_id", "item_id"),
        text("shares.payer_party_id", "payer_party_id"), text("shares.receiver_party_id", "receiver_party_id"),
        typed("shares.is_kept::text", "is_kept"), typed("shares.reason", "adjusted_because"),
        typed("shares.currency_code", "currency"),
        typed("trim_scale(shares.base_exact * ('1e-' || minor_digits)::numeric)", "base_exact_amount"),
        typed("trim_scale(shares.amount_exact * ('1e-' || minor_digits)::numeric)", "share_exact_amount"),
        typed("shares.tax_category", "tax_category"), typed("shares.bill_run_id", "settlement_run_id"),
    ),
    f"""
    from ledger.shares_by_settlement as shares
    join control.bill_runs as sources on shares.source_bill_run_id = sources.bill_run_id
    join catalog.currencies using (currency_code)
    where shares.bill_run_id = {_RUNS}
    order by shares.bill_run_id, sources.period_id, shares.line_key, shares.step_number, shares.reason nulls first
    """,
)  # fmt: skip

# Of the batches this period saw and the posted period before it did not.
_REJECTED = """
    from inbox.row_dispositions as rows join inbox.files as files using (file_id)
    where rows.decided_in_batch_id > %(sealed_before)s and rows.decided_in_batch_id <= %(sealed_batch_id)s
    order by rows.file_id, rows.line_number, rows.disposition
"""
REJECTED_ROWS = Export(
    "rejected_rows",
    (
        text("files.file_name", "file_name"), typed("rows.line_number", "line_number"),
        typed("rows.disposition", "disposition"), typed("rows.reason_code", "reason"),
        text("rows.characteristic", "field"), text("rows.found", "found"), text("rows.expected", "expected"),
        text("rows.raw_line", "line_as_delivered"),
    ),
    _REJECTED,
)  # fmt: skip

SUSPENDED_USAGE = Export(
    "suspended_usage",
    (
        text("files.file_name", "file_name"), typed("usage.line_number", "line_number"),
        typed("usage.event_at", "event_at"), typed("usage.reason_code", "reason"), text("usage.detail", "detail"),
        typed("usage.event_key", "event_key"),
    ),
    f"""
    from published.fct_suspended_usage as usage left join inbox.files as files using (file_id)
    where usage.bill_run_id = {_RUNS} order by usage.bill_run_id, usage.file_id, usage.line_number
    """,
)  # fmt: skip

# Lane -> what a posted period of it is written to.
EXPORTS = {
    "build": (BILLS, LINES, SHARES, POSITIONS, SETTLEMENTS, SETTLEMENT_ITEMS, REJECTED_ROWS, SUSPENDED_USAGE),
    "settle": (SETTLED_SHARES, POSITIONS, SETTLEMENTS, SETTLEMENT_ITEMS),
}
