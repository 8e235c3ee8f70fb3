"""A quote is rated by the models of a bill run, in a database that holds nothing else, and says every step."""

from datetime import date
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from rich.console import Console

from orchestration.cli import quote as command
from tests.pipeline import PROJECT_ROOT

pytestmark = [pytest.mark.database, pytest.mark.slow]

BOOK = PROJECT_ROOT / "examples" / "book"


def _quote(monkeypatch: pytest.MonkeyPatch, url: str, *said: str) -> tuple[int, str]:
    monkeypatch.setattr("orchestration.trial.trial_database", lambda _name, *, fresh: url)
    monkeypatch.setenv("COLUMNS", "160")
    text = StringIO()
    console = Console(file=text, width=160, highlight=False)
    code = command.quote_offering(console, BOOK, "mobile-start", said, date(2026, 10, 20))
    return code, text.getvalue()


def test_a_quote_prices_usage_and_fees_like_a_bill_and_says_each_step(
    monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path
) -> None:
    # 120 minutes to Germany: 100 are covered by the allowance, 20 cost 0.29 each. Six messages are one package of 50.
    monkeypatch.setenv("APPORTION_HOME", str(tmp_path))
    code, text = _quote(monkeypatch, database_url, "voice=120min,zone=DE", "sms=3x2,zone=national")
    assert code == 0, text
    assert "counted: 1 event(s), 1200 charged, 6000 covered by an allowance" in text
    assert "tariff: model per_unit, unit_amount 0.29, per_quantity 60" in text
    assert "exact: 5.8 PLN" in text
    assert "tariff: model package, package_size 50, package_amount 2.5" in text
    assert "to pay" in text
    with psycopg.connect(database_url) as connection:
        published = connection.execute("select count(*) from published.fct_applied_billing_rates").fetchone()
        bills = connection.execute("select gross_minor, net_minor, tax_minor from whatif.fct_customer_bills").fetchall()
    assert published == (0,)
    ((gross, net, tax),) = bills
    assert gross == net + tax
    assert f"{gross / 100:.2f} PLN" in text
