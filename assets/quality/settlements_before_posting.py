"""The door before a settlement run is posted: what it settles was posted, once, adds up, and is finite.

Belongs here: checks of a built settlement run, read from its lane before readers see it (I16, I19, I21).
Belongs elsewhere: the shares themselves, which passed ``lines_before_posting`` with the bills they come from; the
documents once they are posted (``assets.quality.payouts_before_paying``).
Sums are taken anew from the posted shares, not from the run's own models.
"""

from assets.quality.checks import Door, Relation, Rule, between, currency_code, in_set
from assets.quality.settlement_checks import (
    FINITE,
    JOURNAL_CHECKS,
    PARTY_SETTLEMENTS,
    POSITION_CHECKS,
    RECONCILIATION,
)

# Each portion counted and added up anew from posted shares.
_PORTIONS = """
    with portions as (
        select * from $schema.fct_settled_shares where bill_run_id = $bill_run_id
    ),
    shares as (
        select shares.bill_run_id as source_bill_run_id, shares.agreement_id,
            date_trunc('month', case agreements.settlement_trigger
                when 'consumed' then lines.covered_from at time zone coalesce(
                    agreements.settlement_time_zone, book_versions.time_zone)
                else source_runs.period_end at time zone coalesce(
                    agreements.settlement_time_zone, book_versions.time_zone) - interval '1 day'
            end)::date as month_from,
            shares.currency_code, count(*) as share_count, sum(shares.amount_exact) as amount_exact
        from (
            select bill_run_id, line_key, agreement_id, agreement_version_id, currency_code, amount_exact
            from published.fct_revenue_shares
            union all
            select bill_run_id, line_key, agreement_id, agreement_version_id, currency_code,
                amount_exact * (array[1, 10, 100, 1000, 10000])[minor_digits + 1]
            from published.fct_applied_party_billing_rates join catalog.currencies using (currency_code)
            where is_settled
        ) as shares
        join control.bill_runs as source_runs using (bill_run_id)
        join control.bill_runs as settling on settling.bill_run_id = $bill_run_id
        join catalog.book_versions on settling.book_id = book_versions.book_id
        join catalog.agreements using (agreement_version_id)
        join (
            select bill_run_id, line_key, covered_from from published.fct_applied_billing_rates
            union all
            select bill_run_id, line_key, covered_from from published.fct_applied_party_billing_rates
        ) as lines
            on shares.bill_run_id = lines.bill_run_id and shares.line_key = lines.line_key
        where source_runs.state = 'posted' and shares.bill_run_id in (select source_bill_run_id from portions)
            and agreements.settlement_cycle = substring(settling.period_id from 9)
        group by 1, 2, 3, 4
    )
    select portions.source_bill_run_id || ' ' || portions.agreement_id || ' ' || portions.month_from as portion_key,
        portions.currency_code, portions.share_count, portions.amount_exact, shares.share_count as counted_shares,
        shares.amount_exact as summed_exact, settled.bill_run_id is null as is_settled_now_only,
        portions.month_from < (settling.period_end at time zone book_versions.time_zone)::date as is_in_the_period
    from portions
    join control.bill_runs as settling on settling.bill_run_id = $bill_run_id
    join catalog.book_versions using (book_id)
    left join shares using (source_bill_run_id, agreement_id, month_from, currency_code)
    left join ledger.settled_shares as settled using (source_bill_run_id, agreement_id, month_from, currency_code)
"""

# Each share that the run made, with its posted original and all that settlements made of it before.
_ADJUSTED = """
    with given as (
        select adjusted.source_bill_run_id, adjusted.line_key, adjusted.reason, adjusted.agreement_id, adjusted.item_id,
            adjusted.payer_party_id, adjusted.receiver_party_id, sum(adjusted.amount_exact) as given_exact
        from published.fct_adjusted_shares as adjusted
        join control.bill_runs using (bill_run_id)
        where bill_runs.state = 'posted'
        group by 1, 2, 3, 4, 5, 6, 7
    )
    select adjusted.line_key || ' ' || adjusted.reason || ' ' || adjusted.item_id as share_key, adjusted.currency_code,
        adjusted.amount_exact, adjusted.base_exact, adjusted.reason,
        coalesce(given.given_exact, 0) + adjusted.amount_exact as total_exact,
        posted.line_key is not null as has_posted_line
    from $schema.fct_adjusted_shares as adjusted
    left join given using (
        source_bill_run_id, line_key, reason, agreement_id, item_id, payer_party_id, receiver_party_id)
    left join ledger.posted_lines as posted
        on adjusted.source_bill_run_id = posted.bill_run_id and adjusted.line_key = posted.line_key
    where adjusted.bill_run_id = $bill_run_id
"""

# Terms known later move money between the parties of a line, so the line itself gives nothing and takes nothing.
_BACK_DATED = """
    select line_key || ' ' || source_bill_run_id as line_of_run, sum(amount_exact) as moved_exact
    from $schema.fct_adjusted_shares
    where bill_run_id = $bill_run_id and reason = 'back_dated' and hop_number = 1
    group by line_key, source_bill_run_id
"""

