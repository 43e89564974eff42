"""Moves prices and asks what becomes of the book, as it is and after the plan; nothing of it is ever sent."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import ClassVar, NamedTuple, cast

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import BindingType

from cockpit.model import format as fmt
from cockpit.model.assets import Sector
from cockpit.model.errors import CockpitError
from cockpit.model.inquiry import Shocks, WhatIf
from cockpit.model.picture import Picture, Stage
from cockpit.model.plan import Plan
from cockpit.model.request import AUTO, PlanRequest
from cockpit.model.wording import no_steps
from cockpit.ui import actions, charts, typed
from cockpit.ui.blocks.choices import asked_words
from cockpit.ui.blocks.scenarios import NO_SHOCK, SCENARIOS, asset_text, scenarios, shock_lines, with_sector
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.blocks.whatif import ROOMY, whatif
from cockpit.ui.kept import Kept
from cockpit.ui.keys import AS_SHIPPED, Keymap, key_of
from cockpit.ui.latest import Latest
from cockpit.ui.lines import Line, line, wrapped
from cockpit.ui.panes.pane import View
from cockpit.ui.port import DeskLike, Host
from cockpit.ui.widgets.field import FieldRow
from cockpit.ui.widgets.key_lines import KeyLines
from cockpit.ui.widgets.lines_view import LinesView

RENEW_AFTER = timedelta(seconds=10)
"""How old an answer on ticking prices may be before it is asked for again."""
STEP = Decimal("0.05")
ASSETS = "assets"
NO_PLAN = "No plan beside it"
LABELS = {Sector.L1.value: "L1 shock, %", Sector.DEFI.value: "DeFi shock, %", ASSETS: "asset shocks, %"}


class Question(NamedTuple):
    """What an answer depends on beside the prices."""

    shocks: Shocks
    revision: int
    strategy: str
    """The strategy that the phase asks for; "" while there is none."""
    plan_id: str
    """The plan in execution; "" without one."""
    request: PlanRequest = PlanRequest()
    """What is asked for in the rotation."""


class Answer(NamedTuple):
    """What came of it, with the plan behind it and which one it is, or why there is none, and the time of the prices."""

    found: WhatIf
    plan: Plan | None
    note: str
    at: datetime


def answer(desk: DeskLike, question: Question, keymap: Keymap = AS_SHIPPED) -> Answer:
    """Ask the desk; slow. A plan that cannot be had leaves the book as it is."""
    picture = desk.picture
    plan, note = _plan(desk, picture, question, keymap)
    others = [scenario.shocks for scenario in scenarios(picture)]
    if plan is not None:
        try:
            return Answer(desk.what_if(question.shocks, plan, others), plan, note, picture.now)
        except CockpitError as error:
            note = f"{NO_PLAN}: {error}"
    return Answer(desk.what_if(question.shocks, None, others), None, note, picture.now)


def _plan(desk: DeskLike, picture: Picture, question: Question, keymap: Keymap) -> tuple[Plan | None, str]:
    """The plan in execution, else the one that the rotation asks for; with words that say which one, or why there is none."""
    execution, request = picture.execution, question.request
    if execution is not None and not execution.finished:
        return execution.plan, "the plan in execution"
    if not question.strategy and request.strategy == AUTO and not request.stops_only:
        rotation = key_of("view.rotation", keymap)
        return None, f"{NO_PLAN}: no phase names a strategy yet. {rotation} makes one under a strategy of your own."
    asked = asked_words(request)
    none = f"{NO_PLAN} ({asked})" if asked else NO_PLAN
    try:
        proposal = desk.propose(request)
    except CockpitError as error:
        return None, f"{none}: {error}"
    if proposal.rule or proposal.plan is None:
        return None, f"{none}: {proposal.sentence}"
    if proposal.empty:
        return None, f"{none}: {no_steps(proposal.plan)}"
    return proposal.plan, f"the rotation asks for {asked}" if asked else "as previewed in the rotation"


class WhatIfView(View):
    """The shock above, its outcome below."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.WHATIF)]

    def __init__(self) -> None:
        super().__init__(id="whatif")
        self._picture: Picture | None = None
        self._shocks = SCENARIOS[0].shocks
        self._before_typing = self._shocks
        self._asked_at: datetime | None = None
        self._kept: Kept[list[Line]] = Kept()
        self._latest: Latest[Question, Answer] = Latest("whatif", self._ask_desk, lambda: self.cockpit, self._rebuild)

    @property
    def cockpit(self) -> Host:
        """The app, with its desk and its workers."""
        return cast(Host, self.app)

    @property
    def shocks(self) -> Shocks:
        """What is asked now."""
        return self._shocks

    def compose(self) -> ComposeResult:
        yield KeyLines("whatif", id="shocks", classes="choices")
        yield KeyLines("whatif", id="whatif-state", classes="state")
        yield FieldRow(id="whatif-field")
        yield LinesView(id="whatif-body", classes="view")

    def take_focus(self) -> None:
        """The outcome scrolls."""
        self.query_one("#whatif-body", LinesView).focus()

    def show(self, picture: Picture) -> None:
        """Show this picture; the question is asked again where the book changed or the prices moved on."""
        self._picture = picture
        old = self._asked_at is None or picture.now - self._asked_at >= RENEW_AFTER
        if old or self._question(picture) != self._latest.question:
            self._put()
        self._rebuild()

    def on_resize(self) -> None:
        """Where there is room for a chart, what draws it is loaded off the loop."""
        if self.size.width >= ROOMY and not charts.prepared():
            self.cockpit.ask("charts", charts.prepare, lambda _: self._rebuild())
        if self.resized():
            self._rebuild()

    # Asking

    def _question(self, picture: Picture) -> Question:
        execution = picture.execution
        running = execution.plan.plan.id if execution is not None and not execution.finished else ""
        return Question(self._shocks, picture.revision, picture.strategy, running, self.cockpit.request)

    def _put(self) -> None:
        picture = self._picture
        if picture is not None and picture.book_progress.stage is Stage.READY:
            self._asked_at = picture.now
            self._latest.put(self._question(picture))

    def _ask_desk(self, question: Question) -> Answer:
        return answer(self.cockpit.desk, question, self.cockpit.keymap)

    def _set(self, shocks: Shocks) -> None:
        if shocks != self._shocks:
            self._shocks = shocks
            self._put()
        self._rebuild()

    # Keys

    def action_scenario(self, by: int) -> None:
        """The next scenario; from a shock of one's own to the first or the last."""
        if self._picture is None:
            return
        known = [scenario.shocks for scenario in scenarios(self._picture)]
        place = known.index(self._shocks) if self._shocks in known else (-1 if by > 0 else len(known))
        self._set(known[(place + by) % len(known)])

    def action_clear(self) -> None:
        """No shock."""
        self._set(NO_SHOCK)

    def action_edit(self, name: str) -> None:
        """Type a sector's shock, or those of single assets."""
        self._before_typing = self._shocks
        text = asset_text(self._shocks) if name == ASSETS else _percent_text(self._shocks.sectors.get(Sector(name), Decimal(0)))
        row = self.query_one(FieldRow)
        row.open(name, LABELS[name], text, width=32 if name == ASSETS else 8)
        self._hint(name)
        self._show_state()

    def _hint(self, name: str) -> None:
        up, down, done, cancel = (key_of(f"field.{id}", self.cockpit.keymap) for id in ("up", "down", "done", "cancel"))
        words = "ETH -15 UNI -40; wins over its sector" if name == ASSETS else f"{up} {down} by 5; empty is none"
        self.query_one(FieldRow).tell(f"{words}; {done} keeps, {cancel} restores")

    def _typed(self, name: str, text: str) -> Shocks:
        """The shocks with what was typed; BadInput for what means nothing."""
        if name != ASSETS:
            return with_sector(self._shocks, Sector(name), typed.shock(text))
        sectors = self._picture.sectors if self._picture is not None else {}
        return replace(self._shocks, assets=typed.asset_shocks(text, sectors))

    def on_field_row_typed(self, event: FieldRow.Typed) -> None:
        event.stop()
        self._take(event.name, event.text)

    def _take(self, name: str, text: str) -> bool:
        try:
            shocks = self._typed(name, text)
        except CockpitError as error:
            self.query_one(FieldRow).tell(f"✗ {error}", "bad")
            return False
        self._hint(name)
        self._set(shocks)
        return True

    def on_field_row_stepped(self, event: FieldRow.Stepped) -> None:
        event.stop()
        if event.name == ASSETS:
            return
        move = max(Decimal(-1), self._shocks.sectors.get(Sector(event.name), Decimal(0)) + STEP * event.by)
        self.query_one(FieldRow).fill(_percent_text(move))
        self._take(event.name, _percent_text(move))

    def on_field_row_ended(self, event: FieldRow.Ended) -> None:
        restore = partial(self._set, self._before_typing)
        self.query_one(FieldRow).end(event, restore, self._take, self.take_focus)
        self._show_state()

    # What stands there

    def _rebuild(self) -> None:
        picture, width = self._picture, self.size.width - 3
        if picture is None or width < 20 or not self.is_mounted:
            return
        self.query_one("#shocks", LinesView).show_lines(shock_lines(self._shocks, scenarios(picture), width, self.cockpit.keymap))
        self._show_state()
        body = self.query_one("#whatif-body", LinesView)
        body.show_lines(self._body(picture, body.scrollable_size.width or width))

    def _show_state(self) -> None:
        state = self.query_one("#whatif-state", LinesView)
        state.display = not self.query_one(FieldRow).display
        found = self._latest.answer
        if found is not None:
            state.show_lines([line((f"On prices of {fmt.moment(found.at)} UTC; nothing is sent", "dim"))])
        else:
            state.show_lines([line(("Nothing is sent", "dim"))])

    def _body(self, picture: Picture, width: int) -> list[Line]:
        if picture.exposure is None:
            return waiting(picture.book_progress, "the book", width)
        if self._latest.failure:
            return wrapped(f"✗ {self._latest.failure}", width, "bad")
        found = self._latest.answer
        if found is None:
            return [line(("… working out what this shock does", "dim"))]
        keymap = self.cockpit.keymap
        return self._kept.of(
            (found, picture.revision, picture.sectors, width, charts.prepared()),
            lambda: whatif(found.found, found.plan, found.note, picture, width, keymap),
        )


def _percent_text(move: Decimal) -> str:
    """A fraction as it is typed in percent: -20."""
    return format((move * 100).normalize(), "f") if move else ""
