"""Names and addresses of invented people and companies, by country."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from stdnum.de import vat as german_vat
from stdnum.gb import vat as british_vat
from stdnum.ie import vat as irish_vat
from stdnum.pl import nip as polish_nip


@dataclass(frozen=True)
class Country:
    """What an invented customer of a country looks like. Latin letters where a carrier's systems would hold them."""

    code: str
    language_code: str
    currency_code: str
    phone_prefix: str  # calling code and first digits of a mobile number
    phone_digits: int  # digits after the prefix
    names: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]  # first names and the last names that agree with them
    company_words: tuple[str, ...]
    company_suffix: str
    streets: tuple[str, ...]
    places: tuple[str, ...]
    country_name: str


COUNTRIES = {
    "PL": Country(
        "PL", "pl", "PLN", "4850", 7,
        (
            (
                ("Łukasz", "Paweł", "Krzysztof", "Michał", "Jan", "Wojciech", "Grzegorz", "Świętosław"),
                ("Wiśniewski", "Dąbrowski", "Zieliński", "Wójcik", "Kamiński", "Woźniak", "Król", "Gołąb", "Żak"),
            ),
            (
                ("Agnieszka", "Małgorzata", "Zofia", "Żaneta", "Elżbieta", "Bożena", "Łucja", "Katarzyna"),
                ("Wiśniewska", "Dąbrowska", "Zielińska", "Wójcik", "Szymańska", "Jabłońska", "Woźniak", "Kościelna"),
            ),
        ),
        ("Bursztyn", "Mazowsze", "Gwiazda", "Żuraw", "Źródło"), "Sp. z o.o.",
        ("ul. Polna {number}", "ul. Świętojańska {number}", "al. Róż {number}", "ul. Łąkowa {number}"),
        ("00-625 Warszawa", "31-130 Kraków", "80-001 Gdańsk", "90-001 Łódź", "50-001 Wrocław", "61-001 Poznań"),
        "Polska",
    ),
    "DE": Country(
        "DE", "de", "EUR", "49151", 8,
        (
            (
                ("Jürgen", "Käthe", "Björn", "Anneliese", "Sören", "Lieselotte", "Günther", "Jörg", "Bärbel"),
                ("Müller", "Großmann", "Schäfer", "Köhler", "Weiß", "Jäger", "Böhm", "Krüger"),
            ),
        ),
        ("Elbe", "Nordwind", "Kaiser", "Brückner"), "GmbH",
        ("Lindenstraße {number}", "Schillerstraße {number}", "Am Mühlbach {number}"),
        ("10969 Berlin", "20095 Hamburg", "80331 München", "50667 Köln"), "Deutschland",
    ),
    "IE": Country(
        "IE", "en", "EUR", "35385", 7,
        ((("Aoife", "Cian", "Niamh", "Seán", "Róisín"), ("Byrne", "O'Sullivan", "Murphy", "Doyle", "Ní Bhriain")),),
        ("Harbour", "Clover"), "Ltd",
        ("{number} Quay Street", "{number} Castle Lane"), ("Galway H91 AX57", "Dublin D02 X285"), "Ireland",
    ),
    "GB": Country(
        "GB", "en", "GBP", "4479", 8,
        ((("Olivia", "George", "Amelia", "Harry", "Isla"), ("Smith", "Hughes", "Clarke", "Patel", "Wright")),),
        ("Thames", "Sterling", "Oak"), "Ltd",
        ("{number} Mill Lane", "{number} Station Road"), ("London SE1 9GF", "Leeds LS1 4AP", "Cardiff CF10 1EP"),
        "United Kingdom",
    ),
    "US": Country(
        "US", "en", "USD", "12025", 6,
        ((("Emma", "Noah", "Ava", "Liam"), ("Johnson", "Garcia", "Miller", "Davis")),),
        ("Liberty", "Summit"), "Inc.",
        ("{number} Main Street", "{number} Oak Avenue"), ("Austin, TX 78701", "Denver, CO 80202"), "United States",
    ),
    "UA": Country(
        "UA", "uk", "PLN", "38067", 7,
        (
            (
                ("Олена", "Тарас", "Ірина", "Богдан", "Наталія", "Юрій", "Євген", "Галина"),
                ("Шевченко", "Коваленко", "Гнатюк", "Їжакевич", "Ткаченко", "Щербак", "Ґудзь"),
            ),
        ),
        ("Дніпро", "Світанок"), "ТОВ",
        ("вул. Садова, {number}", "вул. Лесі Українки, {number}", "просп. Свободи, {number}"),
        ("01001 Київ", "79000 Львів", "65000 Одеса"), "Україна",
    ),
    "JP": Country(
        "JP", "en", "JPY", "8190", 8,
        ((("Haruto", "Yui", "Sota", "Mei"), ("Sato", "Suzuki", "Takahashi", "Tanaka")),),
        ("Sakura", "Hikari"), "K.K.",
        ("{number}-1 Marunouchi", "{number}-3 Sakuragaoka"), ("Chiyoda-ku, Tokyo 100-0005", "Kita-ku, Osaka 530-0001"),
        "Japan",
    ),
    "AE": Country(
        "AE", "ar", "USD", "97150", 7,
        ((("أحمد", "فاطمة", "محمد", "مريم", "خالد", "نورة"), ("المنصوري", "الشامسي", "النعيمي", "الكعبي")),),
        ("الخليج", "الواحة"), "ذ.م.م",
        ("شارع الشيخ زايد {number}", "شارع النخيل {number}"), ("دبي", "أبوظبي", "الشارقة"), "الإمارات العربية المتحدة",
    ),
}  # fmt: skip

