"""What to do with a book that starts in breach of a rule: nothing that adds, and no larger cut than the rule needs."""

from decimal import Decimal

from cockpit.model.assets import Sector
from cockpit.model.book import Position, Side
from cockpit.model.money import CENT, ONE, ZERO, ceil_to, nearest_to
from cockpit.model.plan import Action, Skipped
from cockpit.model.strategy import RiskSettings, Weights
from cockpit.rotation.asked import RISK
from cockpit.rotation.feasible import Ending, ending
from cockpit.rotation.legs import Leg, weights_after
from cockpit.rotation.markets import Markets
from cockpit.rotation.path import Path, Totals

OVERSHOOT = Decimal("1.005")
"""A cure goes this much further than it must, for the fees and lots that it costs."""
ROUNDS = 4


def broken_at_start(totals: Totals, settings: RiskSettings) -> set[str]:
    """The rules of the whole book that it breaks as it stands."""
    limits, nav = settings.limits, totals.nav
    broken = set()
    if totals.cash < limits.free_reserve_min * nav:
        broken.add("free_reserve_min")
    if totals.wallet > limits.futures_capital_max * nav:
        broken.add("futures_capital_max")
    if totals.gross > limits.gross_notional_max * nav:
        broken.add("gross_notional_max")
    if any(excess_hedge(totals, sector, settings) > 0 for sector in RISK):
        broken.add("hedge_ratio_max")
    return broken


def excess_hedge(totals: Totals, sector: Sector, settings: RiskSettings) -> Decimal:
    """How much of a sector's shorts stands beyond the largest hedge ratio, in quote units."""
    room = settings.limits.hedge_ratio_max * totals.spot.get(sector, ZERO)
    return max(ZERO, totals.shorts.get(sector, ZERO) - room)


class Cure:
    """Cuts positions until the rules that the book breaks would hold. `legs` are the strategy's that loosen, and the cure's."""

    def __init__(self, path: Path, legs: list[Leg], leverage: Decimal, settings: RiskSettings, markets: Markets) -> None:
        self.path, self.leverage, self.settings, self.markets = path, leverage, settings, markets
        self.dropped = [leg for leg in legs if leg.action.opens or leg.action is Action.BUY]
        self.legs = [leg for leg in legs if leg not in self.dropped]

    def run(self) -> None:
        """Add legs, largest need first, until the ending holds or nothing is left to cut."""
        for sector in RISK:
            self._unhedge(sector)
        for _ in range(ROUNDS):
            end = ending(self.path, self.legs, self.leverage, self.settings)
            shortfall = end.shortfall(self.settings)
            if shortfall is None:
                break
            share = self._share(shortfall.rule, shortfall.amount, end)
            if share <= 0:
                break
            self._cut_all(share, shortfall.rule)
        self.legs.sort(key=lambda leg: leg.order)

    def weights(self) -> Weights:
        """Where the sectors end with these legs, as weights of the base."""
        return weights_after(self.path.totals, self.legs)

    def skipped(self, rules: set[str]) -> list[Skipped]:
        """What the strategy asked for and has to wait."""
        reason = f"repair first: the book starts in breach of {', '.join(sorted(rules))}; plan again when it holds"
        return [Skipped(asset=leg.asset, wanted=nearest_to(leg.sign * leg.value, CENT), reason=reason) for leg in self.dropped]

    def _unhedge(self, sector: Sector) -> None:
        excess = excess_hedge(self.path.totals, sector, self.settings)
        covered = sum((leg.value for leg in self._of(sector, Action.REDUCE_SHORT)), ZERO)
        sold = sum((leg.value for leg in self._of(sector, Action.SELL)), ZERO) * self.settings.limits.hedge_ratio_max
        excess = (excess + sold - covered) * OVERSHOOT
        if excess <= 0:
            return
        for side in (Side.SHORT, Side.LONG):
            rows = [row for row in self._reducible() if row[1].side is side and self.path.sector(row[1].asset) is sector]
            total = sum((left * self.path.mark(p.asset) for _, p, left in rows), ZERO)
            for account, position, left in rows:
                self._cut(account, position, left * min(ONE, excess / total), "hedge_ratio_max")

    def _share(self, rule: str, amount: Decimal, end: Ending) -> Decimal:
        """The share of all positions to cut so that `amount` is made good."""
        gained = ZERO
        fee = self.settings.fees.perp_taker
        for _, position, left in self._reducible():
            mark, part = self.path.mark(position.asset), left / position.quantity
            if rule == "gross_notional_max":
                gained += left * mark
            elif rule == "futures_capital_max":
                gained += position.margin * part
            else:
                gained += (position.margin + position.unrealised_pnl(mark)) * part - left * mark * fee
        return min(ONE, amount * OVERSHOOT / gained) if gained > 0 else ZERO

    def _cut_all(self, share: Decimal, rule: str) -> None:
        for account, position, left in self._reducible():
            self._cut(account, position, left * share, rule)

    def _cut(self, account: str, position: Position, quantity: Decimal, rule: str) -> None:
        action = Action.REDUCE_LONG if position.side is Side.LONG else Action.REDUCE_SHORT
        leg = next((x for x in self.legs if (x.action, x.account, x.asset) == (action, account, position.asset)), None)
        lot = self.markets.instrument(position.symbol).lot
        if leg is None:
            mark, sector = self.path.mark(position.asset), self.path.sector(position.asset)
            wanted = min(position.quantity, ceil_to(quantity, lot))
            self.legs.append(Leg(action, account, position.asset, sector, wanted, mark, f"repair: bring {rule} within its limit"))
        else:
            leg.quantity = leg.wanted = min(position.quantity, ceil_to(leg.quantity + quantity, lot))

    def _reducible(self) -> list[tuple[str, Position, Decimal]]:
        """The positions that may be cut, with what the legs leave of them."""
        rows = []
        for account, position in self.path.positions():
            if (
                self.path.sector(position.asset) not in RISK
                or self.markets.problem(position.symbol, position.side is Side.SHORT) is not None
            ):
                continue
            gone = sum(
                (
                    leg.quantity
                    for leg in self.legs
                    if leg.action.reduces and (leg.account, leg.asset) == (account, position.asset)
                ),
                ZERO,
            )
            if position.quantity > gone:
                rows.append((account, position, position.quantity - gone))
        return rows

    def _of(self, sector: Sector, action: Action) -> list[Leg]:
        return [leg for leg in self.legs if leg.sector is sector and leg.action is action]
