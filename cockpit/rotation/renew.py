"""What is left of a plan as a plan of its own, on the book and the market as they are now."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal, localcontext

from msgspec.structs import replace

from cockpit.model.assets import Universe
from cockpit.model.book import Book
from cockpit.model.errors import RefusedByRule
from cockpit.model.market import MarketSnapshot
from cockpit.model.money import ZERO
from cockpit.model.plan import Plan, PlanBook, Step
from cockpit.model.strategy import RiskSettings
from cockpit.rotation.costs import costs_of, daily_funding
from cockpit.rotation.draft import plan_market
from cockpit.rotation.identity import basis, fingerprint, identified
from cockpit.rotation.path import Path, move_of
from cockpit.rotation.planner import PRECISION
from cockpit.rotation.resume import recheck

BPS = 10_000


def remaining(plan: Plan, filled: Mapping[int, Decimal]) -> Plan:
    """The plan with each step reduced to what `filled` (by number, in the step's units) leaves of it."""

    def rest(step: Step) -> Step:
        left = step.quantity - filled.get(step.number, ZERO)
        return step if left == step.quantity or left <= 0 else replace(step, quantity=left)

    return replace(plan, steps=tuple(rest(step) for step in plan.steps))


def renewed(
    plan: Plan,
    done: Collection[int],
    book: Book,
    market: MarketSnapshot,
    universe: Universe,
    settings: RiskSettings,
    now: datetime,
) -> Plan:
    """The steps whose numbers are not in `done`, numbered anew, with today's prices, fees, stops and after-states.

    Every rule is checked again: RefusedByRule names the first step that the account cannot carry or that would break one.
    """
    checked = recheck(plan, done, book, market, universe, settings, now)
    if checked.refusals:
        first = checked.refusals[0]
        raise RefusedByRule(first.rule, first.message)
    steps = tuple(replace(step, number=number) for number, step in enumerate(checked.steps, start=1))
    with localcontext(prec=PRECISION):
        path = Path(book, market, universe)
        start, before = path.state(), daily_funding(path)
        for step in steps:
            path.commit(path.try_move(move_of(step)))
        return identified(
            replace(
                plan,
                plan=replace(plan.plan, id="", created_at=now),
                book=PlanBook(
                    name=book.name, revision=book.revision, nav=start.nav, fingerprint=fingerprint(book), accounts=basis(book)
                ),
                market=plan_market(market, steps),
                fees=settings.fees,
                limits=settings.limits,
                start=start,
                steps=steps,
                checks=checked.checks,
                costs=costs_of(steps, _slippage(steps, market), before, daily_funding(path), settings.fees, market),
                end=path.state(),
            )
        )


def _slippage(steps: tuple[Step, ...], market: MarketSnapshot) -> Decimal:
    """What the expected fills lose against mark, in quote units."""
    return sum(
        (s.quantity * market.mark(s.symbol) * (s.slippage_bps or ZERO) / BPS for s in steps if s.symbol and s.action.trades), ZERO
    )
