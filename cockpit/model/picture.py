"""The current picture of everything: what the desk keeps and the screens and the command line read."""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from cockpit.model.absence import Absence
from cockpit.model.assets import Sector
from cockpit.model.book import Book, Position
from cockpit.model.charts import IndicatorNote, Series, Trail
from cockpit.model.exposure import Exposure
from cockpit.model.journal import JournalRow
from cockpit.model.market import MarketLabel, MarketSnapshot
from cockpit.model.money import ZERO
from cockpit.model.orders import StepState
from cockpit.model.plan import Check, CheckKind, Plan, State, Step
from cockpit.model.readings import PhaseCall, Reading, Trigger
from cockpit.model.sources import Source


class Stage(StrEnum):
    """How far one part of the picture is."""

    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


class Progress(Struct, frozen=True, kw_only=True):
    """One part of the picture on its way; `message` is a sentence where it failed or takes long."""

    stage: Stage = Stage.LOADING
    message: str = ""


class PositionLine(Struct, frozen=True, kw_only=True):
    """A perpetual position as a trader reads it; money in quote units, distances as signed fractions of mark.

    `funding_per_day` is positive when received. A `liquidation_price` of None means that no price liquidates it; where nobody
    knows because its margin tiers are missing, `liquidation_known` is False.
    """

    account: str
    venue: str
    position: Position
    mark: Decimal
    notional: Decimal
    unrealised_pnl: Decimal
    liquidation_price: Decimal | None
    liquidation_distance: Decimal | None
    stop_distance: Decimal | None
    funding_per_day: Decimal | None
    liquidation_known: bool = True

    @property
    def late_stop(self) -> bool:
        """Whether it has a stop that comes behind its liquidation price, and so can never fire."""
        stop, liquidation = self.position.stop_price, self.liquidation_price
        return stop is not None and liquidation is not None and (stop - liquidation) * self.position.side.sign <= 0

    @property
    def protected(self) -> bool:
        """Whether a stop ends its loss before the liquidation does."""
        return self.position.stop_price is not None and not self.late_stop


class StepView(Struct, frozen=True, kw_only=True):
    """A step of the active plan with what became of it."""

    step: Step
    state: StepState
    filled: Decimal
    average_price: Decimal | None
    fee: Decimal
    message: str = ""


class Hazard(StrEnum):
    """What the worst case of a step is: its stop is hit, a purchase falls by its sector's shock, or nothing is put at risk."""

    STOP = "stop"
    SHOCK = "shock"
    NONE = "none"


class WorstCase(Struct, frozen=True, kw_only=True):
    """What a step loses at worst against NAV as it stands, in quote units, losses positive.

    The order is taken to fill at its limit (`entry_price`). `move` is the way from there to `exit_price`: the stop, or mark less
    the shock of the sector. `slippage` is what the closing order fills beyond the stop, at `slippage_bps`: the larger of the
    limit `slippage_max_bps` and the walk through the order book of now, `book_bps` (None where no book shows enough).
    `whole` is the loss of the whole position where this step grows one that is held; `share` is the loss over NAV.
    """

    hazard: Hazard = Hazard.NONE
    entry_price: Decimal = ZERO
    exit_price: Decimal = ZERO
    shock: Decimal | None = None
    move: Decimal = ZERO
    entry_fee: Decimal = ZERO
    closing_fee: Decimal = ZERO
    slippage: Decimal = ZERO
    slippage_bps: Decimal = ZERO
    book_bps: Decimal | None = None
    share: Decimal = ZERO
    whole: Decimal | None = None

    @property
    def fees(self) -> Decimal:
        """Both fees."""
        return self.entry_fee + self.closing_fee

    @property
    def loss(self) -> Decimal:
        """All of it."""
        return self.move + self.fees + self.slippage


