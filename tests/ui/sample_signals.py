"""What the signals say in the worked example: readings, the phase call, and everything that is drawn over time."""

import math
from datetime import date, timedelta

from cockpit.model.assets import Sector
from cockpit.model.charts import IndicatorNote, PriceHistory, Series, Trail, TrailPoint
from cockpit.model.errors import BadInput
from cockpit.model.market import MarketLabel
from cockpit.model.readings import (
    Evidence,
    Flip,
    FlipChange,
    Level,
    Phase,
    PhaseCall,
    PhaseDay,
    Reading,
    Trigger,
    TriggerState,
)
from tests.ui.worked_example import NOON, PRICES

LAST = NOON.date() - timedelta(days=1)
"""The last close."""


def reading(
    subject: str,
    indicator: str,
    label: str,
    raw: float | None,
    text: str,
    score: float | None,
    unit: str = "points",
    note: str = "",
) -> Reading:
    """A reading of yesterday's close; None is missing."""
    known = raw is not None
    return Reading(
        subject=subject,
        indicator=indicator,
        label=label,
        raw=raw,
        unit=unit,
        text=text,
        at=NOON - timedelta(hours=12) if known else None,
        age=timedelta(hours=12) if known else None,
        source="simulated" if known else "",
        quality=0.9 if known else 0.0,
        score=score,
        note=note,
    )


EVIDENCE_ROWS = (
    (reading("DEFI/L1", "rot_rs", "DeFi/L1 rotation", 104.2, "104.2", 0.82), (-0.25, 0.30, 0.0), (-0.21, 0.25, 0.0)),
    (
        reading("MARKET", "trend", "market against its mean", 0.11, "+11.0 %", 0.35, "fraction"),
        (0.10, 0.30, -0.30),
        (0.04, 0.11, -0.10),
    ),
    (
        reading("DEFI", "tvl_acc", "DeFi TVL growth", 0.09, "+9.0 %/30d", 0.44, "per 30 days"),
        (0.0, 0.10, -0.05),
        (0.0, 0.04, -0.02),
    ),
    (reading("DEFI", "heat", "DeFi RSI", 74.1, "74.1", -0.21), (0.0, -0.10, 0.20), (0.0, -0.02, 0.04)),
    (reading("L1", "activity", "network activity", None, "", None, "z"), (0.20, 0.05, 0.0), (0.0, 0.0, 0.0)),
)


def phase_call(phase: Phase = Phase.B, incumbent: Phase | None = Phase.B) -> PhaseCall:
    """B leads C by .33 with confidence .71."""
    phases = (Phase.A, Phase.B, Phase.C)
    day = NOON.date() - timedelta(days=1)
    strip = tuple(PhaseDay(day - timedelta(days=179 - i), Phase.A if i < 90 else Phase.B) for i in range(180))
    return PhaseCall(
        day=day,
        at=NOON - timedelta(hours=12),
        label=MarketLabel.SIMULATED,
        source="simulated seed 7",
        phase=phase,
        incumbent=incumbent,
        since=date(2021, 8, 1),
        days_held=19,
        challenger=Phase.A,
        lead=0.33,
        flips_at=-0.10,
        closes_seen=0,
        closes_needed=3,
        dwell_until=None,
        fast_path=False,
        scores={Phase.A: 0.08, Phase.B: 0.41, Phase.C: -0.12},
        evidence={Phase.A: 0.05, Phase.B: 0.38, Phase.C: -0.08},
        coverage=0.85 if phase is not Phase.UNDETERMINED else 0.4,
        coverages=dict.fromkeys(phases, 0.85),
        gate=0.6,
        missing=("network activity",),
        confidence=0.71 if phase is not Phase.UNDETERMINED else None,
        level=Level.HIGH if phase is not Phase.UNDETERMINED else Level.NONE,
        rows=tuple(
            Evidence(
                reading=row, weights=dict(zip(phases, weights, strict=True)), contributions=dict(zip(phases, adds, strict=True))
            )
            for row, weights, adds in EVIDENCE_ROWS
        ),
        flips=(
            Flip(
                to=Phase.A,
                changes=(
                    FlipChange(
                        indicator="rot_rs",
                        label="DeFi/L1 rotation",
                        unit="points",
                        raw=104.2,
                        raw_needed=98.7,
                        score=0.82,
                        score_needed=-0.26,
                        text="98.7",
                    ),
                ),
                sentence="DeFi/L1 rotation below 98.7 (now 104.2) on 3 closes",
            ),
        ),
        outlook="If every reading stays as it is, B stays.",
        strip=strip,
    )


