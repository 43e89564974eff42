"""What a phase asks for: sector weights, the futures overlay, the limits and the fees. Their numbers live in TOML files."""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from cockpit.model.assets import Sector


class Mode(StrEnum):
    """How net exposure moves: spot trades, perpetuals, or both."""

    SPOT = "spot"
    OVERLAY = "overlay"
    BLEND = "blend"


class Weights(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Net exposure by sector as fractions of the base; STABLE is the rest and may be negative in a worked example."""

    L1: Decimal
    DEFI: Decimal
    STABLE: Decimal

    def of(self, sector: Sector) -> Decimal:
        """The weight of a rotating sector."""
        return {Sector.L1: self.L1, Sector.DEFI: self.DEFI, Sector.STABLE: self.STABLE}[sector]


class Overlay(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How futures carry the overlay.

    `hedge_ratio` caps short notional over the sector's spot value (absent: as much as the target asks, up to the limit).
    `leverage` of what is opened (absent: the limits' default). `tokens` names per sector which perpetuals and spot pairs are
    used (absent: those held, else the sector's first). `short_beyond_spot` lets a token's short exceed its own spot (contrarian
    shorts); a sector's shorts never exceed the sector's spot. `cover_first` closes a sector's shorts before it adds exposure.
    `spot_share` is the part of a change that spot carries where the mode is blend; perpetuals carry the rest.
    """

    hedge_ratio: Decimal | None = None
    leverage: Decimal | None = None
    tokens: dict[Sector, tuple[str, ...]] = {}
    short_beyond_spot: bool = False
    cover_first: bool = True
    spot_share: Decimal = Decimal("0.5")


class Preset(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named variation of a strategy, such as a reading of the worked example."""

    description: str
    mode: Mode
    weights: Weights
    overlay: Overlay


class Strategy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One strategy file. `never_raise` lists sectors whose target is at most the present net; what it frees goes to STABLE."""

    schema: int
    id: str
    name: str
    description: str
    mode: Mode
    weights: Weights
    overlay: Overlay = Overlay()
    phase: str = ""
    never_raise: tuple[Sector, ...] = ()
    presets: dict[str, Preset] = {}


class Fees(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fees as fractions of notional."""

    spot_taker: Decimal
    spot_maker: Decimal
    perp_taker: Decimal
    perp_maker: Decimal


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every risk limit; fractions of NAV unless the name says otherwise. A check's rule is the limit's name."""

    free_reserve_min: Decimal
    futures_capital_max: Decimal
    gross_notional_max: Decimal
    order_notional_max: Decimal
    leverage_max: Decimal
    leverage_default: Decimal
    hedge_ratio_max: Decimal
    hedge_ratio_guideline: Decimal
    stop_distance_l1: Decimal
    stop_distance_defi: Decimal
    stop_liquidation_ratio_max: Decimal
    shock_l1: Decimal
    shock_defi: Decimal
    corridor_tolerance: Decimal
    collar_l1: Decimal
    collar_defi: Decimal
    slippage_max_bps: Decimal
    daily_loss_reducing: Decimal
    daily_loss_halted: Decimal
    quote_age_max_s: Decimal
    plan_age_max_s: Decimal

    def stop_distance(self, sector: Sector) -> Decimal:
        """How far a stop stands from entry, as a fraction; what is not L1 is treated as DeFi."""
        return self.stop_distance_l1 if sector is Sector.L1 else self.stop_distance_defi

    def shock(self, sector: Sector) -> Decimal:
        """The adverse price move that a position's margin must survive, as a fraction."""
        return self.shock_l1 if sector is Sector.L1 else self.shock_defi

    def collar(self, sector: Sector) -> Decimal:
        """How far a limit price may stand from mark, as a fraction."""
        return self.collar_l1 if sector is Sector.L1 else self.collar_defi


class Drift(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a deviation is worth a trade: more than the smaller of `points` (of the base) and `share` of the target weight.

    An order below `dust_nav` of NAV is not sent. No addition lifts an asset above `asset_cap` of its sector's target while
    another candidate has room; it never forces a sale.
    """

    points: Decimal
    share: Decimal
    dust_nav: Decimal
    asset_cap: Decimal


class Warnings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Soft limits that have no hard twin: gross futures notional over NAV, and funding against a position per 8 hours."""

    gross_notional_warn: Decimal
    funding_warn: Decimal


class Sending(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules of the moment of sending that are no limit of the book. After a stop-out no new position for `cooldown_hours`."""

    cooldown_hours: Decimal


class RiskSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The limits file: limits, warnings, sending rules, fees and drift in force."""

    schema: int
    limits: Limits
    warnings: Warnings
    sending: Sending
    fees: Fees
    drift: Drift