class Ticket(Struct, frozen=True, kw_only=True):
    """What the order ticket shows and a confirmation binds: `shown_hash` covers all of it.

    `before` is the actual book, `after` the book if this step fills as expected now. `refusals` are (rule, sentence) pairs; with
    any of them the step cannot be confirmed. `checks` are every rule as it stands now, with its worst value over this step and
    those after it, step 0 being the book as it is. `path` is what comes after this step at present prices; `ahead` says (rule,
    sentence) where it would break, and from there on `path` has the steps as they were planned.
    """

    plan_id: str
    step: Step
    attempt: int
    of: int
    revision: int
    before: State
    after: State
    free_reserve_before: Decimal
    free_reserve_after: Decimal
    checks: tuple[Check, ...]
    refusals: tuple[tuple[str, str], ...]
    worst: WorstCase
    path: tuple[Step, ...] = ()
    ahead: tuple[tuple[str, str], ...] = ()
    shown_hash: str

    @property
    def warnings(self) -> tuple[Check, ...]:
        """The soft rules that speak."""
        return tuple(check for check in self.checks if check.kind is CheckKind.SOFT and not check.passed)

    @property
    def worst_loss(self) -> Decimal | None:
        """The loss if the stop is hit, fees and slippage in; None where the step opens nothing with a stop."""
        return self.worst.loss if self.worst.hazard is Hazard.STOP else None


class ExecutionView(Struct, frozen=True, kw_only=True):
    """The plan that was begun: its steps, where it stands, and what blocks it.

    `before` are the plans of the same rotation whose rest it is, oldest first, as far as something of them was done. `funding` is
    what the assets that the rotation trades have paid since it was begun, in quote units, received positive. `replaces` is the id
    of the plan of another rotation whose place this one took in the middle; "" where there is none.
    """

    plan: Plan
    steps: tuple[StepView, ...]
    current: int | None
    blocked: str = ""
    finished: bool = False
    funding: Decimal = ZERO
    replaces: str = ""
    before: tuple["ExecutionView", ...] = ()

    @property
    def rounds(self) -> tuple["ExecutionView", ...]:
        """Every plan of the rotation, oldest first, this one last."""
        return (*self.before, self)


class Picture(Struct, frozen=True, kw_only=True):
    """Everything at one moment. None and empty mean: not known yet, or there is none; `*_progress` says which."""

    portfolio: str
    portfolio_path: str
    accounts: tuple[str, ...]
    mode: str
    market_label: MarketLabel
    now: datetime
    revision: int = 0
    halted: bool = False
    trading_state: str = "ACTIVE"
    failure: str = ""
    """Why the executor of this cockpit has stopped; "" while it runs."""
    watching: str = ""
    """Who executes instead, where another cockpit does; "" where this one does."""
    unheard: str = ""
    """Why that one would carry nothing out now; "" while it is alive."""
    notices: tuple[str, ...] = ()
    first_start: bool = False
    """Whether this book was opened for the first time."""
    absence: Absence | None = None
    """What happened since the book was last seen; None until that is known, and where this opening made or replaced the book."""

    book_progress: Progress = Progress()
    store_progress: Progress = Progress()
    signals_progress: Progress = Progress()

    book: Book | None = None
    market: MarketSnapshot | None = None
    quote_age: timedelta | None = None
    exposure: Exposure | None = None
    positions: tuple[PositionLine, ...] = ()
    target_weights: dict[Sector, Decimal] = {}
    bands: dict[Sector, Decimal] = {}
    """Half the drift band around each target, as a fraction of the base: within it nothing is traded."""
    strategy: str = ""

    call: PhaseCall | None = None
    readings: tuple[Reading, ...] = ()
    sectors: dict[str, Sector] = {}
    """The sector of every asset that the readings or the book name."""
    triggers: tuple[Trigger, ...] = ()
    trails: tuple[Trail, ...] = ()
    """The rotation map: sectors first, then assets, ten days each."""
    sector_days: tuple[Series, ...] = ()
    """The sectors' scored indicators over the last days, for the heatmap of sectors by days."""
    notes: dict[str, IndicatorNote] = {}
    """How each indicator comes about, by its name."""

    sources: tuple[Source, ...] = ()
    """Every source that the market is read from, in the order in which they are asked."""
    accounts_seen: dict[str, datetime] = {}
    """When each account that is kept at a venue was last read there, by its id; accounts kept here alone are not in it."""
    account_notes: dict[str, tuple[str, ...]] = {}
    """What needs telling of those accounts, by id: how one was read, what its key may do, or why it is not read."""
    planning: str = ""
    """What a plan that is worked out waits for; "" where nothing is waited for."""

    execution: ExecutionView | None = None
    abandoned: ExecutionView | None = None
    """The newest plan, where it was stopped in the middle: nothing of it is sent any more."""
    journal: tuple[JournalRow, ...] = ()
    opened_seq: int = 0
    """The `seq` of the newest event that the opening tells of: what follows happens while this cockpit is open."""
