"""How each indicator comes about, in words, with the numbers of the settings in force."""

from cockpit.model.charts import IndicatorNote
from cockpit.model.format import MINUS, percent
from cockpit.model.phase_settings import PhaseSettings
from cockpit.signals.board import DEFI, L1, Board
from cockpit.signals.indicators import ALL
from cockpit.signals.stats import MAD_TO_Z, MEDIAN_TO_SIGMA

WITHIN = f"within {MINUS}1 and +1"
ROTATION = "own; quadrants as in relative rotation graphs (J. de Kempenaer), whose formulas are not public"
WILDER = "J. Welles Wilder, New Concepts in Technical Trading Systems (1978)"
ROBUST = "B. Iglewicz and D. Hoaglin, How to Detect and Handle Outliers (1993)"
OWN = "own"


def notes(board: Board, settings: PhaseSettings) -> dict[str, IndicatorNote]:
    """The note of every indicator, by its name."""
    told = {**_strengths(board, settings), **_market(settings), **_flows(settings), **_funding(settings)}
    told |= {**_turns(settings), **_context(settings)}
    return {
        name: IndicatorNote(
            indicator=name,
            label=indicator.label,
            unit=indicator.unit,
            formula=told[name][0],
            inputs=told[name][1],
            score=told[name][2],
            reference=told[name][3],
        )
        for name, indicator in ALL.items()
    }


Told = dict[str, tuple[str, str, str, str]]
"""By indicator: formula, inputs, score, reference."""


def _strengths(board: Board, settings: PhaseSettings) -> Told:
    own = settings.strength
    scale = f"({MEDIAN_TO_SIGMA} × its median size in {own.scale} days)"
    trend = f"trend = EMA {own.fast} {MINUS} EMA {own.slow}"
    level = f"100 + trend / {scale}; {trend} of ln({{}})"
    itself = "it / BTC), for DEFI/L1 of ln(DeFi / L1"
    gain = f"100 + change / {scale}; change of the trend in {own.momentum} days; {trend} of ln({itself})"
    mixed = (
        f"({own.level_weight:g} × (strength {MINUS} 100) + {own.momentum_weight:g} × (momentum {MINUS} 100)) "
        f"/ {own.full:g}, {WITHIN}"
    )
    single = f"({{}} {MINUS} 100) / {own.full:g}, {WITHIN}"
    l1, defi = (f"{name} index of {', '.join(board.baskets[name])}" for name in (L1, DEFI))
    closes = "daily closes, UTC"
    return {
        "l1_rs": (level.format("L1 index / BTC"), f"{closes}: {l1}; BTC", mixed, ROTATION),
        "defi_rs": (level.format("DeFi index / BTC"), f"{closes}: {defi}; BTC", mixed, ROTATION),
        "rot_rs": (level.format("DeFi index / L1 index"), f"{closes}: {defi}; {l1}", mixed, ROTATION),
        "strength": (level.format(itself), f"{closes}, or the sector's index; BTC", single.format("strength"), ROTATION),
        "momentum": (gain, f"{closes}, or the sector's index; BTC", single.format("momentum"), ROTATION),
    }


def _market(settings: PhaseSettings) -> Told:
    trend, fall = settings.trend, settings.drawdown
    half = "daily closes, UTC: index of half L1 and half DeFi"
    return {
        "trend": (
            f"market index / its mean of {trend.mean} days {MINUS} 1",
            half,
            f"ln(1 + x) / {trend.full:g}, {WITHIN}",
            f"simple moving average; the scale is {OWN}",
        ),
        "drawdown": (
            f"market index / its highest close of {fall.window} days {MINUS} 1",
            half,
            f"0 down to {percent(-fall.neutral)}, {MINUS}1 from {percent(-fall.full)}; never above 0",
            f"drawdown from a rolling high; the scale is {OWN}",
        ),
    }


