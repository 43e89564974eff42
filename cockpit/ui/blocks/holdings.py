"""The rows of the positions: an asset in an account, spot and perpetual as one, and the subtotals of the sectors."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from cockpit.model.assets import Sector
from cockpit.model.book import Book
from cockpit.model.exposure import Exposure, SectorExposure
from cockpit.model.instruments import spot_symbol
from cockpit.model.money import CENT, ZERO
from cockpit.model.picture import Picture, PositionLine
from cockpit.ui.accounts import short_names


class Kind(StrEnum):
    """A sector's subtotal, an asset in an account, or the futures wallets less the signed notional of the perpetuals."""

    SECTOR = "sector"
    ASSET = "asset"
    WALLET = "wallet"


class Holding(NamedTuple):
    """One row; money in quote units, weights as fractions of the base, None where the row has no such figure.

    `perp` is signed notional. `pnl`, `funding` (a day, positive when received) and `margin` are those of the perpetual; a sector
    has the sums, None as soon as one of them is unknown. Only a sector has `target` and `band`. `label` is what the row is
    called: an asset names its account where there are several. Coins that no venue lists have no `price` and count as 0.
    """

    key: str
    kind: Kind
    name: str
    label: str
    sector: Sector
    account: str = ""
    spot: Decimal | None = None
    perp: Decimal | None = None
    net: Decimal | None = None
    weight: Decimal | None = None
    target: Decimal | None = None
    band: Decimal | None = None
    pnl: Decimal | None = None
    funding: Decimal | None = None
    margin: Decimal | None = None
    coins: Decimal | None = None
    price: Decimal | None = None
    line: PositionLine | None = None
    seen: datetime | None = None
    """When its account was read at the venue; None where the account is kept here alone."""

    @property
    def symbols(self) -> tuple[str, ...]:
        """What its value is computed with, by unified symbol."""
        if self.kind is not Kind.ASSET:
            return ()
        return (*([spot_symbol(self.name)] if self.coins else []), *([self.line.position.symbol] if self.line else []))

    @property
    def unlisted(self) -> bool:
        """Whether its coins have no price, because no venue lists them."""
        return self.coins is not None and self.price is None

    @property
    def naked(self) -> bool:
        """Whether it has a perpetual without a stop that protects it."""
        return self.line is not None and not self.line.protected


def holdings(picture: Picture) -> list[Holding]:
    """Every sector's subtotal, each followed by its assets account by account: they sum to it. Empty without a book."""
    book, exposure = picture.book, picture.exposure
    if book is None or exposure is None:
        return []
    held = _by_sector(book, exposure, picture.positions)
    rows: list[Holding] = []
    for sector, total in exposure.sectors.items():
        rows_of = sorted(held.get(sector, ()), key=lambda row: row.name)
        own = [row._replace(seen=picture.accounts_seen.get(row.account)) for row in rows_of]
        rows += [_subtotal(sector, total, own, picture, exposure), *own]
        rest = total.net - sum((row.net or ZERO for row in own), ZERO)
        if sector is Sector.STABLE and abs(rest) >= CENT:
            rows.append(
                Holding(
                    key=Kind.WALLET,
                    kind=Kind.WALLET,
                    name="wallet−perp",
                    label="  wallet−perp",
                    sector=sector,
                    net=rest,
                    weight=_weight(rest, sector, exposure),
                )
            )
    return rows


def _by_sector(book: Book, exposure: Exposure, positions: Iterable[PositionLine]) -> dict[Sector, list[Holding]]:
    prices = {asset.asset: asset.price for asset in exposure.assets}
    sectors = {asset.asset: asset.sector for asset in exposure.assets}
    lines = {(line.account, line.position.asset): line for line in positions}
    names = short_names([account.id for account in book.accounts])
    held: dict[Sector, list[Holding]] = {}
    for account in book.accounts:
        for asset in sorted({*account.spot, *(position.asset for position in account.positions)}):
            coins, found = account.spot.get(asset), lines.get((account.id, asset))
            label = f"  {asset} · {names[account.id]}" if len(book.accounts) > 1 else f"  {asset}"
            row = _asset(asset, label, sectors[asset], account.id, coins, prices[asset], found, exposure)
            held.setdefault(row.sector, []).append(row)
    return held


def _subtotal(sector: Sector, total: SectorExposure, own: Iterable[Holding], picture: Picture, exposure: Exposure) -> Holding:
    """A sector's row; PnL, funding and margin are those of its positions, None where it has none."""
    with_perp = [row for row in own if row.line is not None]
    return Holding(
        key=f"{Kind.SECTOR}/{sector.value}",
        kind=Kind.SECTOR,
        name=sector.value,
        label=sector.value,
        sector=sector,
        spot=total.spot,
        perp=None if sector is Sector.STABLE else total.futures,
        net=total.net,
        weight=total.weight if sector.rotates and exposure.base > 0 else None,
        target=picture.target_weights.get(sector),
        band=picture.bands.get(sector),
        pnl=_sum(row.pnl for row in with_perp) if with_perp else None,
        funding=_sum(row.funding for row in with_perp) if with_perp else None,
        margin=_sum(row.margin for row in with_perp) if with_perp else None,
    )


def _asset(
    asset: str,
    label: str,
    sector: Sector,
    account: str,
    coins: Decimal | None,
    price: Decimal,
    line: PositionLine | None,
    exposure: Exposure,
) -> Holding:
    spot = (coins or ZERO) * price
    perp = ZERO if line is None else line.position.side.sign * line.notional
    return Holding(
        key=f"{Kind.ASSET}/{account}/{asset}",
        kind=Kind.ASSET,
        name=asset,
        label=label,
        sector=sector,
        account=account,
        spot=spot,
        perp=None if sector is Sector.STABLE and line is None else perp,
        net=spot + perp,
        weight=_weight(spot + perp, sector, exposure),
        pnl=line.unrealised_pnl if line else None,
        funding=line.funding_per_day if line else None,
        margin=line.position.margin if line else None,
        coins=coins,
        price=price or None,
        line=line,
    )


def _weight(net: Decimal, sector: Sector, exposure: Exposure) -> Decimal | None:
    return net / exposure.base if exposure.base > 0 and sector.rotates else None


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum; None as soon as one is unknown: a sum that leaves something out is a wrong number."""
    total = ZERO
    for value in values:
        if value is None:
            return None
        total += value
    return total


def matching(rows: Sequence[Holding], words: str) -> list[Holding]:
    """The assets whose name, sector and account contain every word; without words every row.

    Subtotals are no matches: beside a part of their assets they would read as the sum of it.
    """
    wanted = words.casefold().split()
    if not wanted:
        return list(rows)
    return [
        row
        for row in rows
        if row.kind is Kind.ASSET and all(word in f"{row.name} {row.sector.value} {row.account}".casefold() for word in wanted)
    ]
