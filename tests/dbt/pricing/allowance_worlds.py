"""Allowances that hypothesis invents: of products, accounts and groups, one over the other, and who draws from them.

Belongs here: small books, customers and usage, and how much each bucket holds by the book's words.
Belongs elsewhere: what must hold (``test_pricing_properties``), what is carried over (``carried_over``).
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from tests.dbt.pricing.book_words import price_of
from tests.dbt.pricing.small_world import LONG_AGO, UNIT, Account, Product, Use, World, offering
from tests.dbt.rating.tariff_reference import Tariff, Tier, round_to

WINDOW = (date(2025, 10, 1), date(2025, 11, 1))
START = datetime(2025, 10, 1, tzinfo=UTC)
PER_UNIT = Tariff("per_unit", (Tier(None, Decimal(1)),))


@dataclass(frozen=True)
class Allowance:
    """One allowance of the book: who has it, who draws, in which order."""

    allowance_id: str
    offering_id: str
    shared_by: str
    quantity: int
    priority: int
    is_prorated: bool
    covers: tuple[str, ...]

    def words(self) -> dict:
        """As the book writes it."""
        others = [name for name in self.covers if name != self.offering_id]
        return {
            "id": self.allowance_id, "quantity": str(self.quantity), "shared_by": self.shared_by,
            "priority": str(self.priority), "prorated": self.is_prorated,
            "covers": [{"offering": name, "price": "usage"} for name in others],
        }  # fmt: skip


@dataclass
class AllowanceWorld:
    """Two kinds of lines, the first with an allowance of its own, and packs that let lines draw from more."""

    allowances: list[Allowance]
    world: World

    def holders(self, allowance: Allowance, product: Product) -> str:
        """Who shares what a product has of an allowance, as one word."""
        account = next(one for one in self.world.accounts if one.account_id == product.account_id)
        group = f"group {account.group}" if account.group else account.account_id
        return {"product": product.product_id, "account": account.account_id, "group": group}[allowance.shared_by]

    def granted(self, allowance: Allowance, holder: str, *, is_late: bool) -> int:
        """What all products together have of an allowance; late usage has what a whole period would have."""
        return int(round_to(self.held(allowance, holder, is_late=is_late, unit=UNIT), "half_up", 0))

    def held(self, allowance: Allowance, holder: str, *, is_late: bool, unit: int) -> Fraction:
        """The same of any unit, each product's part rounded to whole units."""
        total = 0
        for product in self.world.products:
            if product.offering_id == allowance.offering_id and self.holders(allowance, product) == holder:
                part = Fraction(1)
                if not is_late and product.effective_until is not None:
                    part = Fraction(0)
                elif allowance.is_prorated and not is_late:
                    days = (WINDOW[1] - max(product.effective_from.date(), WINDOW[0])).days
                    part = Fraction(days, (WINDOW[1] - WINDOW[0]).days)
                total += int(round_to(allowance.quantity * unit * part, "half_up", 0))
        return Fraction(total)

    def chain(self, product: Product) -> list[tuple[Allowance, str]]:
        """What usage of a line draws from, what is used up first in front."""
        found = []
        for allowance in sorted(self.allowances, key=lambda one: (one.priority, one.offering_id, one.allowance_id)):
            if product.offering_id in allowance.covers:
                found.append((allowance, self.holders(allowance, product)))
        return found