def _flows(settings: PhaseSettings) -> Told:
    tvl, busy, robust = settings.tvl, settings.activity, settings.robust
    z = f"robust z = {MAD_TO_Z} (x {MINUS} median) / MAD of {robust.window} days"
    taken_out = (
        f"TVL at 00:00 UTC; prices taken out by token units, else by {tvl.elasticity:g} × the change of ETH "
        f"(quality {tvl.quality_elasticity:g}), else not at all ({tvl.quality_usd:g})"
    )
    metrics = ", ".join(busy.metrics)
    return {
        "tvl_acc": (
            f"exp(30 × slope) {MINUS} 1; least-squares slope a day of ln TVL over {tvl.short} days",
            taken_out,
            f"mean {z}: of the slope, and of what it has over the {tvl.long}-day slope; / {tvl.full:g}, {WITHIN}",
            f"least squares; {ROBUST}",
        ),
        "tvl_30d": (
            f"exp(30 × slope) {MINUS} 1; least-squares slope a day of ln TVL over {tvl.long} days",
            taken_out,
            "",
            "least squares",
        ),
        "activity": (
            f"mean of the {z}, by metric and asset",
            f"daily {metrics} of the networks, as far as there are any",
            f"z / {busy.full:g}, {WITHIN}",
            ROBUST,
        ),
    }


def _funding(settings: PhaseSettings) -> Told:
    own = settings.funding
    formula = f"mean funding rate of {own.days} days per 8 hours, by the hours that each print covers; above 0 longs pay"
    score = f"0 up to {_rate(own.neutral)}, {MINUS}1 from {_rate(own.full)} on; never above 0"
    prints = "prints of the perpetuals' venues"
    sector = f"{prints}, the sector's assets weighted equally (quality {own.quality_equal_weight:g})"
    origin = f"funding rate as perpetuals settle it; the scale is {OWN}"
    return {
        "funding": (formula, f"{prints}; a sector's assets weighted equally", score, origin),
        "fund_defi": (formula, sector, score, origin),
        "fund_l1": (formula, sector, score, origin),
    }


def _turns(settings: PhaseSettings) -> Told:
    heat, turn = settings.heat, settings.divergence
    rsi = f"RSI {heat.window} = 100 × gain / (gain + loss), averages of {heat.window} days in Wilder's smoothing"
    heated = f"0 up to {heat.neutral:g}, {MINUS}1 from {heat.full:g} on; never above 0"
    swings = (
        f"price makes a higher high and RSI a lower one: {MINUS}1; a lower low and a higher one: +1; "
        f"by {turn.price_move:g} ATR {turn.atr} and {turn.rsi_move:g} points; halves every {turn.half_life:g} days"
    )
    seen = (
        f"daily closes, UTC; swings over {turn.swing} days on both sides, at most {turn.distance} days apart, "
        f"known {turn.swing} days later"
    )
    itself = f"the number itself, {WITHIN}"
    classic = f"regular divergence of price and RSI; ATR and RSI after {WILDER}"
    return {
        "rsi": (rsi, "daily closes, UTC, or the sector's index", heated, WILDER),
        "heat": (rsi, "daily closes, UTC: DeFi index", heated, WILDER),
        "divergence": (swings, seen, itself, classic),
        "div": (swings, f"{seen}: DeFi index", itself, classic),
    }


def _context(settings: PhaseSettings) -> Told:
    days = settings.context.breadth
    return {
        "dominance": (
            "capitalisation of the sector / that of all assets without stablecoins",
            "daily circulating market capitalisation, USD",
            "",
            "market share by capitalisation",
        ),
        "breadth": (
            f"DeFi tokens that gained more than ETH in {days} days / tokens compared",
            "daily closes, UTC",
            "",
            "breadth, counted as altcoin-season indices count it",
        ),
        "compared": (
            f"DeFi tokens with a price now and {days} days ago",
            "daily closes, UTC",
            "",
            "the count behind breadth",
        ),
        "sentiment": (
            "taken as published: 0 is extreme fear, 100 extreme greed",
            "daily fear and greed index",
            "",
            "its publisher's own index",
        ),
    }


def _rate(fraction: float) -> str:
    """A funding rate per 8 hours."""
    return f"{100 * fraction:g} %/8h"
