"""What both doors before posting look at: documents of partners, positions, the journal, the run's own equations.

Belongs here: checks that are the same for what a bill run settles and for a settlement run. Belongs elsewhere: what one
of them alone builds (``lines_before_posting``, ``settlements_before_posting``), the queries (``..._relations``).
"""

from assets.quality import bill_relations, share_relations
from assets.quality.checks import Relation, Rule, between, currency_code

# Far above any amount, far below what the columns hold; NaN sorts above it.
FINITE = 10**18
# The rate that converts two different currencies was published before the issue date; one currency needs none.
FX_RULE = """
    case when {price_currency} = {bill_currency} then fx_rate = 1
    else fx_rate > 0 and fx_rate < 1000000000 and fx_date < issue_date end
"""

POSITION_CHECKS = (
    currency_code(),
    currency_code("settlement_currency_code"),
    between("positions_are_finite", "amount_exact", -FINITE, FINITE),
    Rule("kept_means_payer_is_receiver", "is_kept = (payer_party_id = receiver_party_id)"),
    Rule(
        "fx_rate_is_of_a_day_before_issue",
        FX_RULE.format(price_currency="currency_code", bill_currency="settlement_currency_code"),
    ),
)

PARTY_SETTLEMENTS = Relation(
    "party_settlements",
    share_relations.SETTLEMENTS,
    key="settlement_key",
    floor=0,
    checks=(
        currency_code(),
        Rule("settlement_is_the_sum_of_its_positions", "position_minor = summed_minor"),
        Rule("items_add_up_to_the_document_and_its_payment", "items_add_up"),
        Rule("document_is_position_and_tax", "document_minor = position_minor + tax_minor"),
        Rule("tax_is_rounded_once", "tax_minor = round(position_minor * tax_rate_percent / 100)"),
        Rule(
            "payment_is_document_less_withheld",
            "payment_minor = document_minor - withheld_minor - retained_minor",
        ),
        Rule("operator_pays_what_it_owes", "is_paid_by_operator = operator_is_payer"),
        Rule("payable_is_the_payment", "not is_paid_by_operator or payable_minor = payment_minor"),
    ),
)

JOURNAL_CHECKS = (
    between("every_transaction_sums_to_zero", "difference_minor", 0, 0),
    Rule("every_transaction_has_its_document", "has_document"),
)

RECONCILIATION = Relation(
    "reconciliation",
    bill_relations.RECONCILIATION,
    key="check_name",
    floor=1,
    checks=(
        between("left_is_finite", "left_value", -FINITE, FINITE),
        Rule("every_equation_holds", "is_equal and left_value = right_value"),
    ),
)
