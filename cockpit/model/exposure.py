"""What a book is worth and what moves it: NAV, gross and net exposure by asset and sector, effective leverage.

NAV = spot (stablecoins included) + futures wallets + unrealised PnL; notional is no part of it. Net exposure is spot value plus
signed perpetual notional. STABLE's net is the residual, NAV less the other nets, so that the weights close.
"""

from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from cockpit.model.assets import OUTSIDE, Sector, Universe
from cockpit.model.book import Book
from cockpit.model.errors import MarketUnavailable
from cockpit.model.market import MarketSnapshot
from cockpit.model.money import ZERO


def oldest_quote(book: Book, market: MarketSnapshot) -> datetime | None:
    """When the oldest of the quotes that value this book was told; None where none of them moves."""
    spot = [market.quote_of(asset) for asset in book.assets()]
    perps = [market.quotes.get(position.symbol) for _, position in book.positions()]
    return min((quote.at for quote in (*spot, *perps) if quote is not None and not quote.pinned), default=None)


class AssetExposure(Struct, frozen=True, kw_only=True):
    """One asset over all accounts, in quote units; `futures` is signed notional at mark. `price` is 0 where no venue lists it."""

    asset: str
    sector: Sector
    quantity: Decimal
    price: Decimal
    spot: Decimal
    futures: Decimal
    unrealised_pnl: Decimal

    @property
    def net(self) -> Decimal:
        """Spot value plus signed notional."""
        return self.spot + self.futures


class SectorExposure(Struct, frozen=True, kw_only=True):
    """One sector, in quote units; `weight` is net over the base of the targets (NAV less what stands outside)."""

    spot: Decimal
    futures: Decimal
    net: Decimal
    weight: Decimal


class Exposure(Struct, frozen=True, kw_only=True):
    """A book at market prices. All amounts are quote units; `base` is NAV less what stands outside the rotation."""

    nav: Decimal
    base: Decimal
    cash: Decimal
    futures_wallet: Decimal
    margin_used: Decimal
    unrealised_pnl: Decimal
    gross_futures_notional: Decimal
    assets: tuple[AssetExposure, ...]
    sectors: dict[Sector, SectorExposure]

    @property
    def gross(self) -> Decimal:
        """Spot value without stablecoins, plus futures notional without sign."""
        risky = sum((a.spot for a in self.assets if a.sector is not Sector.STABLE), ZERO)
        return risky + self.gross_futures_notional

    @property
    def effective_leverage(self) -> Decimal:
        """Gross futures notional over futures equity (wallets plus unrealised PnL); 0 without futures."""
        equity = self.futures_wallet + self.unrealised_pnl
        return self.gross_futures_notional / equity if equity > 0 else ZERO

    def of_nav(self, amount: Decimal) -> Decimal:
        """An amount as a fraction of NAV; 0 where NAV is not above zero."""
        return amount / self.nav if self.nav > 0 else ZERO


def sector_of(asset: str, book: Book, universe: Universe) -> Sector:
    """The sector under which a book shows an asset: excluded first, then its own override, then the universe."""
    return Sector.EXCLUDED if asset in book.excluded else universe.sector(asset, book.sectors)


def expose(book: Book, market: MarketSnapshot, universe: Universe) -> Exposure:
    """Value a book; MarketUnavailable, which names all of them, if assets or a position have no price."""
    if unpriced := [asset for asset in book.assets() if not market.has_price(asset)]:
        raise MarketUnavailable(market.unpriced(unpriced))
    quantity: dict[str, Decimal] = {}
    futures: dict[str, Decimal] = {}
    pnl: dict[str, Decimal] = {}
    gross_futures = ZERO
    for account in book.accounts:
        for asset, amount in account.spot.items():
            quantity[asset] = quantity.get(asset, ZERO) + amount
        for position in account.positions:
            mark = market.mark(position.symbol)
            asset = position.asset
            futures[asset] = futures.get(asset, ZERO) + position.signed_notional(mark)
            pnl[asset] = pnl.get(asset, ZERO) + position.unrealised_pnl(mark)
            gross_futures += position.notional(mark)
    rows = []
    for asset in sorted(quantity.keys() | futures.keys()):
        price = market.price(asset)
        held = quantity.get(asset, ZERO)
        rows.append(
            AssetExposure(
                asset=asset,
                sector=sector_of(asset, book, universe),
                quantity=held,
                price=price,
                spot=held * price,
                futures=futures.get(asset, ZERO),
                unrealised_pnl=pnl.get(asset, ZERO),
            )
        )
    wallet = sum((a.futures_wallet for a in book.accounts), ZERO)
    unrealised = sum(pnl.values(), ZERO)
    nav = sum((r.spot for r in rows), ZERO) + wallet + unrealised
    outside = sum((r.net for r in rows if r.sector in OUTSIDE), ZERO)
    base = nav - outside
    return Exposure(
        nav=nav,
        base=base,
        cash=sum((r.spot for r in rows if r.sector is Sector.STABLE), ZERO),
        futures_wallet=wallet,
        margin_used=sum((a.margin_used for a in book.accounts), ZERO),
        unrealised_pnl=unrealised,
        gross_futures_notional=gross_futures,
        assets=tuple(rows),
        sectors=_sectors(tuple(rows), nav, base),
    )


def _sectors(rows: tuple[AssetExposure, ...], nav: Decimal, base: Decimal) -> dict[Sector, SectorExposure]:
    nets = {sector: sum((r.net for r in rows if r.sector is sector), ZERO) for sector in Sector}
    nets[Sector.STABLE] = nav - sum((net for sector, net in nets.items() if sector is not Sector.STABLE), ZERO)
    present = {r.sector for r in rows}
    return {
        sector: SectorExposure(
            spot=sum((r.spot for r in rows if r.sector is sector), ZERO),
            futures=sum((r.futures for r in rows if r.sector is sector), ZERO),
            net=nets[sector],
            weight=nets[sector] / base if base > 0 else ZERO,
        )
        for sector in Sector
        if sector.rotates or sector in present
    }
