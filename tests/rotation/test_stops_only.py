"""A plan of stops alone lowers risk whatever the book, and every position ends with a stop that fires, or named."""

from itertools import pairwise

from hypothesis import assume, event, given

from cockpit.model.book import Book, Position
from cockpit.model.plan import Action, Plan
from cockpit.model.strategy import Mode
from cockpit.rotation.lines import position_lines
from cockpit.rotation.protection import PositionRisk, position_risk
from cockpit.rotation.stops_only import protect
from tests.rotation import worlds as shipped
from tests.rotation.generated import World, worlds
from tests.rotation.test_plan_properties import FEWER, prefixes
from tests.rotation.worlds import NOW, state_of, universe


def stops_alone(world: World) -> Plan:
    return protect(world.book, world.market, universe(), shipped.settings(), NOW, strategy="B", mode=Mode.OVERLAY, phase="B")


def risks(world: World, book: Book) -> dict[tuple[str, str], PositionRisk]:
    """What the rules judge of every position."""
    sectors = universe()

    def risk(position: Position) -> PositionRisk:
        mark, tiers = world.market.mark(position.symbol), world.market.instruments[position.symbol].tiers
        return position_risk(position, mark, tiers, sectors.sector(position.asset))

    return {(account.id, position.asset): risk(position) for account, position in book.positions()}


def protected(world: World, book: Book) -> dict[tuple[str, str], bool]:
    return {(row.account, row.position.asset): row.protected for row in position_lines(book, world.market)}


@FEWER
@given(worlds())
def test_it_only_sets_stops_and_adds_margin_and_no_rule_refuses_it(world: World) -> None:
    plan = stops_alone(world)
    assert {step.action for step in plan.steps} <= {Action.SET_STOP, Action.ADD_MARGIN}
    assert plan.only_protects
    assert plan.broken is None
    assert {check.worst_step for check in plan.checks} <= {0}
    event(f"{len(plan.steps)} steps, {len(plan.skipped)} skipped")


@FEWER
@given(worlds())
def test_every_position_ends_with_a_stop_that_fires_or_is_named(world: World) -> None:
    plan = stops_alone(world)
    before, after = protected(world, world.book), protected(world, prefixes(world, plan)[-1])
    left = [key for key, stands in after.items() if not stands]
    assert sorted(asset for _, asset in left) == sorted(item.asset for item in plan.skipped)
    assert all(any(item.reason.split(":")[0].endswith(f"in {account}") for item in plan.skipped) for account, _ in left)
    touched = {(step.account, step.asset) for step in plan.steps}
    assert touched == {key for key, stands in before.items() if not stands} - set(left)


@FEWER
@given(worlds())
def test_no_step_lowers_the_margin_of_any_rule(world: World) -> None:
    plan = stops_alone(world)
    assume(plan.steps)
    for before, after in pairwise(prefixes(world, plan)):
        old, new = risks(world, before), risks(world, after)
        for key, risk in new.items():
            was = old[key]
            assert risk.leverage <= was.leverage
            assert risk.stop_distance <= was.stop_distance
            assert risk.stop_ratio <= was.stop_ratio
            assert risk.room >= was.room
        states = [state_of(book, world.market) for book in (before, after)]
        for name in ("cash", "futures_wallet", "nav", "gross_futures_notional", "sectors"):
            assert getattr(states[0], name) == getattr(states[1], name)
        assert all(account.free_wallet >= 0 for account in after.accounts)
