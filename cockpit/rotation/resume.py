"""What a plan that was begun still means: what changed under it, how its remaining steps would go now, and two ways to stop."""

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal, localcontext

from msgspec import Struct
from msgspec.structs import asdict

from cockpit.model.assets import Universe
from cockpit.model.book import Book, Side
from cockpit.model.errors import MarketUnavailable
from cockpit.model.instruments import QUOTE, asset_of, perp_symbol, spot_symbol
from cockpit.model.ledger import LedgerError
from cockpit.model.market import MarketSnapshot
from cockpit.model.money import CENT, ZERO, nearest_to, plain, seconds_of
from cockpit.model.plan import Action, Check, Plan, Skipped, Step
from cockpit.model.strategy import Limits, RiskSettings, Weights
from cockpit.model.wording import VERBS
from cockpit.rotation.asked import RISK
from cockpit.rotation.book_walk import BPS, NoDepth
from cockpit.rotation.checks import Refusal
from cockpit.rotation.costs import mean_funding
from cockpit.rotation.draft import Draft, left_over
from cockpit.rotation.identity import basis, fingerprint
from cockpit.rotation.legs import Leg, weights_after
from cockpit.rotation.markets import Markets
from cockpit.rotation.path import Path
from cockpit.rotation.planner import PRECISION
from cockpit.rotation.rules import Corridor, Gate, Watch, percent
from cockpit.rotation.schedule import Scheduler
from cockpit.rotation.sender import Refused

FUNDING_BAND = Decimal("0.0001")
"""A funding rate has changed when it moved by more than this per 8 hours, or changed its sign beyond it."""


def compare(
    plan: Plan, book: Book, market: MarketSnapshot, limits: Limits, now: datetime, *, done: Collection[int] = ()
) -> tuple[str, ...]:
    """What changed since the plan was made, one sentence each with before and after; empty where it still fits.

    Once steps are done the book has moved with them, so that its comparison is the executor's: pass their numbers in `done` and
    only market, funding and rules are compared, for the steps that remain.
    """
    changes: list[str] = []
    if not done and fingerprint(book) != plan.book.fingerprint:
        changes += book_changes(plan, book)
    left = [step for step in plan.steps if step.number not in done]
    symbols = sorted({step.symbol for step in left if step.symbol is not None})
    changes += _price_changes(plan, market, limits, symbols)
    changes += _funding_changes(plan, market, symbols)
    changes += limit_changes(plan.limits, limits)
    aging = [s for s in symbols if s in market.quotes and not market.quotes[s].pinned]
    age = seconds_of(now - plan.plan.created_at)
    if aging and not done and age > limits.plan_age_max_s:
        changes.append(f"plan age {round(age)} s, limit {plain(limits.plan_age_max_s)} s")
    return tuple(changes)


def book_changes(plan: Plan, book: Book) -> list[str]:
    """Which holdings, wallets, positions and stops differ from those that the plan started from."""
    changes = []
    if book.name != plan.book.name:
        changes.append(f"portfolio {plan.book.name} → {book.name}")
    now = basis(book)
    for account in sorted(plan.book.accounts.keys() | now.keys()):
        was, held = plan.book.accounts.get(account), now.get(account)
        if was is None or held is None:
            changes.append(f"account {account} {'is new' if was is None else 'is gone'}")
            continue
        if was.futures_wallet != held.futures_wallet:
            changes.append(f"{account} futures wallet {plain(was.futures_wallet)} → {plain(held.futures_wallet)}")
        for word, before, after in (
            ("holding", was.spot, held.spot),
            ("position", was.positions, held.positions),
            ("stop", was.stops, held.stops),
        ):
            for key in sorted(before.keys() | after.keys()):
                old, new = before.get(key, ZERO), after.get(key, ZERO)
                if old != new:
                    changes.append(f"{account} {word} {key} {plain(old)} → {plain(new)}")
    return changes or [f"book of {plan.book.name}: entry prices or margins differ from those of revision {plan.book.revision}"]


def limit_changes(before: Limits, after: Limits) -> list[str]:
    """Which risk limits differ."""
    old, new = asdict(before), asdict(after)
    return [f"rule {name} {plain(old[name])} → {plain(new[name])}" for name in old if old[name] != new[name]]


def _price_changes(plan: Plan, market: MarketSnapshot, limits: Limits, symbols: Iterable[str]) -> list[str]:
    changes = []
    for symbol in symbols:
        before = plan.market.marks.get(symbol)
        quote = market.quotes.get(symbol)
        if before is None:
            continue
        if quote is None:
            changes.append(f"price {symbol} {plain(before)} → no quote")
            continue
        move = quote.mark / before - 1
        if abs(move) * BPS > limits.slippage_max_bps:
            band = f"{plain(limits.slippage_max_bps)} bps"
            changes.append(f"price {symbol} {plain(before)} → {plain(quote.mark)} ({percent(move)}, band {band})")
    return changes


