"""The reference's worked examples as scenarios of the conformance operator: one customer for each case.

Belongs here: what the examples leave out. Belongs elsewhere: the examples (``catalog.docs.worked_examples``), the book
and the files around them (``tests.conformance``).
"""

from datetime import UTC, date, datetime
from typing import Any

from assets.catalog.docs.worked_examples import WorkedExample
from tests.conformance.cases import Case
from tests.conformance.scenario import LONG_AGO, Scenario, tax_category, text

PARTIES = ("alfa", "beta")
SETTLEMENT = {
    "currency": "USD", "fx_source": "ecb", "trigger": "billed", "due_days": 30, "document": "statement",
    "tax_category": "rate-0",
}  # fmt: skip


def scenario_of(number: int, example: WorkedExample, case: dict[str, Any]) -> Scenario:
    """One case of an example."""
    scenario = Scenario(Case(f"{example.id}-{number}", "worked", example.chapter, {}, None, {}, "", "", ""), number)
    first, end = (date.fromisoformat(day) for day in example.period)
    scenario.period(first, end)
    scenario.tax_rates.add(example.tax_percent)
    content = _with_own_names(scenario, example.content)
    for offering in content.get("offerings") or [{"id": scenario.name("plan"), **_single(content)}]:
        scenario.offerings[offering["id"].removeprefix(f"{scenario.prefix}-")] = _offering(example, offering)
    if "calendar" in content:
        scenario.calendars["calendar"] = content["calendar"]
    if "agreement" in content:
        _agree(scenario, content["agreement"])
    scenario.have("plan", start=_instant(case.get("start", "1995-01-01")), end=_instant(case.get("until")))
    for event in case.get("usage", []):
        row = {"quantity": event} if isinstance(event, str) else dict(event)
        at = row.pop("at", None)
        usage = content.get("price", {}).get("usage", "metered")
        product = row.pop("product", "plan")
        if product not in {entry.name for entry in scenario.products}:
            scenario.have("plan", name=product)
        scenario.use(row.pop("quantity"), product=product, at=_instant(at), of=usage, **row)
    if "opening" in case:
        scenario.opening("plan", "usage", day=first, **case["opening"])
    if number == 1:
        for party in PARTIES:
            scenario.record("parties", party_id=party)
    return scenario


def _instant(text_of_it: str | None) -> datetime | None:
    if text_of_it is None:
        return None
    found = datetime.fromisoformat(text_of_it)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _with_own_names(scenario: Scenario, value: Any, key: str = "") -> Any:
    """Ids of offerings and calendars are unique in the book, so each case has its own."""
    if isinstance(value, list):
        return [_with_own_names(scenario, entry, key) for entry in value]
    if isinstance(value, dict):
        renamed = {name: _with_own_names(scenario, entry, name) for name, entry in value.items()}
        if key in ("offerings", "calendar") and "id" in renamed:
            renamed["id"] = scenario.name(renamed["id"])
        return renamed
    return scenario.name(value) if key in ("offering", "calendar") and isinstance(value, str) else value


def _single(content: dict[str, Any]) -> dict[str, Any]:
    return {"prices": content.get("prices") or [content["price"]], **content.get("offering", {})}


def _offering(example: WorkedExample, given: dict[str, Any]) -> dict[str, Any]:
    usual = {
        "kind": "simple",
        "service": "conformance",
        "name": text("worked"),
        "tax_category": tax_category(example.tax_percent),
        "supplier": "operator",
        "effective_from": LONG_AGO,
    }
    return usual | given | {"prices": [_price(price) for price in given["prices"]]}


def _price(given: dict[str, Any]) -> dict[str, Any]:
    usual: dict[str, Any] = {"id": "usage", "kind": "usage", "name": text("worked"), "currency": "USD"}
    if given.get("kind", "usage") == "usage":
        usual |= {"usage": "metered", "measure": {"aggregate": "sum", "characteristic": "quantity"}}
    if "tariff" in given:
        usual["versions"] = [{"effective_from": LONG_AGO, "tariff": given["tariff"]}]
    return usual | {key: value for key, value in given.items() if key != "tariff"}


def _agree(scenario: Scenario, given: dict[str, Any]) -> None:
    usual = {
        "version": "1",
        "effective_from": LONG_AGO,
        "known_from": LONG_AGO,
        "covers": [{"offering": scenario.name("plan")}],
        "settlement": SETTLEMENT,
    }
    tariffs = {"tariffs": [_tariff(tariff) for tariff in given.pop("tariffs")]} if "tariffs" in given else {}
    scenario.agreements["agreement"] = {
        "id": scenario.name("agreement"),
        "name": text("worked"),
        "payer": "operator",
        "parties": ["operator", *PARTIES],
        **tariffs,
        "versions": [usual | given],
    }


def _tariff(given: dict[str, Any]) -> dict[str, Any]:
    usual = {"name": text("worked"), "payer": "operator", "covers": [{"usage": "metered"}]}
    return usual | given | {"prices": [_price(price) for price in given["prices"]]}
