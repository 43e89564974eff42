"""The risk rules: whether a move may happen, and how a whole path stands against each limit.

Every rule has its limit's name. A rule that is broken before a move lets the move pass while it makes nothing worse; a rule that
was broken at the start counts as kept when no prefix made it worse and the end holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from msgspec import Struct

from cockpit.model import format as fmt
from cockpit.model.assets import Sector
from cockpit.model.money import ONE, UNIT, ZERO, plain
from cockpit.model.plan import Check, CheckKind
from cockpit.model.strategy import Limits, RiskSettings, Weights
from cockpit.rotation.asked import RISK
from cockpit.rotation.path import Path, Totals
from cockpit.rotation.protection import PositionRisk

CORRIDOR_SHARE = Decimal("0.98")
"""The part of the corridor's tolerance that whole steps may use; the rest is for partial fills, while fees move the target."""


class Corridor(Struct, frozen=True, kw_only=True):
    """Between which net exposures a sector may move: from its start to its target, with a tolerance."""

    starts: dict[Sector, Decimal]
    weights: Weights

    def excess(self, totals: Totals) -> Decimal:
        """How far the worst sector stands outside, as a fraction of NAV."""
        worst = ZERO
        for sector in RISK:
            target = self.weights.of(sector) * totals.base
            start, net = self.starts[sector], totals.net(sector)
            worst = max(worst, min(start, target) - net, net - max(start, target))
        return worst / totals.nav


def corridor_of(totals: Totals, weights: Weights) -> Corridor:
    """The corridor of a plan that starts at `totals`."""
    return Corridor(starts={sector: totals.net(sector) for sector in RISK}, weights=weights)


def hedge_ratio_of(totals: Totals, sector: Sector) -> Decimal:
    """A sector's short notional over its spot value; NO_SPOT of `format` where there is no spot, 0 without shorts."""
    short, spot = totals.shorts.get(sector, ZERO), totals.spot.get(sector, ZERO)
    if short <= 0:
        return ZERO
    return min(fmt.NO_SPOT, short / spot) if spot > 0 else fmt.NO_SPOT


def _more_hedged(old: Totals, new: Totals, sector: Sector) -> bool:
    """Whether the hedge ratio rose; told from the products, since the ratio itself ends at NO_SPOT."""
    before, after = old.shorts.get(sector, ZERO), new.shorts.get(sector, ZERO)
    spot, left = old.spot.get(sector, ZERO), new.spot.get(sector, ZERO)
    return after > before if spot == left else after * spot > before * left


class Gate:
    """Lets a move pass, or names the hard rule of the whole book that it would break."""

    def __init__(self, limits: Limits, corridor: Corridor | None) -> None:
        self.limits, self.corridor = limits, corridor

    def refusal(self, old: Totals, new: Totals) -> str | None:
        """The first book rule that the change from `old` to `new` breaks or makes worse."""
        if new.nav <= 0:
            return "free_reserve_min"
        limits = self.limits
        if new.cash < limits.free_reserve_min * new.nav and new.cash * old.nav < old.cash * new.nav:
            return "free_reserve_min"
        if new.wallet > limits.futures_capital_max * new.nav and new.wallet * old.nav > old.wallet * new.nav:
            return "futures_capital_max"
        if new.gross > limits.gross_notional_max * new.nav and new.gross * old.nav > old.gross * new.nav:
            return "gross_notional_max"
        if new.shorts is not old.shorts or new.spot is not old.spot:
            for sector in RISK:
                if hedge_ratio_of(new, sector) > limits.hedge_ratio_max and _more_hedged(old, new, sector):
                    return "hedge_ratio_max"
        if self.corridor is not None:
            excess = self.corridor.excess(new)
            if excess > limits.corridor_tolerance * CORRIDOR_SHARE and excess > self.corridor.excess(old):
                return "corridor_tolerance"
        return None


