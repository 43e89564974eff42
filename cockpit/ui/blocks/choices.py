"""What the rotation is asked for: the request in words, and what a key or a typed text makes of it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from cockpit.model import format as fmt
from cockpit.model.assets import ROTATING, Sector
from cockpit.model.money import ONE, ZERO, plain
from cockpit.model.picture import Picture
from cockpit.model.request import AUTO, PlanRequest
from cockpit.model.strategy import Limits, Mode, Overlay, Strategy
from cockpit.ui import typed
from cockpit.ui.keys import AS_SHIPPED, Keymap, key_of
from cockpit.ui.lines import Line
from cockpit.ui.table import Cell, Fact, facts

Value = TypeVar("Value")

HEDGE_STEP = Decimal("0.05")
LEVERAGE_STEP = Decimal("0.5")
TRANCHE_STEP = Decimal("0.25")
FIRST_HEDGE = Decimal("0.25")
"""Where stepping begins when the strategy leaves the hedge to the target: the worked example's."""
OWN = "*"
"""Stands before what is not the strategy's own."""
STOPS = "the stops that are missing, nothing else"
HELD_FIRST = "those held first"
AS_ASKED = "as the target asks"


class Field(NamedTuple):
    """A value that is typed: its label, the cells that it gets, and what may be typed."""

    label: str
    width: int
    hint: str


FIELDS = {
    "hedge": Field("hedge ratio", 9, "0 to 1, or 25 %; empty: the strategy's own"),
    "leverage": Field("leverage", 9, "from 1; empty: the strategy's own"),
    "tokens": Field("tokens", 26, "blanks between; empty: those held first"),
    "tranche": Field("tranche, %", 9, "how much of the way to go, up to 100"),
}


class Own(NamedTuple):
    """What the strategy has, in the preset asked for; None where it leaves it to its target, () to what is held."""

    mode: Mode | None
    hedge: Decimal | None
    leverage: Decimal | None
    tokens: tuple[str, ...]


class Choices:
    """What can be asked for, and how a key or a typed text changes the request."""

    def __init__(self, strategies: tuple[Strategy, ...]) -> None:
        self.strategies = strategies

    def strategy(self, request: PlanRequest, picture: Picture) -> Strategy | None:
        """The strategy that the request means now; `auto` means the picture's."""
        wanted = picture.strategy if request.strategy == AUTO else request.strategy
        return next((s for s in self.strategies if s.id == wanted), None)

    def own(self, request: PlanRequest, picture: Picture, limits: Limits | None) -> Own:
        """What holds where the request says nothing."""
        strategy = self.strategy(request, picture)
        preset = strategy.presets.get(request.preset or "") if strategy else None
        held = preset or strategy
        overlay = held.overlay if held else Overlay()
        leverage = overlay.leverage or (limits.leverage_default if limits else None)
        tokens = tuple(asset for sector in ROTATING for asset in overlay.tokens.get(sector, ()))
        return Own(held.mode if held else None, overlay.hedge_ratio, leverage, tokens)

    def turned(self, request: PlanRequest, picture: Picture, field: str, by: int) -> PlanRequest:
        """The request after a key that goes around; a new strategy brings its own preset, way, hedge and leverage."""
        if field == "strategy":
            return PlanRequest(strategy=_turn((AUTO, *(s.id for s in self.strategies)), request.strategy, by))
        if field == "mode":
            own = self.own(request, picture, None).mode
            mode = _turn(tuple(Mode), request.mode or own or Mode.SPOT, by)
            return replace(request, mode=None if mode is own else mode)
        strategy = self.strategy(request, picture)
        return replace(request, preset=_turn((None, *(strategy.presets if strategy else ())), request.preset, by))

    def contenders(self, request: PlanRequest, picture: Picture) -> dict[str, PlanRequest]:
        """What the plan can be compared with, by name: the same in each other way, each other strategy as it is."""
        strategy = self.strategy(request, picture)
        if strategy is None or request.stops_only:
            return {}
        present = request.mode or self.own(request, picture, None).mode
        ways = {f"by {mode.value}": replace(request, mode=mode) for mode in Mode if mode is not present}
        others = {f"strategy {s.id}": PlanRequest(strategy=s.id) for s in self.strategies if s is not strategy}
        return ways | others


def typed_request(request: PlanRequest, field: str, text: str, sectors: Mapping[str, Sector]) -> PlanRequest:
    """The request with what was typed; BadInput says what is wrong with it."""
    match field:
        case "hedge":
            return replace(request, hedge_ratio=typed.hedge_ratio(text))
        case "leverage":
            return replace(request, leverage=typed.leverage(text))
        case "tokens":
            return replace(request, tokens=typed.tokens(text, sectors))
    return replace(request, tranche=typed.tranche(text))


