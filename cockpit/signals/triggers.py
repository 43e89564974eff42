"""When to stop rotating: the blueprint's exits as proposals, each with its number and its distance."""

from itertools import pairwise

import numpy as np

from cockpit.model.format import in_ascii, percent
from cockpit.model.phase_settings import PhaseSettings
from cockpit.model.readings import Trigger, TriggerState
from cockpit.signals.board import DEFI, L1, Board
from cockpit.signals.funding import HOURS, sector_mean
from cockpit.signals.indicators import ALL
from cockpit.signals.stats import streak

NAMES = {L1: "L1", DEFI: "DeFi"}
ORDER = list(TriggerState)
DIGITS = 3
"""More digits at most, to tell a number from its level."""
_ROUNDING = 1e-9


def triggers(board: Board, settings: PhaseSettings, day: int) -> tuple[Trigger, ...]:
    """Every trigger on a day: those that fired first, then the near ones."""
    found = [
        *(_rsi(board, settings, day, sector) for sector in (DEFI, L1)),
        *(_funding(board, settings, day, sector) for sector in (DEFI, L1)),
        _l1_strength(board, settings, day),
        *_tvl(board, settings, day),
    ]
    return tuple(sorted(found, key=lambda trigger: ORDER.index(trigger.state)))


def _rsi(board: Board, settings: PhaseSettings, day: int, sector: str) -> Trigger:
    rule, name = settings.triggers.rsi, NAMES[sector]
    values = board.rsi[sector][: day + 1]
    value = float(values[-1])
    with np.errstate(invalid="ignore"):
        seen = min(int(streak(values >= rule.level)[-1]), rule.closes)
    state = _state(value, fired=seen >= rule.closes, near=value >= rule.near)
    sentence = (
        f"{name} RSI {_told('rsi', value, rule.level)}, fires at {rule.level:g} on {rule.closes} closes in a row ({seen} so far)"
    )
    return Trigger(
        kind="rsi",
        subject=sector,
        state=state,
        value=_known(value),
        threshold=rule.level,
        unit="points",
        seen=seen,
        needed=rule.closes,
        sentence=_no_data(state, f"{name} RSI") or sentence,
        reason="overbought for several days: the sector is stretched",
        proposal=f"stop rotating into {name}; take {name} back towards its target" if _fired(state) else "",
    )


def _funding(board: Board, settings: PhaseSettings, day: int, sector: str) -> Trigger:
    rule, name = settings.triggers.funding, NAMES[sector]
    part = board.funding[sector]
    value = float(sector_mean(part.mean)[day])
    above = float(sector_mean(part.above)[day])
    seen = 0 if np.isnan(above) else int(above + _ROUNDING)
    fired = value >= rule.level * (1 - _ROUNDING) and seen >= rule.prints_above
    state = _state(value, fired=fired, near=value >= rule.near)
    sentence = (
        f"{name} funding {_told('funding', value, rule.level)} over {settings.funding.days} days, "
        f"fires at {100 * rule.level:g} % with {rule.prints_above} of {rule.prints} prints above ({seen} now)"
    )
    return Trigger(
        kind="funding",
        subject=sector,
        state=state,
        value=_known(value),
        threshold=rule.level,
        unit=f"per {HOURS:g} h",
        seen=seen,
        needed=rule.prints_above,
        sentence=_no_data(state, f"{name} funding") or sentence,
        reason="longs pay too much to stay long: the market is crowded",
        proposal=f"reduce leveraged {name} longs or hedge them" if _fired(state) else "",
    )


def _l1_strength(board: Board, settings: PhaseSettings, day: int) -> Trigger:
    rule = settings.triggers.l1_strength
    own, gain = (board.tracks[name, L1].raw[: day + 1] for name in ("strength", "momentum"))
    rotation = board.tracks["strength", "DEFI/L1"].raw[: day + 1]
    with np.errstate(invalid="ignore"):
        leads = (own >= rule.level) & (gain >= rule.level)
        seen = min(int(streak(leads & (rotation < rule.level))[-1]), rule.closes)
    value = float(rotation[-1])
    unknown = np.isnan(value) or np.isnan(own[-1]) or np.isnan(gain[-1])
    state = _state(np.nan if unknown else value, fired=seen >= rule.closes, near=bool(leads[-1]) or seen > 0)
    told = [_told("strength", part, rule.level) for part in (float(own[-1]), float(gain[-1]), value)]
    sentence = (
        f"L1/BTC strength {told[0]} with momentum {told[1]}, DeFi/L1 {told[2]}: fires with the first two at "
        f"{rule.level:g} or above and the last below, on {rule.closes} closes in a row ({seen} so far)"
    )
    return Trigger(
        kind="l1_strength",
        subject=L1,
        state=state,
        value=_known(value),
        threshold=rule.level,
        unit="points",
        seen=seen,
        needed=rule.closes,
        sentence=_no_data(state, "L1 strength") or sentence,
        reason="L1s lead again: the rotation into DeFi reverses",
        proposal="rotate DeFi back into L1 or stablecoins" if _fired(state) else "",
    )