# How many of every hundred customers live where.
MIX = (("PL", 42), ("UA", 15), ("DE", 15), ("AE", 8), ("GB", 7), ("JP", 5), ("US", 5), ("IE", 3))


@dataclass(frozen=True)
class Company:
    """A partner or the operator, as a party."""

    party_id: str
    name: str
    country_code: str
    tax_number: str
    language_code: str
    parent_party_id: str
    bban: str  # the national part of the IBAN
    address_lines: str


COMPANIES = (
    Company("wisla-telekom", "Wisła Telekom S.A.", "PL", "PL9990000014", "pl", "", "109010140000071219812874",
            "ul. Nadbrzeżna 12|00-382 Warszawa|Polska"),
    Company("streamly", "Streamly Media DAC", "IE", "IE9990001G", "en", "", "AIBK93115212345678",
            "4 Grand Canal Square|Dublin D02 X525|Ireland"),
    Company("nordcloud", "Nordcloud AB", "SE", "SE559900000601", "en", "", "50000000058398257466",
            "Sveavägen 44|111 34 Stockholm|Sverige"),
    Company("sensoria", "Sensoria GmbH", "DE", "DE999000009", "de", "", "370400440532013000",
            "Industriestraße 9|50667 Köln|Deutschland"),
    Company("mediline", "MediLine Sp. z o.o.", "PL", "PL9990000020", "pl", "", "114020040000300201355387",
            "ul. Zdrowa 3|60-688 Poznań|Polska"),
    Company("textwave", "Textwave Hub Ltd", "GB", "GB999000005", "en", "", "NWBK60161331926819",
            "12 Signal House|Manchester M1 2WD|United Kingdom"),
    Company("alfa", "Alfa Dystrybucja S.A.", "PL", "PL9990000037", "pl", "", "102010260000042270201111",
            "ul. Handlowa 7|40-601 Katowice|Polska"),
    Company("beta", "Beta Handel GmbH", "DE", "DE999000017", "de", "alfa", "100100100123456789",
            "Messeallee 21|04356 Leipzig|Deutschland"),
    Company("gamma", "Gamma Shops s.r.o.", "CZ", "CZ89900006", "en", "beta", "08000000192000145399",
            "Nádražní 18|702 00 Ostrava|Česko"),
    Company("nordroute", "Nordroute Carrier GmbH", "DE", "DE999000025", "de", "", "370400440532013018",
            "Hafenstraße 4|20457 Hamburg|Deutschland"),
    Company("ibermovil", "Ibermóvil S.A.", "ES", "ESB99900003", "en", "", "21000418450200051332",
            "Calle de Alcalá 900|28014 Madrid|España"),
    Company("telnova", "Telnova S.A.", "PL", "PL9990000505", "pl", "", "102010260000042270203333",
            "ul. Portowa 31|80-890 Gdańsk|Polska"),
    Company("helvecom", "Helvecom AG", "CH", "CHE999999996", "de", "", "00762011623852957",
            "Seestrasse 700|8002 Zürich|Schweiz"),
)  # fmt: skip


def business_tax_number(country: Country, number: int) -> str:
    """An invented tax number of a business; with a valid check digit in countries whose rule is known here."""
    serial = f"{number % 1_000_000:06d}"
    if country.code == "PL":
        return "PL" + next(filter(polish_nip.is_valid, _endings(("998", "997"), serial, "0123456789")))
    if country.code == "DE":
        return "DE" + next(filter(german_vat.is_valid, _endings(("98", "97"), serial, "0123456789")))
    if country.code == "IE":
        return "IE" + next(filter(irish_vat.is_valid, _endings(("9",), serial, "ABCDEFGHIJKLMNOPQRSTUVW")))
    if country.code == "GB":
        checks = tuple(f"{check:02d}" for check in range(100))
        return "GB" + next(filter(british_vat.is_valid, _endings(("9",), serial, checks)))
    if country.code == "US":
        return f"00-0{serial}"
    return f"{country.code}000{serial}"


def _endings(prefixes: tuple[str, ...], serial: str, checks: str | tuple[str, ...]) -> Iterator[str]:
    return (f"{prefix}{serial}{check}" for prefix, check in product(prefixes, checks))
