"""A plan in the making: legs carried out on a path, and everything that the plan file says about it."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal

from cockpit.model.market import MarketSnapshot
from cockpit.model.money import CENT, UNIT, nearest_to
from cockpit.model.plan import Plan, PlanBook, PlanHead, PlanMarket, PlanTarget, Skipped, Step, only_protects
from cockpit.model.strategy import Mode, RiskSettings, Weights
from cockpit.rotation.costs import costs_of, daily_funding, mean_funding
from cockpit.rotation.feasible import needs_of
from cockpit.rotation.identity import basis, fingerprint, identified
from cockpit.rotation.legs import Leg
from cockpit.rotation.markets import Markets
from cockpit.rotation.path import WEIGHT_UNIT, Path
from cockpit.rotation.rules import Corridor, Gate, Watch, corridor_of
from cockpit.rotation.schedule import Scheduler

SCHEMA = 1


class Draft:
    """Plans from the path's present state towards `weights`; `run` once, then `plan`."""

    def __init__(self, path: Path, markets: Markets, settings: RiskSettings, leverage: Decimal, weights: Weights) -> None:
        self.path, self.markets, self.settings, self.leverage, self.weights = path, markets, settings, leverage, weights
        self._book = path.to_book()
        self._base = path.totals.base
        self._start = path.state()
        self._free = {account: path.free(account) for account in path.accounts()}
        self._funding = daily_funding(path)
        corridor = corridor_of(path.totals, weights)
        self._starts = corridor.starts
        watch = Watch(path, settings, corridor, mean_funding(path.market))
        self._gate = Gate(settings.limits, corridor)
        self.scheduler = Scheduler(path, self._gate, watch, markets, settings, leverage)
        self._watch = watch
        self._protected = False

    def protect(self) -> None:
        """Give what stands its stops and the margin that it needs: the first steps of a plan, whatever follows them."""
        if not self._protected:
            self.scheduler.protect()
            self._protected = True

    def aim(self, weights: Weights) -> None:
        """Go towards other weights than those that the draft began with; nothing may have been traded yet."""
        self.weights = weights
        self._gate.corridor = self._watch.corridor = Corridor(starts=self._starts, weights=weights)

    def run(self, legs: list[Leg], free: dict[str, Decimal] | None = None, rest: Callable[[], list[Leg]] = list) -> None:
        """Protect what stands, cure what idle collateral can cure, trade, and return what is no longer needed.

        `free` is the free futures wallet that each account should keep at least; by default what it had at the start. `rest` is
        asked for legs that carry what the ones before them left, until it has none.
        """
        free = free or self._free
        needs = needs_of(self.path, legs, self.leverage, self.settings)
        self.protect()
        self.scheduler.return_surplus(needs)
        self.scheduler.run(legs)
        while more := rest():
            self.scheduler.run(more)
        # What found no margin at first may find some now.
        self.scheduler.protect()
        self.scheduler.return_surplus({})
        self.scheduler.sweep_released(free)
        # And what came back to the spot wallet may be what a position still lacks.
        self.scheduler.protect()

    def plan(self, strategy: str, preset: str | None, mode: Mode, phase: str, now: datetime, skipped: Iterable[Skipped]) -> Plan:
        """The plan file of what was run."""
        steps = tuple(self.scheduler.sender.steps)
        market, settings = self.path.market, self.settings
        return identified(
            Plan(
                schema=SCHEMA,
                plan=PlanHead(id="", created_at=now, strategy=strategy, preset=preset, mode=mode, phase=phase),
                book=PlanBook(
                    name=self._book.name,
                    revision=self._book.revision,
                    nav=self._start.nav,
                    fingerprint=fingerprint(self._book),
                    accounts=basis(self._book),
                ),
                market=_market(market, steps),
                fees=settings.fees,
                limits=settings.limits,
                target=PlanTarget(
                    base=nearest_to(self._base, UNIT),
                    L1=nearest_to(self.weights.L1, WEIGHT_UNIT),
                    DEFI=nearest_to(self.weights.DEFI, WEIGHT_UNIT),
                    STABLE=nearest_to(self.weights.STABLE, WEIGHT_UNIT),
                ),
                start=self._start,
                steps=steps,
                checks=self._watch.checks(protects=only_protects(preset, steps)),
                costs=costs_of(
                    steps, self.scheduler.sender.slippage, self._funding, daily_funding(self.path), settings.fees, market
                ),
                skipped=(*skipped,),
                end=self.path.state(),
            )
        )


def left_over(legs: Iterable[Leg], markets: Markets) -> list[Skipped]:
    """What the legs wanted and the steps do not bring: more than half a lot, with the reason that stopped it."""
    rows = []
    for leg in legs:
        if leg.quantity > markets.instrument(leg.symbol).lot / 2:
            rows.append(
                Skipped(asset=leg.asset, wanted=nearest_to(leg.sign * leg.value, CENT), reason=f"{leg.action}: {leg.blocked}")
            )
    return rows


def _market(market: MarketSnapshot, steps: Iterable[Step]) -> PlanMarket:
    """What a plan notes of its market: the marks and the funding per 8 hours of the symbols that it trades."""
    symbols = sorted({step.symbol for step in steps if step.symbol is not None})
    marks = {symbol: market.mark(symbol) for symbol in symbols if symbol in market.quotes}
    funding = {symbol: market.funding[symbol].per_8h for symbol in symbols if symbol in market.funding}
    return PlanMarket(source=market.source, as_of=market.as_of, marks=marks, funding=funding)