def _funding_changes(plan: Plan, market: MarketSnapshot, symbols: Iterable[str]) -> list[str]:
    changes = []
    for symbol in symbols:
        before, rate = plan.market.funding.get(symbol), market.funding.get(symbol)
        if before is not None and rate is not None and abs(rate.per_8h - before) > FUNDING_BAND:
            old, new = percent(before, "0.0001"), percent(rate.per_8h, "0.0001")
            changes.append(f"funding {symbol} {old} → {new} per 8 hours")
    return changes


class Recheck(Struct, frozen=True, kw_only=True):
    """The remaining steps as they would go now, in their order: same numbers and ids, prices, fees, stops and after-states anew.

    `refusals` name the step at which something would go wrong; from there on `steps` is cut off. `checks` cover what is left,
    from the book as it is (step 0) on.
    """

    steps: tuple[Step, ...]
    checks: tuple[Check, ...]
    refusals: tuple[Refusal, ...]


def recheck(
    plan: Plan,
    done: Collection[int],
    book: Book,
    market: MarketSnapshot,
    universe: Universe,
    settings: RiskSettings,
    now: datetime,
) -> Recheck:
    """Carry the steps whose numbers are not in `done` out on the actual book and market, in thought.

    Quantities and transfers stay what the trader saw; a step that the account can no longer carry or that would break a hard
    rule is a refusal. The corridor is that of the plan.
    """
    with localcontext(prec=PRECISION):
        path = Path(book, market, universe)
        markets = Markets(market, settings.limits, now, settings.drift, path.totals.nav)
        starts = {sector: plan.start.sectors[sector].net for sector in RISK}
        corridor = Corridor(starts=starts, weights=Weights(L1=plan.target.L1, DEFI=plan.target.DEFI, STABLE=plan.target.STABLE))
        watch = Watch(path, settings, corridor, mean_funding(market))
        scheduler = Scheduler(path, Gate(settings.limits, corridor), watch, markets, settings, settings.limits.leverage_default)
        steps: list[Step] = []
        left = [step for step in plan.steps if step.number not in done]
        numbers = [step.number for step in left]
        for step in left:
            try:
                steps.append(scheduler.resend(step, path.sector(step.asset or QUOTE)))
            except (Refused, LedgerError, NoDepth, MarketUnavailable, KeyError) as error:
                rule = error.rule if isinstance(error, Refused) else "funds" if isinstance(error, LedgerError) else "market"
                refusal = Refusal(rule, f"step {step.number} ({VERBS[step.action][1]} {step.asset or QUOTE}): {error}")
                checks = watch.checks(numbers[: len(steps) + 1], protects=plan.only_protects)
                return Recheck(steps=tuple(steps), checks=checks, refusals=(refusal,))
        return Recheck(steps=tuple(steps), checks=watch.checks(numbers, protects=plan.only_protects), refusals=())


def unwind(plan: Plan, book: Book, market: MarketSnapshot, universe: Universe, settings: RiskSettings, now: datetime) -> Plan:
    """A plan of its own that goes back: closes what `plan` opened, buys back what it sold, and returns the margin.

    It ends at the holdings and positions that `plan` started from, as far as prices, lots and rules allow; `skipped` has the
    rest.
    """
    with localcontext(prec=PRECISION):
        path = Path(book, market, universe)
        markets = Markets(market, settings.limits, now, settings.drift, path.totals.nav)
        legs, skipped = _way_back(plan, path, markets)
        free = {name: was.futures_wallet - was.margin_used for name, was in plan.book.accounts.items()}
        return _made(plan, "unwind", path, markets, settings, legs, skipped, now, free)


def freeze(
    plan: Plan,
    done: Collection[int],
    book: Book,
    market: MarketSnapshot,
    universe: Universe,
    settings: RiskSettings,
    now: datetime,
) -> Plan:
    """A plan of its own that stops hedged: what is done stays, and of the rest only what cuts net exposure is completed.

    No sector ends with more net exposure than it has now, in either direction; purchases and new longs are left out.
    """
    with localcontext(prec=PRECISION):
        path = Path(book, market, universe)
        markets = Markets(market, settings.limits, now, settings.drift, path.totals.nav)
        rest = [step for step in plan.steps if step.number not in done and step.action.trades]
        legs, skipped = _only_hedges(rest, path, markets)
        return _made(plan, "freeze", path, markets, settings, legs, skipped, now, None)


