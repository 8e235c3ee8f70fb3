"""The door before paying: the posted documents are what was published, add up, and are the operator's to pay.

Belongs here: checks of a posted run's settlement documents (I12, I19, I20, I21).
Belongs elsewhere: which of them can be paid (``assets.payments``); one partner without a bank account is not paid, and
does not stop the others.
"""

from assets.quality.checks import Door, Relation, Rule, currency_code

_DOCUMENTS = """
    with published as (
        select * from published.fct_party_settlements where bill_run_id = $bill_run_id
    ),
    posted as (
        select * from ledger.settlement_documents where bill_run_id = $bill_run_id
    ),
    items as (
        select settlement_key, sum(amount_minor) as summed_minor,
            coalesce(sum(amount_minor) filter (where item_kind in ('share', 'usage')), 0) as shares_minor,
            count(distinct currency_code) as currencies, min(currency_code) as currency_code
        from ledger.settlement_items where stage = 'position' group by settlement_key
    ),
    positions as (
        select settlement_key, sum(settlement_amount_minor) as positions_minor,
            count(distinct currency_code) as currencies, min(currency_code) as currency_code
        from ledger.posted_positions group by settlement_key
    ),
    payables as (
        select transaction_key, currency_code, -sum(amount_minor) as payable_minor
        from ledger.journal_lines
        where bill_run_id = $bill_run_id and ledger_account = 'partner_payable'
        group by transaction_key, currency_code
    ),
    clearings as (
        select clearings.settlement_key, sum(clearings.cleared_minor) as cleared_minor,
            bool_and(
                payments.currency_code = posted.currency_code
                and payments.receiver_party_id in (posted.receiver_party_id, posted.payer_party_id)
            ) as is_between_its_parties
        from ledger.payment_clearings as clearings
        join posted using (settlement_key)
        join ledger.payments using (payment_id)
        left join ledger.payment_reversals as reversals using (payment_id)
        where reversals.payment_id is null
        group by clearings.settlement_key
    )
    select settlement_key, posted.document_number, posted.currency_code, posted.position_minor, posted.tax_minor,
        posted.document_minor, posted.withheld_minor, posted.retained_minor, posted.payment_minor,
        posted.is_paid_by_operator, posted.payer_party_id, posted.receiver_party_id,
        published.payment_minor as published_payment_minor, published.currency_code as published_currency_code,
        published.receiver_party_id as published_receiver_party_id,
        items.summed_minor, items.shares_minor, coalesce(positions.positions_minor, 0) as positions_minor,
        greatest(items.currencies, positions.currencies) as position_currencies,
        items.currency_code as item_currency_code,
        coalesce(positions.currency_code, items.currency_code) as position_currency_code, payables.payable_minor,
        posted.payer_party_id = book_versions.operator_party_id as operator_is_payer,
        clearings.cleared_minor is null or (
            -- What was retained is cleared after its release, besides the payment.
            abs(clearings.cleared_minor) <= abs(posted.payment_minor) + posted.retained_minor
            and clearings.is_between_its_parties
        ) as payment_is_of_the_document
    from published
    full join posted using (settlement_key)
    join control.bill_runs on bill_runs.bill_run_id = $bill_run_id
    join catalog.book_versions using (book_id)
    left join items using (settlement_key)
    left join positions using (settlement_key)
    left join payables on settlement_key = payables.transaction_key and posted.currency_code = payables.currency_code
    left join clearings using (settlement_key)
"""

_SERIES = """
    select number_series.series_id, number_series.last_number, count(documents.number) as document_count,
        min(documents.number) as lowest_number, max(documents.number) as highest_number
    from ledger.number_series
    join ledger.settlement_documents as documents using (series_id)
    where number_series.series_id in (
        select series_id from ledger.settlement_documents where bill_run_id = $bill_run_id
    )
    group by number_series.series_id
"""

# What the documents of the run settle, in a bill run its own, in a settlement run those of the bill runs behind it.
_NEGATIVE_MARGINS = """
    select margins.agreement_id || ' ' || margins.item_id || ' ' || margins.offering_id || ' ' || margins.price_id
            as margin, approvals.approved_by
    from published.fct_negative_margins as margins
    left join control.margin_approvals as approvals using (bill_run_id, agreement_id)
    where margins.bill_run_id = $bill_run_id
        or (margins.bill_run_id, margins.agreement_id) in (
            select source_bill_run_id, agreement_id from published.fct_settled_shares
            where fct_settled_shares.bill_run_id = $bill_run_id
        )
"""

DOOR = Door(
    gate="payouts_before_paying",
    relations=(
        Relation(
            "settlement_documents",
            _DOCUMENTS,
            key="settlement_key",
            floor=0,
            checks=(
                currency_code(),
                Rule(
                    "posted_is_what_was_published",
                    "payment_minor = published_payment_minor and currency_code = published_currency_code"
                    " and receiver_party_id = published_receiver_party_id",
                ),
                Rule(
                    "document_is_the_sum_of_its_positions",
                    "position_minor = summed_minor and shares_minor = positions_minor and position_currencies = 1"
                    " and currency_code = item_currency_code and currency_code = position_currency_code",
                ),
                Rule("document_is_position_and_tax", "document_minor = position_minor + tax_minor"),
                Rule(
                    "payment_is_document_less_withheld",
                    "payment_minor = document_minor - withheld_minor - retained_minor",
                ),
                Rule("operator_pays_what_it_owes", "is_paid_by_operator = operator_is_payer"),
                Rule("payable_is_the_payment", "not is_paid_by_operator or payable_minor = payment_minor"),
                Rule("nobody_pays_itself", "payer_party_id <> receiver_party_id"),
                Rule("payment_made_is_of_the_document", "payment_is_of_the_document"),
            ),
        ),
        Relation(
            "negative_margins",
            _NEGATIVE_MARGINS,
            key="margin",
            floor=0,
            checks=(Rule("negative_margins_are_approved_by_name", "approved_by is not null"),),
        ),
        Relation(
            "number_series",
            _SERIES,
            key="series_id",
            floor=0,
            checks=(
                Rule(
                    "numbers_have_no_gap",
                    "lowest_number = 1 and highest_number = document_count and last_number = document_count",
                ),
            ),
        ),
    ),
)