@st.composite
def allowance_worlds(draw: st.DrawFn) -> AllowanceWorld:
    """Up to four accounts, some in a group; lines, packs from any day on; usage in the month and before it."""
    priorities = draw(st.permutations((100, 200, 300)))
    quantity = st.integers(1, 25)
    covered = st.sampled_from((("line",), ("line", "other"), ("line", "other"), ("other",)))
    allowances = [
        Allowance("own", "line", "product", draw(quantity), priorities[0], draw(st.booleans()), ("line",)),
        Allowance("shared", "pack", "account", draw(quantity), priorities[1], draw(st.booleans()), draw(covered)),
        Allowance("clan", "pack", "group", draw(quantity), priorities[2], draw(st.booleans()), draw(covered)),
    ]
    accounts, products, usage = [], [], []
    for number in range(draw(st.integers(2, 4))):
        account = Account(f"a{number}", WINDOW, group=draw(st.sampled_from(("g", "g", None))))
        accounts.append(account)
        for line, name in enumerate(draw(st.lists(st.sampled_from(("line", "line", "other")), min_size=1, max_size=2))):
            products.append(Product(f"a{number}-{line}", account.account_id, name))
        for pack in range(draw(st.integers(0, 2))):
            since = draw(st.sampled_from((LONG_AGO, LONG_AGO, *(START + timedelta(days=day) for day in (1, 17, 30)))))
            # A pack may have ended: then only usage of before the period draws from it.
            until = draw(st.sampled_from((None, None, START - timedelta(days=5)))) if since == LONG_AGO else None
            products.append(Product(f"a{number}-p{pack}", account.account_id, "pack", since, until))
    lines = [product for product in products if product.offering_id != "pack"]
    # Sevenths of a unit: hypothesis draws large numbers from small ones more often than from all.
    units = st.one_of(st.integers(0, 280), st.integers(0, 280), st.integers(-35, -1)).map(lambda n: n * UNIT // 7)
    event = st.tuples(st.sampled_from(lines), st.integers(-3 * 24, 30 * 24), units)
    events = draw(st.lists(event, min_size=8, max_size=22))
    places = draw(st.permutations(range(len(events))))
    for number, (line, hour, taken) in enumerate(events):
        at = START + timedelta(hours=hour, seconds=number)
        usage.append(Use(f"u{number}", line.product_id, at, taken, (1 + places[number] % 5, places[number])))
    offerings = [
        offering("line", price_of(PER_UNIT, allowance="own"), allowances=[allowances[0].words()]),
        offering("other", price_of(PER_UNIT)),
        offering("pack", allowances=[one.words() for one in allowances[1:]]),
    ]
    return AllowanceWorld(allowances, World(offerings, accounts, products, usage))


def emptied_one_after_the_other(drawn: AllowanceWorld) -> dict[str, dict[tuple, int]]:
    """What each event takes from each bucket: all usage in the order of time, one bucket after the other."""
    left: dict[tuple, int] = {}
    products = {product.product_id: product for product in drawn.world.products}
    taken: dict[str, dict[tuple, int]] = {}
    for use in sorted(drawn.world.usage, key=lambda use: (use.at, use.key)):
        open_units, taken[use.key] = use.units, {}
        for allowance, holder in drawn.chain(products[use.product_id]):
            bucket = (allowance.allowance_id, holder, use.at < START)
            limit = drawn.granted(allowance, holder, is_late=use.at < START)
            if limit == 0:
                continue  # Nobody has it: nothing to draw from, and nothing that a reversal could go back to.
            before = left.setdefault(bucket, 0)
            after = left[bucket] = before + open_units
            part = min(after, limit) - min(before, limit)
            taken[use.key][bucket] = part
            open_units -= part
    return taken


# Decimals of a bucket of money.
CENT = 10**10


def in_money(drawn: AllowanceWorld) -> AllowanceWorld:
    """The same with amounts: a unit costs 1.00, so what quantities covered money pays for."""

    def amount(one: Allowance) -> dict:
        words = {**one.words(), "amount": str(one.quantity), "name": {"en": one.allowance_id}}
        return {key: value for key, value in words.items() if key != "quantity"}

    line, other, pack = drawn.world.offerings
    line = {**line, "allowances": [amount(drawn.allowances[0])]}
    pack = {**pack, "allowances": [amount(one) for one in drawn.allowances[1:]]}
    return replace(drawn, world=replace(drawn.world, offerings=[line, other, pack]))


def paid_one_after_the_other(drawn: AllowanceWorld) -> dict[tuple, Fraction]:
    """What each bucket pays for each line, by (product, whether it is late, bucket): walked through in time."""
    so_far: dict[tuple, Fraction] = {}
    products = {product.product_id: product for product in drawn.world.products}
    paid: dict[tuple, Fraction] = {}
    for use in sorted(drawn.world.usage, key=lambda use: (use.at, use.key)):
        is_late, left = use.at < START, Fraction(use.units, UNIT)
        for allowance, holder in drawn.chain(products[use.product_id]):
            limit = drawn.held(allowance, holder, is_late=is_late, unit=CENT) / CENT
            if limit == 0:
                continue
            bucket = (allowance.allowance_id, holder, is_late)
            before = so_far.get(bucket, Fraction(0))
            after = so_far[bucket] = before + left
            # A reversal of what was never paid for gives nothing back.
            part = min(max(after, 0), limit) - min(max(before, 0), limit)
            key = (use.product_id, is_late, bucket)
            paid[key] = paid.get(key, Fraction(0)) + part
            left -= part
    return {key: amount for key, amount in paid.items() if amount}