class _Track:
    """One rule along the path: the worst value, where it was, and how start and end stand."""

    __slots__ = ("at", "end", "kind", "label", "limit", "low", "rule", "start", "worst")

    def __init__(self, rule: str, label: str, limit: Decimal, kind: CheckKind, low: bool, start: Decimal) -> None:
        self.rule, self.label, self.limit, self.kind, self.low = rule, label, limit, kind, low
        self.start = self.worst = self.end = start
        self.at = 0

    def note(self, value: Decimal, step: int) -> None:
        if value < self.worst if self.low else value > self.worst:
            self.worst, self.at = value, step

    def holds(self, value: Decimal) -> bool:
        return value >= self.limit if self.low else value <= self.limit

    def check(self, numbers: Sequence[int], *, protects: bool) -> Check:
        at = numbers[min(self.at, len(numbers)) - 1] if numbers and self.at else self.at
        started, ended, always = self.holds(self.start), self.holds(self.end), self.holds(self.worst)
        repaired = not started and ended and self.worst == self.start
        passed = always or repaired
        sign = "at least" if self.low else "at most"
        worst, limit = fmt.limit_pair(self.rule, self.worst, self.limit)
        text = f"{self.label} {worst}, limit {sign} {limit}"
        if repaired:
            text += f"; broken at the start, never made worse, {fmt.limit_value(self.rule, self.end)} at the end"
        elif protects and not passed and self.worst == self.start:
            text += "; broken at the start, not made worse"
        elif not passed:
            text += f"; reached {'at the start' if at == 0 else f'after step {at}'}"
            if not ended and not started and self.worst == self.start:
                text += " and not repaired"
        return Check(
            rule=self.rule,
            kind=self.kind,
            limit=self.limit,
            worst=self.worst,
            worst_step=at,
            passed=passed,
            message=text,
        )