def stepped_request(request: PlanRequest, field: str, by: int, own: Own, limits: Limits | None) -> PlanRequest:
    """The request one step up or down, within what the rules allow; a list of tokens has no steps."""
    if field == "hedge":
        now = own.hedge if request.hedge_ratio is None else request.hedge_ratio
        most = limits.hedge_ratio_max if limits else ONE
        value = FIRST_HEDGE if now is None else _within(now + HEDGE_STEP * by, ZERO, most)
        return replace(request, hedge_ratio=value)
    if field == "leverage":
        now = request.leverage or own.leverage or ONE
        return replace(request, leverage=_within(now + LEVERAGE_STEP * by, ONE, limits.leverage_max if limits else now))
    if field == "tranche":
        return replace(request, tranche=_within(request.tranche + TRANCHE_STEP * by, TRANCHE_STEP, ONE))
    return request


def field_text(request: PlanRequest, field: str, own: Own) -> str:
    """What stands in a field when it is opened or stepped: as it would be typed."""
    match field:
        case "hedge":
            hedge = own.hedge if request.hedge_ratio is None else request.hedge_ratio
            return "" if hedge is None else plain(hedge)
        case "leverage":
            leverage = request.leverage or own.leverage
            return "" if leverage is None else plain(leverage)
        case "tokens":
            return " ".join(request.tokens or own.tokens)
    return plain(request.tranche * 100)


def choice_lines(
    request: PlanRequest,
    strategy: Strategy | None,
    own: Own,
    versus: str,
    picture: Picture,
    width: int,
    keymap: Keymap = AS_SHIPPED,
) -> list[Line]:
    """The request in words, each part with the key that changes it; * stands before what is not the strategy's own."""

    def label(name: str) -> str:
        return f"{key_of(f'rotation.{name}', keymap)} {name}"

    if request.stops_only:
        return facts([("plan", (STOPS, "accent")), (label("default"), "the strategy's plan again")], width)
    name = f"{strategy.id} {strategy.name}" if strategy else fmt.NONE
    if request.strategy == AUTO:
        told: Cell = (f"auto: {name}", "strong")
    else:
        other = f" (the phase asks for {picture.strategy})" if picture.strategy not in ("", request.strategy) else ""
        told = (f"{OWN if other else ''}{name}{other}", "accent" if other else "strong")
    pairs: list[Fact] = [
        (label("strategy"), told),
        (label("mode"), _choice(request.mode, own.mode, lambda mode: mode.value), "plan.mode"),
        (label("preset"), (f"{OWN}{request.preset}" if request.preset else "none", "accent" if request.preset else "strong")),
        (
            label("hedge"),
            _choice(request.hedge_ratio, own.hedge, lambda h: f"at most {fmt.amount(h)}", AS_ASKED),
            "plan.hedge_ratio",
        ),
        (label("leverage"), _choice(request.leverage, own.leverage, fmt.times), "plan.leverage"),
        (label("tokens"), _choice(request.tokens or None, own.tokens or None, " ".join, HELD_FIRST), "plan.tokens"),
        (label("tranche"), _choice(request.tranche, ONE, lambda t: fmt.percent(t, 0)), "plan.tranche"),
        (label("versus"), (versus or "off", "accent" if versus else "strong")),
    ]
    return facts(pairs, width)


def _choice(asked: Value | None, own: Value | None, words: Callable[[Value], str], none: str = fmt.NONE) -> Cell:
    """A value in words; where the trader's is another than the strategy's both are told."""
    held = none if own is None else words(own)
    if asked is None or asked == own:
        return held, "strong"
    return f"{OWN}{words(asked)} (own: {held})", "accent"


def asked_words(request: PlanRequest) -> str:
    """What the request asks for beside the strategy of the phase, in words; "" for nothing."""
    if request.stops_only:
        return STOPS
    parts = [] if request.strategy == AUTO else [f"strategy {request.strategy}"]
    parts += [request.mode.value] if request.mode is not None else []
    parts += [f"preset {request.preset}"] if request.preset else []
    parts += [f"hedge at most {fmt.amount(request.hedge_ratio)}"] if request.hedge_ratio is not None else []
    parts += [f"leverage {fmt.times(request.leverage)}"] if request.leverage is not None else []
    parts += [f"tokens {' '.join(request.tokens)}"] if request.tokens else []
    parts += [f"tranche {fmt.percent(request.tranche, 0)}"] if request.tranche != ONE else []
    return ", ".join(parts)


def differs(request: PlanRequest, own: Own) -> bool:
    """Whether anything is not the strategy's own."""
    asked = (request.mode, request.hedge_ratio, request.leverage, request.tokens or None, request.preset)
    held = (own.mode, own.hedge, own.leverage, own.tokens or None, None)
    return request.tranche != ONE or any(a is not None and a != h for a, h in zip(asked, held, strict=True))


def _turn(values: tuple[Value, ...], now: Value, by: int) -> Value:
    """The value `by` places on, around the end."""
    return values[(values.index(now) + by) % len(values)] if now in values else values[0]


def _within(value: Decimal, least: Decimal, most: Decimal) -> Decimal:
    return min(most, max(least, value))
