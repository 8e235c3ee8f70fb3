"""The term sheet of an agreement version: its terms in plain words of one language, made from the book.

Belongs here: which sentence a term gets and what is filled in; the page, and the rows of its test settlement.
Belongs elsewhere: the sentences (``term_words``), running the test settlement (``assets.quoting.trial_settlement``),
approving what was read (``assets.settling.acts``).

The last section prints the agreement as the book writes it: a term without a sentence (the prices of a tariff) is there
too, so nothing that is approved went unseen.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import yaml
from markupsafe import Markup, escape

from assets import money
from assets.catalog.book import Book
from assets.catalog.item_rules import rule_of
from assets.catalog.loading.settlement_terms import terms_digest
from assets.catalog.models.agreement import Agreement, AgreementVersion
from assets.catalog.models.sharing import LAST_ITEMS, TiersItem, bases_of, choice_of, receiver_of
from assets.documents import term_words as said
from assets.documents import words
from assets.documents.pages import Page, screen_styles_text, templates
from assets.documents.phrases import Phrases

Row = tuple[Markup, Markup]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its rows: label (may be empty) and sentence."""

    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One row of the test settlement: what it is, of what amount, what it gives. Amounts are exact text of SQL."""

    what: str
    basis: str
    amount: str


@dataclass(frozen=True, slots=True)
class TrialSettlement:
    """A settlement of made-up usage by the real models: what was used, and rows from the line to the payment."""

    said: str
    rows: tuple[TrialRow, ...]


@dataclass(frozen=True, slots=True)
class TermSheet:
    """A term sheet for the screen (``html``: what is approved) and for paper. ``terms_digest`` names its terms."""

    agreement_id: str
    version: str
    terms_digest: str
    language_code: str
    html: str
    print_page: Page


def term_sheet(
    book: Book,
    agreement: Agreement,
    version: AgreementVersion,
    language_code: str,
    *,
    names: Mapping[str, str] | None = None,
    test: TrialSettlement | None = None,
) -> TermSheet:
    """The term sheet in one language. ``names`` are those of parties by id, where they are known."""
    language = money.known_language(language_code)
    own = templates(language)
    own.printable.replaced.clear()
    writer = _Writer(book, agreement, version, own.phrases, names or {})
    digest = terms_digest(agreement, version)
    render = partial(
        own.environment.get_template("term_sheet.html.j2").render,
        language=language,
        direction="rtl" if own.phrases.is_right_to_left else "ltr",
        screen_styles=screen_styles_text(),
        title=own.phrases.translated(said.TITLE),
        name=agreement.name.get(language) or next(iter(agreement.name.values())),
        agreement_id=agreement.id,
        version=version.version,
        sections=[section for section in writer.sections() if section.rows],
        test=test,
        as_written=_as_written(agreement, version),
        terms_digest=digest,
    )
    html, printed = render(face="screen"), render(face="print")
    page = Page(printed, language, own.phrases.is_right_to_left, frozenset(own.printable.replaced))
    return TermSheet(agreement.id, version.version, digest, language, html, page)


def _as_written(agreement: Agreement, version: AgreementVersion) -> str:
    """All that the digest is of, less what is by default: the agreement with this one version."""
    how: dict[str, Any] = {"mode": "json", "by_alias": True, "exclude_defaults": True, "exclude_none": True}
    content = agreement.model_dump(exclude={"versions"}, **how) | {"versions": [version.model_dump(**how)]}
    return str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=96))


class _Writer:
    """Writes the sections of one version in the language of ``phrases``."""

    def __init__(
        self, book: Book, agreement: Agreement, version: AgreementVersion, phrases: Phrases, names: Mapping[str, str]
    ) -> None:
        self.book, self.agreement, self.version, self.phrases, self.names = book, agreement, version, phrases, names
        self.currency = version.settlement.currency

    def sections(self) -> Iterator[Section]:
        parts: dict[str, Callable[[], Iterator[Row]]] = {
            "parties": self._parties,
            "covers": self._covers,
            "sharing": self._sharing,
            "bears": self._bears,
            "items": self._items,
            "settlement": self._settlement,
            "figures": self._figures,
            "payout": self._payout,
        }
        for key, rows in parts.items():
            yield Section(self.phrases.translated(said.HEADINGS[key]), tuple(rows()))

    def say(self, text: str, **values: object) -> Markup:
        """A sentence of the catalogue with values filled in, each read in its own direction."""
        return Markup(escape(self.phrases.translated(text))) % values

    def row(self, label: str, *sentences: Markup) -> Row:
        return escape(self.phrases.translated(said.LABELS[label])), Markup(" ").join(sentences)

    def party(self, party_id: str) -> Markup:
        return self.phrases.isolated(self.names.get(party_id, party_id))

    def amount(self, number: Any, currency: str | None = None) -> Markup:
        return self.phrases.exact_money(number, currency or self.currency)

    def percent(self, number: Any) -> Markup:
        return self.phrases.code(money.format_percent(number, self.phrases.language))

    def day(self, day: date) -> Markup:
        return self.phrases.date(day)

    def days(self, number: int) -> Markup:
        return self.phrases.count(number)

    def _parties(self) -> Iterator[Row]:
        agreement, version = self.agreement, self.version
        yield self.row("payer", self.party(agreement.payer))
        others = [self.party(party) for party in agreement.parties if party != agreement.payer]
        yield self.row("receivers", Markup(", ").join(others))
        if version.effective_until is None:
            yield self.row("force", self.say(said.FORCE, day=self.day(version.effective_from)))
        else:
            days = {"day": self.day(version.effective_from), "until": self.day(version.effective_until)}
            yield self.row("force", self.say(said.FORCE_UNTIL, **days))
        yield self.row("known", self.day(version.known_from))

    def _covers(self) -> Iterator[Row]:
        above = self.agreement.associated_agreement
        if above is not None:
            name = self.phrases.code(above.agreement)
            yield self.row("lines", self.say(said.COVER_HOP, item=self.phrases.code(above.item), name=name))
        for cover in self.version.covers:
            sentences = [
                self.say(text, name=self.phrases.code(value))
                for text, value in (
                    (said.COVER_OFFERING, cover.offering),
                    (said.COVER_PRICE, cover.price),
                    (said.COVER_SELLER, cover.seller),
                )
                if value is not None
            ]
            yield self.row("lines", Markup(", ").join(sentences or [self.say(said.COVER_ANY)]))

    def _sharing(self) -> Iterator[Row]:
        for item in self.version.sharing:
            receiver = receiver_of(item, self.agreement.payer)
            label = Markup("{}: {}").format(self.phrases.code(item.id), self.party(receiver))
            yield label, Markup("; ").join(self._rule(item))

        for tariff in self.agreement.tariffs:
            label = Markup("{}: {}").format(self.phrases.code(tariff.id), self.party(tariff.receiver))
            prices = [self.say(said.COVER_PRICE, name=self.phrases.code(price.id)) for price in tariff.prices]
            yield label, Markup("{}: {}").format(self.party(tariff.payer), Markup("; ").join(prices))

    def _rule(self, item: Any) -> Iterator[Markup]:
        rule = rule_of(item)
        if isinstance(item, LAST_ITEMS):
            yield self.say(words.RULES["remaining", "remaining"])
            return
        bases = bases_of(item)
        basis = rule.tier_of or rule.fixed_per or choice_of(item) or (bases[0] if bases else "none")
        key = (rule.rule, "item" if basis.startswith("item:") else basis)
        values: dict[str, object] = {}
        if rule.percent is not None:
            values["percent"] = self.percent(rule.percent)
        amount = rule.unit_amount if rule.unit_amount is not None else rule.fixed_amount
        if amount is not None:
            values["amount"] = self.amount(amount, rule.currency)
        known = words.RULES.get(key)
        yield self.say(known, **values) if known else self.phrases.code(f"{key[0]} {key[1]}")
        if isinstance(item, TiersItem):
            yield self.say(said.TIER_MODES[item.tiers.mode])
            for step in item.tiers.steps:
                gives = (
                    self.percent(step.percent)
                    if step.percent is not None
                    else self.amount(step.per_unit, rule.currency)
                )
                if step.up_to is None:
                    yield self.say(said.TIER_LAST, percent=gives)
                else:
                    reached = money.format_exact(step.up_to, self.phrases.language)
                    yield self.say(said.TIER_UP_TO, amount=self.phrases.code(reached), percent=gives)
        if item.min is not None:
            yield self.say(said.AT_LEAST, amount=self.amount(item.min, rule.currency))
        if item.max is not None:
            yield self.say(said.AT_MOST, amount=self.amount(item.max, rule.currency))
        if item.cost:
            yield self.say(said.OWED_ANYWAY)

    def _bears(self) -> Iterator[Row]:
        for key in ("discounts", "trials", "bad_debt", "fraud"):
            bearer = getattr(self.version.bears, key)
            if bearer == "everyone":
                yield self.row(key, self.say(said.BORNE_BY["everyone"]))
            else:
                yield self.row(key, self.say(said.BORNE_BY["party"], name=self.party(bearer)))

    def _items(self) -> Iterator[Row]:
        for item in self.version.settlement.items:
            kind = item.kind
            fee_said = "fee_from" if item.direction == "from_receiver" else "fee_to"
            kind_said = fee_said if kind == "fee" else kind
            percent = self.percent(item.percent if item.percent is not None else Decimal(100))
            text = said.ITEMS.get(kind_said)
            values = {"name": self.party(item.to), "amount": self.amount(item.amount), "percent": percent}
            sentence = self.say(text, **values) if text else self.phrases.code(kind)
            period = said.PERIODS.get(item.period or "")
            yield self.phrases.code(item.id), Markup(" ").join([sentence, *([self.say(period)] if period else [])])

    def _settlement(self) -> Iterator[Row]:
        terms = self.version.settlement
        source = self.book.fx_sources.get(terms.fx_source)
        name = self.phrases.isolated(source.value.name if source else terms.fx_source)
        yield self.row("currency", self.say(said.CURRENCY, currency=self.phrases.code(terms.currency), name=name))
        kinds = {"statement": "Settlement statement", "self_billed": "Self-billed invoice"}
        yield self.row("document", self.say(kinds[terms.document]))
        if terms.partner_invoice:
            yield self.row("document", self.say(said.PARTNER_INVOICE))
        if terms.self_billing is not None:
            agreed = {"day": self.day(terms.self_billing.agreed_on)}
            yield self.row(
                "self_billing",
                self.say(said.SELF_BILLING, days=self.days(terms.self_billing.accept_within_days), **agreed),
                self.say(said.SILENCE[terms.self_billing.silence]),
                self.say(said.CORRECTIONS[terms.self_billing.corrections_by]),
            )
        if terms.withholding is not None:
            payment_class = self.phrases.code(terms.withholding.payment_class)
            yield self.row("withholding", self.say(said.WITHHOLDING[terms.withholding.borne_by], name=payment_class))
        if terms.retention is not None:
            values = {"percent": self.percent(terms.retention.percent), "days": self.days(terms.retention.release_days)}
            yield self.row("retention", self.say(said.RETENTION, **values))

    def _figures(self) -> Iterator[Row]:
        terms = self.version.settlement.disputes
        statement = self.version.settlement.partner_statement
        if statement is not None:
            yield self.row("statement", self.say(said.STATEMENT, name=self.phrases.code(statement.name_pattern)))
        agree = {"percent": self.percent(terms.tolerance_percent), "amount": self.amount(terms.tolerance_amount)}
        yield self.row("tolerance", self.say(said.TOLERANCE, **agree), self.say(said.PREVAILS[terms.prevails]))
        days = {"days": self.days(terms.raise_within_days), "answer": self.days(terms.answer_within_days)}
        yield self.row("dispute", self.say(said.DISPUTE, **days))

    def _payout(self) -> Iterator[Row]:
        terms = self.version.settlement
        yield self.row("due", self.say(said.DUE, days=self.days(terms.due_days)))
        yield self.row("netting", self.say(said.NETTING[terms.payout.netting]))
        if terms.payout.threshold:
            waits = {"amount": self.amount(terms.payout.threshold), "days": self.days(terms.payout.longest_wait_days)}
            yield self.row("threshold", self.say(said.THRESHOLD, **waits))
        else:
            yield self.row("threshold", self.say(said.NO_THRESHOLD))
