"""A plan of its own that gives every position that nothing protects its stop, and does nothing else."""

from datetime import datetime
from decimal import Decimal, localcontext

from msgspec import Struct
from msgspec.structs import replace

from cockpit.model.assets import Universe
from cockpit.model.book import Book, Position
from cockpit.model.errors import BadInput
from cockpit.model.instruments import QUOTE
from cockpit.model.market import MarketSnapshot
from cockpit.model.money import CENT, ZERO, ceil_to
from cockpit.model.plan import PROTECT, Action, Plan, Skipped
from cockpit.model.strategy import Mode, RiskSettings, Weights
from cockpit.rotation.draft import Draft
from cockpit.rotation.legs import weights_after
from cockpit.rotation.lines import position_lines
from cockpit.rotation.markets import Markets
from cockpit.rotation.path import Move, Path
from cockpit.rotation.planner import PRECISION
from cockpit.rotation.protection import better_stop, fires_first, margin_for_stop, position_risk, stop_for

NO_STOP = "protect the position: it has no stop"
LATE = "protect the position: it would be liquidated before its stop could fire"
TIGHT = "; nearer than the rule asks, because the margin for a wider stop is missing"
MARGIN = "the margin with which the stop comes before the liquidation"


class _Way(Struct, frozen=True, kw_only=True):
    """How one position gets its stop: the stop to set, if another than it has, and the margin to add, in quote units."""

    stop: Decimal | None = None
    margin: Decimal = ZERO
    reason: str = ""


def protect(
    book: Book,
    market: MarketSnapshot,
    universe: Universe,
    settings: RiskSettings,
    now: datetime,
    *,
    strategy: str,
    mode: Mode,
    phase: str,
) -> Plan:
    """Stops at the limits' distance for every position that has none, or one behind its liquidation; `now` is UTC.

    Where such a stop would come behind the liquidation, margin is added out of the free futures wallet; where that does not hold
    enough, the stop stands nearer. A position that gets none is named in `skipped` with what is missing. There are no other
    steps. BadInput where NAV is not above zero, MarketUnavailable where something held has no price.
    """
    with localcontext(prec=PRECISION):
        path = Path(book, market, universe)
        totals = path.totals
        if totals.nav <= 0:
            raise BadInput(f"{book.name}: no step can be judged, NAV is {totals.nav:,.2f} {QUOTE}")
        weights = weights_after(totals, ()) if totals.base > 0 else Weights(L1=ZERO, DEFI=ZERO, STABLE=ZERO)
        markets = Markets(market, settings.limits, now, settings.drift, totals.nav)
        draft = Draft(path, markets, settings, settings.limits.leverage_default, weights)
        skipped = _run(draft, book, market)
        return draft.plan(strategy, PROTECT, mode, phase, now, skipped)


def _run(draft: Draft, book: Book, market: MarketSnapshot) -> list[Skipped]:
    """Emit every stop, then the margin; what is left without a stop."""
    path, sender = draft.path, draft.scheduler.sender
    free = {account: path.free(account) for account in path.accounts()}
    skipped: list[Skipped] = []
    margins: list[Move] = []
    for row in position_lines(book, market):
        if row.protected:
            continue
        account, position = row.account, row.position
        found = _way(draft, position, free[account])
        if isinstance(found, Skipped):
            skipped.append(replace(found, reason=f"{position.side} in {account}: {found.reason}"))
            continue
        if found.stop is not None:
            move = Move(
                action=Action.SET_STOP,
                account=account,
                asset=position.asset,
                quantity=position.quantity,
                stop_price=found.stop,
            )
            sender.emit(path.try_move(move), found.reason)
        if found.margin:
            free[account] -= found.margin
            margins.append(Move(action=Action.ADD_MARGIN, account=account, asset=position.asset, quantity=found.margin))
    for move in margins:
        sender.emit(path.try_move(move), MARGIN)
    return skipped


def _way(draft: Draft, position: Position, free: Decimal) -> _Way | Skipped:
    """How a position gets its stop out of `free` quote units, or why it gets none."""
    path, limits, asset, side = draft.path, draft.settings.limits, position.asset, position.side
    sector, mark, tiers = path.sector(asset), path.mark(asset), path.tiers(asset)
    instrument = path.market.instruments.get(position.symbol)
    if instrument is None:
        return Skipped(asset=asset, wanted=ZERO, reason=f"{path.market.source} has no perpetual of it: set its stop at the venue")
    risk = position_risk(position, mark, tiers, sector)
    stop, reason = position.stop_price, NO_STOP if position.stop_price is None else LATE
    if risk.stop_distance > limits.stop_distance(sector):
        stop = stop_for(side, position.entry_price, mark, limits.stop_distance(sector), instrument.tick)
    if stop is None:
        return Skipped(asset=asset, wanted=ZERO, reason="no price step lies between its stop and the mark price: close it")
    stopped = replace(position, stop_price=stop)
    needed = ZERO
    near_liquidation = position_risk(stopped, mark, tiers, sector).stop_ratio > limits.stop_liquidation_ratio_max
    if not position.cross and (near_liquidation or not fires_first(side, stop, risk.liquidation)):
        needed = max(ZERO, ceil_to(margin_for_stop(stopped, tiers, sector, limits) - position.margin, CENT))
    if needed > free:
        near = better_stop(stopped, mark, tiers, sector, limits, instrument.tick) or stop
        if not fires_first(side, near, risk.liquidation):
            return Skipped(
                asset=asset,
                wanted=needed - free,
                reason=(
                    f"it would be liquidated before a stop could fire; that takes {needed:,.2f} {QUOTE} more margin, "
                    f"its futures wallet has {max(ZERO, free):,.2f} free: move the rest there, or close part of it"
                ),
            )
        stop, needed, reason = near, ZERO, reason + (TIGHT if near != stop else "")
    return _Way(stop=stop if stop != position.stop_price else None, margin=needed, reason=reason)
