"""What the screens ask of the desk, and nothing more: tests drive the app with a small desk of their own."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from cockpit.model.picture import Picture, Ticket
from cockpit.model.plan import Plan
from cockpit.model.strategy import Mode, Strategy

__all__ = ["Alternatives", "DeskLike", "PlanRequest", "Proposal"]


class PlanRequest(Struct, frozen=True, kw_only=True):
    """What a plan is asked to do; None and empty mean: as the strategy has it."""

    strategy: str = "auto"
    mode: Mode | None = None
    preset: str | None = None
    hedge_ratio: Decimal | None = None
    leverage: Decimal | None = None
    tokens: tuple[str, ...] = ()
    tranche: Decimal = Decimal(1)


class Proposal(Struct, frozen=True, kw_only=True):
    """What came of a request: a plan, or the rule that forbids it with its sentence; `empty` if nothing is to be done."""

    request: PlanRequest
    plan: Plan | None = None
    rule: str | None = None
    sentence: str | None = None
    empty: bool = False


class Alternatives(Struct, frozen=True, kw_only=True):
    """The ways to stop in the middle, each with its cost in quote units."""

    unwind: Proposal
    freeze: Proposal
    continue_cost: Decimal


class DeskLike(Protocol):
    """The headless cockpit as the screens see it.

    Every method is synchronous and thread-safe. All but `picture`, `subscribe` and `strategies` may take long and are called from
    worker threads; each may raise a CockpitError.
    """

    @property
    def picture(self) -> Picture: ...

    def subscribe(self, callback: Callable[[Picture], None]) -> None: ...

    def open_book(self) -> Picture: ...

    def open_store(self) -> Picture: ...

    def load_signals(self) -> Picture: ...

    def tick(self) -> Picture: ...

    def strategies(self) -> tuple[Strategy, ...]: ...

    def propose(self, request: PlanRequest) -> Proposal: ...

    def export(self, plan: Plan, directory: Path) -> Path: ...

    def begin(self, plan: Plan) -> Picture: ...

    def ticket(self, number: int) -> Ticket: ...

    def confirm(self, ticket: Ticket) -> None: ...

    def skip(self, number: int) -> None: ...

    def requote(self, number: int) -> Ticket: ...

    def alternatives(self) -> Alternatives: ...

    def abandon(self) -> Picture: ...

    def halt(self) -> Picture: ...

    def resume(self) -> Picture: ...

    def close(self) -> None: ...
