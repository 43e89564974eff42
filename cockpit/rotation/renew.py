"""What is left of a plan as a plan of its own, on the book and the market as they are now."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal, localcontext

from msgspec.structs import replace

from cockpit.model.assets import Universe
from cockpit.model.book import Book
from cockpit.model.errors import RefusedByRule
from cockpit.model.instruments import QUOTE
from cockpit.model.market import MarketSnapshot
from cockpit.model.money import ZERO, plain
from cockpit.model.plan import Plan, Step
from cockpit.model.strategy import RiskSettings, Weights
from cockpit.model.wording import VERBS
from cockpit.rotation.draft import Draft
from cockpit.rotation.legs import Leg
from cockpit.rotation.markets import Markets
from cockpit.rotation.path import Path
from cockpit.rotation.planner import PRECISION
from cockpit.rotation.stops_only import protect


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
    """The trades whose steps are not in `done`, with today's prices, transfers, stops and after-states, numbered anew.

    Quantities stay what the trader saw, and every rule is checked again: RefusedByRule names the first trade that can no longer
    be made in full. Transfers are made anew, because what an order needs of the futures wallet moves with its price. Of a plan
    that only protects come the stops that are still missing.
    """
    head = plan.plan
    if plan.only_protects:
        rest = protect(book, market, universe, settings, now, strategy=head.strategy, mode=head.mode, phase=head.phase)
        if not rest.steps:
            left = "; ".join(f"{item.asset} {item.reason}" for item in rest.skipped)
            raise RefusedByRule("plan", f"no stop is left to set: {left or 'every position has one'}")
        return rest
    with localcontext(prec=PRECISION):
        path = Path(book, market, universe)
        markets = Markets(market, settings.limits, now, settings.drift, path.totals.nav)
        steps = [step for step in plan.steps if step.number not in done and step.action.trades]
        leverage = max((s.leverage for s in steps if s.leverage is not None), default=settings.limits.leverage_default)
        if leverage > settings.limits.leverage_max:
            limit = plain(settings.limits.leverage_max)
            raise RefusedByRule("leverage_max", f"leverage {plain(leverage)} is asked for, the limit is {limit}")
        legs = _legs(steps, path, markets)
        weights = Weights(L1=plan.target.L1, DEFI=plan.target.DEFI, STABLE=plan.target.STABLE)
        draft = Draft(path, markets, settings, leverage, weights)
        draft.run(legs)
        for leg in legs:
            if leg.quantity > 0:
                left, why = plain(leg.quantity.normalize()), leg.blocked or "no order can be made of it"
                raise RefusedByRule(
                    leg.blocked_rule or "plan", f"{VERBS[leg.action][1]} {leg.asset}: {left} cannot be carried out: {why}"
                )
        return draft.plan(head.strategy, head.preset, head.mode, head.phase, now, plan.skipped)


def _legs(steps: Collection[Step], path: Path, markets: Markets) -> list[Leg]:
    """The trades, several orders of one asset as one; RefusedByRule where a market has gone."""
    legs: dict[tuple[str, str, str], Leg] = {}
    for step in steps:
        asset, symbol = step.asset or QUOTE, step.symbol or ""
        problem = markets.problem(symbol, step.action.buys)
        if problem is not None:
            raise RefusedByRule("market", f"step {step.number} ({VERBS[step.action][1]} {asset}): {problem}")
        known = legs.get((step.action, step.account, asset))
        if known is not None:
            known.quantity += step.quantity
            known.wanted += step.quantity
            continue
        mark = path.market.mark(symbol)
        leg = Leg(step.action, step.account, asset, path.sector(asset), step.quantity, mark, step.reason)
        legs[step.action, step.account, asset] = leg
    return sorted(legs.values(), key=lambda leg: leg.order)