def _made(
    plan: Plan,
    name: str,
    path: Path,
    markets: Markets,
    settings: RiskSettings,
    legs: list[Leg],
    skipped: list[Skipped],
    now: datetime,
    free: dict[str, Decimal] | None,
) -> Plan:
    legs.sort(key=lambda leg: leg.order)
    draft = Draft(path, markets, settings, settings.limits.leverage_default, weights_after(path.totals, legs))
    draft.run(legs, free)
    rows = [*skipped, *left_over(legs, markets)]
    return draft.plan(plan.plan.strategy, name, plan.plan.mode, plan.plan.phase, now, rows)


def _way_back(plan: Plan, path: Path, markets: Markets) -> tuple[list[Leg], list[Skipped]]:
    legs: list[Leg] = []
    skipped: list[Skipped] = []

    def add(action: Action, account: str, asset: str, quantity: Decimal) -> None:
        spot = action in (Action.BUY, Action.SELL)
        symbol = spot_symbol(asset) if spot else perp_symbol(asset)
        mark = path.price(asset) if spot else path.mark(asset)
        problem = markets.problem(symbol, action.buys)
        if problem is not None:
            skipped.append(
                Skipped(asset=asset, wanted=nearest_to(quantity * mark * (1 if action.buys else -1), CENT), reason=problem)
            )
            return
        if not action.reduces:
            quantity = nearest_to(quantity, markets.instrument(symbol).lot)
            if action is Action.SELL:
                quantity = min(quantity, markets.instrument(symbol).floor_quantity(path.held(account, asset)))
        if quantity > 0:
            legs.append(Leg(action, account, asset, path.sector(asset), quantity, mark, "unwind: back to where the plan started"))

    for account, was in plan.book.accounts.items():
        if account not in path.accounts():
            continue
        held = path.spot(account)
        for asset in sorted(was.spot.keys() | held.keys()):
            change = was.spot.get(asset, ZERO) - held.get(asset, ZERO)
            if change and path.sector(asset) in RISK:
                add(Action.BUY if change > 0 else Action.SELL, account, asset, abs(change))
        present = {p.symbol: p.side.sign * p.quantity for name, p in path.positions() if name == account}
        for symbol in sorted(was.positions.keys() | present.keys()):
            old, new = was.positions.get(symbol, ZERO), present.get(symbol, ZERO)
            if old == new or path.sector(asset_of(symbol)) not in RISK:
                continue
            kept = min(abs(old), abs(new)) if old * new > 0 else ZERO
            if abs(new) > kept:
                add(Action.REDUCE_LONG if new > 0 else Action.REDUCE_SHORT, account, asset_of(symbol), abs(new) - kept)
            if abs(old) > kept:
                add(Action.OPEN_LONG if old > 0 else Action.OPEN_SHORT, account, asset_of(symbol), abs(old) - kept)
    return legs, skipped


def _only_hedges(steps: Iterable[Step], path: Path, markets: Markets) -> tuple[list[Leg], list[Skipped]]:
    legs: list[Leg] = []
    skipped: list[Skipped] = []
    nets = {sector: path.totals.net(sector) for sector in RISK}
    for step in steps:
        asset = step.asset or QUOTE
        sector = path.sector(asset)
        if sector not in nets or step.symbol is None:
            continue
        mark = market_mark(path, step)
        sign = 1 if step.action.buys else -1
        room = max(ZERO, -sign * nets[sector])
        cuts = step.action.reduces or step.action in (Action.SELL, Action.OPEN_SHORT)
        quantity = min(step.quantity, room / mark) if cuts else ZERO
        if quantity < step.quantity:
            reason = "freeze: it would add net exposure"
            skipped.append(Skipped(asset=asset, wanted=nearest_to(sign * (step.quantity - quantity) * mark, CENT), reason=reason))
        if markets.problem(step.symbol, step.action.buys) is None and quantity > 0:
            if quantity < step.quantity:
                quantity = markets.instrument(step.symbol).floor_quantity(quantity)
            quantity = min(quantity, _most(path, step))
            if quantity > 0:
                legs.append(Leg(step.action, step.account, asset, sector, quantity, mark, f"freeze: {step.reason}"))
                nets[sector] += sign * quantity * mark
    return legs, skipped


def market_mark(path: Path, step: Step) -> Decimal:
    """The mark at which a step's asset stands now, spot or perpetual."""
    asset = step.asset or QUOTE
    return path.price(asset) if step.action in (Action.BUY, Action.SELL) else path.mark(asset)


def _most(path: Path, step: Step) -> Decimal:
    """The most of a step that the account can still carry out: what it holds, or the position that it has."""
    asset = step.asset or QUOTE
    if step.action is Action.SELL:
        return path.held(step.account, asset)
    if step.action.reduces:
        held = path.position(step.account, asset)
        side = Side.LONG if step.action is Action.REDUCE_LONG else Side.SHORT
        return held.quantity if held is not None and held.side is side else ZERO
    return step.quantity
