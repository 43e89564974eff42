"""A plan: the ordered steps from a book to its target, with the book after every step. The fields are the plan file's keys."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct, field

from cockpit.model.assets import Sector
from cockpit.model.exposure import SectorExposure
from cockpit.model.strategy import Fees, Limits, Mode


class Action(StrEnum):
    """What a step does."""

    TRANSFER = "transfer"
    BUY = "buy"
    SELL = "sell"
    OPEN_LONG = "open_long"
    OPEN_SHORT = "open_short"
    REDUCE_LONG = "reduce_long"
    REDUCE_SHORT = "reduce_short"
    SET_STOP = "set_stop"
    ADD_MARGIN = "add_margin"

    @property
    def trades(self) -> bool:
        """Whether it sends an order that fills; transfers, stops and margin do not."""
        return self is not Action.TRANSFER and not self.protects

    @property
    def opens(self) -> bool:
        """Whether it opens or grows a perpetual position."""
        return self in (Action.OPEN_LONG, Action.OPEN_SHORT)

    @property
    def reduces(self) -> bool:
        """Whether it is a reduce-only order."""
        return self in (Action.REDUCE_LONG, Action.REDUCE_SHORT)

    @property
    def protects(self) -> bool:
        """Whether it does nothing but limit the loss of a position that is held."""
        return self in (Action.SET_STOP, Action.ADD_MARGIN)

    @property
    def buys(self) -> bool:
        """Whether its order is on the buying side (a reduce_short buys back)."""
        return self in (Action.BUY, Action.OPEN_LONG, Action.REDUCE_SHORT)


class Wallet(StrEnum):
    """The two wallets of an account."""

    SPOT = "spot"
    FUTURES = "futures"


class PlanHead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the plan is for; `id` is the hash of everything else in it."""

    id: str
    created_at: datetime
    strategy: str
    mode: Mode
    phase: str
    preset: str | None = None


class PlanAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an account held when the plan was made: spot by asset, positions by symbol as signed base units, their stops."""

    futures_wallet: Decimal
    margin_used: Decimal
    spot: dict[str, Decimal] = {}
    positions: dict[str, Decimal] = {}
    stops: dict[str, Decimal] = {}


class PlanBook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The book that the plan starts from; `nav` in quote units."""

    name: str
    revision: int
    nav: Decimal
    fingerprint: str
    accounts: dict[str, PlanAccount] = {}


class PlanMarket(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The market that the plan was made on: `marks` and `funding` (per 8 hours) of the symbols that the steps trade."""

    source: str
    as_of: datetime
    marks: dict[str, Decimal] = {}
    funding: dict[str, Decimal] = {}


class PlanTarget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Weights of the base asked for; `base` in quote units."""

    base: Decimal
    L1: Decimal
    DEFI: Decimal
    STABLE: Decimal


class State(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The book at one point of the path, in quote units.

    `nearest_liquidation` is the signed move of mark that liquidates the nearest position, as a fraction; absent without one.
    """

    cash: Decimal
    futures_wallet: Decimal
    margin_used: Decimal
    nav: Decimal
    gross_futures_notional: Decimal
    nearest_liquidation: Decimal | None = None
    sectors: dict[Sector, SectorExposure] = {}


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One transfer or one order with its stop.

    `quantity` is base units (quote units for transfer and add_margin). `price` is the limit that will be sent, `expected_price`
    the fill that `after` assumes; amounts are quote units.
    """

    number: int
    id: str
    action: Action
    account: str
    venue: str
    symbol: str | None = None
    asset: str | None = None
    source: Wallet | None = field(name="from", default=None)
    destination: Wallet | None = field(name="to", default=None)
    quantity: Decimal
    price: Decimal | None = None
    expected_price: Decimal | None = None
    slippage_bps: Decimal | None = None
    notional: Decimal | None = None
    leverage: Decimal | None = None
    margin: Decimal | None = None
    fee: Decimal | None = None
    stop_price: Decimal | None = None
    liquidation_price: Decimal | None = None
    reason: str
    after: State


class CheckKind(StrEnum):
    """A hard rule cannot be overridden; a soft one is a warning."""

    HARD = "hard"
    SOFT = "soft"


class Check(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule over all prefixes; `worst_step` 0 is the start."""

    rule: str
    kind: CheckKind
    limit: Decimal
    worst: Decimal
    worst_step: int
    passed: bool
    message: str


class CostKind(StrEnum):
    """What a plan costs: fee, slippage and funding_per_day in quote units (paid is positive), break_even in days."""

    FEE = "fee"
    SLIPPAGE = "slippage"
    FUNDING = "funding_per_day"
    BREAK_EVEN = "break_even"


class Cost(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One cost of the whole plan."""

    kind: CostKind
    amount: Decimal
    note: str


PROTECT = "protect"
"""The preset of a plan that only sets the stops that are missing."""
WITHIN_BAND = "within its drift band"
"""How the reason begins where something is left because it is near enough to its target."""


class Skipped(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the target asked for and the plan leaves; `wanted` is quote units, signed."""

    asset: str
    wanted: Decimal
    reason: str

    @property
    def near_enough(self) -> bool:
        """Whether it was left because nothing is wrong with leaving it."""
        return self.reason.startswith(WITHIN_BAND)


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The plan file, whole."""

    schema: int
    plan: PlanHead
    book: PlanBook
    market: PlanMarket
    fees: Fees
    limits: Limits
    target: PlanTarget
    start: State
    steps: tuple[Step, ...] = field(name="step", default=())
    checks: tuple[Check, ...] = field(name="check", default=())
    costs: tuple[Cost, ...] = field(name="cost", default=())
    skipped: tuple[Skipped, ...] = ()
    end: State

    @property
    def content(self) -> bool:
        """Whether it has no steps because the book is where it should be, and not because none can be taken."""
        if self.plan.preset == PROTECT:
            return not self.steps and not self.skipped
        return not self.steps and self.broken is None and all(left.near_enough for left in self.skipped)

    @property
    def only_protects(self) -> bool:
        """Whether it was made for stops alone, and does nothing else: such a plan lowers risk, whatever the book breaks."""
        return only_protects(self.plan.preset, self.steps)

    @property
    def broken(self) -> Check | None:
        """The hard rule for which the plan is shown and never begun: the first that does not hold along the whole path.

        A rule that was broken at the start and is made no worse does not keep a plan that only protects from its steps.
        """
        mild = self.only_protects
        failed = (check for check in self.checks if check.kind is CheckKind.HARD and not check.passed)
        return next((check for check in failed if not (mild and check.worst_step == 0)), None)


def only_protects(preset: str | None, steps: Collection[Step]) -> bool:
    """Whether a plan of this preset and these steps does nothing but protect; the name alone is not enough."""
    return preset == PROTECT and all(step.action.protects for step in steps)
