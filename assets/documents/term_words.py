"""The words of a term sheet: one English sentence per form of a term, marked for the catalogues by ``N_``.

Belongs here: sentences with places for values. Belongs elsewhere: choosing and filling them (``term_sheet``), rules of
sharing, which settlement documents say in the same words (``words``), translations (``templates/locale``).
"""

from assets.documents.words import N_

TITLE = N_("Term sheet")

HEADINGS = {
    "parties": N_("Who and when"),
    "covers": N_("What is shared"),
    "sharing": N_("Who gets what, in this order"),
    "bears": N_("Who bears what the revenue does not bring"),
    "items": N_("Agreed amounts of the period"),
    "settlement": N_("How it is settled"),
    "figures": N_("If your figures are others"),
    "payout": N_("When it is paid"),
}
LABELS = {
    "payer": N_("Payer"),
    "receivers": N_("Other parties"),
    "force": N_("In force"),
    "known": N_("Known since"),
    "lines": N_("Charge lines"),
    "currency": N_("Currency"),
    "document": N_("Document"),
    "self_billing": N_("Self-billing"),
    "withholding": N_("Tax withheld"),
    "retention": N_("Retention"),
    "tolerance": N_("Tolerance"),
    "dispute": N_("Dispute"),
    "statement": N_("Your figures"),
    "due": N_("Due"),
    "netting": N_("Netting"),
    "threshold": N_("Threshold"),
    "discounts": N_("Discounts"),
    "trials": N_("Trials"),
    "bad_debt": N_("Bad debt"),
    "fraud": N_("Fraud"),
}
FORCE = N_("From %(day)s")
FORCE_UNTIL = N_("From %(day)s until the day before %(until)s")

COVER_HOP = N_("What item %(item)s of the agreement %(name)s gives the payer")
COVER_ANY = N_("Every charge line")
COVER_OFFERING = N_("Offering %(name)s")
COVER_PRICE = N_("Price %(name)s")
COVER_SELLER = N_("Sold by %(name)s")

AT_LEAST = N_("at least %(amount)s per line")
AT_MOST = N_("at most %(amount)s per line")
OWED_ANYWAY = N_("owed even where the revenue does not reach")
TIER_UP_TO = N_("up to %(amount)s: %(percent)s")
TIER_LAST = N_("above: %(percent)s")
TIER_MODES = {
    "marginal": N_("each tier counts for the part that falls into it"),
    "whole_volume": N_("the tier that is reached counts for all"),
}
BORNE_BY = {"everyone": N_("everyone, in proportion to the shares"), "party": N_("%(name)s alone")}

ITEMS = {
    "minimum_guarantee": N_("%(name)s gets at least %(amount)s"),
    "cap": N_("%(name)s gets at most %(amount)s"),
    "recoupment": N_("An advance of %(amount)s is taken back from %(name)s, at most %(percent)s of what was earned"),
    "fee_to": N_("%(name)s gets a fee of %(amount)s every month"),
    "fee_from": N_("%(name)s pays a fee of %(amount)s every month"),
}
PERIODS = {"month": N_("per month"), "year": N_("per year")}

CURRENCY = N_("%(currency)s, at the rates of %(name)s, converted once per position")
SELF_BILLING = N_("Agreed on %(day)s. You accept or contest each document within %(days)s days.")
SILENCE = {
    "waits": N_("Without an answer it stays proposed and is not paid."),
    "accepts": N_("Without an answer it counts as accepted."),
}
CORRECTIONS = {
    "payer": N_("Corrections are written by the payer, as self-billed credit notes."),
    "receiver": N_("Corrections are written by you."),
}
WITHHOLDING = {
    "receiver": N_("As the law says for %(name)s; it comes off what you get"),
    "payer": N_("As the law says for %(name)s; the payer bears it, you get the amount whole"),
}
PARTNER_INVOICE = N_("You write an invoice of your own over its amount; it is paid when that has come.")
RETENTION = N_("%(percent)s of the position is held back for %(days)s days")
TOLERANCE = N_("Figures that differ by at most %(percent)s, or by at most %(amount)s, agree.")
PREVAILS = {
    "payer": N_("The payer's figure counts then."),
    "receiver": N_("Your figure counts then."),
}
DISPUTE = N_(
    "A dispute is raised within %(days)s days of the document. The undisputed part is paid on time. After "
    "%(answer)s days without a resolution the payer's figure stands."
)
STATEMENT = N_("Files named %(name)s")
DUE = N_("%(days)s days after the document")
NETTING = {
    True: N_("Debts of both sides that are due, undisputed and in one currency are set off."),
    False: N_("Nothing is set off."),
}
THRESHOLD = N_(
    "Less than %(amount)s waits for the next settlement, at most %(days)s days. The document is made all the same."
)
NO_THRESHOLD = N_("Every amount is paid.")