def _grid() -> tuple[Reading, ...]:
    rows = []
    for index, subject in enumerate(("L1", "DEFI", "ETH", "SOL", "UNI", "AAVE")):
        lift = (index - 2.5) / 3
        rows += [
            reading(subject, "strength", "strength", 100 + 5 * lift, f"{100 + 5 * lift:.1f}", lift),
            reading(subject, "momentum", "momentum", 100 + 2 * lift, f"{100 + 2 * lift:.1f}", lift / 2),
            reading(subject, "funding", "funding", 0.0001, "0.010 %/8h", 0.0, "per 8 h"),
            reading(subject, "rsi", "RSI", 56 + 4 * index, f"{56 + 4 * index:.1f}", None),
            reading(subject, "tvl_30d", "TVL 30d", None, "", None)
            if index < 2
            else reading(subject, "tvl_30d", "TVL 30d", 0.05, "+5.0 %/30d", 0.25, "per 30 days"),
        ]
    return tuple(rows)


READINGS = (
    *(row for row, _, _ in EVIDENCE_ROWS),
    reading("L1", "dominance", "dominance", 0.412, "41.2 %", None, "fraction"),
    *_grid(),
)
TRIGGERS = (
    Trigger(
        kind="rsi",
        subject="DEFI",
        state=TriggerState.NEAR,
        value=74.1,
        threshold=80.0,
        unit="points",
        seen=0,
        needed=3,
        sentence="DeFi RSI 74.1, fires at 80 on three closes",
        reason="an overheated sector falls hardest",
    ),
    Trigger(
        kind="funding",
        subject="L1",
        state=TriggerState.FIRED,
        value=0.0006,
        threshold=0.0005,
        unit="per 8 h",
        seen=3,
        needed=3,
        sentence="L1 funding 0.060 %/8h, fires at 0.050 % on three days",
        reason="crowded longs pay for being crowded",
        proposal="Close leveraged longs that depend on L1.",
    ),
)


def series(indicator: str, subject: str, days: int) -> Series:
    """One indicator of one subject: a slow wave that ends at today's reading, with a gap of two days in every thirty."""
    now = next((row for row in READINGS if (row.indicator, row.subject) == (indicator, subject)), None)
    if now is None:
        raise BadInput(f"there is no {indicator} of {subject}: choose a cell of the heatmap")
    ages = range(days - 1, -1, -1)
    return Series(
        subject=subject,
        indicator=indicator,
        label=now.label,
        unit=now.unit,
        days=tuple(LAST - timedelta(days=age) for age in ages),
        raws=tuple(_past(now.raw, age) for age in ages),
        scores=tuple(None if now.score is None else max(-1.0, min(1.0, _past(now.score, age, 0.4) or 0.0)) for age in ages),
    )


def _past(now: float | None, age: int, swing: float | None = None) -> float | None:
    """The value `age` days before `now`."""
    if now is None or age % 30 in (11, 12):
        return None
    return round(now + (abs(now) * 0.1 if swing is None else swing) * math.sin(age / 9), 6)


def price_history(asset: str, days: int) -> PriceHistory:
    """Daily closes that end at the pinned price; no day at all of what has none."""
    price = PRICES.get(asset)
    ages = range(days - 1, -1, -1) if price is not None else range(0)
    return PriceHistory(
        asset=asset,
        source="simulated seed 7",
        days=tuple(LAST - timedelta(days=age) for age in ages),
        closes=tuple(_past(float(price or 0), age) for age in ages),
    )


