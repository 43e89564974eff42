"""What the trader owns: spot holdings, futures wallets and isolated perpetual positions over several accounts."""

from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from cockpit.model.assets import Sector
from cockpit.model.instruments import perp_symbol
from cockpit.model.money import UNIT, ZERO


class Side(StrEnum):
    """The direction of a position."""

    LONG = "long"
    SHORT = "short"

    @property
    def sign(self) -> int:
        """+1 for long, -1 for short."""
        return 1 if self is Side.LONG else -1


class MarginMode(StrEnum):
    """What backs a position where that is not a margin of its own."""

    CROSS = "cross"


class Position(Struct, frozen=True, kw_only=True):
    """A one-way position. `quantity` is base units, always above zero; `margin` is quote units.

    Margin starts as quantity * entry / leverage and adds up when the position grows. Without a `margin_mode` it is isolated; one
    in cross margin, at a venue that is watched, has all of the wallet behind it: only the venue knows where it is liquidated.
    """

    asset: str
    side: Side
    quantity: Decimal
    entry_price: Decimal
    margin: Decimal
    stop_price: Decimal | None = None
    opened_at: datetime | None = None
    margin_mode: MarginMode | None = None

    @property
    def cross(self) -> bool:
        """Whether it shares its margin with all that the wallet backs."""
        return self.margin_mode is MarginMode.CROSS

    @property
    def symbol(self) -> str:
        """The unified symbol of its perpetual."""
        return perp_symbol(self.asset)

    @property
    def leverage(self) -> Decimal:
        """Notional at entry over margin."""
        return self.quantity * self.entry_price / self.margin

    def notional(self, mark: Decimal) -> Decimal:
        """Value at the mark price, without sign, in quote units."""
        return self.quantity * mark

    def signed_notional(self, mark: Decimal) -> Decimal:
        """Value at the mark price; a short is negative."""
        return self.side.sign * self.quantity * mark

    def unrealised_pnl(self, mark: Decimal) -> Decimal:
        """side * quantity * (mark - entry), in quote units; fees and funding are not in it."""
        return self.side.sign * self.quantity * (mark - self.entry_price)


def initial_margin(quantity: Decimal, price: Decimal, leverage: Decimal) -> Decimal:
    """quantity * price / leverage in quote units, rounded up to the wallet's smallest unit (so leverage never exceeds)."""
    return (quantity * price / leverage).quantize(UNIT, ROUND_CEILING)


class Account(Struct, frozen=True, kw_only=True):
    """One account at a venue. `futures_wallet` is free collateral plus margins, without unrealised PnL."""

    id: str
    venue: str
    spot: dict[str, Decimal]
    futures_wallet: Decimal = ZERO
    positions: tuple[Position, ...] = ()

    @property
    def margin_used(self) -> Decimal:
        """The sum of the positions' margins, in quote units."""
        return sum((p.margin for p in self.positions), ZERO)

    @property
    def free_wallet(self) -> Decimal:
        """The part of the futures wallet that backs no position."""
        return self.futures_wallet - self.margin_used

    def position(self, asset: str) -> Position | None:
        """The account's position in an asset's perpetual, if any."""
        return next((p for p in self.positions if p.asset == asset), None)

    def with_spot(self, asset: str, change: Decimal) -> "Account":
        """This account with `change` added to a holding; a holding of zero disappears."""
        spot = dict(self.spot)
        spot[asset] = spot.get(asset, ZERO) + change
        if not spot[asset]:
            del spot[asset]
        return replace(self, spot=spot)

    def with_position(self, asset: str, position: Position | None) -> "Account":
        """This account with the asset's position replaced, added at the end, or closed (None)."""
        kept = tuple(position if p.asset == asset else p for p in self.positions if p.asset != asset or position)
        if position is not None and self.position(asset) is None:
            kept = (*kept, position)
        return replace(self, positions=kept)


class Book(Struct, frozen=True, kw_only=True):
    """The whole portfolio under one name. `revision` rises with every change of the store's book."""

    name: str
    accounts: tuple[Account, ...]
    pinned_prices: dict[str, Decimal] = {}
    sectors: dict[str, Sector] = {}
    excluded: tuple[str, ...] = ()
    revision: int = 0

    def account(self, account_id: str) -> Account:
        """The account of that id; KeyError if there is none."""
        for account in self.accounts:
            if account.id == account_id:
                return account
        raise KeyError(account_id)

    def with_account(self, account: Account) -> "Book":
        """This book with the account of the same id replaced."""
        return replace(self, accounts=tuple(account if a.id == account.id else a for a in self.accounts))

    def positions(self) -> Iterator[tuple[Account, Position]]:
        """Every position with its account."""
        for account in self.accounts:
            for position in account.positions:
                yield account, position

    def assets(self) -> tuple[str, ...]:
        """Every asset held or positioned, sorted."""
        held = {asset for account in self.accounts for asset in account.spot}
        return tuple(sorted(held | {p.asset for _, p in self.positions()}))
