"""Whatever the book, the market and the wish: no prefix breaks a rule, money is conserved, and every position has a stop."""

import os
from decimal import Decimal

from hypothesis import HealthCheck, Phase, event, given, note, settings
from msgspec.structs import replace

from cockpit.model.assets import Sector
from cockpit.model.book import Book
from cockpit.model.errors import RefusedByRule
from cockpit.model.instruments import kind_of
from cockpit.model.money import floor_to, plain
from cockpit.model.plan import Action, Plan, Step
from cockpit.rotation.identity import verify_id
from cockpit.rotation.planner import plan
from tests.rotation import worlds as shipped
from tests.rotation.evaluate import Standing, applied, standing
from tests.rotation.generated import World, worlds
from tests.rotation.worlds import NOW, D, state_of, strategy, universe

EXAMPLES = int(os.environ.get("ROTATION_EXAMPLES", "2000" if os.environ.get("CI") else "200"))
CHECKED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
FEWER = settings(CHECKED, max_examples=EXAMPLES // 8)
"""For what builds on the properties that have the full number: rules, money, orders, rest."""
LIMITS = shipped.settings().limits
NUDGE = D("0.0000001")
BOOK_LIMITS = {
    "free_reserve_min": -LIMITS.free_reserve_min,
    "futures_capital_max": LIMITS.futures_capital_max,
    "gross_notional_max": LIMITS.gross_notional_max,
    f"hedge {Sector.L1}": LIMITS.hedge_ratio_max,
    f"hedge {Sector.DEFI}": LIMITS.hedge_ratio_max,
}


def planned(world: World, start: Book | None = None) -> Plan | None:
    """The plan, or None where a rule refuses it by its limit's name."""
    rules = shipped.settings()
    try:
        return plan(start or world.book, world.market, universe(), strategy(world.strategy), rules, world.request, NOW)
    except RefusedByRule as refused:
        event(f"refused by {refused.rule}")
        if not hasattr(LIMITS, refused.rule):
            raise
    return None


def prefixes(world: World, made: Plan) -> list[Book]:
    """The books after 0, 1, 2... steps, through the ledger alone."""
    books = [world.book]
    for step in made.steps:
        account = books[-1].account(step.account)
        books.append(books[-1].with_account(applied(account, step)))
    return books


def partly(book: Book, step: Step, world: World, part: Decimal) -> Book | None:
    """The book with a part of a trading step filled, in whole lots; None where that is no lot."""
    assert step.symbol is not None
    filled = floor_to(step.quantity * part, world.market.instruments[step.symbol].lot)
    if filled <= 0:
        return None
    return book.with_account(applied(book.account(step.account), step, filled / step.quantity))


def not_worse(before: Standing, after: Standing, where: str) -> None:
    """Every rule holds after, or stands no worse than before."""
    for rule, limit in BOOK_LIMITS.items():
        value = after.book[rule]
        assert value <= limit + NUDGE or value <= before.book[rule] + NUDGE, f"{rule} {value} {where}"
    for key, values in after.positions.items():
        old = before.positions.get(key)
        for rule, value in values.items():
            assert value <= NUDGE or (old is not None and value <= old[rule] + NUDGE), f"{rule} of {key} {value} {where}"


def in_corridor(made: Plan, start: Standing, now: Standing, where: str) -> None:
    """L1 and DeFi stay between start and target, within the tolerance."""
    tolerance = LIMITS.corridor_tolerance * now.nav
    for sector, weight in ((Sector.L1, made.target.L1), (Sector.DEFI, made.target.DEFI)):
        ends = (start.nets[sector], weight * now.base)
        assert min(ends) - tolerance - NUDGE <= now.nets[sector] <= max(ends) + tolerance + NUDGE, f"{sector} {where}"


@CHECKED
@given(world=worlds())
def test_no_prefix_breaks_a_rule_at_any_fill(world: World) -> None:
    made = planned(world)
    if made is None:
        return
    event("empty" if not made.steps else "steps")
    books = prefixes(world, made)
    first = before = standing(world.book, world.market)
    for step, book, after in zip(made.steps, books, books[1:], strict=False):
        where = f"after step {step.number} {step.action} {step.asset} {plain(step.quantity)}"
        stands = standing(after, world.market)
        not_worse(before, stands, where)
        in_corridor(made, first, stands, where)
        half = partly(book, step, world, D("0.5")) if step.action.trades else None
        if half is not None:
            between = standing(half, world.market)
            not_worse(before, between, f"half of {where}")
            in_corridor(made, first, between, f"half of {where}")
        before = stands


@CHECKED
@given(world=worlds())
def test_the_preview_is_what_the_ledger_does_and_money_is_conserved(world: World) -> None:
    made = planned(world)
    if made is None:
        return
    assert verify_id(made)
    assert made.start == state_of(world.book, world.market)
    nav = standing(world.book, world.market).nav
    for step, book in zip(made.steps, prefixes(world, made)[1:], strict=True):
        after = state_of(book, world.market)
        assert step.after == after, step.number
        lost = step.fee or D(0)
        if step.action.trades:
            assert step.expected_price is not None
            assert step.symbol is not None
            mark = world.market.mark(step.symbol)
            lost += (step.expected_price - mark) * step.quantity * (1 if step.action.buys else -1)
        now = standing(book, world.market).nav
        assert abs(nav - lost - now) < D("0.000001"), step.number
        nav = now
    assert made.end == state_of(prefixes(world, made)[-1], world.market)


@CHECKED
@given(world=worlds())
def test_orders_are_sane_and_every_position_has_its_stop(world: World) -> None:
    made = planned(world)
    if made is None:
        return
    books = prefixes(world, made)
    for step, before, after in zip(made.steps, books, books[1:], strict=False):
        for account in after.accounts:
            assert all(quantity > 0 for quantity in account.spot.values())
            assert account.free_wallet >= 0
        if not step.action.trades:
            continue
        assert step.symbol is not None
        assert step.price is not None
        instrument, mark = world.market.instruments[step.symbol], world.market.mark(step.symbol)
        held = before.account(step.account).position(step.asset or "")
        closes = step.action.reduces and held is not None and held.quantity == step.quantity
        assert closes or floor_to(step.quantity, instrument.lot) == step.quantity
        assert step.quantity * mark >= instrument.least_notional(mark)
        assert step.quantity * mark >= D("0.0025") * made.start.nav * D("0.999")
        assert (step.notional or D(0)) <= LIMITS.order_notional_max * step.after.nav + NUDGE
        assert abs(step.slippage_bps or D(0)) <= LIMITS.slippage_max_bps
        pinned = world.market.quotes[step.symbol].pinned
        assert pinned or floor_to(step.price, instrument.tick) == step.price
        if step.action.opens:
            assert step.stop_price is not None
            assert (step.stop_price < mark) is (step.action is Action.OPEN_LONG)
            assert step.leverage is not None
            assert step.leverage <= LIMITS.leverage_max
        assert step.action in (Action.BUY, Action.OPEN_LONG, Action.REDUCE_SHORT) or not step.action.buys
        assert (kind_of(step.symbol) == "spot") is (step.action in (Action.BUY, Action.SELL))
    if made.steps:
        for account, position in books[-1].positions():
            assert position.stop_price is not None, (account.id, position.asset)


@FEWER
@given(world=worlds())
def test_a_mode_trades_only_what_it_may(world: World) -> None:
    made = planned(world)
    if made is None:
        return
    actions = {step.action for step in made.steps if step.asset != "USDC"}
    if made.plan.mode == "spot":
        assert not actions & {Action.OPEN_LONG, Action.OPEN_SHORT}
    if made.plan.mode == "overlay":
        assert not actions & {Action.BUY, Action.SELL}
    moved = {step.asset for step in made.steps if step.action.trades}
    assert not moved & {"BTC", "WIF", *world.book.excluded}


@CHECKED
@given(world=worlds())
def test_a_second_plan_from_the_end_is_empty(world: World) -> None:
    world = replace_tranche(world)
    made = planned(world)
    start = standing(world.book, world.market)
    if made is None or any(start.book[rule] > limit for rule, limit in BOOK_LIMITS.items()):
        return  # A repair restores the rules first; what it leaves of the target is for the next plan.
    if any("order book" in row.reason or "would slip" in row.reason for row in made.skipped):
        event("too thin to finish")
        return  # What a thin book still takes depends on the smallest order, which is a share of NAV and falls with the fees.
    again = planned(world, prefixes(world, made)[-1])
    note(str([(s.number, s.action, s.asset, s.quantity, s.reason) for s in made.steps]))
    assert again is not None
    assert [(s.action, s.asset, s.quantity, s.reason) for s in again.steps] == []


@FEWER
@given(world=worlds())
def test_a_target_that_is_missed_is_explained(world: World) -> None:
    world = replace_tranche(world)
    made = planned(world)
    if made is None:
        return
    for sector, weight in ((Sector.L1, made.target.L1), (Sector.DEFI, made.target.DEFI)):
        end = made.end.sectors[sector]
        missed = abs(end.net - weight * made.target.base)
        if missed > D("0.05") * made.target.base + 200:
            assert made.skipped or not all(check.passed for check in made.checks)


def replace_tranche(world: World) -> World:
    """The same wish, the whole way."""
    return World(world.book, world.market, world.strategy, replace(world.request, tranche=D(1)))
