"""The door before posting: what a bill run built is complete, adds up, and is finite.

Belongs here: checks of a built run, read from its lane before readers see it (I02, I05, I07, I10, I11, I16-I19, I21,
I22).
Belongs elsewhere: the queries (``..._relations``), keys and columns of each model (dbt tests and
contracts), arithmetic of single rules (dbt unit tests).
"""

from assets.quality import bill_relations, share_relations, usage_relations
from assets.quality.checks import Door, Relation, Rule, between, currency_code, in_set, not_null
from assets.quality.settlement_checks import (
    FINITE,
    FX_RULE,
    JOURNAL_CHECKS,
    PARTY_SETTLEMENTS,
    POSITION_CHECKS,
    RECONCILIATION,
)

# One bill of more than ten million major units is a wrong unit or a wrong price; a larger customer is billed in parts.
LARGEST_BILL_MAJOR = 10_000_000
# Events of one line: above it, a counter has been read as events.
MOST_EVENTS_PER_LINE = 50_000_000
# A hundred years of days: a line has one cycle, or the few that were not billed yet.
MOST_CYCLES_PER_LINE = 36_525

DOOR = Door(
    gate="lines_before_posting",
    relations=(
        Relation(
            "numbered_files",
            bill_relations.NUMBERED_FILES,
            key="file_number",
            floor=0,
            checks=(Rule("every_numbered_file_came_or_is_accepted_by_name", "has_arrived or is_accepted"),),
        ),
        Relation(
            "account_outcomes",
            bill_relations.ACCOUNT_OUTCOMES,
            key="account_id",
            floor=1,
            checks=(
                in_set(
                    "every_account_in_scope_has_an_outcome", "outcome", "billed", "settled", "parked", "nothing_to_bill"
                ),
                Rule("no_account_outside_the_scope", "is_in_scope"),
                Rule("one_outcome_per_account", "outcome_count = 1"),
                Rule("billed_accounts_have_a_bill_and_others_none", "(outcome = 'billed') = (bill_count > 0)"),
                Rule("settled_agreements_have_lines_and_others_none", "(outcome = 'settled') = (party_line_count > 0)"),
                Rule("parked_accounts_have_a_reason", "outcome <> 'parked' or coalesce(reason_code, '') <> ''"),
            ),
        ),
        Relation(
            "customer_bills",
            bill_relations.CUSTOMER_BILLS,
            key="bill_key",
            floor=0,
            checks=(
                currency_code(),
                not_null("every_currency_is_known", "minor_digits"),
                between("every_bill_has_a_line", "line_count", 1, FINITE),
                Rule("line_count_is_that_of_its_lines", "line_count = counted_lines"),
                Rule("net_is_the_sum_of_its_lines", "net_minor = summed_net_minor"),
                Rule("tax_bases_add_up_to_net", "net_minor = taxed_minor"),
                Rule("tax_is_the_sum_of_its_rates", "tax_minor = summed_tax_minor"),
                Rule("tax_of_each_rate_is_rounded_once", "is_rounded_once"),
                Rule("gross_is_net_and_tax", "gross_minor = net_minor + tax_minor"),
                Rule("receivable_is_gross", "receivable_minor = gross_minor"),
                Rule("one_bill_per_account_and_supplier", "bills_of_the_account = 1"),
                Rule(
                    "issued_on_the_run_s_date_and_due_later", "issue_date = run_issue_date and due_date >= issue_date"
                ),
                Rule(
                    "customer_has_a_name_and_an_address",
                    "customer ->> 'name' <> '' and jsonb_array_length(customer -> 'address_lines') > 0",
                ),
                Rule("within_the_bound_per_customer", f"abs(gross_minor) <= {LARGEST_BILL_MAJOR} * minor_units"),
            ),
        ),
        Relation(
            "applied_billing_rates",
            bill_relations.LINES,
            key="line_key",
            floor=0,
            checks=(
                currency_code(),
                currency_code("price_currency_code"),
                in_set("charge_kind_is_known", "charge_kind", "usage", "recurring", "one_time", "minimum"),
                between("exact_amounts_are_finite", "amount_exact", -FINITE, FINITE),
                between("quantities_are_finite", "billed_quantity", -FINITE, FINITE),
                between("allowances_are_finite", "allowance_quantity", -FINITE, FINITE),
                between("cycles_are_within_bounds", "period_factor", -MOST_CYCLES_PER_LINE, MOST_CYCLES_PER_LINE),
                Rule("only_what_is_given_back_has_negative_cycles", "period_factor >= 0 or amount_exact <= 0"),
                Rule("line_has_its_parts", "part_factor >= period_factor"),
                # A component's line of a bundle is a part of the bundle's rounded fee; of a group one price pays.
                Rule(
                    "parts_come_to_the_line",
                    "bundle_offering_id is not null or amount_exact = 0 or part_exact = amount_exact",
                ),
                between("events_are_within_bounds", "event_count", 0, MOST_EVENTS_PER_LINE),
                not_null("every_line_is_on_a_bill", "bill_key"),
                Rule("line_is_in_the_bill_s_currency", "currency_code = bill_currency_code"),
                Rule("line_s_tax_category_is_taxed", "has_tax_row"),
                Rule("covers_some_time", "covered_until > covered_from"),
                Rule(
                    "fx_rate_is_of_a_day_before_issue",
                    FX_RULE.format(price_currency="price_currency_code", bill_currency="currency_code"),
                ),
                # Parts of a bundle come from splitting the bundle's rounded total.
                Rule(
                    "rounded_once",
                    "bundle_offering_id is not null"
                    " or amount_minor + case when is_tax_inclusive then tax_minor else 0 end"
                    " + coupon_minor + credit_minor"
                    " = round(amount_exact * fx_rate * minor_units + carried_exact_minor)",
                ),
                Rule("adjustments_lead_to_the_amount", "before_discount_minor + adjusted_minor = amount_minor"),
                Rule("shares_add_up_to_the_line", "shared_exact = amount_minor"),
            ),
        ),
        Relation(
            "applied_party_billing_rates",
            share_relations.PARTY_LINES,
            key="line_key",
            floor=0,
            checks=(
                between("party_amounts_are_finite", "amount_exact", -FINITE, FINITE),
                between("party_quantities_are_finite", "billed_quantity", -FINITE, FINITE),
                Rule("party_line_has_its_events", "event_count = rated_events"),
                Rule("party_line_is_what_its_events_cost", "event_count = 0 or amount_exact = rated_exact"),
                Rule("party_line_is_owed_as_the_tariff_says", "is_owed_as_the_tariff_says"),
            ),
        ),
        Relation(
            "negative_margins",
            share_relations.NEGATIVE_MARGINS,
            key="margin",
            floor=0,
            checks=(
                between("margins_are_finite", "margin_exact", -FINITE, FINITE),
                Rule("margin_is_revenue_less_cost", "margin_exact = revenue_exact - cost_exact and margin_exact < 0"),
            ),
        ),
        Relation(
            "revenue_shares",
            share_relations.HOPS,
            key="line_key",
            floor=0,
            checks=(
                not_null("every_share_has_its_line", "line_minor"),
                between("shares_are_finite", "shared_exact", -FINITE, FINITE),
                Rule(
                    "shares_of_a_hop_add_up_to_its_base",
                    "shared_exact = base_exact and base_exact = largest_base_exact",
                ),
                Rule(
                    "base_is_the_line_or_what_the_payer_received",
                    "case when hop_number <= 1 then base_exact = line_minor else base_was_received_above end",
                ),
            ),
        ),
        Relation(
            "positions",
            share_relations.POSITIONS,
            key="position_key",
            floor=0,
            checks=(
                *POSITION_CHECKS,
                Rule("position_is_the_sum_of_its_shares", "amount_exact = shared_exact"),
                Rule("position_of_a_tariff_is_rounded_once", "is_rounded_once"),
                Rule(
                    "one_currency_is_settled_as_it_is",
                    "currency_code <> settlement_currency_code or settlement_amount_minor = amount_minor",
                ),
            ),
        ),
        Relation(
            "currencies",
            bill_relations.CURRENCIES,
            key="currency_code",
            floor=0,
            checks=(Rule("first_hop_positions_add_up_to_all_lines", "lines_minor = positions_minor"),),
        ),
        Relation(
            "settled_shares",
            share_relations.SETTLED_SHARES,
            key="portion_key",
            floor=0,
            checks=(
                Rule("settles_shares_of_this_run_only", "is_of_this_run"),
                Rule("settles_all_shares_of_the_run_s_calendar", "share_count = settled_count"),
                Rule("settled_is_the_sum_of_its_shares", "amount_exact = settled_exact"),
            ),
        ),
        PARTY_SETTLEMENTS,
        Relation(
            "journal_lines",
            share_relations.JOURNAL,
            key="transaction_key",
            floor=0,
            checks=JOURNAL_CHECKS,
        ),
        Relation(
            "rated_usage",
            usage_relations.RATED_USAGE,
            key="relation_name",
            floor=1,
            checks=(
                Rule("every_rated_event_is_on_one_line", "event_count = line_event_count"),
                between("every_rated_product_is_known", "unknown_products", 0, 0),
            ),
        ),
        Relation(
            "bucket_balances",
            usage_relations.BUCKET_BALANCES,
            key="bucket_number",
            floor=0,
            checks=(
                between("no_bucket_is_overdrawn", "left_units", 0, FINITE),
                Rule("left_is_what_was_held_less_used", "left_units = held_units - used_units"),
                Rule("buckets_gave_what_events_were_given", "used_units = taken_units"),
            ),
        ),
        Relation(
            "closing_balances",
            usage_relations.CLOSING_BALANCES,
            key="balance",
            floor=0,
            checks=(
                between("balances_are_finite", "quantity", -FINITE, FINITE),
                between("amounts_of_balances_are_finite", "amount_billed", -FINITE, FINITE),
                in_set("balances_are_of_accounts_that_are_not_parked", "outcome", "billed", "nothing_to_bill"),
                Rule("balance_goes_on_after_the_period", "goes_on"),
                Rule("counters_hold_what_was_billed", "is_what_was_billed"),
                Rule(
                    "a_rest_of_rounding_is_bounded_by_its_lines",
                    "balance_kind <> 'carry' or abs(amount_billed) * 2 <= greatest(line_count, 1)",
                ),
                Rule("no_more_given_back_than_was_billed", "balance_kind <> 'fee' or amount_billed >= 0"),
            ),
        ),
        Relation(
            "account_credits",
            bill_relations.ACCOUNT_CREDITS,
            key="credit",
            floor=0,
            checks=(
                Rule("credits_took_what_lines_lost", "used_minor = taken_minor"),
                Rule("no_credit_is_overdrawn", "is_within"),
                Rule("a_credit_leaves_what_it_had_less_used", "is_left_right"),
            ),
        ),
        Relation(
            "agreement_steps",
            share_relations.AGREEMENT_HOPS,
            key="hop",
            floor=0,
            checks=(
                between("one_step_of_a_hop_takes_what_remains", "remaining_count", 1, 1),
                between("percentages_do_not_exceed_all", "percent_sum", 0, 100),
                between("percentages_are_not_negative", "smallest_percent", 0, 100),
                Rule("no_step_builds_on_a_later_one", "basis_comes_first and hop_base_comes_first"),
            ),
        ),
        RECONCILIATION,
    ),
)
