"""What a book is worth and risks at given prices, worked out beside the cockpit: plain sums, and a search for a liquidation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import product

from cockpit.model.assets import Sector
from cockpit.model.book import Book, Position
from cockpit.model.instruments import QUOTE, MarginTier, perp_symbol, spot_symbol
from cockpit.model.money import ZERO

ROTATING = (Sector.L1, Sector.DEFI)
FAR = Decimal(50)
"""Prices above that many times the entry liquidate nothing that this market can see."""


class Reckoned:
    """A book at prices by unified symbol, of which every one that the book needs must be there."""

    def __init__(self, book: Book, prices: Mapping[str, Decimal], sectors: Mapping[str, Sector]) -> None:
        self._book, self._prices, self._sectors = book, prices, sectors

    def price(self, asset: str) -> Decimal:
        """The spot price."""
        return Decimal(1) if asset == QUOTE else self._prices[spot_symbol(asset)]

    def mark(self, asset: str) -> Decimal:
        """The perpetual's mark."""
        return self._prices[perp_symbol(asset)]

    def assets(self, sector: Sector) -> list[str]:
        """Those of the book in a sector."""
        return [asset for asset in self._book.assets() if self._sectors[asset] is sector]

    def coins(self, asset: str) -> Decimal:
        """What is held of it."""
        return sum((account.spot.get(asset, ZERO) for account in self._book.accounts), ZERO)

    def positions(self, asset: str | None = None) -> list[Position]:
        """The perpetuals, or those of an asset."""
        return [one for _, one in self._book.positions() if asset in (None, one.asset)]

    def spot(self, assets: Iterable[str]) -> Decimal:
        """The value of what is held."""
        held = ((asset, self.coins(asset)) for asset in assets)
        return sum((coins * self.price(asset) for asset, coins in held if coins), ZERO)

    def perp(self, assets: Iterable[str]) -> Decimal:
        """The signed notional."""
        found = (one for asset in assets for one in self.positions(asset))
        return sum((one.side.sign * one.quantity * self.mark(one.asset) for one in found), ZERO)

    def pnl(self, assets: Iterable[str] | None = None) -> Decimal:
        """Unrealised, of all or of some assets."""
        found = self.positions() if assets is None else [one for asset in assets for one in self.positions(asset)]
        return sum((one.side.sign * one.quantity * (self.mark(one.asset) - one.entry_price) for one in found), ZERO)

    def margin(self, assets: Iterable[str] | None = None) -> Decimal:
        """The collateral of positions."""
        found = self.positions() if assets is None else [one for asset in assets for one in self.positions(asset)]
        return sum((one.margin for one in found), ZERO)

    @property
    def wallet(self) -> Decimal:
        """All futures wallets."""
        return sum((account.futures_wallet for account in self._book.accounts), ZERO)

    @property
    def nav(self) -> Decimal:
        """Spot, wallets and what is not realised."""
        return self.spot(self._book.assets()) + self.wallet + self.pnl()

    @property
    def cash(self) -> Decimal:
        """Stablecoins in the spot wallets."""
        return self.spot(self.assets(Sector.STABLE))

    @property
    def gross(self) -> Decimal:
        """Notional of all perpetuals."""
        return sum((one.quantity * self.mark(one.asset) for one in self.positions()), ZERO)

    def net(self, sector: Sector) -> Decimal:
        """Spot and signed notional of a sector; of the stablecoins what the others leave of NAV."""
        if sector is Sector.STABLE:
            return self.nav - sum((self.net(each) for each in ROTATING), ZERO)
        assets = self.assets(sector)
        return self.spot(assets) + self.perp(assets)

    def weight(self, sector: Sector) -> Decimal:
        """In percent of NAV: nothing of these books stands outside the rotation."""
        return self.net(sector) / self.nav * 100


def liquidation(position: Position, tiers: Sequence[MarginTier]) -> Decimal | None:
    """Where the margin of an isolated position and its loss meet the maintenance margin, by halving; None where nowhere."""
    sign, entry = position.side.sign, position.entry_price

    def left(price: Decimal) -> Decimal:
        notional = position.quantity * price
        tier = next((one for one in tiers if one.cap is None or notional <= one.cap), tiers[-1])
        return position.margin + sign * position.quantity * (price - entry) - (notional * tier.rate - tier.amount)

    safe, lost = (entry, ZERO) if sign > 0 else (entry, entry * FAR)
    if left(lost) > 0 or (sign > 0 and left(ZERO) == 0):
        return None
    for _ in range(90):
        middle = (safe + lost) / 2
        safe, lost = (middle, lost) if left(middle) > 0 else (safe, middle)
    return safe


def spread(value: Callable[[Mapping[str, Decimal]], Decimal], said: Mapping[str, Sequence[Decimal]]) -> tuple[Decimal, Decimal]:
    """The least and the greatest value at prices of which each lies between the least and the greatest that was said."""
    ends = {symbol: {min(prices), max(prices)} for symbol, prices in said.items()}
    values = [value(dict(zip(ends, corner, strict=True))) for corner in product(*ends.values())]
    return min(values), max(values)


def walked(levels: Sequence[tuple[Decimal, Decimal]], quantity: Decimal) -> Decimal | None:
    """The mean price of an order of that size that takes these (price, size) levels in their order; None where they end first."""
    left, paid = quantity, ZERO
    for price, size in levels:
        taken = min(left, size)
        left, paid = left - taken, paid + taken * price
        if not left:
            return paid / quantity
    return None
