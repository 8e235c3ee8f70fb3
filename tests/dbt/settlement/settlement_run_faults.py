"""A planted fault for every check of the door before a settlement run is posted: check -> SQL that makes it fail."""

FAULTS = {
    "every_agreement_in_scope_has_an_outcome": "update settle.fct_account_outcomes set outcome = 'billed'",
    "no_agreement_outside_the_scope": "update settle.run_scope set account_id = 'x' || account_id",
    "one_outcome_per_agreement": """
        do $$ begin execute (
            select format('alter table settle.fct_account_outcomes drop constraint %I', conname) from pg_constraint
            where conrelid = 'settle.fct_account_outcomes'::regclass and contype = 'p'
        ); end $$;
        insert into settle.fct_account_outcomes select * from settle.fct_account_outcomes""",
    "settled_agreements_have_items_and_others_none": "update settle.fct_account_outcomes set outcome = 'settled'",
    "parked_agreements_settle_no_share": "update settle.fct_account_outcomes set outcome = 'parked', reason_code = 'x'",
    "parked_agreements_have_a_reason": "update settle.fct_account_outcomes set outcome = 'parked', reason_code = ''",
    "currency_code_is_an_iso_code": "update settle.fct_settled_shares set currency_code = 'pln'",
    "settlement_currency_code_is_an_iso_code": "update settle.fct_positions set settlement_currency_code = 'pln'",
    "portions_are_finite": "update settle.fct_settled_shares set amount_exact = 'NaN'",
    "portion_has_all_of_its_posted_shares": "update settle.fct_settled_shares set share_count = share_count - 1",
    "portion_is_the_sum_of_its_posted_shares": "update settle.fct_settled_shares set amount_exact = amount_exact + 1",
    "portion_was_not_settled_before": """
        insert into ledger.settled_shares
        select source_bill_run_id, agreement_id, month_from, currency_code, source_bill_run_id, 1, 1
        from settle.fct_settled_shares""",
    "portion_is_not_of_a_later_period": "update settle.fct_settled_shares set month_from = '2027-01-01'",
    "adjustments_are_finite": "update settle.fct_adjusted_shares set amount_exact = 'NaN'",
    "adjusted_share_has_its_posted_line": "update settle.fct_adjusted_shares set line_key = gen_random_uuid()",
    "collected_is_never_more_than_the_share": "update settle.fct_adjusted_shares set amount_exact = 2 * base_exact",
    "bad_debt_never_takes_back_more_than_the_share": "update settle.fct_adjusted_shares set amount_exact = base_exact",
    "corrections_never_take_back_more_than_the_share": """
        update settle.fct_adjusted_shares set reason = 'corrected', amount_exact = -2 * base_exact""",
    "back_dated_terms_leave_the_line_as_it_is": "update settle.fct_adjusted_shares set reason = 'back_dated'",
    "positions_are_finite": "update settle.fct_positions set amount_exact = 'NaN'",
    "kept_means_payer_is_receiver": "update settle.fct_positions set is_kept = not is_kept",
    "fx_rate_is_of_a_day_before_issue": "update settle.fct_positions set fx_rate = 2",
    "settlement_is_the_sum_of_its_positions": "delete from settle.fct_positions",
    "items_add_up_to_the_document_and_its_payment": "delete from settle.fct_settlement_items",
    "document_is_position_and_tax": "update settle.fct_party_settlements set tax_minor = tax_minor + 1",
    "tax_is_rounded_once": "update settle.fct_party_settlements set tax_minor = tax_minor + 1",
    "payment_is_document_less_withheld": "update settle.fct_party_settlements set withheld_minor = 1",
    "operator_pays_what_it_owes": "update settle.fct_party_settlements set is_paid_by_operator = false",
    "payable_is_the_payment": "delete from settle.fct_journal_lines",
    "every_transaction_sums_to_zero": "update settle.fct_journal_lines set amount_minor = 1",
    "every_transaction_has_its_document": "delete from settle.fct_party_settlements",
    "left_is_finite": "update settle.fct_reconciliation set left_value = 'NaN'",
    "every_equation_holds": "update settle.fct_reconciliation set left_value = left_value + 1",
}
