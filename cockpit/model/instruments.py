"""What can be traded and in which steps: spot pairs and USDT-linear perpetuals with their margin tiers."""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from itertools import zip_longest

from msgspec import Struct

from cockpit.model.money import ONE, ZERO, ceil_to, floor_to

QUOTE = "USDT"


class Kind(StrEnum):
    """Spot pair or linear perpetual."""

    SPOT = "spot"
    PERP = "perp"


class MarginTier(Struct, frozen=True):
    """A bracket of notional (floor, cap] with its maintenance margin rate and amount, in quote units.

    Maintenance margin of a notional N in the bracket is N * rate - amount; `cap` None is open-ended. Where a venue charges the
    bracket's rate on the whole position, every amount is 0, and maintenance margin jumps at a floor.
    """

    floor: Decimal
    cap: Decimal | None
    rate: Decimal
    max_leverage: Decimal
    amount: Decimal


def margin_tiers(rows: Sequence[tuple[Decimal, Decimal, Decimal]], *, whole_position: bool = False) -> tuple[MarginTier, ...]:
    """Tiers from (floor, rate, highest leverage): a bracket ends where the next begins, the last one is open-ended.

    amount_k = amount_(k-1) + floor_k * (rate_k - rate_(k-1)), which keeps maintenance margin continuous; 0 where the rate of a
    bracket holds for the `whole_position`. ValueError, with the reason, where the brackets do not rise or where a leverage
    leaves less margin than its rate needs.
    """
    if not rows or rows[0][0] != 0:
        raise ValueError("the first bracket begins at 0")
    tiers: list[MarginTier] = []
    caps = [floor for floor, _, _ in rows[1:]]
    for (floor, rate, leverage), cap in zip_longest(rows, caps):
        before = tiers[-1] if tiers else MarginTier(ZERO, None, ZERO, leverage, ZERO)
        if cap is not None and not cap > floor:
            raise ValueError(f"the bracket after {floor} begins at {cap}; floors rise")
        if not before.rate < rate < 1:
            raise ValueError(f"the rate {rate} must lie above that of the bracket before, and below 1")
        if not 1 <= leverage <= before.max_leverage or rate * leverage > 1:
            raise ValueError(f"the leverage {leverage} must be 1 to 1 / rate and not above that of the bracket before")
        amount = ZERO if whole_position else before.amount + floor * (rate - before.rate)
        tiers.append(MarginTier(floor, cap, rate, leverage, amount))
    return tuple(tiers)


class Instrument(Struct, frozen=True, kw_only=True):
    """A market of a venue. `tick` and `lot` are price and quantity steps; quantities are base units.

    An order must reach both `min_notional`, in quote units, and `min_quantity`; one that only reduces need not.
    `tiers_of` names where the margin tiers are from, where the venue itself does not publish its own.
    """

    symbol: str
    asset: str
    kind: Kind
    tick: Decimal
    lot: Decimal
    min_notional: Decimal
    contract_size: Decimal = ONE
    tiers: tuple[MarginTier, ...] = ()
    tiers_of: str = ""
    min_quantity: Decimal = ZERO

    def least_notional(self, price: Decimal) -> Decimal:
        """The notional of the smallest order at a price, in quote units."""
        return max(self.min_notional, self.min_quantity * price)

    def floor_quantity(self, quantity: Decimal) -> Decimal:
        """The largest tradable quantity that is not above `quantity` (which is not negative)."""
        return max(ZERO, floor_to(quantity, self.lot))

    def buy_price(self, price: Decimal) -> Decimal:
        """`price` on a tick, rounded up: a buyer's limit still reaches it."""
        return ceil_to(price, self.tick)

    def sell_price(self, price: Decimal) -> Decimal:
        """`price` on a tick, rounded down: a seller's limit still reaches it."""
        return floor_to(price, self.tick)


def spot_symbol(asset: str) -> str:
    """The unified symbol of the spot pair, e.g. ETH/USDT."""
    return f"{asset}/{QUOTE}"


def perp_symbol(asset: str) -> str:
    """The unified symbol of the USDT-linear perpetual, e.g. ETH/USDT:USDT."""
    return f"{asset}/{QUOTE}:{QUOTE}"


def asset_of(symbol: str) -> str:
    """The base asset of a unified symbol."""
    return symbol.partition("/")[0]


def kind_of(symbol: str) -> Kind:
    """Spot or perpetual, read from a unified symbol."""
    return Kind.PERP if ":" in symbol else Kind.SPOT
