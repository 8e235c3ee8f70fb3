"""One planted fault, or more, for every check of what customers are billed, at the door before posting.

Belongs here: the name of a check and the SQL that must make it fail: accounts, bills, lines, usage, balances. Belongs
elsewhere: the faults of what partners get (``planted_faults_shares``) and of the other doors
(``planted_faults_other_doors``), the clean month (``mini_run``).
"""

BILL_FAULTS = [
    ("balances_are_finite", "update build.fct_closing_balances set quantity = 'NaN'"),
    ("amounts_of_balances_are_finite", "update build.fct_closing_balances set amount_billed = 'NaN'"),
    (
        "balances_are_of_accounts_that_are_not_parked",
        "update build.fct_closing_balances set account_id = 'A3' where balance_kind = 'fee'",
    ),
    (
        "balance_goes_on_after_the_period",
        "update build.fct_closing_balances set counter_until = '2026-11-01' where balance_kind = 'counter'",
    ),
    (
        "balance_goes_on_after_the_period",
        "update build.fct_closing_balances set covered_until = '2026-10-31' where balance_kind = 'fee'",
    ),
    (
        # Not over yet.
        "balance_goes_on_after_the_period",
        "update build.fct_closing_balances set balance_kind = 'ended' where balance_kind = 'counter'",
    ),
    (
        "counters_hold_what_was_billed",
        "update build.fct_closing_balances set amount_billed = 10.01 where balance_kind = 'counter'",
    ),
    (
        "a_rest_of_rounding_is_bounded_by_its_lines",
        "update build.fct_closing_balances set balance_kind = 'carry', amount_billed = 0.51"
        " where balance_kind = 'counter'",
    ),
    ("rounded_once", "update build.fct_applied_billing_rates set carried_exact_minor = 0.6"),
    (
        "no_more_given_back_than_was_billed",
        "update build.fct_closing_balances set amount_billed = -0.01 where balance_kind = 'fee'",
    ),
    (
        "every_numbered_file_came_or_is_accepted_by_name",
        "insert into catalog.usage_specification_versions (book_id, usage_specification_id, definition,"
        " quantity_scales, quantity_units_of_measure) select max(book_id), (select usage_specification_id"
        ' from catalog.usage_specifications where usage_specification_code = \'voice\'), \'{"file": {"numbering":'
        ' {"names": "voice_{number}", "first": 1, "files_per_month": null}}}\', array[6], array[\'s\']'
        " from catalog.book_versions; update inbox.files set series = '', sequence_number = 2 where feed = 'voice'",
    ),
    (
        "every_account_in_scope_has_an_outcome",
        "delete from build.fct_account_outcomes where account_id = 'A4'",
    ),
    (
        "every_account_in_scope_has_an_outcome",
        "update build.fct_account_outcomes set outcome = 'lost' where account_id = 'A4'",
    ),
    (
        "no_account_outside_the_scope",
        "update build.fct_account_outcomes set account_id = 'B9' where account_id = 'A4'",
    ),
    (
        "one_outcome_per_account",
        "insert into build.fct_account_outcomes select * from build.fct_account_outcomes",
    ),
    (
        "billed_accounts_have_a_bill_and_others_none",
        "delete from build.fct_customer_bills where account_id = 'A1'",
    ),
    (
        "billed_accounts_have_a_bill_and_others_none",
        "update build.fct_account_outcomes set outcome = 'nothing_to_bill' where account_id = 'A1'",
    ),
    (
        "parked_accounts_have_a_reason",
        "update build.fct_account_outcomes set reason_code = ''",
    ),
    (
        "currency_code_is_an_iso_code",
        "update build.fct_customer_bills set currency_code = 'pln' where account_id = 'A1'",
    ),
    (
        "currency_code_is_an_iso_code",
        "alter table build.fct_customer_bills alter currency_code drop not null;update build.fct_customer_bills "
        "set currency_code = null where account_id = 'A1'",
    ),
    (
        "every_currency_is_known",
        "update build.fct_customer_bills set currency_code = 'XXX' where account_id = 'A1'",
    ),
    (
        "every_bill_has_a_line",
        "update build.fct_customer_bills set line_count = 0 where account_id = 'A1'",
    ),
    (
        "line_count_is_that_of_its_lines",
        "update build.fct_customer_bills set line_count = 9 where account_id = 'A1'",
    ),
    (
        "net_is_the_sum_of_its_lines",
        "update build.fct_customer_bills set net_minor = net_minor + 1 where account_id = 'A1'",
    ),
    (
        "tax_bases_add_up_to_net",
        "update build.fct_bill_taxes set base_minor = base_minor + 1",
    ),
    (
        "tax_is_the_sum_of_its_rates",
        "update build.fct_bill_taxes set tax_minor = tax_minor + 1",
    ),
    (
        "tax_of_each_rate_is_rounded_once",
        "update build.fct_bill_taxes set tax_minor = tax_minor - 1",
    ),
    (
        "gross_is_net_and_tax",
        "update build.fct_customer_bills set gross_minor = gross_minor + 1",
    ),
    (
        "receivable_is_gross",
        "update build.fct_journal_lines set ledger_account = 'x' where ledger_account = 'customer_receivable'",
    ),
    (
        "one_bill_per_account_and_supplier",
        "update build.fct_customer_bills set account_id = 'A1'",
    ),
    (
        "issued_on_the_run_s_date_and_due_later",
        "update build.fct_customer_bills set issue_date = issue_date - 1",
    ),
    (
        "issued_on_the_run_s_date_and_due_later",
        "update build.fct_customer_bills set due_date = '2026-10-01'",
    ),
    (
        "customer_has_a_name_and_an_address",
        "update build.fct_customer_bills set customer = customer - 'name'",
    ),
    (
        "customer_has_a_name_and_an_address",
        "update build.fct_customer_bills set customer = customer || '{\"address_lines\": []}'",
    ),
    (
        "within_the_bound_per_customer",
        "update build.fct_customer_bills set gross_minor = 100000000001",
    ),
    (
        "price_currency_code_is_an_iso_code",
        "update build.fct_applied_billing_rates set price_currency_code = 'zl'",
    ),
    (
        "charge_kind_is_known",
        "update build.fct_applied_billing_rates set charge_kind = 'gift' where price_id = 'calls'",
    ),
    (
        "exact_amounts_are_finite",
        "update build.fct_applied_billing_rates set amount_exact = 'NaN' where price_id = 'calls'",
    ),
    (
        "quantities_are_finite",
        "update build.fct_applied_billing_rates set billed_quantity = 'NaN'",
    ),
    (
        "allowances_are_finite",
        "update build.fct_applied_billing_rates set allowance_quantity = 'NaN'",
    ),
    (
        "cycles_are_within_bounds",
        "update build.fct_applied_billing_rates set period_factor = 36526",
    ),
    (
        "only_what_is_given_back_has_negative_cycles",
        "update build.fct_applied_billing_rates set period_factor = -0.5",
    ),
    ("parts_come_to_the_line", "update build.fct_rate_parts set charged_exact = charged_exact + 0.01"),
    (
        "line_has_its_parts",
        "delete from build.fct_rate_parts where amount_exact = 10",
    ),
    (
        "events_are_within_bounds",
        "update build.fct_applied_billing_rates set event_count = -1",
    ),
    (
        "events_are_within_bounds",
        "update build.fct_applied_billing_rates set event_count = 50000001",
    ),
    (
        "every_line_is_on_a_bill",
        "update build.fct_applied_billing_rates set legal_entity_id = 'x' where price_id = 'calls'",
    ),
    (
        "line_is_in_the_bill_s_currency",
        "update build.fct_applied_billing_rates set currency_code = 'JPY' where account_id = 'A2'",
    ),
    (
        "line_s_tax_category_is_taxed",
        "update build.fct_applied_billing_rates set tax_category = 'books'",
    ),
    (
        "covers_some_time",
        "update build.fct_applied_billing_rates set covered_until = covered_from",
    ),
    (
        "rounded_once",
        "update build.fct_applied_billing_rates set amount_exact = amount_exact + 0.005 where price_id = 'calls'",
    ),
    (
        "adjustments_lead_to_the_amount",
        "update build.fct_applied_billing_rates set before_discount_minor = before_discount_minor + 1",
    ),
    (
        "shares_add_up_to_the_line",
        "update build.fct_revenue_shares set amount_exact = amount_exact - 0.0000000000000001 where item_id = 'kept'",
    ),
    (
        "shares_add_up_to_the_line",
        "delete from build.fct_revenue_shares where item_id = 'own'",
    ),
    (
        "first_hop_positions_add_up_to_all_lines",
        "update build.fct_positions set amount_minor = amount_minor + 1 where item_id = 'own'",
    ),
    (
        "every_rated_event_is_on_one_line",
        "update build.fct_applied_billing_rates set event_count = 3 where price_id = 'calls'",
    ),
    (
        "every_rated_event_is_on_one_line",
        "delete from build.fct_rated_usage where line_number = 2",
    ),
    (
        "every_rated_product_is_known",
        "update build.fct_rated_usage set product_number = 77 where line_number = 2",
    ),
    (
        "no_bucket_is_overdrawn",
        "insert into build.fct_bucket_balances select max(bill_run_id), 1, gen_random_uuid(), 'A1', 'mobile',"
        " 'free', 'product', 'P1', now(), now(), 6, 5, 0, 0, 0, -1 from build.run_inputs",
    ),
    (
        "left_is_what_was_held_less_used",
        "insert into build.fct_bucket_balances select max(bill_run_id), 1, gen_random_uuid(), 'A1', 'mobile',"
        " 'free', 'product', 'P1', now(), now(), 6, 5, 0, 0, 0, 4 from build.run_inputs",
    ),
    (
        "buckets_gave_what_events_were_given",
        "insert into build.fct_bucket_balances select max(bill_run_id), 1, gen_random_uuid(), 'A1', 'mobile',"
        " 'free', 'product', 'P1', now(), now(), 6, 5, 0, 0, 2, 3 from build.run_inputs",
    ),
    (
        "credits_took_what_lines_lost",
        "insert into build.fct_account_credits select max(bill_run_id), 'A1', 'credit', 'gift', 1, 'Gift', null, now(),"
        " null, 'everyone', 'PLN', 100, 60, 40 from build.run_inputs",
    ),
    (
        "no_credit_is_overdrawn",
        "insert into build.fct_account_credits select max(bill_run_id), 'A1', 'credit', 'gift', 1, 'Gift', null, now(),"
        " null, 'everyone', 'PLN', 100, 110, null from build.run_inputs",
    ),
    (
        "a_credit_leaves_what_it_had_less_used",
        "insert into build.fct_account_credits select max(bill_run_id), 'A1', 'credit', 'gift', 1, 'Gift', null, now(),"
        " null, 'everyone', 'PLN', 100, 0, 40 from build.run_inputs",
    ),
    (
        "left_is_finite",
        "update build.fct_reconciliation set left_value = 'NaN', right_value = 'NaN'",
    ),
    (
        "every_equation_holds",
        "update build.fct_reconciliation set left_value = 2",
    ),
    (
        "every_equation_holds",
        "update build.fct_reconciliation set is_equal = false",
    ),
    (
        "account_outcomes_has_at_least_1_rows",
        "delete from build.fct_account_outcomes; delete from build.fct_customer_bills;delete from build.run_scope",
    ),
    (
        "reconciliation_has_at_least_1_rows",
        "delete from build.fct_reconciliation",
    ),
    (
        "fx_rate_is_of_a_day_before_issue",
        "update build.fct_applied_billing_rates set fx_date = '2026-11-01' where account_id = 'A2'",
    ),
    (
        "fx_rate_is_of_a_day_before_issue",
        "update build.fct_applied_billing_rates set fx_date = null where account_id = 'A2'",
    ),
    (
        "fx_rate_is_of_a_day_before_issue",
        "update build.fct_applied_billing_rates set fx_rate = 1.1 where account_id = 'A1'",
    ),
]
