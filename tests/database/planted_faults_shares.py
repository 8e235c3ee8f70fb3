"""One planted fault, or more, for every check of what partners get, at the door before posting.

Belongs here: the name of a check and the SQL that must make it fail: shares, party lines, positions, settlements, the
journal. Belongs elsewhere: the faults of customers' bills (``planted_faults``), the clean month (``mini_run``).
"""

# A line of a tariff that the agreement does not have; the events of product 1 are two and cost 10.
_PARTY_LINE = (
    "insert into build.fct_applied_party_billing_rates select bill_run_id, period_id, gen_random_uuid(),"
    " 'streamly-content', 1, 'tariff', 'calls', 1, 'a', 'b', 'voice', 1, true, now(), now(), false, {}, {}, 'PLN',"
    " 'standard', {} from build.run_inputs"
)

_MARGIN = (
    "insert into build.fct_negative_margins select bill_run_id, period_id, 'tariff', 'carrier', 'voice', 'mobile',"
    " 'calls', 'wisla-telekom', 'PLN', 2, 10, 12, {} from build.run_inputs"
)

SHARE_FAULTS = [
    ("settled_agreements_have_lines_and_others_none", _PARTY_LINE.format(2, 1, 10)),
    ("margins_are_finite", _MARGIN.format("'NaN'")),
    ("margin_is_revenue_less_cost", _MARGIN.format("-1")),
    ("party_amounts_are_finite", _PARTY_LINE.format(2, 1, "'NaN'")),
    ("party_quantities_are_finite", _PARTY_LINE.format(2, "'NaN'", 10)),
    ("party_line_has_its_events", _PARTY_LINE.format(3, 1, 10)),
    ("party_line_is_what_its_events_cost", _PARTY_LINE.format(2, 1, 9)),
    ("party_line_is_owed_as_the_tariff_says", _PARTY_LINE.format(2, 1, 10)),
    (
        "position_of_a_tariff_is_rounded_once",
        "update build.fct_positions set hop_number = 0, amount_minor = amount_minor + 1 where item_id = 'content'",
    ),
    (
        "every_share_has_its_line",
        "update build.fct_revenue_shares set line_key = gen_random_uuid() where item_id = 'own'",
    ),
    (
        "shares_are_finite",
        "update build.fct_revenue_shares set amount_exact = 'NaN', base_exact = 'NaN'",
    ),
    (
        "shares_of_a_hop_add_up_to_its_base",
        "update build.fct_revenue_shares set amount_exact = amount_exact + 1 where item_id = 'kept'",
    ),
    (
        "shares_of_a_hop_add_up_to_its_base",
        "update build.fct_revenue_shares set base_exact = 1 where item_id = 'kept'",
    ),
    (
        "base_is_the_line_or_what_the_payer_received",
        "update build.fct_revenue_shares set base_exact = base_exact + 1, amount_exact = amount_exact + 1 where "
        "item_id = 'own'",
    ),
    (
        "base_is_the_line_or_what_the_payer_received",
        "insert into build.fct_revenue_shares select bill_run_id, line_key, 2, 9, null, null, 'next', 'x', "
        "'streamly', 'studio', false, currency_code, tax_category, 1, 1 from build.fct_revenue_shares where "
        "item_id = 'content'",
    ),
    (
        "settlement_currency_code_is_an_iso_code",
        "update build.fct_positions set settlement_currency_code = 'e'",
    ),
    (
        "positions_are_finite",
        "update build.fct_positions set amount_exact = 'NaN' where item_id = 'own'",
    ),
    (
        "position_is_the_sum_of_its_shares",
        "update build.fct_positions set amount_exact = amount_exact + 1",
    ),
    (
        "position_is_the_sum_of_its_shares",
        "delete from build.fct_positions where item_id = 'content'",
    ),
    (
        "kept_means_payer_is_receiver",
        "update build.fct_positions set is_kept = not is_kept",
    ),
    (
        "one_currency_is_settled_as_it_is",
        "update build.fct_positions set settlement_amount_minor = 1 where item_id = 'own'",
    ),
    (
        "settles_shares_of_this_run_only",
        "update build.fct_settled_shares set source_bill_run_id = source_bill_run_id - 1",
    ),
    (
        "settles_all_shares_of_the_run_s_calendar",
        "delete from build.fct_settled_shares where currency_code = 'EUR'",
    ),
    (
        "settled_is_the_sum_of_its_shares",
        "update build.fct_settled_shares set amount_exact = amount_exact + 1",
    ),
    (
        "settlement_is_the_sum_of_its_positions",
        "update build.fct_party_settlements set position_minor = 2101",
    ),
    (
        "settlement_is_the_sum_of_its_positions",
        "delete from build.fct_party_settlements",
    ),
    (
        "items_add_up_to_the_document_and_its_payment",
        "delete from build.fct_settlement_items where amount_minor = 350",
    ),
    (
        "document_is_position_and_tax",
        "update build.fct_party_settlements set document_minor = 2101",
    ),
    (
        "tax_is_rounded_once",
        "update build.fct_party_settlements set tax_minor = 1",
    ),
    (
        "payment_is_document_less_withheld",
        "update build.fct_party_settlements set withheld_minor = 1",
    ),
    (
        "operator_pays_what_it_owes",
        "update build.fct_party_settlements set is_paid_by_operator = false",
    ),
    (
        "payable_is_the_payment",
        "delete from build.fct_journal_lines where ledger_account = 'partner_payable'",
    ),
    (
        "every_transaction_sums_to_zero",
        "update build.fct_journal_lines set amount_minor = 1 where ledger_account = 'output_tax'",
    ),
    (
        "every_transaction_has_its_document",
        "update build.fct_journal_lines set transaction_key = gen_random_uuid()",
    ),
    (
        "one_step_of_a_hop_takes_what_remains",
        "update catalog.agreement_steps set rule = 'percent' where item_id = 'kept'",
    ),
    (
        "percentages_do_not_exceed_all",
        "update catalog.agreement_steps set percent = 101 where item_id = 'content'",
    ),
    (
        "percentages_are_not_negative",
        "update catalog.agreement_steps set percent = -1 where item_id = 'content'",
    ),
    (
        "no_step_builds_on_a_later_one",
        "update catalog.agreement_steps set basis_step_number = 2 where item_id = 'content'",
    ),
]
