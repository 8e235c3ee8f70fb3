"""The words of the documents that depend on a code: services, treatments, mentions, titles. English is the source text.

Belongs here: which code has which English text, marked for the catalogues by ``N_``.
Belongs elsewhere: translations (``templates/locale``), texts fixed in a page (``templates``).
"""

from assets.documents.document import DocumentKind


def N_(text: str) -> str:
    """Mark a text for translation where it is used later."""
    return text


TITLES = {
    DocumentKind.BILL: N_("Invoice"),
    DocumentKind.STATEMENT: N_("Settlement statement"),
    DocumentKind.SELF_BILLED: N_("Self-billed invoice"),
}
# A self-billed document below 0 corrects earlier ones; UNTDID 1001 has a type for each.
SELF_BILLED_CREDIT_NOTE = N_("Self-billed credit note")
SELF_BILLED_TYPE, SELF_BILLED_CREDIT_NOTE_TYPE = "389", "261"
# What is owed, by the sign of the amount: positive, zero, negative.
BILL_DUE = (N_("Amount due"), N_("Nothing to pay"), N_("In your favour"))
SETTLEMENT_DUE = (N_("Payable to you"), N_("Nothing to pay out"), N_("Payable by you"))

VAT, TAX = N_("VAT"), N_("Tax")
TREATMENTS = {
    "standard": N_("Standard rate"),
    "reduced": N_("Reduced rate"),
    "zero": N_("Zero rate"),
    "exempt": N_("Exempt"),
    "reverse_charge": N_("Reverse charge"),
    "outside_scope": N_("Outside the scope of VAT"),
}
# Tax categories with words of their own; any other is printed as taxes.csv writes it.
TAX_CATEGORIES = {"health": N_("health care")}
RATED_TREATMENTS = frozenset({"standard", "reduced", "zero"})
# Legal sentences; the keys are the `mention` column of taxes.csv.
MENTIONS = {
    "reverse_charge": N_(
        "Reverse charge: the recipient of the service is liable for the VAT "
        "(Articles 44 and 196 of Council Directive 2006/112/EC)."
    ),
    "export": N_(
        "Not subject to VAT in the supplier's country: the place of supply is outside the European Union "
        "(Articles 44, 58 and 59 of Council Directive 2006/112/EC)."
    ),
    "exempt": N_("Exempt from VAT: medical care (Article 132(1)(b) and (c) of Council Directive 2006/112/EC)."),
    "self_billing": N_("Self-billing: the customer issues this invoice in the name and on behalf of the supplier."),
}
# Who writes an invoice that is not its supplier's own.
ISSUED_BY = N_("%(issuer)s issues this invoice in the name and on behalf of the supplier (mandate %(mandate)s).")
RULES = {
    ("percent", "after_discount_ex_tax"): N_("%(percent)s of the revenue after discounts, without tax"),
    ("percent", "remaining"): N_("%(percent)s of what remains after the items before it"),
    ("percent", "item"): N_("%(percent)s of the amount of another item"),
    ("percent", "list"): N_("%(percent)s of the list price, without tax"),
    ("percent", "before_discount_ex_tax"): N_("%(percent)s of the revenue before discounts, without tax"),
    ("percent", "collected_ex_tax"): N_("%(percent)s of the revenue collected, without tax"),
    ("percent", "higher"): N_("%(percent)s of the higher of two amounts of the agreement"),
    ("percent", "lower"): N_("%(percent)s of the lower of two amounts of the agreement"),
    ("tiers", "revenue"): N_("by tiers of the revenue reached in the period"),
    ("tiers", "quantity"): N_("by tiers of the quantity reached in the period"),
    ("tiers", "customers"): N_("by tiers of the customers reached in the period"),
    ("per_unit", "quantity"): N_("%(amount)s for each unit charged"),
    ("tariff", "none"): N_("usage by the tariff of the agreement"),
    ("fixed", "line"): N_("%(amount)s for each charge line"),
    ("fixed_once", "product"): N_("%(amount)s for each product in the period"),
    ("fixed_once", "customer"): N_("%(amount)s for each customer in the period"),
    ("fixed_once", "period"): N_("%(amount)s in the period"),
    ("remaining", "remaining"): N_("all that remains"),
    ("tariff", "usage"): N_("usage by the tariff of the agreement"),
    # A discount that the receiver bears alone is no item of the agreement.
    (None, None): N_("discounts borne by the receiver"),
}
# What takes something off a whole bill.
CREDIT_KINDS = {"coupon": N_("Coupon"), "credit": N_("Credit")}
# Units with a word of their own; any other is printed as the book writes it (MB, kWh).
UNITS = {"min": N_("min"), "h": N_("h"), "unit": N_("units")}
