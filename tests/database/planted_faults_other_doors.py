"""One planted fault, or more, for every check of the usage door and of the door before paying.

Belongs here: the name of a check and the SQL that must make it fail. Belongs elsewhere: the faults of a built bill run
(``planted_faults``), the clean month (``mini_run``).
"""

PAYOUT_FAULTS = [
    (
        "negative_margins_are_approved_by_name",
        "alter table published.fct_negative_margins disable trigger user;"
        " insert into published.fct_negative_margins select max(bill_run_id), '2026-10-c01', 'tariff', 'carrier',"
        " 'voice', 'mobile', 'calls', 'wisla-telekom', 'PLN', 2, 10, 12, -2 from ledger.settlement_documents",
    ),
    (
        "currency_code_is_an_iso_code",
        "update ledger.settlement_documents set currency_code = 'eu'",
    ),
    (
        "posted_is_what_was_published",
        "update ledger.settlement_documents set receiver_party_id = 'thief'",
    ),
    (
        "posted_is_what_was_published",
        "delete from ledger.posted_positions; delete from ledger.settlement_items; "
        "delete from ledger.settlement_documents",
    ),
    (
        "document_is_the_sum_of_its_positions",
        "delete from ledger.posted_positions",
    ),
    (
        "document_is_the_sum_of_its_positions",
        "update ledger.posted_positions set currency_code = 'PLN'",
    ),
    (
        "document_is_position_and_tax",
        "update ledger.settlement_documents set tax_minor = 1",
    ),
    (
        "payment_is_document_less_withheld",
        "update ledger.settlement_documents set withheld_minor = 1",
    ),
    (
        "operator_pays_what_it_owes",
        "update ledger.settlement_documents set payer_party_id = 'other'",
    ),
    (
        "payable_is_the_payment",
        "update ledger.journal_lines set amount_minor = -1 where ledger_account = 'partner_payable'",
    ),
    (
        "nobody_pays_itself",
        "update ledger.settlement_documents set receiver_party_id = payer_party_id",
    ),
    (
        "payment_made_is_of_the_document",
        "insert into ledger.payments (payment_id, end_to_end_id, payer_party_id, receiver_party_id, bank_account, "
        "currency_code, amount_minor, execution_date, paid_in_run, receiver_name, debtor_account, debtor_name, "
        "remittance_text, proposed_by) select 'P1', 'E1', payer_party_id, receiver_party_id, 'x', 'PLN', 2100, "
        "'2026-12-01', 'x', 'x', 'x', 'x', 'x', 'x' from ledger.settlement_documents; "
        "insert into ledger.payment_clearings select settlement_key, 1, 1, 'P1', 2100 from ledger.settlement_documents",
    ),
    (
        "numbers_have_no_gap",
        "update ledger.settlement_documents set number = 2",
    ),
]

USAGE_FAULTS = [
    (
        "every_stored_row_belongs_to_a_loaded_file_of_the_batch",
        "update inbox.usage_rows set file_id = 99999 where line_number = 2",
    ),
    (
        "rows_read_are_rows_accounted_for",
        "delete from inbox.usage_rows where line_number = 2",
    ),
    (
        "accepted_rows_are_stored",
        "delete from inbox.usage_rows where line_number = 2",
    ),
    (
        "accepted_rows_are_stored",
        "insert into inbox.usage_rows select * from inbox.usage_rows where line_number = 2",
    ),
    (
        "duplicates_are_listed",
        "delete from inbox.row_dispositions where disposition = 'duplicate'",
    ),
    (
        "conflicts_are_listed",
        "update inbox.row_dispositions set disposition = 'conflict' where disposition = 'duplicate'",
    ),
    (
        "rejections_are_listed",
        "delete from inbox.row_dispositions where disposition = 'rejected'",
    ),
    (
        "quantity_accepted_is_the_quantity_stored",
        "update inbox.usage_rows set quantity_units = 1 where line_number = 2",
    ),
    (
        "every_row_not_accepted_has_a_reason",
        "update inbox.row_dispositions set reason_code = ''",
    ),
    (
        "every_row_has_a_finite_time",
        "update inbox.usage_rows set event_at = 'infinity' where line_number = 2",
    ),
    (
        "files_has_at_least_1_rows",
        "update inbox.files set feed_kind = 'population'; delete from inbox.usage_rows",
    ),
]