def _trail(subject: str, sector: Sector, way: tuple[tuple[float, float], ...], *, is_sector: bool = False) -> Trail:
    first = LAST - timedelta(days=len(way) - 1)
    points = tuple(TrailPoint(day=first + timedelta(days=at), strength=s, momentum=m) for at, (s, m) in enumerate(way))
    return Trail(subject=subject, sector=sector, is_sector=is_sector, points=points)


def _arc(start: tuple[float, float], end: tuple[float, float], days: int = 10) -> tuple[tuple[float, float], ...]:
    """Days from one point to another, bent a little clockwise as rotations are."""
    steps = [at / (days - 1) for at in range(days)]
    return tuple(
        (
            round(start[0] + (end[0] - start[0]) * at, 2),
            round(start[1] + (end[1] - start[1]) * at + 0.4 * math.sin(math.pi * at), 2),
        )
        for at in steps
    )


TRAILS = (
    _trail("L1", Sector.L1, _arc((100.6, 99.2), (98.9, 98.7)), is_sector=True),
    _trail("DEFI", Sector.DEFI, _arc((99.1, 100.8), (102.1, 101.2)), is_sector=True),
    _trail("ETH", Sector.L1, _arc((100.4, 98.9), (98.5, 98.9))),
    _trail("SOL", Sector.L1, _arc((98.2, 99.0), (99.4, 101.1))),
    _trail("UNI", Sector.DEFI, _arc((99.6, 101.4), (102.8, 100.9))),
    _trail("AAVE", Sector.DEFI, _arc((102.0, 101.0), (101.3, 99.1), days=4)),
    _trail("1INCH", Sector.UNCLASSIFIED, ((97.8, 100.0),)),
)
"""Every quadrant, one that lacks days and one with a single day."""

_SECTOR_ROWS = (
    ("MARKET", "trend"),
    ("DEFI/L1", "rot_rs"),
    ("L1", "strength"),
    ("L1", "momentum"),
    ("L1", "funding"),
    ("L1", "activity"),
    ("DEFI", "strength"),
    ("DEFI", "momentum"),
    ("DEFI", "funding"),
    ("DEFI", "tvl_acc"),
)
SECTOR_DAYS = tuple(series(indicator, subject, 90) for subject, indicator in _SECTOR_ROWS)


def _note(indicator: str, unit: str, formula: str, inputs: str, score: str, reference: str = "own") -> IndicatorNote:
    label = next(row.label for row in READINGS if row.indicator == indicator)
    return IndicatorNote(
        indicator=indicator, label=label, unit=unit, formula=formula, inputs=inputs, score=score, reference=reference
    )


_STRENGTH = "100 + (EMA 10 − EMA 30 of ln(price / BTC)) / (1.4826 × its median size in 180 days)"
_WILDER = "J. Welles Wilder, New Concepts in Technical Trading Systems (1978)"
NOTES = {
    note.indicator: note
    for note in (
        _note("rot_rs", "points", _STRENGTH.replace("price / BTC", "DeFi / L1"), "daily closes of both baskets", "(x − 100) / 2"),
        _note("trend", "fraction", "market index / its mean of 100 days − 1", "daily closes of both baskets", "ln(1 + x) / 0.3"),
        _note("tvl_acc", "per 30 days", "slope of ln TVL over 7 days less that over 30", "DeFi TVL", "robust z / 2.5"),
        _note("heat", "points", "RSI of 14 days of the DeFi index", "daily closes", "−(x − 60) / 20, at most 0", _WILDER),
        _note("activity", "z", "mean robust z of fees, transactions and gas", "chain fees and counts", "z / 2.5"),
        _note("dominance", "fraction", "L1 market value / all market values without stablecoins", "market values", ""),
        _note("strength", "points", _STRENGTH, "daily closes", "(x − 100) / 2, within −1 and +1"),
        _note("momentum", "points", "change of the trend in 5 days, on the same scale", "daily closes", "(x − 100) / 2"),
        _note("funding", "per 8 h", "mean funding of 3 days in 8-hour equivalents", "funding prints", "(.05 % − x) / .10 %"),
        _note("rsi", "points", "RSI of 14 days", "daily closes", "", _WILDER),
        _note("tvl_30d", "per 30 days", "growth of TVL, flows only", "TVL in units", ""),
    )
}
