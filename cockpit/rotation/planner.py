"""From a book and a strategy to a plan: what to trade, in which steps, and how every prefix stands against the rules."""

from datetime import datetime
from decimal import Decimal, localcontext

from cockpit.model.assets import Universe
from cockpit.model.book import Book
from cockpit.model.errors import BadInput, MarketUnavailable, RefusedByRule
from cockpit.model.instruments import QUOTE
from cockpit.model.market import MarketSnapshot
from cockpit.model.plan import Plan, Skipped
from cockpit.model.strategy import Mode, RiskSettings, Strategy
from cockpit.rotation.draft import Draft, left_over
from cockpit.rotation.feasible import ending
from cockpit.rotation.markets import Markets
from cockpit.rotation.path import Path
from cockpit.rotation.remainder import Remainder
from cockpit.rotation.repair import Cure, broken_at_start
from cockpit.rotation.request import Ask, PlanRequest, ask
from cockpit.rotation.sizing import Sizer
from cockpit.rotation.targets import asked_weights, sector_targets

PRECISION = 50
"""Digits of the arithmetic while planning: sums of products stay exact, so totals can follow by differences."""


def plan(
    book: Book,
    market: MarketSnapshot,
    universe: Universe,
    strategy: Strategy,
    settings: RiskSettings,
    request: PlanRequest,
    now: datetime,
) -> Plan:
    """The steps from `book` to what `strategy` asks for at `now` (UTC).

    No prefix of the steps breaks a hard rule or makes a broken one worse, at any fill of the step under way. Steps may be none.
    RefusedByRule where the target cannot be reached within the rules, named by the limit and by how much; MarketUnavailable where
    something held has no price or all quotes are too old; BadInput where the request means nothing.
    """
    with localcontext(prec=PRECISION):
        return _plan(book, market, universe, ask(strategy, request, settings.limits), settings, now)


def _plan(book: Book, market: MarketSnapshot, universe: Universe, asked: Ask, settings: RiskSettings, now: datetime) -> Plan:
    path = Path(book, market, universe)
    if path.totals.nav <= 0 or path.totals.base <= 0:
        raise BadInput(_nothing_to_rotate(book, path.totals.nav, path.totals.base))
    markets = Markets(market, settings.limits, now, settings.drift, path.totals.nav)
    weights = asked_weights(asked, path.totals)
    broken = broken_at_start(path.totals, settings)
    drafted = Draft(path, markets, settings, asked.leverage, weights)
    # First of all, so that nothing is counted on that protecting what stands has taken.
    margin = path.totals.margin
    drafted.protect()
    taken = path.totals.margin - margin
    sizer = Sizer(path, asked, settings, markets)
    sizer.size(sector_targets(asked, weights, path.totals, settings))
    legs = sizer.legs
    if not legs and markets.stale:
        raise MarketUnavailable(markets.problem(min(markets.stale), True) or "the quotes are too old")
    waiting: list[Skipped] = []
    shortfall = ending(path, legs, asked.leverage, settings, sizer.unfunded).shortfall(settings)
    if broken and (shortfall is not None or "hedge_ratio_max" in broken):
        cure = Cure(path, legs, asked.leverage, settings, markets)
        cure.run()
        legs = cure.legs
        drafted.aim(cure.weights())
        waiting = cure.skipped(broken)
        shortfall = ending(path, legs, asked.leverage, settings).shortfall(settings)
        # What cannot be cured in whole may still be bettered, with the failed check to say so.
        if shortfall is not None and shortfall.rule in broken and legs:
            shortfall = None
    if shortfall is not None:
        hint = "; overlay trades no spot: spot or blend could" if asked.mode is Mode.OVERLAY and broken else ""
        if taken > 0:
            hint = f"; the margin that the present positions lack takes {taken:,.2f} {QUOTE} of it{hint}"
        raise RefusedByRule(shortfall.rule, shortfall.sentence + hint)
    if broken or asked.tranche < 1:
        drafted.run(legs)
        skipped = [*sizer.skipped, *waiting, *left_over(legs, markets)]
    else:
        remainder = Remainder(path, asked, settings, markets, sizer)
        drafted.run(legs, rest=remainder.legs)
        skipped = remainder.skipped
    return drafted.plan(asked.strategy, asked.preset, asked.mode, asked.phase, now, skipped)


def _nothing_to_rotate(book: Book, nav: Decimal, base: Decimal) -> str:
    start, amount = f"{book.name}: there is nothing to rotate: ", f"{base:,.2f} {QUOTE}"
    if nav <= 0:
        return f"{start}NAV is {nav:,.2f} {QUOTE}"
    if not base:
        return (
            f"{start}all of NAV stands outside the rotation, as BENCHMARK, UNCLASSIFIED or excluded assets, which no plan trades"
        )
    return f"{start}NAV less the assets outside the rotation is {amount}"
