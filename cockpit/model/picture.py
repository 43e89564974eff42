"""The current picture of everything: what the desk keeps and the screens and the command line read."""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from cockpit.model.assets import Sector
from cockpit.model.book import Book, Position
from cockpit.model.charts import IndicatorNote, Series, Trail
from cockpit.model.exposure import Exposure
from cockpit.model.journal import JournalRow
from cockpit.model.market import MarketLabel, MarketSnapshot
from cockpit.model.orders import StepState
from cockpit.model.plan import Plan, State, Step
from cockpit.model.readings import PhaseCall, Reading, Trigger


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

    `funding_per_day` is positive when received.
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


class StepView(Struct, frozen=True, kw_only=True):
    """A step of the active plan with what became of it."""

    step: Step
    state: StepState
    filled: Decimal
    average_price: Decimal | None
    fee: Decimal
    message: str = ""


class Ticket(Struct, frozen=True, kw_only=True):
    """What the order ticket shows and a confirmation binds: `shown_hash` covers all of it.

    `before` is the actual book, `after` the book if this step fills as expected now. `refusals` are (rule, sentence) pairs; with
    any of them the step cannot be confirmed. `warnings` are soft rules. `worst_loss` is the loss if the stop is hit, fees in.
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
    rules_hold: int
    warnings: tuple[str, ...]
    refusals: tuple[tuple[str, str], ...]
    worst_loss: Decimal | None
    shown_hash: str


class ExecutionView(Struct, frozen=True, kw_only=True):
    """The plan that was begun: its steps, where it stands, and what blocks it."""

    plan: Plan
    steps: tuple[StepView, ...]
    current: int | None
    blocked: str = ""
    finished: bool = False


class Picture(Struct, frozen=True, kw_only=True):
    """Everything at one moment. None and empty mean: not known yet, or there is none; `*_progress` says which."""

    portfolio: str
    portfolio_path: str
    accounts: tuple[str, ...]
    mode: str
    market_label: MarketLabel
    market_source: str
    now: datetime
    revision: int = 0
    halted: bool = False
    trading_state: str = "ACTIVE"
    failure: str = ""
    """Why the executor of this cockpit has stopped; "" while it runs."""
    watching: str = ""
    """Who executes instead, where another cockpit does; "" where this one does."""
    notices: tuple[str, ...] = ()
    first_start: bool = False
    """Whether this book was opened for the first time."""

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

    execution: ExecutionView | None = None
    journal: tuple[JournalRow, ...] = ()
