"""Which weights, windows and thresholds the phase engine uses; the numbers live in TOML files."""

from typing import Literal

from msgspec import Struct


class Weights(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The weight of each indicator's score in the evidence of one phase; the absolute weights add up to 1."""

    l1_rs: float = 0.0
    defi_rs: float = 0.0
    rot_rs: float = 0.0
    trend: float = 0.0
    drawdown: float = 0.0
    tvl_acc: float = 0.0
    activity: float = 0.0
    heat: float = 0.0
    div: float = 0.0
    fund_defi: float = 0.0
    fund_l1: float = 0.0

    def __post_init__(self) -> None:
        total = sum(abs(getattr(self, name)) for name in INDICATORS)
        if not abs(total - 1.0) < 1e-9:
            raise ValueError(f"the absolute weights of a phase add up to {total:g}; they must add up to 1")


MOST_DAYS = 3650
"""The longest window: ten years."""
INDICATORS = Weights.__struct_fields__


class PhaseWeights(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rows of evidence."""

    A: Weights
    B: Weights
    C: Weights


class Decision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Smoothing, hysteresis, the coverage gate and the words of confidence. Days, except where a field is a share."""

    half_life: float
    lead: float
    closes: int
    dwell: int
    dwell_after_c: int
    gate: float
    gate_prices_only: float
    full_confidence_lead: float
    medium: float
    high: float

    def __post_init__(self) -> None:
        _positive(self, "half_life", "full_confidence_lead")
        _days(self, "closes")
        _not_negative(self, "lead", "dwell", "dwell_after_c", "gate", "gate_prices_only")


class FastPath(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To C on one close: market over mean less 1, and fall from the high, both at or below (fractions)."""

    trend: float
    drawdown: float


class IndexSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sector indices: which assets stand for a sector, their weights, the share of weight that must have a price.

    Only those count that the universe has in that sector; with none of them the whole sector stands for itself.
    """

    l1: tuple[str, ...]
    defi: tuple[str, ...]
    weighting: Literal["equal", "cap"]
    cap: float
    available: float

    def __post_init__(self) -> None:
        _positive(self, "cap")


class StrengthSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Relative strength: days of the averages and of the scale, and the points from 100 that score 1."""

    fast: int
    slow: int
    momentum: int
    scale: int
    observations: int
    gap: int
    level_weight: float
    momentum_weight: float
    full: float

    def __post_init__(self) -> None:
        _days(self, "fast", "slow", "momentum", "scale", "observations")
        _positive(self, "level_weight", "full")
        _not_negative(self, "gap", "momentum_weight")


class TrendSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The market against its mean of so many days; `full` is the log distance that scores 1."""

    mean: int
    full: float

    def __post_init__(self) -> None:
        _days(self, "mean")
        _positive(self, "full")


class DrawdownSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fall from the highest close of a window: fractions > 0 that score 0 and -1."""

    window: int
    observations: int
    neutral: float
    full: float

    def __post_init__(self) -> None:
        _days(self, "window", "observations")
        _ascending(self, "neutral", "full")


class RobustSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Robust z-scores: days of the window and the observations that it needs."""

    window: int
    observations: int

    def __post_init__(self) -> None:
        _days(self, "window", "observations")


class TvlSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """TVL growth: days of the slopes, the price elasticity and the quality of each way to take prices out."""

    short: int
    long: int
    points: float
    units_cover: float
    elasticity: float
    quality_units: float
    quality_elasticity: float
    quality_usd: float
    full: float

    def __post_init__(self) -> None:
        _positive(self, "full", "points")
        _days(self, "short", "long")
        if self.short < 2 or self.long < 2:
            raise ValueError("`short` and `long` must be at least 2: a slope needs two days")


class ActivitySettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Network activity: metrics that count, equally, and the z that scores 1."""

    metrics: tuple[str, ...]
    full: float

    def __post_init__(self) -> None:
        _positive(self, "full")


class FundingSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Funding: days of the mean, the rates per 8 h that score 0 and -1, the quality without open interest."""

    days: int
    neutral: float
    full: float
    quality_equal_weight: float

    def __post_init__(self) -> None:
        _days(self, "days")
        _ascending(self, "neutral", "full")


class HeatSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """RSI: days, and the levels that score 0 and -1."""

    window: int
    neutral: float
    full: float

    def __post_init__(self) -> None:
        _days(self, "window")
        _ascending(self, "neutral", "full")


class DivergenceSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Divergences of price and RSI: swings, their least moves and the half-life of the score in days."""

    swing: int
    distance: int
    price_move: float
    rsi_move: float
    atr: int
    half_life: float

    def __post_init__(self) -> None:
        _days(self, "swing", "distance", "atr")
        _positive(self, "half_life")


class ContextSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is shown and never scored: days of the returns whose breadth is counted."""

    breadth: int

    def __post_init__(self) -> None:
        _days(self, "breadth")


class StaleSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours from which quality falls; it is 0 at three times as much."""

    prices: float
    tvl: float
    activity: float
    funding: float
    sentiment: float

    def __post_init__(self) -> None:
        _positive(self, *self.__struct_fields__)


class RsiTrigger(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """RSI at or above `level` on so many closes in a row; `near` is worth a mention."""

    level: float
    closes: int
    near: float

    def __post_init__(self) -> None:
        _days(self, "closes")


class FundingTrigger(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mean per 8 h at or above `level` and at least `prints_above` of the last `prints` above it."""

    level: float
    prints_above: int
    prints: int
    near: float

    def __post_init__(self) -> None:
        _days(self, "prints_above", "prints")


class StrengthTrigger(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """L1 over `level` against BTC and DeFi under it against L1, on so many closes in a row."""

    level: float
    closes: int

    def __post_init__(self) -> None:
        _days(self, "closes")


class TvlTrigger(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A price-adjusted fall of `fall` in a day that a second observation confirms (fractions, days)."""

    fall: float
    hold: int
    migration: float
    near: float

    def __post_init__(self) -> None:
        _days(self, "hold")
        _positive(self, "fall", "migration")


class Triggers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The thresholds of the proposals."""

    rsi: RsiTrigger
    funding: FundingTrigger
    l1_strength: StrengthTrigger
    tvl_collapse: TvlTrigger


class PhaseSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that the phase engine can be told. ValueError where numbers contradict each other."""

    schema: Literal[1]
    name: str
    weights: PhaseWeights
    decision: Decision
    fast_path: FastPath
    index: IndexSettings
    strength: StrengthSettings
    trend: TrendSettings
    drawdown: DrawdownSettings
    robust: RobustSettings
    tvl: TvlSettings
    activity: ActivitySettings
    funding: FundingSettings
    heat: HeatSettings
    divergence: DivergenceSettings
    context: ContextSettings
    stale: StaleSettings
    triggers: Triggers


def _days(settings: Struct, *names: str) -> None:
    for name in names:
        if not 1 <= getattr(settings, name) <= MOST_DAYS:
            raise ValueError(f"`{name}` is {getattr(settings, name)}; it must be a whole number from 1 to {MOST_DAYS}")


def _positive(settings: Struct, *names: str) -> None:
    for name in names:
        if not getattr(settings, name) > 0:
            raise ValueError(f"`{name}` is {getattr(settings, name):g}; it must be above 0")


def _not_negative(settings: Struct, *names: str) -> None:
    for name in names:
        if not getattr(settings, name) >= 0:
            raise ValueError(f"`{name}` is {getattr(settings, name):g}; it must not be negative")


def _ascending(settings: Struct, low: str, high: str) -> None:
    if not getattr(settings, low) < getattr(settings, high):
        raise ValueError(f"`{low}` must be below `{high}`")
