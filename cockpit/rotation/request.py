"""A strategy and what the trader overrides in it, put together and checked."""

from decimal import Decimal

from msgspec import Struct

from cockpit.model.assets import Sector
from cockpit.model.errors import BadInput, RefusedByRule
from cockpit.model.money import ONE, ZERO, plain
from cockpit.model.request import Destination, PlanRequest
from cockpit.model.strategy import Limits, Mode, Overlay, Strategy, Weights

__all__ = ["Ask", "Destination", "PlanRequest", "ask"]


class Ask(Struct, frozen=True, kw_only=True):
    """A strategy with its preset and the request's overrides put together: what the planner works on."""

    strategy: str
    preset: str | None
    mode: Mode
    phase: str
    weights: Weights
    never_raise: tuple[Sector, ...]
    overlay: Overlay
    tokens: tuple[str, ...]
    leverage: Decimal
    tranche: Decimal
    destination: Destination


def ask(strategy: Strategy, request: PlanRequest, limits: Limits) -> Ask:
    """Merge a strategy and a request; BadInput for a value that means nothing, RefusedByRule for one beyond a limit."""
    mode, weights, overlay = strategy.mode, strategy.weights, strategy.overlay
    if request.preset is not None:
        preset = strategy.presets.get(request.preset)
        if preset is None:
            known = ", ".join(strategy.presets) or "none"
            raise BadInput(f"strategy {strategy.id} has no preset {request.preset!r}; it has {known}")
        mode, weights, overlay = preset.mode, preset.weights, preset.overlay
    _check_weights(strategy.id, weights)
    hedge = overlay.hedge_ratio if request.hedge_ratio is None else request.hedge_ratio
    leverage = _first(request.leverage, overlay.leverage, limits.leverage_default)
    _check_share("hedge ratio", hedge, limits)
    if not leverage.is_finite() or leverage < 1:
        raise BadInput(f"leverage {plain(leverage) if leverage.is_finite() else leverage} means nothing: use 1 or more")
    if leverage > limits.leverage_max:
        raise RefusedByRule(
            "leverage_max", f"leverage {plain(leverage)} was asked for, the limit is {plain(limits.leverage_max)}"
        )
    if not (request.tranche.is_finite() and ZERO < request.tranche <= ONE):
        raise BadInput(f"tranche {request.tranche} means nothing: use a fraction above 0, at most 1")
    return Ask(
        strategy=strategy.id,
        preset=request.preset,
        mode=request.mode or mode,
        phase=strategy.phase if request.phase is None else request.phase,
        weights=weights,
        never_raise=strategy.never_raise,
        overlay=Overlay(
            hedge_ratio=hedge,
            leverage=leverage,
            tokens=overlay.tokens,
            short_beyond_spot=overlay.short_beyond_spot,
            cover_first=overlay.cover_first,
            spot_share=overlay.spot_share,
        ),
        tokens=request.tokens,
        leverage=leverage,
        tranche=request.tranche,
        destination=request.destination,
    )


def _first(*values: Decimal | None) -> Decimal:
    return next(value for value in values if value is not None)


def _check_weights(name: str, weights: Weights) -> None:
    if weights.L1 + weights.DEFI + weights.STABLE != 1:
        total = plain(weights.L1 + weights.DEFI + weights.STABLE)
        raise BadInput(f"strategy {name}: the weights L1, DEFI and STABLE add up to {total}, they must add up to 1")
    if weights.L1 < 0 or weights.DEFI < 0:
        raise BadInput(f"strategy {name}: a net short sector is no target; L1 and DEFI must be 0 or more")


def _check_share(name: str, value: Decimal | None, limits: Limits) -> None:
    if value is None:
        return
    if not value.is_finite() or value < 0:
        raise BadInput(f"{name} {value} means nothing: use a fraction from 0")
    if value > limits.hedge_ratio_max:
        raise RefusedByRule(
            "hedge_ratio_max", f"{name} {plain(value)} was asked for, the limit is {plain(limits.hedge_ratio_max)}"
        )
