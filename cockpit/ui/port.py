"""What the screens ask of the desk, and nothing more: tests drive the app with a small desk of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from cockpit.model.charts import PriceHistory, Series
from cockpit.model.inquiry import Dossier, Shocks, WhatIf
from cockpit.model.journal import JournalRow
from cockpit.model.picture import Picture, Ticket
from cockpit.model.plan import Plan
from cockpit.model.request import Alternatives, PlanRequest, Proposal
from cockpit.model.strategy import Strategy
from cockpit.ui.tone import Tone

if TYPE_CHECKING:
    from cockpit.model.errors import CockpitError
    from cockpit.ui.pace import Pace

Result = TypeVar("Result")


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

    # What a screen asks beside the picture

    def series(self, indicator: str, subject: str, days: int) -> Series: ...

    def price_history(self, asset: str, days: int) -> PriceHistory: ...

    def dossier(self, asset: str) -> Dossier: ...

    def what_if(self, shocks: Shocks, plan: Plan | None, others: Sequence[Shocks] = ()) -> WhatIf: ...

    def journal(self, after: int = 0) -> tuple[JournalRow, ...]: ...

    # Files: each is new, never one that exists; the answer is where it is

    def export(self, plan: Plan, directory: Path) -> Path: ...

    def report(self, plan: Plan, directory: Path) -> Path: ...

    def export_journal(self, rows: Sequence[JournalRow], form: str, directory: Path) -> Path: ...

    def keep(self, name: str, text: str, directory: Path) -> Path: ...

    # Execution

    def begin(self, plan: Plan) -> Picture: ...

    def ticket(self, number: int) -> Ticket: ...

    def confirm(self, ticket: Ticket) -> None: ...

    def skip(self, number: int, plan: str = "") -> None: ...

    def requote(self, number: int) -> Ticket: ...

    def alternatives(self) -> Alternatives: ...

    def undo(self) -> Proposal: ...

    def abandon(self, plan: str = "") -> Picture: ...

    def halt(self) -> Picture: ...

    def resume(self) -> Picture: ...

    # The end

    def hurry(self) -> None: ...

    def leaving(self, reason: str, since: datetime | None = None) -> None: ...

    def close(self) -> None: ...


class Host(Protocol):
    """What a pane or a screen asks of the app that it stands in."""

    @property
    def desk(self) -> DeskLike: ...

    @property
    def settle(self) -> float: ...

    @property
    def pace(self) -> Pace: ...

    @property
    def directory(self) -> Path: ...

    @property
    def keymap(self) -> Mapping[str, str]: ...

    request: PlanRequest
    """What is asked for in the rotation: the plan that is previewed there, and that other views put beside the book."""

    def ask(
        self,
        group: str,
        call: Callable[[], Result],
        then: Callable[[Result], None],
        failed: Callable[[CockpitError], None] | None = None,
        *,
        exclusive: bool = False,
    ) -> None: ...

    def say(self, sentence: str, tone: Tone = Tone.PLAIN, seconds: float = 8) -> None: ...