# Each agreement of the scope, with what the run did about it.
_OUTCOMES = """
    with outcomes as (
        select account_id, count(*) as outcome_count, min(outcome) as outcome, min(reason_code) as reason_code
        from $schema.fct_account_outcomes where bill_run_id = $bill_run_id group by account_id
    ),
    items as (
        select distinct 'settlement:' || agreement_id as account_id
        from $schema.fct_settlement_items where bill_run_id = $bill_run_id and stage = 'position'
    ),
    shares as (
        select 'settlement:' || agreement_id as account_id
        from $schema.fct_settled_shares where bill_run_id = $bill_run_id
        union
        select 'settlement:' || agreement_id from $schema.fct_adjusted_shares where bill_run_id = $bill_run_id
    ),
    scope as (
        select account_id from $schema.run_scope where bill_run_id = $bill_run_id
    )
    select account_id, scope.account_id is not null as is_in_scope, outcomes.outcome, outcomes.reason_code,
        coalesce(outcomes.outcome_count, 0) as outcome_count, items.account_id is not null as has_items,
        shares.account_id is not null as has_shares
    from scope
    full join outcomes using (account_id)
    full join items using (account_id)
    full join shares using (account_id)
"""

_POSITIONS = """
    select positions.*, bill_runs.issue_date
    from $schema.fct_positions as positions
    join control.bill_runs using (bill_run_id)
    where bill_run_id = $bill_run_id
"""

_JOURNAL = """
    select journal.transaction_key, journal.currency_code, sum(journal.amount_minor) as difference_minor,
        bool_or(settlements.settlement_key is not null) as has_document
    from $schema.fct_journal_lines as journal
    left join $schema.fct_party_settlements as settlements
        on journal.bill_run_id = settlements.bill_run_id and journal.transaction_key = settlements.settlement_key
    where journal.bill_run_id = $bill_run_id
    group by journal.transaction_key, journal.currency_code
"""

DOOR = Door(
    gate="settlements_before_posting",
    relations=(
        Relation(
            "agreement_outcomes",
            _OUTCOMES,
            key="account_id",
            floor=0,
            checks=(
                in_set("every_agreement_in_scope_has_an_outcome", "outcome", "settled", "parked", "nothing_to_bill"),
                Rule("no_agreement_outside_the_scope", "is_in_scope"),
                Rule("one_outcome_per_agreement", "outcome_count = 1"),
                Rule("settled_agreements_have_items_and_others_none", "(outcome = 'settled') = has_items"),
                Rule("parked_agreements_settle_no_share", "outcome <> 'parked' or not has_shares"),
                Rule("parked_agreements_have_a_reason", "outcome <> 'parked' or coalesce(reason_code, '') <> ''"),
            ),
        ),
        Relation(
            "settled_shares",
            _PORTIONS,
            key="portion_key",
            floor=0,
            checks=(
                currency_code(),
                between("portions_are_finite", "amount_exact", -FINITE, FINITE),
                Rule("portion_has_all_of_its_posted_shares", "share_count = counted_shares"),
                Rule("portion_is_the_sum_of_its_posted_shares", "amount_exact = summed_exact"),
                Rule("portion_was_not_settled_before", "is_settled_now_only"),
                Rule("portion_is_not_of_a_later_period", "is_in_the_period"),
            ),
        ),
        Relation(
            "adjusted_shares",
            _ADJUSTED,
            key="share_key",
            floor=0,
            checks=(
                currency_code(),
                between("adjustments_are_finite", "amount_exact", -FINITE, FINITE),
                Rule("adjusted_share_has_its_posted_line", "has_posted_line"),
                Rule(
                    "collected_is_never_more_than_the_share",
                    "reason <> 'collected' or abs(total_exact) <= abs(base_exact) and total_exact * base_exact >= 0",
                ),
                Rule(
                    "bad_debt_never_takes_back_more_than_the_share",
                    "reason <> 'bad_debt' or abs(total_exact) <= abs(base_exact) and total_exact * base_exact <= 0",
                ),
                Rule(
                    "corrections_never_take_back_more_than_the_share",
                    "reason <> 'corrected' or -total_exact * sign(base_exact) <= abs(base_exact)",
                ),
            ),
        ),
        Relation(
            "back_dated_shares",
            _BACK_DATED,
            key="line_of_run",
            floor=0,
            checks=(between("back_dated_terms_leave_the_line_as_it_is", "moved_exact", 0, 0),),
        ),
        Relation(
            "positions",
            _POSITIONS,
            key="position_key",
            floor=0,
            checks=POSITION_CHECKS,
        ),
        PARTY_SETTLEMENTS,
        Relation(
            "journal_lines",
            _JOURNAL,
            key="transaction_key",
            floor=0,
            checks=JOURNAL_CHECKS,
        ),
        RECONCILIATION,
    ),
)
