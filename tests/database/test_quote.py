"""A quote is rated by the models of a bill run, in a database that holds nothing else, and says every step."""

from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from rich.console import Console

from orchestration.cli import quote as command
from orchestration.dbt.trial import TrialFailed
from tests.pipeline import PROJECT_ROOT

pytestmark = [pytest.mark.database, pytest.mark.slow]

BOOK = PROJECT_ROOT / "examples" / "book"


OCTOBER = date(2026, 10, 20)


def _quote(
    monkeypatch: pytest.MonkeyPatch, url: str, *said: str, offering: str = "mobile-start", day: date = OCTOBER
) -> tuple[int, str]:
    monkeypatch.setattr("orchestration.dbt.trial.trial_database", lambda _name, *, fresh: url)
    monkeypatch.setenv("COLUMNS", "160")
    text = StringIO()
    console = Console(file=text, width=160, highlight=False)
    code = command.quote_offering(console, BOOK, offering, said, day)
    return code, text.getvalue()


def test_a_quote_prices_usage_and_fees_like_a_bill_and_says_each_step(
    monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path
) -> None:
    # 120 minutes to Germany: 100 are covered by the allowance, 20 cost 0.29 each. Six messages are one package of 50.
    monkeypatch.setenv("APPORTION_HOME", str(tmp_path))
    said = ("voice=120min,zone=DE", "sms=3x2,zone=national", "data=20GB")
    code, text = _quote(monkeypatch, database_url, *said)
    assert code == 0, text
    assert "counted: 1 event(s), 1200 charged, 6000 covered by an allowance" in text
    assert "tariff: model per_unit, unit_amount 0.29, per_quantity 60" in text
    assert "exact: 5.8 PLN" in text
    assert "allowance minutes: 6000 granted, 6000 used, 0 left" in text
    # 20,480 MB: 2,048 are free, 8,192 cost 0.004 each, the rest 0.002.
    assert "tier 2 (up_to 10240, unit_amount 0.004), 8192 of it: 32.768" in text
    assert "tier 3 (unit_amount 0.002), 10240 of it: 20.48" in text
    assert "tariff: model package, package_size 50, package_amount 2.5" in text
    assert "to pay" in text
    with psycopg.connect(database_url) as connection:
        published = connection.execute("select count(*) from published.fct_applied_billing_rates").fetchone()
        bills = connection.execute("select gross_minor, net_minor, tax_minor from whatif.fct_customer_bills").fetchall()
    assert published == (0,)
    ((gross, net, tax),) = bills
    assert gross == net + tax
    assert f"{gross / 100:.2f} PLN" in text


def test_a_second_quote_says_discounts_and_cycles_and_needs_no_dbt(
    monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path
) -> None:
    # What dbt compiled for the first quote is used again. 680 units: 5.80, 16.80 and 6.75, less 5 percent.
    monkeypatch.setenv("APPORTION_HOME", str(tmp_path))
    monkeypatch.setattr("orchestration.dbt.kept_models.compile_models", None)
    code, text = _quote(monkeypatch, database_url, "cloud=2x340,resource=compute", offering="nordcloud-pro")
    assert code == 0, text
    assert "tier 1 (up_to 100, unit_amount 0.048, flat_amount 1), 100 of it: 5.8" in text
    assert "adjustment large-user (percent): -1.4675" in text
    assert "exact: 27.8825 USD" in text
    assert "a whole cycle, 2026-10-01 to 2027-01-01, 1 of it: 30" in text
    with psycopg.connect(database_url) as connection:
        stamp = connection.execute("select obj_description('whatif'::regnamespace)").fetchone()
    assert stamp is not None and "fct_rate_parts" in stamp[0]


def test_a_quote_whose_models_fail_ends_with_what_the_database_said_and_the_next_one_is_sound(
    monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path
) -> None:
    monkeypatch.setenv("APPORTION_HOME", str(tmp_path))
    with psycopg.connect(database_url) as connection:
        connection.execute("alter table whatif.fct_customer_bills add check (gross_minor < 0) not valid")
    with pytest.raises(TrialFailed, match="violates check constraint"):
        _quote(monkeypatch, database_url, "voice=1min,zone=DE")
    with psycopg.connect(database_url) as connection:
        # Another version of the code: everything is made anew.
        connection.execute("comment on schema whatif is 'kept of another version'")
    # A day that has not come is priced as well, and so is an hour of today that has not.
    tomorrow = date.today() + timedelta(days=1)
    code, text = _quote(monkeypatch, database_url, "voice=1min,zone=DE", day=tomorrow)
    assert code == 0, text