def _tvl(board: Board, settings: PhaseSettings, day: int) -> list[Trigger]:
    """A trigger for each protocol that fell, or one that says that none did."""
    found = []
    worst, lowest = np.nan, ""
    for column, slug in enumerate(board.protocols):
        fall = _collapse(board, settings, day, column)
        if fall is not None:
            found.append(fall)
        latest = _latest_change(board, day, column)
        if not np.isnan(latest) and not latest >= worst:
            worst, lowest = latest, slug
    if found:
        return found
    rule = settings.triggers.tvl_collapse
    state = _state(worst, fired=False, near=worst <= -rule.near)
    sentence = (
        f"TVL of single protocols, prices taken out: the weakest is {_proper(lowest)} with "
        f"{_percent(worst, 1, signed=True)} in a day, fires at {_percent(-rule.fall)} once a second snapshot confirms it"
    )
    return [_tvl_trigger(settings, DEFI, state, _known(worst), 0, _no_data(state, "protocols' TVL") or sentence)]


def _collapse(board: Board, settings: PhaseSettings, day: int, column: int) -> Trigger | None:
    """The fall of a protocol in the last days: confirmed by a second snapshot, and not made good since."""
    rule, slug = settings.triggers.tvl_collapse, board.protocols[column]
    usd = board.flows.usd[: day + 1, column]
    begin = max(0, day - rule.hold - 1)
    known = begin + np.flatnonzero(~np.isnan(usd[begin:]))
    for before, at in pairwise(known.tolist()):
        fall = _change(board, column, before, at)
        if at - before > 1 or not fall <= -rule.fall:
            continue
        later = [float(_change(board, column, before, after)) for after in known[known > at]]
        if any(change > -rule.fall for change in later):
            continue  # a second snapshot took it back: a glitch, or it recovered
        told = f"{_proper(slug)} TVL fell {_percent(-fall)} in a day, prices taken out"
        if not later:
            sentence = f"{told}; fires when a second snapshot confirms it"
            return _tvl_trigger(settings, slug, TriggerState.NEAR, fall, 1, sentence)
        moved, where = _moved(board, settings, column, before, at)
        if where:
            sentence = f"{told}, but {_proper(where)} gained {_percent(moved)} of it: a migration rather than a loss"
            return _tvl_trigger(settings, slug, TriggerState.NEAR, fall, 2, sentence)
        sentence = f"{told}, and a second snapshot confirms it ({_percent(later[-1], signed=True)} now)"
        return _tvl_trigger(settings, slug, TriggerState.FIRED, fall, 2, sentence)
    return None


def _tvl_trigger(
    settings: PhaseSettings, subject: str, state: TriggerState, value: float | None, seen: int, sentence: str
) -> Trigger:
    return Trigger(
        kind="tvl_collapse",
        subject=subject,
        state=state,
        value=value,
        threshold=-settings.triggers.tvl_collapse.fall,
        unit="fraction a day",
        seen=seen,
        needed=2,
        sentence=sentence,
        reason="a fundamental breakdown: an exploit, or money leaving",
        proposal=f"close leveraged longs that depend on {_proper(subject)}" if _fired(state) else "",
    )


def _change(board: Board, column: int, before: int, at: int) -> float:
    """The price-adjusted change of a protocol's TVL between two snapshots; -1 where it went to nothing."""
    level = board.flows.level[:, column]
    if board.flows.usd[at, column] <= 0:
        return -1.0
    return float(np.expm1(level[at] - level[before]))


def _latest_change(board: Board, day: int, column: int) -> float:
    if day < 1 or not board.flows.usd[day - 1, column] > 0 or np.isnan(board.flows.usd[day, column]):
        return np.nan
    return _change(board, column, day - 1, day)


def _moved(board: Board, settings: PhaseSettings, column: int, before: int, at: int) -> tuple[float, str]:
    """(share of a protocol's loss that one other protocol gained on the same day, that protocol), (0, "") if none did.

    Flows are in USD with prices taken out; a protocol that was not there before gained all that it has. A receiver
    gained about as much as was lost, and much for its own size: a large one's usual day explains no small one's loss.
    """
    rule = settings.triggers.tvl_collapse
    usd, level = board.flows.usd, board.flows.level
    loss = -usd[before, column] * _change(board, column, before, at)
    growth = np.where(np.isnan(usd[before]) & (usd[at] > 0), np.inf, np.expm1(level[at] - level[before]))
    flow = np.where(np.isinf(growth), usd[at], usd[before] * growth)
    share = np.nan_to_num(flow) / loss
    fits = (share >= rule.migration) & (share <= 1.0 / rule.migration) & (np.nan_to_num(growth) >= rule.fall)
    fits[column] = False
    if not fits.any():
        return 0.0, ""
    most = int(np.argmax(np.where(fits, share, 0.0)))
    return float(share[most]), board.protocols[most]


def _proper(slug: str) -> str:
    """A protocol's name for a person: aave-v3 is Aave V3, gmx is GMX."""
    return " ".join(part.upper() if len(part) <= 3 else part.capitalize() for part in slug.split("-"))


def _told(indicator: str, value: float, level: float) -> str:
    """A number with as many digits as tell it from the level that it has not come to."""
    write = ALL[indicator].text
    more = next((more for more in range(DIGITS) if value == level or write(value, more) != write(level, more)), DIGITS)
    return write(value, more)


def _percent(fraction: float, digits: int = 0, *, signed: bool = False) -> str:
    return in_ascii(percent(fraction, digits, signed=signed))


def _state(value: float, *, fired: bool, near: bool) -> TriggerState:
    if np.isnan(value):
        return TriggerState.NO_DATA
    if fired:
        return TriggerState.FIRED
    return TriggerState.NEAR if near else TriggerState.QUIET


def _fired(state: TriggerState) -> bool:
    return state is TriggerState.FIRED


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _no_data(state: TriggerState, what: str) -> str:
    return f"{what}: no data" if state is TriggerState.NO_DATA else ""
