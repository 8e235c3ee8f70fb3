# ruff: noqa: E501  tables of samples read best on one line
"""Sample documents for tests and for looking at pages: no database needed.

Belongs here: made-up bills and settlements that hold every feature of the model. Belongs elsewhere: expected texts.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from assets.documents.document import (
    AgreementPositions,
    AllowanceBalance,
    BillDocument,
    ChargeLine,
    Conversion,
    CreditBalance,
    DocumentKind,
    OfferingRevenue,
    Party,
    PositionLine,
    ProductCharges,
    Proof,
    ServiceTotal,
    SettlementDocument,
    TaxLine,
)
from assets.money import Money

FIRST_DAY, LAST_DAY, ISSUE_DATE = date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 1)
OPERATOR = Party(
    name="Wisła Telekom S.A.",
    address_lines=("ul. Nadbrzeżna 12", "00-382 Warszawa", "Polska"),
    country_code="PL",
    tax_number="PL5261040828",
    bank_account="PL61109010140000071219812874",
)
CUSTOMERS = {
    "pl": Party("Zażółć Gęślą Jaźń sp. z o.o.", ("ul. Świętego Łukasza 3/4", "31-001 Kraków"), "PL", "PL6762461659"),
    "en": Party("Harbour & Sons Ltd", ("4 Quayside", "Bristol BS1 4XN", "United Kingdom"), "GB", "GB123456789"),
    "de": Party("Müller Straßenbau GmbH", ("Größenallee 1", "10115 Berlin", "Deutschland"), "DE", "DE136695976"),
    "uk": Party("ТОВ «Їжак і Ґава»", ("вул. Хрещатик, 22", "01001 Київ", "Україна"), "UA", None),
    "ar": Party("شركة النخيل للتجارة", ("شارع الشيخ زايد 12", "دبي", "الإمارات"), "AE", "100123456700003"),
    "ja": Party("山田 太郎", ("東京都千代田区丸の内1-1", "100-0005"), "JP", None),
}
ECB = "European Central Bank"
PROOF = Proof(
    bill_run_id=12,
    period_id="2026-10-c01",
    book_digest="9f3a1c5be07d42aa8e51b7c0f4d2966381e0a5c7bb1f90d3e6a4728c5d1e0f37",
    input_digest="77ab02e4c1d94f6f8a3b5c7d9e1f20416283a4c5e6f708192a3b4c5d6e7f8091",
    document_key="6f1d9a52-0c1b-4be1-9a3e-5f4f3c9b7d10",
)
NAMES = {
    "fee": {"pl": "Abonament", "en": "Monthly fee", "de": "Grundgebühr", "uk": "Абонплата", "ar": "الرسم الشهري"},
    "calls": {
        "pl": "Rozmowy krajowe", "en": "National calls", "de": "Inlandsgespräche", "uk": "Дзвінки в країні",
        "ar": "مكالمات محلية",
    },
    "data": {"pl": "Internet mobilny", "en": "Mobile data", "de": "Mobile Daten", "uk": "Мобільний інтернет", "ar": "بيانات الجوال"},
    "film": {"pl": "Filmy na żądanie", "en": "Films on demand", "de": "Filme auf Abruf", "uk": "Фільми за запитом", "ar": "أفلام عند الطلب"},
    "cloud": {"pl": "Godziny serwera", "en": "Server hours", "de": "Serverstunden", "uk": "Години сервера", "ar": "ساعات الخادم"},
}  # fmt: skip


def charge(name: str, minor: int, currency: str = "PLN", **changes: object) -> ChargeLine:
    """One charge line of October, a national call unless changed."""
    values: dict = {
        "name": name, "charge_kind": "usage", "first_day": FIRST_DAY, "last_day": LAST_DAY, "is_late": False,
        "is_personal_price": False, "seller_name": None, "event_count": 37,
        "quantity": Decimal("5400.000000"), "allowance": Decimal("6000.000000"), "unit": "s",
        "period_factor": Decimal("1.0000000000"), "tax_category": "standard", "amount": Money(minor, currency),
    }  # fmt: skip
    return ChargeLine(**{**values, **changes})


def bill(language: str = "pl", currency: str = "PLN", customer: Party | None = None, copies: int = 1) -> BillDocument:
    """A bill with voice, data, video and cloud: fees, allowances, late usage, a bundle, a reseller, another currency."""

    def named(key: str) -> str:
        return NAMES[key].get(language, NAMES[key]["en"])

    none = {"quantity": Decimal(0), "allowance": Decimal(0), "unit": "", "event_count": 0, "charge_kind": "recurring"}
    products = []
    for copy in range(copies):
        products += [
            ProductCharges(f"P-{100 + copy}", "Mobile Start", "voice", ("+48 600 100 200",), Money(4210, currency), (
                charge(named("fee"), 2500, currency, **none),
                charge(named("calls"), 1710, currency),
            )),
            ProductCharges(f"P-{200 + copy}", "Mobile Data 20", "data", ("+48 600 100 201",), Money(3158, currency), (
                charge(named("fee"), 1258, currency, **{**none, "period_factor": Decimal("0.5161290323"), "first_day": date(2026, 10, 16)}),
                charge(named("data"), 1900, currency, unit="MB", quantity=Decimal("1900.250000"), allowance=Decimal("20480.000000"),
                       event_count=1204, is_late=True),
            )),
            ProductCharges(f"P-{300 + copy}", "Streamly Video", "ott", ("streamly-778812",), Money(2999, currency), (
                charge(named("film"), 2999, currency, unit="1", quantity=Decimal("3.000000"), allowance=Decimal(0), event_count=3,
                       seller_name="Partnerzy Pomorza"),
            )),
            ProductCharges(f"P-{400 + copy}", "Cloud Compute", "cloud", ("tenant-0042",), Money(12345, currency), (
                charge(named("cloud"), 12345, currency, unit="h", quantity=Decimal("744.125000"), allowance=Decimal(0), event_count=744,
                       is_personal_price=True, price_amount=Decimal("33.9037000000000000"),
                       conversion=Conversion("USD", currency, Decimal("3.6412000000"), ECB, date(2026, 10, 30))),
            )),
        ]  # fmt: skip
    net = 22712 * copies
    tax = {"PLN": 5224, "EUR": 0}.get(currency, 5224) * copies
    home = currency != "PLN"
    taxes = (
        TaxLine(
            "standard", "reverse_charge" if home else "standard", Decimal("0.0000" if home else "23.0000"),
            "reverse_charge" if home else None, Money(net, currency), Money(tax, currency),
            Money(0, "PLN") if home else None,
            Conversion(currency, "PLN", Decimal("4.2567000000"), ECB, date(2026, 10, 30)) if home else None,
        ),
    )  # fmt: skip
    return BillDocument(
        number="WT/2026/1042", language_code=language, currency_code=currency, account_id="A-000417",
        supplier=OPERATOR, customer=customer or CUSTOMERS[language], issue_date=ISSUE_DATE, due_date=date(2026, 11, 15),
        first_day=FIRST_DAY, last_day=LAST_DAY, net=Money(net, currency), tax=Money(tax, currency),
        gross=Money(net + tax, currency),
        services=(
            ServiceTotal("cloud", Money(12345 * copies, currency), 543),
            ServiceTotal("voice", Money(4210 * copies, currency), 185),
            ServiceTotal("data", Money(3158 * copies, currency), 139),
            ServiceTotal("ott", Money(2999 * copies, currency), 132),
        ),
        products=tuple(products), taxes=taxes, proof=PROOF,
    )  # fmt: skip


PARTNER = Party(
    "Streamly Media Ltd",
    ("7 Harbour Street", "Dublin D02 X285", "Ireland"),
    "IE",
    "IE6388047V",
    "IE29AIBK93115212345678",
)


def with_balances(of: BillDocument) -> BillDocument:
    """The bill with an allowance of a product, one of the account that rolls over, a coupon and a credit."""
    return replace(
        of,
        allowances=(
            AllowanceBalance("Minutes", "+48 600 100 200", Decimal(4500), Decimal(1500), "s", LAST_DAY, False),
            AllowanceBalance("Family data", "", Decimal("20480.5"), Decimal(0), "MB", LAST_DAY, True),
        ),
        credits=(
            CreditBalance("coupon", "SPRING", Decimal("12.5"), Money(1000, of.currency_code), None, None),
            CreditBalance(
                "credit", "Top-up", None, Money(4000, of.currency_code), Money(6000, of.currency_code), LAST_DAY
            ),
        ),
    )


def settlement(language: str = "en", kind: DocumentKind = DocumentKind.SELF_BILLED) -> SettlementDocument:
    """A partner's document over two agreements, one of them settled in another currency."""
    rate = Conversion("PLN", "EUR", Decimal("0.2349237672"), ECB, date(2026, 10, 30))

    def position(
        item: str, percent: str | None, base: str, share: str, minor: int, settled: int, **changes: object
    ) -> PositionLine:
        values: dict = {
            "item_id": item, "rule": "percent", "basis": "after_discount_ex_tax",
            "percent": Decimal(percent) if percent else None, "unit_amount": None, "unit_currency_code": "PLN",
            "line_count": 214,
            "base_exact": Decimal(base), "share_exact": Decimal(share), "amount": Money(minor, "PLN"),
            "settlement_amount": Money(settled, "EUR"), "conversion": rate,
        }  # fmt: skip
        return PositionLine(**{**values, **changes})

    return SettlementDocument(
        number="SB/wisla-telekom/streamly/2026/1", kind=kind, language_code=language, currency_code="EUR",
        payer=OPERATOR, receiver=PARTNER, issue_date=ISSUE_DATE, due_date=date(2026, 12, 1), first_day=FIRST_DAY,
        last_day=LAST_DAY, position=Money(155432, "EUR"), tax=Money(0, "EUR"), document=Money(155432, "EUR"),
        withheld=Money(0, "EUR"), payment=Money(155432, "EUR"),
        taxes=(TaxLine("standard", "reverse_charge", Decimal("0.0000"), "reverse_charge", Money(155432, "EUR"), Money(0, "EUR")),),
        agreements=(
            AgreementPositions("streamly-content", "Streamly: video content", "2", (
                position("content", "70.0000000000", "8417.8200000000", "5892.4740000000", 589247, 138428),
            )),
            AgreementPositions("streamly-devices", "Streamly: set-top boxes", "1", (
                position("device", None, "1204.0000000000", "723.8400000000", 72384, 17004, rule="per_unit", basis="quantity",
                         unit_amount=Decimal("0.0200000000")),
            )),
        ),
        offerings=(
            OfferingRevenue("Streamly Video", "content", "PLN", 180, Decimal("7000.0000"), Decimal("4900.000000")),
            OfferingRevenue("Rodzina 4+", "content", "PLN", 34, Decimal("1417.8200"), Decimal("992.474000")),
            OfferingRevenue("Streamly Box", "device", "PLN", 214, Decimal("1204.0000"), Decimal("723.840000")),
        ),
        is_paid_by_operator=True, proof=PROOF,
    )  # fmt: skip
