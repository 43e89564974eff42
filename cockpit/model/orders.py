"""Orders on their way: what is asked of a venue, what it answers, and the states of a step."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from cockpit.model.book import Account
from cockpit.model.plan import Wallet


class Role(StrEnum):
    """Why an intent exists: the step itself, its stop, or an emergency flatten."""

    ENTRY = "entry"
    STOP = "stop"
    FLATTEN = "flatten"


class StepState(StrEnum):
    """Where a step stands. PREVIEWED to DONE is the way; the rest are ends or block what follows."""

    PREVIEWED = "PREVIEWED"
    CONFIRMED = "CONFIRMED"
    INTENT = "INTENT"
    OPEN = "OPEN"
    PARTIAL = "PARTIAL"
    FILLED = "FILLED"
    PROTECTING = "PROTECTING"
    PROTECTED = "PROTECTED"
    DONE = "DONE"
    SKIPPED = "SKIPPED"
    DENIED = "DENIED"
    REJECTED = "REJECTED"
    NOT_PLACED = "NOT_PLACED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"
    STALE = "STALE"
    FILLS_INCOMPLETE = "FILLS_INCOMPLETE"
    UNPROTECTED = "UNPROTECTED"
    NEEDS_HUMAN = "NEEDS_HUMAN"

    @property
    def blocks(self) -> bool:
        """Whether no later step may start before this one is resolved."""
        return self in (
            StepState.UNKNOWN,
            StepState.STALE,
            StepState.FILLS_INCOMPLETE,
            StepState.UNPROTECTED,
            StepState.NEEDS_HUMAN,
        )

    @property
    def over(self) -> bool:
        """Whether the next step may follow: it was carried out, or left out."""
        return self in (StepState.DONE, StepState.SKIPPED)

    @property
    def final(self) -> bool:
        """Whether nothing more happens to it."""
        return self in (
            StepState.DONE,
            StepState.SKIPPED,
            StepState.DENIED,
            StepState.REJECTED,
            StepState.NOT_PLACED,
            StepState.CANCELLED,
        )


class OrderStatus(StrEnum):
    """What a venue says of an order."""

    OPEN = "open"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    TRIGGERED = "triggered"


class OrderRequest(Struct, frozen=True, kw_only=True):
    """A limit order, immediate-or-cancel unless `rests`. `quantity` is base units; `leverage` only where a perpetual opens."""

    client_id: str
    account: str
    symbol: str
    buys: bool
    quantity: Decimal
    limit_price: Decimal
    reduce_only: bool = False
    leverage: Decimal | None = None
    rests: bool = False


class StopRequest(Struct, frozen=True, kw_only=True):
    """A resting reduce-only stop on the mark price. `buys` closes a short, so it triggers at or above `trigger_price`."""

    client_id: str
    account: str
    symbol: str
    buys: bool
    quantity: Decimal
    trigger_price: Decimal


class TransferRequest(Struct, frozen=True, kw_only=True):
    """Quote currency out of `source` into the account's other wallet; with `asset`, free collateral into a position's margin."""

    client_id: str
    account: str
    source: Wallet
    amount: Decimal
    asset: str | None = None


class Fill(Struct, frozen=True, kw_only=True):
    """One trade of a venue. `trade_id` is unique within (account, symbol); `fee` is quote units."""

    trade_id: str
    client_id: str
    account: str
    symbol: str
    buys: bool
    quantity: Decimal
    price: Decimal
    fee: Decimal
    reduce_only: bool
    leverage: Decimal | None = None
    at: datetime


class OrderReport(Struct, frozen=True, kw_only=True):
    """What a venue says of an order or a stop it knows: fills so far and, where it refused, why."""

    client_id: str
    symbol: str
    status: OrderStatus
    quantity: Decimal
    filled: Decimal
    fills: tuple[Fill, ...] = ()
    reason: str = ""
    stop: StopRequest | None = None


class VenueEventKind(StrEnum):
    """What a venue does on its own."""

    STOP = "stop"
    FUNDING = "funding"
    LIQUIDATION = "liquidation"


class VenueEvent(Struct, frozen=True, kw_only=True):
    """Something that happened without an order of ours at that moment; `number` rises within an account."""

    number: int
    kind: VenueEventKind
    account: str
    symbol: str
    at: datetime
    amount: Decimal
    fill: Fill | None = None
    note: str = ""


class VenueAccount(Struct, frozen=True, kw_only=True):
    """A venue's own view of an account, with the stops that rest there and the orders that are open."""

    account: Account
    stops: tuple[StopRequest, ...]
    open_orders: tuple[OrderReport, ...]
