"""Names and addresses of invented people and companies, by country."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Country:
    """What an invented customer of a country looks like. Latin letters where a carrier's systems would hold them."""

    code: str
    language_code: str
    currency_code: str
    phone_prefix: str
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    company_words: tuple[str, ...]
    company_suffix: str
    street: str
    places: tuple[str, ...]
    country_name: str


COUNTRIES = {
    "PL": Country(
        "PL", "pl", "PLN", "4850",
        ("Agnieszka", "Łukasz", "Małgorzata", "Paweł", "Zofia", "Krzysztof", "Żaneta", "Michał", "Świętosława", "Jan"),
        ("Wiśniewska", "Dąbrowski", "Zielińska", "Wójcik", "Kamiński", "Szymańska", "Woźniak", "Jabłońska", "Król"),
        ("Bursztyn", "Mazowsze", "Gwiazda", "Żuraw", "Źródło"), "Sp. z o.o.",
        "ul. Polna {number}", ("00-625 Warszawa", "31-130 Kraków", "80-001 Gdańsk", "90-001 Łódź"), "Polska",
    ),
    "DE": Country(
        "DE", "de", "EUR", "4915",
        ("Jürgen", "Käthe", "Björn", "Anneliese", "Sören", "Lieselotte", "Günther"),
        ("Müller", "Großmann", "Schäfer", "Köhler", "Weiß", "Jäger", "Böhm"),
        ("Elbe", "Nordwind", "Kaiser", "Brückner"), "GmbH",
        "Lindenstraße {number}", ("10969 Berlin", "20095 Hamburg", "80331 München"), "Deutschland",
    ),
    "IE": Country(
        "IE", "en", "EUR", "35385",
        ("Aoife", "Cian", "Niamh", "Seán"), ("Byrne", "O'Sullivan", "Murphy", "Doyle"), ("Harbour", "Clover"), "Ltd",
        "{number} Quay Street", ("Galway H91 AX57", "Dublin D02 X285"), "Ireland",
    ),
    "GB": Country(
        "GB", "en", "GBP", "4479",
        ("Olivia", "George", "Amelia", "Harry", "Isla"), ("Smith", "Hughes", "Clarke", "Patel", "Wright"),
        ("Thames", "Sterling", "Oak"), "Ltd", "{number} Mill Lane", ("London SE1 9GF", "Leeds LS1 4AP"), "United Kingdom",
    ),
    "US": Country(
        "US", "en", "USD", "1212555",
        ("Emma", "Noah", "Ava", "Liam"), ("Johnson", "Garcia", "Miller", "Davis"), ("Liberty", "Summit"), "Inc.",
        "{number} Main Street", ("Austin, TX 78701", "Denver, CO 80202"), "United States",
    ),
    "UA": Country(
        "UA", "uk", "PLN", "38067",
        ("Олена", "Тарас", "Ірина", "Богдан", "Наталія", "Юрій"),
        ("Шевченко", "Коваленко", "Гнатюк", "Їжакевич", "Ткаченко", "Щербак"), ("Дніпро", "Світанок"), "ТОВ",
        "вул. Садова, {number}", ("01001 Київ", "79000 Львів", "65000 Одеса"), "Україна",
    ),
    "JP": Country(
        "JP", "en", "JPY", "8190",
        ("Haruto", "Yui", "Sota", "Mei"), ("Sato", "Suzuki", "Takahashi", "Tanaka"), ("Sakura", "Hikari"), "K.K.",
        "{number}-1 Marunouchi", ("Chiyoda-ku, Tokyo 100-0005", "Kita-ku, Osaka 530-0001"), "Japan",
    ),
    "AE": Country(
        "AE", "ar", "USD", "97150",
        ("أحمد", "فاطمة", "محمد", "مريم", "خالد", "نورة"),
        ("المنصوري", "الشامسي", "النعيمي", "الكعبي"), ("الخليج", "الواحة"), "ذ.م.م",
        "شارع الشيخ زايد {number}", ("دبي", "أبوظبي"), "الإمارات العربية المتحدة",
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
    Company("wisla-telekom", "Wisła Telekom S.A.", "PL", "PL5261040828", "pl", "", "109010140000071219812874",
            "ul. Nadbrzeżna 12|00-382 Warszawa|Polska"),
    Company("streamly", "Streamly Media DAC", "IE", "IE6388047V", "en", "", "AIBK93115212345678",
            "4 Grand Canal Square|Dublin D02 X525|Ireland"),
    Company("nordcloud", "Nordkloud AB", "SE", "SE556703748501", "en", "", "50000000058398257466",
            "Sveavägen 44|111 34 Stockholm|Sverige"),
    Company("sensoria", "Sensoria GmbH", "DE", "DE136695976", "de", "", "370400440532013000",
            "Industriestraße 9|50667 Köln|Deutschland"),
    Company("mediline", "MediLine Sp. z o.o.", "PL", "PL7010015970", "pl", "", "114020040000300201355387",
            "ul. Zdrowa 3|60-688 Poznań|Polska"),
    Company("textwave", "Textwave Hub Ltd", "GB", "GB980780684", "en", "", "NWBK60161331926819",
            "12 Signal House|Manchester M1 2WD|United Kingdom"),
    Company("alfa", "Alfa Dystrybucja S.A.", "PL", "PL8567346215", "pl", "", "102010260000042270201111",
            "ul. Handlowa 7|40-601 Katowice|Polska"),
    Company("beta", "Beta Handel GmbH", "DE", "DE129274202", "de", "alfa", "100100100123456789",
            "Messeallee 21|04356 Leipzig|Deutschland"),
    Company("gamma", "Gamma Shops s.r.o.", "CZ", "CZ25123891", "en", "beta", "08000000192000145399",
            "Nádražní 18|702 00 Ostrava|Česko"),
)  # fmt: skip
