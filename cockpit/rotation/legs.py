"""One desired change of one asset in one account: what a plan cuts into orders."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from cockpit.model.assets import Sector
from cockpit.model.instruments import perp_symbol, spot_symbol
from cockpit.model.money import ZERO
from cockpit.model.plan import Action
from cockpit.model.strategy import Weights
from cockpit.rotation.path import Totals

RANK = {
    Action.REDUCE_LONG: 1,
    Action.SELL: 2,
    Action.REDUCE_SHORT: 3,
    Action.OPEN_SHORT: 5,
    Action.BUY: 6,
    Action.OPEN_LONG: 7,
}
"""The order of the steps: what only loosens constraints first, hedges before risk, leverage last."""


@dataclass(slots=True, eq=False)
class Leg:
    """`quantity` is what is left to trade, in base units; `blocked` the reason why it went no further.

    `wanted` is what it began with, `piece` what its last order came to, `symbol` what it trades.
    """

    action: Action
    account: str
    asset: str
    sector: Sector
    quantity: Decimal
    mark: Decimal
    reason: str
    blocked: str = ""
    blocked_rule: str = ""
    wanted: Decimal = ZERO
    piece: Decimal = ZERO

    symbol: str = ""

    def __post_init__(self) -> None:
        self.wanted = self.quantity
        spot = self.action in (Action.BUY, Action.SELL)
        self.symbol = spot_symbol(self.asset) if spot else perp_symbol(self.asset)

    @property
    def sign(self) -> int:
        """+1 where it adds to the net exposure."""
        return 1 if self.action.buys else -1

    @property
    def value(self) -> Decimal:
        """What is left, at mark, in quote units."""
        return self.quantity * self.mark

    @property
    def order(self) -> tuple[int, Decimal, str, str]:
        """Sorts legs as they are carried out."""
        return RANK[self.action], -self.wanted * self.mark, self.asset, self.account


def weights_after(totals: Totals, legs: Iterable[Leg]) -> Weights:
    """Where L1 and DeFi end once the legs are filled, as weights of the present base."""
    ends = {Sector.L1: totals.net(Sector.L1), Sector.DEFI: totals.net(Sector.DEFI)}
    for leg in legs:
        if leg.sector in ends:
            ends[leg.sector] += leg.sign * leg.value
    l1, defi = ends[Sector.L1] / totals.base, ends[Sector.DEFI] / totals.base
    return Weights(L1=l1, DEFI=defi, STABLE=1 - l1 - defi)
