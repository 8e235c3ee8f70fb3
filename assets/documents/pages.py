"""From a document to HTML: the sandboxed templates, one environment per language.

Belongs here: what a template sees besides the document. Belongs elsewhere: words, forms (``phrases``), PDF (``pdf``).

Names come from customers and partners, so templates are closed to them: everything is escaped, undefined names are
errors, the sandbox keeps expressions away from Python, and templates are only ever read from ``templates/``.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from assets.documents import words
from assets.documents.document import BillDocument, DocumentKind, SettlementDocument
from assets.documents.fonts import TEMPLATES
from assets.documents.phrases import Phrases, Printable
from assets.money import Money, known_language

Document = BillDocument | SettlementDocument
Face = Literal["print", "screen"]


@dataclass(frozen=True, slots=True)
class Page:
    """HTML of one face of a document, and the characters that had to be shown as code points."""

    html: str
    language: str
    is_right_to_left: bool
    replaced_characters: frozenset[str]


class Templates:
    """The templates in one language."""

    def __init__(self, language: str) -> None:
        self.phrases = Phrases(language)
        self.printable = Printable()
        self.environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=self.printable,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            auto_reload=False,
        )
        # The i18n extension adds this method when it is loaded.
        self.environment.install_gettext_translations(self.phrases.texts, newstyle=True)  # type: ignore[attr-defined]
        self.environment.filters.update(self.phrases.filters())


@lru_cache(maxsize=16)
def templates(language: str) -> Templates:
    """The templates of one language, compiled once per process."""
    return Templates(language)


@lru_cache(maxsize=1)
def screen_styles_text() -> Markup:
    """The style sheet of every page on a screen."""
    return Markup("\n".join((TEMPLATES / "css" / name).read_text("utf-8") for name in ("base.css", "screen.css")))


def page(document: Document, face: Face) -> Page:
    """One face of a document in its own language."""
    language = known_language(document.language_code)
    own = templates(language)
    own.printable.replaced.clear()
    name = "bill.html.j2" if isinstance(document, BillDocument) else "settlement_statement.html.j2"
    html = own.environment.get_template(name).render(
        face=face,
        language=language,
        direction="rtl" if own.phrases.is_right_to_left else "ltr",
        screen_styles=screen_styles_text() if face == "screen" else "",
        **_about(document, own.phrases),
    )
    return Page(html, language, own.phrases.is_right_to_left, frozenset(own.printable.replaced))


def _about(document: Document, phrases: Phrases) -> dict[str, object]:
    taxes = document.taxes
    brand_name = None
    if isinstance(document, BillDocument):
        taxes += tuple(line for invoice in document.further_invoices for line in invoice.taxes)
    mentions = list(dict.fromkeys(line.mention for line in taxes if line.mention))
    if isinstance(document, BillDocument):
        issuer, owed, due_words, shows_mark = document.supplier, document.amount_due, words.BILL_DUE, True
        brand_name, shows_mark = document.brand_name, document.is_own_brand
    else:
        issuer, owed, due_words = document.payer, document.payment, words.SETTLEMENT_DUE
        shows_mark = document.is_paid_by_operator
        if document.kind is DocumentKind.SELF_BILLED and "self_billing" not in mentions:
            mentions.insert(0, "self_billing")
    title_text, document_type = words.TITLES[document.kind], ""
    if isinstance(document, SettlementDocument) and document.kind is DocumentKind.SELF_BILLED:
        is_correction = document.document.minor < 0
        title_text = words.SELF_BILLED_CREDIT_NOTE if is_correction else title_text
        document_type = words.SELF_BILLED_CREDIT_NOTE_TYPE if is_correction else words.SELF_BILLED_TYPE
    title = phrases.translated(title_text)
    return {
        "document": document,
        "document_title": title,
        "document_type": document_type,
        "issuer": issuer,
        "brand_name": brand_name or issuer.name,
        "shows_mark": shows_mark,
        "due_label": phrases.translated(_by_sign(owed, due_words)),
        "mention_sentences": [phrases.mention(key) for key in mentions],
    }


def _by_sign(amount: Money, texts: tuple[str, str, str]) -> str:
    return texts[0] if amount.minor > 0 else texts[1] if amount.minor == 0 else texts[2]
