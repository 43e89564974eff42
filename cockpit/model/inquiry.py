"""What the screens may ask of the desk beside the picture: all about one asset, and what a shock of prices would do."""

from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from cockpit.model.assets import Sector
from cockpit.model.book import Side
from cockpit.model.charts import PriceHistory


class OrderLine(Struct, frozen=True, kw_only=True):
    """An order of ours, newest fills in: quantities in base units, prices in quote units."""

    at: datetime
    account: str
    symbol: str
    plan_id: str
    step: int
    action: str
    state: str
    quantity: Decimal
    price: Decimal | None
    filled: Decimal
    protective: bool


class FillLine(Struct, frozen=True, kw_only=True):
    """One fill; `fee` in quote units."""

    at: datetime
    account: str
    symbol: str
    side: str
    quantity: Decimal
    price: Decimal
    fee: Decimal


class RiskShare(Struct, frozen=True, kw_only=True):
    """What an asset puts at risk, in quote units, losses positive.

    `shock` is the fall of the limits for its sector as a fraction (0 for stablecoins), `shock_loss` what the asset (spot and
    perpetual together) loses by it over every stop, `share` that loss over the loss of the whole book when every asset falls by
    its own shock (None without a loss); a net short gains, so that both are negative. `stop_loss` is what its perpetuals lose
    against mark when their stops are hit, slippage and fees in (None without a stop).
    """

    shock: Decimal
    shock_loss: Decimal
    share: Decimal | None
    stop_loss: Decimal | None


class Dossier(Struct, frozen=True, kw_only=True):
    """All about one asset that is not in the picture. Orders and fills are newest first.

    `risk` is None where the book cannot be valued; `risk_unknown` is then the sentence that says why.
    """

    asset: str
    history: PriceHistory
    orders: tuple[OrderLine, ...]
    fills: tuple[FillLine, ...]
    risk: RiskShare | None
    risk_unknown: str = ""


class Shocks(Struct, frozen=True, kw_only=True):
    """Moves of prices as signed fractions (-.20 is twenty percent down, at least -1): by sector, and by asset, which wins."""

    sectors: dict[Sector, Decimal] = {}
    assets: dict[str, Decimal] = {}

    def of(self, asset: str, sector: Sector) -> Decimal:
        """The move of an asset."""
        return self.assets.get(asset, self.sectors.get(sector, Decimal(0)))


class ShockedPosition(Struct, frozen=True, kw_only=True):
    """A perpetual after the shock. `mark` is before, `shocked` after; `pnl` is the change against before, in quote units.

    `stopped`: the stop lies between, before liquidation, and `stop_pnl` is the change when it fills at its price (slippage and
    fee taken off), as in an orderly fall. `liquidated`: the shocked price lies beyond liquidation, so that in a gap the margin
    is lost: `pnl` is then all that the position was worth, margin and unrealised PnL. Where its margin tiers are missing,
    `liquidation_known` is False: nobody knows whether it is liquidated.
    """

    account: str
    symbol: str
    asset: str
    side: Side
    quantity: Decimal
    mark: Decimal
    shocked: Decimal
    pnl: Decimal
    stop_price: Decimal | None
    stopped: bool
    stop_pnl: Decimal | None
    liquidation_price: Decimal | None
    liquidated: bool
    liquidation_known: bool = True


class ShockedBook(Struct, frozen=True, kw_only=True):
    """A book before and after a shock, in quote units; weights are fractions of the base, the free reserve one of NAV.

    `nav_after` is that of an orderly fall, in which the stops that are reached fill; `nav_gap` that of a gap over every stop,
    in which a position beyond liquidation loses its margin and no more. What ends in `_after` belongs to the orderly fall;
    `nearest_liquidation_after` is the signed move from there, as a fraction, that liquidates the nearest position left.
    """

    nav_before: Decimal
    nav_after: Decimal
    nav_gap: Decimal
    cash: Decimal
    cash_after: Decimal
    futures_wallet: Decimal
    futures_wallet_after: Decimal
    margin_used: Decimal
    margin_used_after: Decimal
    free_reserve_after: Decimal
    nearest_liquidation_after: Decimal | None
    weights: dict[Sector, Decimal]
    weights_after: dict[Sector, Decimal]
    positions: tuple[ShockedPosition, ...]


LADDER_END = Decimal("0.50")
LADDER_STEP = Decimal("0.05")
"""How far a ladder goes either way, and in which steps of the leading move."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What a shock does to the book as it is, and to the book at the end of a plan (None without one)."""

    shocks: Shocks
    now: ShockedBook
    planned: ShockedBook | None = None


class Rung(Outcome, frozen=True, kw_only=True):
    """The outcome of a shock that is scaled as a whole until its leading move is `move`, a signed fraction."""

    move: Decimal


class Reach(Struct, frozen=True, kw_only=True):
    """Where a scaled shock reaches a position's stop, or its liquidation if no stop fills; `move` is the leading move there."""

    move: Decimal
    account: str
    asset: str
    side: Side
    liquidation: bool


class Ladder(Struct, frozen=True, kw_only=True):
    """A shock scaled as a whole, from a deep fall to a high rise: all its moves keep their proportions.

    `lead` is its largest move either way, the first of equals. The rungs rise; one of them is the shock itself. `now` and
    `planned` say where stops and liquidations are reached, the nearest first, also beyond the last rung.
    """

    lead: Decimal
    rungs: tuple[Rung, ...]
    now: tuple[Reach, ...]
    planned: tuple[Reach, ...] = ()


class WhatIf(Outcome, frozen=True, kw_only=True):
    """What a shock does, with the same shock scaled (None where nothing moves) and other shocks to compare it with."""

    ladder: Ladder | None = None
    others: tuple[Outcome, ...] = ()
