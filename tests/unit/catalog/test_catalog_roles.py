# ruff: noqa: E501 - lines of the book and messages are shown as they are
"""The five roles: every situation has one row of the decision table, and what is not allowed is refused by line."""

import datetime

import pytest

from assets.catalog.chains import resolve_chains
from assets.catalog.check import check_book
from assets.catalog.role_populations import Populations, Sold, role_problems
from assets.catalog.roles import SITUATIONS, combinations, roles_of
from tests.unit.catalog.books import VALID_BOOK, write_book

WHITE_LABEL = "agreements/white_label.yaml"
STREAMLY = "agreements/streamly.yaml"
REFUSED = [
    ("an operator as principal of what a partner supplies", WHITE_LABEL, "recognised_as: agent", "recognised_as: principal",
     "agreements/white_label.yaml:11: agreements[0].versions[0].roles: found supplier gadu-pl, issuer wisla-pl, collector wisla-pl and revenue as principal for offering line, expected a combination that is allowed: the customer buys from the partner"),
    ("invoices for another without mandate", WHITE_LABEL, '          mandate: "2025/117"\n', "",
     "without mandate, expected the mandate by which wisla-pl writes invoices in the name of gadu-pl (Directive 2006/112/EC art. 220(1)"),
    ("a partner that writes its own invoices", WHITE_LABEL, "issuer: wisla-pl", "issuer: gadu-pl",
     "expected a combination that is allowed: a partner that writes its own invoices does not need the operator's bill run"),
    ("a partner that collects for itself", WHITE_LABEL, "collector: wisla-pl", "collector: gadu-pl",
     "expected a combination that is allowed: money that a partner collects for itself never reaches the bill run"),
    ("a partner that writes the operator's invoices", "offerings/line.yaml", "{brand: wisla-home}", "{issuer: gadu-pl, mandate: x}",
     "offerings/line.yaml:8: offerings[0].roles: found supplier wisla-pl, issuer gadu-pl, collector gadu-pl and revenue as principal for offering line, expected a combination that is allowed: a partner cannot write the operator's invoices"),
    ("a partner's supply whose payer is the operator", WHITE_LABEL, "payer: gadu", "payer: wisla-telekom",
     "agreements/white_label.yaml:4: agreements[0].payer: found payer 'wisla-telekom', expected the party that supplies the customer in every version: gadu"),
    ("two issuers for one supplier", "offerings/tv.yaml", "    supplier: wisla-pl\n    effective_from: \"2026-01-01\"\n    prices", "    supplier: wisla-pl\n    roles: {mandate: x}\n    effective_from: \"2026-01-01\"\n    prices",
     "offerings/tv.yaml:8: offerings[0].roles: found issuer wisla-pl, collector wisla-pl and mandate x of wisla-pl, expected issuer wisla-pl, collector wisla-pl and mandate None, as at offerings/tv.yaml:18"),
    ("an unknown issuer", WHITE_LABEL, "issuer: wisla-pl", "issuer: wisla-de",
     "agreements/white_label.yaml:13: agreements[0].versions[0].roles.issuer: found legal entity 'wisla-de', expected one of gadu-pl, wisla-pl"),
    ("an unknown brand", WHITE_LABEL, "brand: gadu-mobile", "brand: gadu-mobil",
     "agreements/white_label.yaml:15: agreements[0].versions[0].roles.brand: found brand 'gadu-mobil', expected one of gadu-mobile, wisla-home"),
    ("the brand of a stranger", "operator.yaml", "party: gadu}, {", "party: kiosk}, {",
     "agreements/white_label.yaml:15: agreements[0].versions[0].roles.brand: found the brand of kiosk, expected a brand of one of parties: gadu, wisla-telekom"),
    ("a brand twice", "operator.yaml", "id: wisla-home", "id: gadu-mobile", "found the brand 'gadu-mobile' 2 times"),
    ("an agent without approval", WHITE_LABEL, ', approved_by: "cfo"', "",
     "agreements/white_label.yaml:17: agreements[0].versions[0].roles.revenue: found no field approved_by, expected the field approved_by"),
    ("an agent for nobody", STREAMLY, "covers: [{offering: video-stream}]", "covers: [{offering: video-stream}]\n        roles: {revenue: {recognised_as: agent, reason: x, approved_by: y, approved_on: \"2025-12-01\"}}",
     "agreements/streamly.yaml:12: agreements[0].versions[0].roles.revenue: found an agent without principal, expected the party for whom the operator acts"),
    ("an agent for a stranger", STREAMLY, "covers: [{offering: video-stream}]", "covers: [{offering: video-stream}]\n        roles: {revenue: {recognised_as: agent, principal: gadu, reason: x, approved_by: y, approved_on: \"2025-12-01\"}}",
     "roles.revenue.principal: found principal 'gadu', expected one of parties besides the operator: streamly"),
    ("roles in a hop", "agreements/resellers.yaml", "        sharing:\n          - {id: per-minute, to: kiosk, per_unit: \"0.01\"}", "        roles: {brand: gadu-mobile}\n        sharing:\n          - {id: per-minute, to: kiosk, per_unit: \"0.01\"}",
     "found roles in a hop of a chain, expected none: roles are those towards the customer"),
    ("a content provider who is nobody", "offerings/line.yaml", "    content_provider: streamly\n", "",
     "agreements/white_label.yaml:20: agreements[0].versions[0].sharing[1].to: found content_provider, who is nobody for offering line, expected a party for every offering that the agreement covers"),
    ("a content provider who is unknown", "offerings/line.yaml", "content_provider: streamly", "content_provider: streemly",
     "offerings/line.yaml:9: offerings[0].content_provider: found party 'streemly', expected one of gadu, house, kiosk, streamly, wisla-telekom"),
    ("a role that does not exist", WHITE_LABEL, "to: content_provider", "to: content_provider.child",
     "expected a party id, or a role: operator, content_provider, seller, seller.parent"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_roles_are_refused_with_file_and_line(tmp_path, file, old, new, message):
    assert old in VALID_BOOK[file], "the mutation does not fit the valid book any more"
    files = {**VALID_BOOK, file: VALID_BOOK[file].replace(old, new, 1)}
    assert message in check_book(write_book(tmp_path / "book", files)).report()


def test_every_situation_is_decided_by_the_table_and_every_row_decides_one():
    deciding = [next(row for row in combinations() if row.fits(situation)) for situation in SITUATIONS]
    assert set(deciding) == set(combinations())
    # What is refused says why, and everything has its source.
    assert all(row.source and bool(row.refused_because) != row.is_allowed for row in combinations())


def test_a_fact_that_is_left_out_is_the_one_above_it(tmp_path):
    book = check_book(write_book(tmp_path / "book", VALID_BOOK)).book
    own = roles_of(book, "line")
    assert (own.supplier, own.issuer, own.brand, own.collector, own.revenue_as) == (
        "wisla-pl", "wisla-pl", "wisla-home", "wisla-pl", "principal",
    )  # fmt: skip
    sold = roles_of(book, "line", book.agreements["gadu-line"].value.versions[0])
    assert (sold.supplier, sold.issuer, sold.brand, sold.collector, sold.revenue_as) == (
        "gadu-pl", "wisla-pl", "gadu-mobile", "wisla-pl", "agent",
    )  # fmt: skip


def test_white_label_changes_the_brand_and_nothing_else(tmp_path):
    label = VALID_BOOK[STREAMLY].replace(
        "covers: [{offering: video-stream}]",
        "covers: [{offering: video-stream}]\n        roles: {brand: wisla-home}",
        1,
    )
    checked = check_book(write_book(tmp_path / "book", {**VALID_BOOK, STREAMLY: label}))
    assert checked.report() == ""
    first, second = checked.book.agreements["streamly-content"].value.versions
    one, other = roles_of(checked.book, "video-stream", first), roles_of(checked.book, "video-stream", second)
    assert one.brand == "wisla-home" and other.brand is None
    assert (one.supplier, one.issuer, one.collector, one.revenue) == (
        other.supplier, other.issuer, other.collector, other.revenue,
    )  # fmt: skip


def test_the_operator_is_one_party_and_the_content_provider_one_per_line(tmp_path):
    book = check_book(write_book(tmp_path / "book", VALID_BOOK)).book
    terms = next(entry for entry in resolve_chains(book) if entry.agreement_id == "gadu-line")
    assert terms.effective_from == datetime.date(2026, 1, 1)
    assert [(step.receiver_party_id, step.receiver_role, step.is_kept) for step in terms.steps] == [
        ("wisla-telekom", None, False), (None, "content_provider", False), ("gadu", None, True),
    ]  # fmt: skip


def test_a_role_must_lead_to_somebody_for_all_that_was_sold_on_every_day(tmp_path):
    """The bonus of the reseller goes to whoever is above it: nobody from May on."""
    book = check_book(write_book(tmp_path / "book", VALID_BOOK)).book
    day = datetime.date
    sold = [Sold("mobile-start", "gadu", day(2026, 2, 1), None), Sold("mobile-start", None, day(2026, 2, 1), None)]
    above = {"gadu": [(day(2026, 1, 1), "house")]}
    assert role_problems(book, Populations(sold, above)) == []
    above["gadu"].append((day(2026, 5, 1), None))
    (problem,) = role_problems(book, Populations(sold, above))
    assert str(problem) == (
        "agreements/resellers.yaml:13: agreements[0].versions[0].sharing[1].to: found seller.parent, who is nobody for "
        "mobile-start sold by gadu on 2026-05-01, expected somebody for everything that is sold. Remedy: Deliver the parent "
        "in a parties file, or name the party as receiver."
    )
    # What ended before, and what another agreement covers, does not matter.
    ended = [
        Sold("mobile-start", "gadu", day(2026, 2, 1), day(2026, 5, 1)),
        Sold("line", "gadu", day(2026, 2, 1), None),
    ]
    assert role_problems(book, Populations(ended, above)) == []


def test_a_settlement_currency_without_published_rates_is_refused(tmp_path):
    files = {
        **VALID_BOOK,
        "operator.yaml": VALID_BOOK["operator.yaml"].replace(
            "currencies: [PLN, EUR, USD]", "currencies: [PLN, EUR, USD, KWD]"
        ),
        WHITE_LABEL: VALID_BOOK[WHITE_LABEL].replace("settlement: {currency: PLN", "settlement: {currency: KWD"),
    }
    report = check_book(write_book(tmp_path / "book", files)).report()
    assert report == (
        "agreements/white_label.yaml:22: agreements[0].versions[0].settlement.currency: found currency 'KWD', of which ecb "
        "publishes no rates, expected a currency that the FX source publishes, since lines may come in another one. "
        "Remedy: Settle in another currency, or name another source."
    )