class Watch:
    """Follows a path prefix by prefix and says at the end how each rule stood."""

    def __init__(self, path: Path, settings: RiskSettings, corridor: Corridor | None, funding: Mapping[str, Decimal]) -> None:
        """`funding` is the mean funding per 8 hours of each asset's perpetual that is known, positive when longs pay."""
        limits = settings.limits
        self.path, self.corridor, self.funding = path, corridor, funding
        self._tracks: dict[str, _Track] = {}
        hard, soft = CheckKind.HARD, CheckKind.SOFT
        rows: list[tuple[str, str, Decimal, CheckKind, bool]] = [
            ("free_reserve_min", "free reserve", limits.free_reserve_min, hard, True),
            ("futures_capital_max", "futures capital", limits.futures_capital_max, hard, False),
            ("gross_notional_max", "gross futures notional", limits.gross_notional_max, hard, False),
            ("order_notional_max", "largest order", limits.order_notional_max, hard, False),
            ("leverage_max", "highest leverage", limits.leverage_max, hard, False),
            ("hedge_ratio_max", "hedge ratio", limits.hedge_ratio_max, hard, False),
            ("stop_distance_l1", "widest L1 stop", limits.stop_distance_l1, hard, False),
            ("stop_distance_defi", "widest DeFi stop", limits.stop_distance_defi, hard, False),
            (
                "stop_liquidation_ratio_max",
                "stop's share of the way to liquidation",
                limits.stop_liquidation_ratio_max,
                hard,
                False,
            ),
            ("shock_l1", "adverse move that every L1 position survives", limits.shock_l1, hard, True),
            ("shock_defi", "adverse move that every DeFi position survives", limits.shock_defi, hard, True),
            ("corridor_tolerance", "sectors outside the way to their targets", limits.corridor_tolerance, hard, False),
            ("collar_l1", "L1 limit price from mark", limits.collar_l1, hard, False),
            ("collar_defi", "DeFi limit price from mark", limits.collar_defi, hard, False),
            ("slippage_max_bps", "expected slippage", limits.slippage_max_bps, hard, False),
            ("quote_age_max_s", "oldest quote", limits.quote_age_max_s, hard, False),
            ("hedge_ratio_guideline", "hedge ratio", limits.hedge_ratio_guideline, soft, False),
            ("gross_notional_warn", "gross futures notional", settings.warnings.gross_notional_warn, soft, False),
            ("funding_warn", "funding paid by a position per 8 hours", settings.warnings.funding_warn, soft, False),
        ]
        values = {**self._book_values(path.totals), **self._position_values(path.risks.items())}
        for rule, label, limit, kind, low in rows:
            start = values.get(rule, ONE if low else ZERO)
            self._tracks[rule] = _Track(rule, label, limit, kind, low, start)

    def note(self, step: int, position: tuple[str, str] | None = None) -> None:
        """The path has reached the end of `step`; `position` (account, asset) is the one that it changed."""
        for rule, value in self._book_values(self.path.totals).items():
            self._tracks[rule].note(value, step)
        if position is not None and position in self.path.risks:
            risks = [(position, self.path.risks[position])]
            for rule, value in self._position_values(risks).items():
                self._tracks[rule].note(value, step)

    def note_order(self, step: int, values: Mapping[str, Decimal]) -> None:
        """Values of one order, by rule: its notional over NAV, collar, slippage, age of its quote."""
        for rule, value in values.items():
            track = self._tracks[rule]
            track.note(_rounded(value), step)

    def checks(self, numbers: Sequence[int] = (), *, protects: bool = False) -> tuple[Check, ...]:
        """How every rule stood along the path.

        `numbers` are those of its steps where they do not count from 1; the last one also stands for what follows it.
        `protects` is whether they are those of a plan that only protects, from which nobody expects a cure.
        """
        ends = {**self._book_values(self.path.totals), **self._position_values(self.path.risks.items())}
        for rule, track in self._tracks.items():
            track.end = ends.get(rule, track.worst if rule in _ORDER_RULES else ONE if track.low else ZERO)
        return tuple(track.check(numbers, protects=protects) for track in self._tracks.values())

    def _book_values(self, totals: Totals) -> dict[str, Decimal]:
        nav = totals.nav
        hedge = _rounded(max(hedge_ratio_of(totals, sector) for sector in RISK))
        values = {
            "free_reserve_min": _rounded(totals.cash / nav),
            "futures_capital_max": _rounded(totals.wallet / nav),
            "gross_notional_max": _rounded(totals.gross / nav),
            "gross_notional_warn": _rounded(totals.gross / nav),
            "hedge_ratio_max": hedge,
            "hedge_ratio_guideline": hedge,
        }
        if self.corridor is not None:
            values["corridor_tolerance"] = _rounded(self.corridor.excess(totals))
        return values

    def _position_values(self, risks: Iterable[tuple[tuple[str, str], PositionRisk]]) -> dict[str, Decimal]:
        values: dict[str, Decimal] = {}
        for (_, asset), risk in risks:
            l1 = risk.sector is Sector.L1
            stop, shock = ("stop_distance_l1", "shock_l1") if l1 else ("stop_distance_defi", "shock_defi")
            values["leverage_max"] = max(values.get("leverage_max", ZERO), risk.leverage)
            values[stop] = max(values.get(stop, ZERO), risk.stop_distance)
            ratio = "stop_liquidation_ratio_max"
            values[ratio] = max(values.get(ratio, ZERO), risk.stop_ratio)
            values[shock] = min(values.get(shock, ONE), risk.room)
            paid = risk.side.sign * self.funding.get(asset, ZERO)
            values["funding_warn"] = max(values.get("funding_warn", ZERO), paid)
        return values


_ORDER_RULES = {"order_notional_max", "collar_l1", "collar_defi", "slippage_max_bps", "quote_age_max_s"}


def percent(value: Decimal, digits: str = "0.01") -> str:
    """A fraction as a percentage for a person: 4.97 %."""
    return f"{plain((value * 100).quantize(Decimal(digits), ROUND_HALF_EVEN))} %"


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(UNIT, ROUND_HALF_EVEN)
