"""What pages say, to the character, and that data cannot become markup, code or another reading direction."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from assets.documents.document import (
    Conversion,
    CorrectedDocument,
    DocumentKind,
    InconsistentDocumentError,
    LineAdjustment,
    Party,
)
from assets.documents.pages import page
from assets.documents.phrases import Printable, UnknownWordError
from assets.documents.translations import TRANSLATED_LANGUAGES, problems, used_texts
from assets.money import Money
from tests.unit.documents import samples

LANGUAGES = ("ar", "de", "en", "pl", "uk")


def text_of(html: str) -> str:
    body = re.sub(r"<style>.*?</style>", "", html, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def row_with(html: str, words: str) -> str:
    rows = re.findall(r"<tr.*?</tr>", html, flags=re.S)
    return next(row for row in rows if words in row)


def test_a_charge_row_reads_exactly_as_agreed():
    html = page(samples.bill("pl"), "print").html
    assert row_with(html, "Rozmowy krajowe") == (
        '<tr class="line"><td class="what">Rozmowy krajowe<span class="note">37 zdarzeń</span></td>\n'
        '<td class="amount many">1:40:00</td>\n'
        '<td class="amount many">1:30:00</td>\n'
        '<td class="amount sum">17,10</td></tr>'
    )


def test_only_a_charge_of_other_days_than_the_bill_says_its_days():
    bill = samples.bill("pl")
    assert "31.10.2026" not in row_with(page(bill, "print").html, "Rozmowy krajowe")
    lines = tuple(replace(line, first_day=bill.first_day + timedelta(days=4)) for line in bill.products[0].lines)
    html = page(replace(bill, products=(replace(bill.products[0], lines=lines), *bill.products[1:])), "print").html
    assert '<span class="note">05.10.2026 – 31.10.2026 · 37 zdarzeń</span>' in row_with(html, "Rozmowy krajowe")


def test_a_charge_without_quantities_has_no_empty_cells():
    html = page(samples.bill("pl"), "print").html
    assert "<td></td>" not in html and '<td class="amount many"></td>' not in html
    assert 'colspan="3">Abonament' in row_with(html, "Abonament")


def test_a_converted_charge_shows_its_own_currency_and_the_bill_the_rate_the_source_and_the_date():
    html = page(samples.bill("en", "EUR"), "print").html
    row = row_with(html, "Server hours")
    assert "33.9037\u00a0USD</span>" in row
    spaced = text_of(html).replace("\xa0", " ")
    assert "Exchange rates: 1 USD = 3.6412 EUR (European Central Bank · 30 Oct 2026)" in spaced
    assert "Your individual price" in row


@pytest.mark.parametrize(
    ("language", "before", "missing"),
    [
        ("en", "Before discounts: 20.00 PLN", "What is missing to the agreed minimum"),
        ("pl", "Przed rabatami: 20,00 PLN", "Dopłata do uzgodnionego minimum"),
        ("de", "Vor Rabatten: 20,00 PLN", "Differenz zum vereinbarten Mindestbetrag"),
        ("uk", "До знижок: 20,00 PLN", "Доплата до погодженого мінімуму"),
        ("ar", "قبل الخصومات", "الفرق حتى الحد الأدنى المتفق عليه"),
    ],
)
def test_discounts_minimums_and_prices_with_tax_are_explained(language, before, missing):
    bill = samples.bill(language)
    first, *others = bill.products
    fee, calls = first.lines
    discounted = replace(
        calls,
        before_discount=Money(2000, "PLN"),
        adjustments=(LineAdjustment("Loyalty", Money(-290, "PLN")),),
        gross=Money(2103, "PLN"),
    )
    products = (replace(first, lines=(replace(fee, charge_kind="minimum"), discounted)), *others)
    shown = text_of(page(replace(bill, products=products), "print").html).replace("\xa0", " ")
    assert before in shown
    assert missing in shown
    assert "Loyalty" in shown
    assert re.search(r"2[.,]90", shown)
    assert re.search(r"21[.,]03", shown)


@pytest.mark.parametrize(
    ("language", "title", "carried"),
    [
        ("en", "Allowances and credits", "The rest is carried over"),
        ("pl", "Pakiety i środki do wykorzystania", "Przechodzi na kolejny okres"),
        ("de", "Freimengen und Guthaben", "Der Rest wird übertragen"),
        ("uk", "Пакети та кошти на рахунку", "Залишок переноситься"),
        ("ar", "الباقات والأرصدة", "يُرحَّل المتبقي"),
    ],
)
def test_a_bill_says_what_is_left_of_allowances_and_credits(language, title, carried):
    bill = samples.bill(language)
    assert title not in text_of(page(bill, "print").html)
    html = page(samples.with_balances(bill), "print").html
    assert title in text_of(html) and carried in text_of(html)
    own = row_with(html, "Minutes")
    assert "1:15:00" in own and "0:25:00" in own and "+48 600 100 200" in own
    assert "12,5" in row_with(html, "SPRING") or "12.5" in row_with(html, "SPRING")
    assert "40" in row_with(html, "Top-up") and "60" in row_with(html, "Top-up")


def test_where_a_bill_has_several_rates_of_two_currencies_each_charge_says_which_is_its():
    bill = samples.bill("en", "EUR")
    *products, last = bill.products
    earlier = replace(last.lines[-1].conversion, rate=Decimal("3.5"), rate_date=date(2026, 9, 30))
    late = replace(last.lines[-1], name="Server hours, late", conversion=earlier, amount=Money(0, "EUR"))
    html = page(replace(bill, products=(*products, replace(last, lines=(*last.lines, late)))), "print").html
    assert "33.9037\u00a0USD · 1\u00a0USD\u00a0=\u00a03.6412\u00a0EUR" in row_with(html, "Server hours<")
    assert "33.9037\u00a0USD · 1\u00a0USD\u00a0=\u00a03.5\u00a0EUR" in row_with(html, "Server hours, late")
    rates = "Exchange rates: 1 USD = 3.5 EUR (European Central Bank · 30 Sept 2026) · 1 USD = 3.6412"
    assert rates in text_of(html).replace("\xa0", " ")


def test_a_further_tax_is_named_and_its_base_counts_once():
    base = samples.bill("en", "PLN")
    vat = base.taxes[0]
    levy = replace(vat, rate_percent=Decimal("5"), tax=Money(100, "PLN"), tax_name="Telecom levy", is_further_tax=True)
    tax, gross = Money(base.tax.minor + 100, "PLN"), Money(base.gross.minor + 100, "PLN")
    printed = text_of(page(replace(base, taxes=(vat, levy), tax=tax, gross=gross), "print").html)
    # Another tax than VAT is on the bill, so the column and the total are of tax.
    assert "Kind of tax Rate Net amount Tax Standard rate 23%" in printed
    assert "Telecom levy" in printed
    with pytest.raises(InconsistentDocumentError, match="the tax bases and the net amount differ"):
        replace(base, taxes=(vat, replace(levy, is_further_tax=False)), tax=tax, gross=gross)


def test_the_tax_table_repeats_the_tax_in_the_suppliers_currency_with_its_rate():
    html = page(samples.bill("en", "EUR"), "print").html
    assert "VAT in PLN" in text_of(html)
    assert "1\u00a0EUR\u00a0=\u00a04.2567\u00a0PLN" in html
    assert "Reverse charge: the recipient of the service is liable for the VAT" in html


def test_a_settlement_says_each_rate_once_and_counts_usage_as_usage():
    base = samples.settlement("en")
    rate = Conversion("PLN", "EUR", Decimal("0.2340"), "European Central Bank", date(2026, 10, 30))
    agreements = tuple(
        replace(group, lines=tuple(replace(line, conversion=rate) for line in group.lines)) for group in base.agreements
    )
    calls = replace(base.offerings[0], count=1200, is_usage=True)
    html = page(replace(base, agreements=agreements, offerings=(calls, *base.offerings[1:])), "print").html
    text = text_of(html).replace("\xa0", " ")
    assert text.count("1 PLN = 0.234 EUR (European Central Bank · 30 Oct 2026)") == 1
    assert "1,200 usage records" in row_with(html, calls.offering_name)
    earlier = replace(rate, rate=Decimal("0.25"))
    first = replace(agreements[0], lines=tuple(replace(line, conversion=earlier) for line in agreements[0].lines))
    html = page(replace(base, agreements=(first, *agreements[1:])), "print").html
    assert html.count("1\u00a0PLN\u00a0=\u00a00.25\u00a0EUR") == 1 + len(first.lines)


def test_tax_categories_and_units_have_words_where_we_know_them():
    base = samples.bill("de", "EUR")
    taxes = tuple(replace(line, tax_category="health") for line in base.taxes)
    lines = tuple(replace(line, unit="unit") for line in base.products[0].lines)
    document = replace(base, taxes=taxes, products=(replace(base.products[0], lines=lines), *base.products[1:]))
    text = text_of(page(document, "print").html)
    assert "Gesundheitsleistungen" in text and "health" not in text
    assert " Einheiten " in text
    other = page(replace(base, taxes=tuple(replace(line, tax_category="e_books") for line in base.taxes)), "print").html
    assert "· e books" in text_of(other)


def test_late_usage_a_reseller_and_part_of_a_month_are_said():
    text = text_of(page(samples.bill("en", "EUR"), "print").html)
    for note in ("Usage from an earlier period, billed now", "Sold by Partnerzy Pomorza", "For the days in use"):
        assert note in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_faces_of_a_document_say_the_same(language):
    for document in (samples.bill(language), samples.settlement(language)):
        faces = [sorted(text_of(page(document, face).html).split()) for face in ("print", "screen")]
        assert faces[0] == faces[1]


@pytest.mark.parametrize(
    ("kind", "title", "is_self_billed"),
    [(DocumentKind.SELF_BILLED, "Gutschrift", True), (DocumentKind.STATEMENT, "Abrechnung", False)],
)
def test_only_a_self_billed_document_says_that_it_is_one(kind, title, is_self_billed):
    html = page(samples.settlement("de", kind), "print").html
    assert f"<h1>{title}</h1>" in html
    assert ("im Namen und für Rechnung des leistenden Unternehmers" in html) == is_self_billed


def test_a_price_for_a_part_of_the_month_is_converted_from_as_many_digits_as_a_reader_can_use():
    bill = samples.bill("en", "PLN")
    product = bill.products[-1]
    line = replace(product.lines[0], price_amount=Decimal("33.9036900580645161"))
    part = replace(bill, products=(*bill.products[:-1], replace(product, lines=(line,))))
    assert "33.903690…\u00a0USD</span>" in row_with(page(part, "print").html, "Server hours<")


def test_a_document_cites_those_that_it_corrects():
    corrects = (CorrectedDocument("SB/1", date(2026, 10, 1)), CorrectedDocument("SB/2", date(2026, 11, 1)))
    html = page(replace(samples.settlement("de"), corrects=corrects), "print").html
    assert "Berichtigt: SB/1 (01.10.2026), SB/2 (01.11.2026)" in text_of(html)
    assert "Berichtigt" not in page(samples.settlement("de"), "print").html


def test_a_hop_between_two_partners_does_not_wear_the_operators_mark():
    own = replace(samples.settlement(), is_paid_by_operator=False)
    assert 'class="mark"' not in page(own, "print").html
    assert 'class="mark"' in page(samples.settlement(), "print").html


@pytest.mark.parametrize(("gross", "label"), [(100, "Amount due"), (0, "Nothing to pay"), (-100, "In your favour")])
def test_the_amount_box_says_who_owes(gross, label):
    base = samples.bill("en", "EUR")
    line = samples.charge("Fee", gross, "EUR")
    document = replace(
        base, products=(replace(base.products[0], lines=(line,), net=Money(gross, "EUR")),), net=Money(gross, "EUR"),
        services=(replace(base.services[0], net=Money(gross, "EUR"), bar_permille=0),), tax=Money(0, "EUR"),
        gross=Money(gross, "EUR"), taxes=(replace(base.taxes[0], base=Money(gross, "EUR"), tax=Money(0, "EUR")),),
    )  # fmt: skip
    html = page(document, "print").html
    assert label in html
    assert ("Due date" in html) == (gross > 0)


PAYLOADS = [
    "{{7*7}}",
    "{% for x in ().__class__ %}",
    "<img src=x onerror=alert(1)>",
    '"><script>alert(1)</script>',
    "a & b",
]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("face", ["print", "screen"])
def test_a_name_is_printed_and_never_run(payload, face):
    from markupsafe import escape

    hostile = Party(payload, (payload,), "PL", payload)
    line = samples.charge(payload, 2271200, seller_name=payload)
    base = samples.bill("pl")
    product = replace(base.products[0], offering_name=payload, identifiers=(payload,), lines=(line,), net=line.amount)
    document = replace(
        base, customer=hostile, products=(product,), net=line.amount, tax=Money(0, "PLN"), gross=line.amount,
        services=(replace(base.services[0], service_kind="voice", net=line.amount),),
        taxes=(replace(base.taxes[0], base=line.amount, tax=Money(0, "PLN")),),
    )  # fmt: skip
    html = page(document, face).html
    assert html.count(str(escape(payload))) >= 6
    assert "<img" not in html
    assert "<script" not in html
    assert "49" not in text_of(html).replace("0e4a49", "")[:400]


def test_every_number_date_and_id_of_an_arabic_document_is_a_left_to_right_island():
    for document in (samples.bill("ar", "EUR"), samples.settlement("ar")):
        html = page(document, "print").html
        body = html[html.index("<body") :]
        outside = re.sub(r'<bdi dir="ltr">.*?</bdi>', "", body, flags=re.S)
        outside = re.sub(r'<bdi dir="rtl">.*?</bdi>|<svg.*?</svg>|<[^>]+>', " ", outside, flags=re.S)
        # The legal sentences name articles and the directive; their digits stand in running Arabic text.
        running = re.sub(r"2006/112/EC|\b(44|58|59|196)\b", "", outside.replace("و", " "))
        assert re.findall(r"\d+", running) == []


def test_an_arabic_name_in_an_english_document_keeps_its_own_direction():
    document = samples.bill("en", "EUR", customer=samples.CUSTOMERS["ar"])
    assert '<bdi dir="rtl">شركة النخيل للتجارة</bdi>' in page(document, "print").html


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ann 😀", "Ann [U+1F600]"),
        ("a\u202eb", "a[U+202E]b"),
        ("x\x07", "x[U+0007]"),
        ("日本 \U00020000", "日本 [U+20000]"),
    ],
)
def test_what_cannot_be_drawn_or_seen_is_shown_as_its_code_point_and_reported(name, shown):
    document = samples.bill("en", "EUR", customer=Party(name, (), "PL"))
    paged = page(document, "print")
    assert shown in paged.html
    assert len(paged.replaced_characters) == 1
    assert page(samples.bill("en", "EUR"), "print").replaced_characters == frozenset()


def test_our_own_texts_have_no_character_without_a_glyph():
    printable = Printable()
    from assets.documents.phrases import catalogue

    for language in TRANSLATED_LANGUAGES:
        for text in used_texts():
            if isinstance(text, tuple):
                for number in (0, 1, 2, 3, 11, 100):
                    printable(catalogue(language).ngettext(*text, number))
            else:
                printable(catalogue(language).gettext(text))
    assert printable.replaced == set()


@pytest.mark.parametrize("language", TRANSLATED_LANGUAGES)
def test_a_catalogue_has_every_text_every_plural_form_and_nothing_else(language):
    assert problems(language) == []


def test_an_unknown_mention_stops_the_document_and_says_what_is_known():
    base = samples.bill("pl")
    document = replace(base, taxes=(replace(base.taxes[0], mention="moon_tax"),))
    with pytest.raises(UnknownWordError, match=r"moon_tax.*reverse_charge"):
        page(document, "print")


def test_a_statement_holds_the_invoice_of_every_supplier_and_one_amount_due():
    own = samples.bill("en")
    reseller = Party("Gadu Mobile sp. z o.o.", ("31-001 Kraków",), "PL", "PL6762461659")
    sold = replace(own, number="GM/2026/7", supplier=reseller, issuer_name=own.supplier.name, mandate="2025/117")
    statement = replace(own, further_invoices=(sold,), due=Money(2 * own.gross.minor, "PLN"))
    text = text_of(page(statement, "print").html).replace("\xa0", " ")
    assert "Amount due 558.72 PLN" in text
    assert "GM/2026/7" in text and "PL6762461659" in text
    assert (
        "Wisła Telekom S.A. issues this invoice in the name and on behalf of the supplier (mandate 2025/117)." in text
    )
    # Each invoice has its own lines, tax and total.
    assert text.count("Charges in detail") == 2 and text.count("Total 279.36 PLN") == 2
    with pytest.raises(InconsistentDocumentError, match="the invoices of the statement and the amount due"):
        replace(statement, due=own.gross)


def test_a_brand_changes_the_head_of_the_bill_and_nothing_else():
    own = samples.bill("en")
    labelled = replace(own, brand_name="Gadu Mobile", is_own_brand=False)
    html, branded = page(own, "print").html, page(labelled, "print").html
    assert '<span class="brand-name">Gadu Mobile</span>' in branded and '<svg class="mark"' not in branded
    head = re.compile(r'<div class="brand">.*?</div>', re.S)
    assert head.sub("", html) == head.sub("", branded)


def test_a_document_that_disagrees_with_itself_is_refused():
    with pytest.raises(InconsistentDocumentError, match="WT/2026/1042: net and tax and the gross amount differ"):
        replace(samples.bill("pl"), gross=Money(1, "PLN"))
    with pytest.raises(InconsistentDocumentError, match="positions"):
        replace(samples.settlement(), agreements=())


def test_a_price_without_known_unit_prints_the_unit_as_the_book_writes_it():
    base = samples.bill("en", "EUR")
    line = samples.charge("Energy", 22712, "EUR", unit="kWh", quantity=Decimal("12.5"))
    product = replace(base.products[0], lines=(line,), net=line.amount)
    services = (
        replace(base.services[0], service_kind="smart-grid", net=line.amount),
        replace(base.services[1], net=Money(0, "EUR")),
    )
    document = replace(base, products=(product,), services=services)
    text = text_of(page(document, "print").html)
    assert "12.5 kWh" in text
    assert "Smart grid" in text
