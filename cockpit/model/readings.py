"""What the signals say: readings, the phase call with its evidence, and proposals that a threshold was crossed."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from cockpit.model.market import MarketLabel
from cockpit.model.phase_settings import PhaseSettings as PhaseSettings


class Phase(StrEnum):
    """The market's phase; each letter is also the name of the strategy that answers it."""

    A = "A"
    B = "B"
    C = "C"
    UNDETERMINED = "UNDETERMINED"

    @property
    def words(self) -> str:
        """What the phase asks for, in words."""
        return _WORDS[self]

    @property
    def short(self) -> str:
        """One word for narrow places."""
        return _SHORT[self]


PHASES = (Phase.A, Phase.B, Phase.C)
_WORDS = {
    Phase.A: "Infrastructure First",
    Phase.B: "DeFi Alpha Hunt",
    Phase.C: "De-Risk and Consolidate",
    Phase.UNDETERMINED: "Undetermined",
}
_SHORT = {Phase.A: "infra", Phase.B: "alpha", Phase.C: "de-risk", Phase.UNDETERMINED: "undetermined"}


class Level(StrEnum):
    """Confidence in words."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Reading(Struct, frozen=True, kw_only=True):
    """One indicator of one subject at the close of a day.

    `subject` is a sector (L1, DEFI), an asset, a pair (DEFI/L1) or MARKET. `raw` is the number in `unit`, `text` the
    same for a person. `score` runs from -1 to +1. A missing number is None, never 0, and its quality is 0.
    `at` is the moment of the last observation (UTC), `age` how old it was at that close, `quality` runs 0 to 1.
    """

    subject: str
    indicator: str
    label: str
    raw: float | None
    unit: str
    text: str
    at: datetime | None
    age: timedelta | None
    source: str
    quality: float
    score: float | None
    note: str = ""


class Evidence(Struct, frozen=True, kw_only=True):
    """A reading as the phase engine weighs it.

    `weights` are those of the settings, `contributions` W*q*s/Q: over the rows they add up to the evidence of a phase.
    """

    reading: Reading
    weights: dict[Phase, float]
    contributions: dict[Phase, float]

    @property
    def indicator(self) -> str:
        """The indicator's name."""
        return self.reading.indicator

    @property
    def label(self) -> str:
        """The indicator's name for a person."""
        return self.reading.label


class FlipChange(Struct, frozen=True, kw_only=True):
    """One indicator that would have to move: from its raw number to another one, both in `unit`."""

    indicator: str
    label: str
    unit: str
    raw: float
    raw_needed: float
    score: float
    score_needed: float
    text: str


class Flip(Struct, frozen=True, kw_only=True):
    """A sustained change that would hand the phase to `to`, everything else staying as it is."""

    to: Phase
    changes: tuple[FlipChange, ...]
    sentence: str

    @property
    def size(self) -> float:
        """The scores' total distance."""
        return sum(abs(change.score_needed - change.score) for change in self.changes)


class PhaseDay(Struct, frozen=True):
    """The phase at the close of one day."""

    day: date
    phase: Phase


class PhaseCall(Struct, frozen=True, kw_only=True):
    """The phase at the close of `day`, with everything that explains it.

    `phase` is UNDETERMINED where coverage is below `gate`; `incumbent` is then the phase last held (None before the
    first call): hold, take no new risk. `scores` are the smoothed evidence S, `evidence` today's E, both -1..+1 and
    empty while nothing is known. `lead` is S of the incumbent less S of the challenger; the challenger takes over when
    it falls to `flips_at` (negative) on `closes_needed` closes in a row, of which `closes_seen` have passed, and not
    before `dwell_until`. `falling` is the fast path's condition on the market: while it holds, C takes over as soon as it is
    level, on one close and whatever the dwell; `fast_path` says that it did. `rows` are sorted by their contribution to the
    phase held, largest first. `strip` holds the last days' phases, oldest first. `ahead` is the phase that takes over if every
    reading stays as it is (None where the held one stays; `flips` are then empty), `outlook` says the same in words.
    """

    day: date
    at: datetime
    label: MarketLabel
    source: str
    phase: Phase
    incumbent: Phase | None
    since: date | None
    days_held: int | None
    challenger: Phase | None
    lead: float | None
    flips_at: float
    closes_seen: int
    closes_needed: int
    dwell_until: date | None
    fast_path: bool
    scores: dict[Phase, float]
    evidence: dict[Phase, float]
    coverage: float
    coverages: dict[Phase, float]
    gate: float
    missing: tuple[str, ...]
    confidence: float | None
    level: Level
    rows: tuple[Evidence, ...]
    flips: tuple[Flip, ...]
    outlook: str
    strip: tuple[PhaseDay, ...]
    notes: tuple[str, ...] = ()
    falling: bool = False
    ahead: Phase | None = None

    @property
    def held(self) -> Phase:
        """The phase to act on: the incumbent, or UNDETERMINED before the first call."""
        return self.incumbent or Phase.UNDETERMINED

    def lead_needed(self, phase: Phase) -> float:
        """By how much a phase must be ahead of the one held to take over: C by nothing while the market is `falling`."""
        return 0.0 if self.falling and phase is Phase.C else -self.flips_at


class TriggerState(StrEnum):
    """Whether a trigger speaks."""

    FIRED = "fired"
    NEAR = "near"
    QUIET = "quiet"
    NO_DATA = "no data"


class Trigger(Struct, frozen=True, kw_only=True):
    """A rule of the blueprint as a proposal: it sends nothing.

    `sentence` gives the number and its distance to the threshold, `proposal` what to do once it has fired (empty
    before), `reason` why the rule exists. `seen` of `needed` observations stand beyond the threshold.
    """

    kind: str
    subject: str
    state: TriggerState
    value: float | None
    threshold: float
    unit: str
    seen: int
    needed: int
    sentence: str
    reason: str
    proposal: str = ""

    @property
    def fired(self) -> bool:
        """Whether the proposal stands."""
        return self.state is TriggerState.FIRED
