"""The ways to stop in the middle of a plan: go on, unwind, freeze hedged, or leave it as it is, each with its cost."""

import time
from bisect import bisect_right
from functools import partial
from typing import ClassVar, NamedTuple, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType

from cockpit.model import format as fmt
from cockpit.model.errors import CockpitError
from cockpit.model.money import ZERO
from cockpit.model.picture import Picture
from cockpit.model.plan import Plan
from cockpit.model.plan_figures import cost_of
from cockpit.model.request import Alternatives, Proposal
from cockpit.ui import actions
from cockpit.ui.keys import halting
from cockpit.ui.lines import EMPTY, Line, line, title, wrapped
from cockpit.ui.port import DeskLike, Host
from cockpit.ui.precision import tick_of
from cockpit.ui.refusals import explained
from cockpit.ui.rules import rule_words
from cockpit.ui.screens.follows import Follows
from cockpit.ui.screens.gate import Gate
from cockpit.ui.steps import step_count, step_words
from cockpit.ui.tone import Tone
from cockpit.ui.widgets.footer import Footer
from cockpit.ui.widgets.header import Header
from cockpit.ui.widgets.lines_view import LinesView
from cockpit.ui.widgets.notice import Notice


class Way(NamedTuple):
    """One way out: its name, what it means, its cost as text, the plan that it begins, and whether it can be taken."""

    name: str
    meaning: str
    cost: str
    plan: Plan | None = None
    possible: bool = True
    refusal: str = ""
    rule: str = ""
    drops: bool = False


BACK = "trade back to the book before this plan's first step"
BACK_OF_BACK = "this plan is a way back itself: to unwind it is to trade forward again, to the book that it began from"
FREEZE = "carry out those of the remaining steps that cut exposure, drop the others"
NOTHING_LEFT = "nothing has to be traded for it; the remaining steps are dropped"
NO_HEDGE_LEFT = "none of the remaining steps cuts exposure: all of them are dropped, what is done stays"


def ways(alternatives: Alternatives, preset: str | None) -> tuple[Way, ...]:
    """The four ways, going on first. `preset` is that of the plan to stop."""
    back = BACK_OF_BACK if preset == "unwind" else BACK
    return (
        Way("Continue", f"back to the next step's ticket{_refusal(alternatives.go_on)}", _cost(alternatives.go_on)),
        _way("Unwind", back, alternatives.unwind, f"{back}: {NOTHING_LEFT}"),
        _way("Freeze hedged", FREEZE, alternatives.freeze, NO_HEDGE_LEFT),
        Way("Leave it here", "keep what is done with its stops, drop the remaining steps", fmt.amount(ZERO), drops=True),
    )


def _way(name: str, meaning: str, proposal: Proposal, empty: str) -> Way:
    if proposal.plan is None:
        refusal = (
            f"{rule_words(proposal.rule)}: {proposal.sentence}" if proposal.rule else proposal.sentence or "not possible now"
        )
        return Way(name, meaning, fmt.NONE, possible=False, refusal=refusal, rule=proposal.rule)
    if proposal.empty:
        return Way(name, empty, fmt.amount(ZERO), drops=True)
    return Way(name, f"{meaning}; {step_count(len(proposal.plan.steps))}", _cost(proposal), proposal.plan)


def _cost(proposal: Proposal) -> str:
    return fmt.NONE if proposal.plan is None else fmt.amount(cost_of(proposal.plan))


def _refusal(proposal: Proposal) -> str:
    return f"; as things stand {rule_words(proposal.rule)} refuses the rest" if proposal.rule else ""


class StopHereScreen(Follows[Plan | None]):
    """Answers with the plan to begin instead, or None to look at the picture again. `plan` is the id of the one to stop."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.STOP_HERE)]
    AUTO_FOCUS = ""

    def __init__(self, desk: DeskLike, plan: str, *, settle: float) -> None:
        super().__init__(id="stop-screen")
        self._desk, self._plan = desk, plan
        self._gate = Gate(settle)
        self._ways: tuple[Way, ...] = ()
        self._marked = 0
        self._starts: list[int] = []
        self._problem = ""

    @property
    def cockpit(self) -> Host:
        """The app, with its workers."""
        return cast(Host, self.app)

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notice()
        yield LinesView(id="stop-here")
        yield Footer(actions.STOP_HERE)

    def on_mount(self) -> None:
        self.ready = True
        self.query_one("#stop-here", LinesView).can_focus = False
        self.query_one(Header).show(self._desk.picture)
        self._paint()
        self.cockpit.ask("stop", self._desk.alternatives, self._take, self._fail, exclusive=True)

    def on_resize(self) -> None:
        self._paint()

    def show(self, picture: Picture) -> None:
        """The costs stay as they were asked for; only the header moves."""

    def _take(self, alternatives: Alternatives) -> None:
        if self.ready:
            execution = self._desk.picture.execution
            self._ways = ways(alternatives, execution.plan.plan.preset if execution is not None else None)
            self._paint()
            self.call_after_refresh(lambda: self._gate.painted(time.monotonic()))

    def _fail(self, error: CockpitError) -> None:
        if self.ready:
            self._problem = str(error)
            self._paint()
            self.call_after_refresh(lambda: self._gate.painted(time.monotonic()))

    def _paint(self) -> None:
        if not self.ready:
            return
        view = self.query_one("#stop-here", LinesView)
        width = max(20, view.scrollable_size.width)
        rows: list[Line] = [title("Stop here?", "costs are fees and slippage in USDT at present prices"), EMPTY]
        if self._problem:
            rows += wrapped(f"✗ {self._problem}", width, "bad")
        elif not self._ways:
            rows.append(line(("… working out what each way costs", "dim")))
        self._starts = []
        for index, way in enumerate(self._ways):
            self._starts.append(len(rows))
            rows += self._way_lines(way, index == self._marked, width)
        view.show_lines(rows)
        if self._starts and len(rows) > view.size.height:
            view.scroll_to(y=self._starts[self._marked], animate=False)

    def _way_lines(self, way: Way, marked: bool, width: int) -> list[Line]:
        role = "cursor" if marked else "strong" if way.possible else "dim"
        rows = [
            line((f"{'▸' if marked else ' '} {way.name:<14} cost ", role), (f"{way.cost:>12} ", role, "ticket.way_cost")),
            *wrapped(way.meaning, width, "dim", indent="    "),
        ]
        if way.refusal:
            rows += wrapped(f"✗ refused: {way.refusal}", width - 4, "warn", indent="    ")
            if way.rule:
                rows += explained(way.rule, width - 4, self.cockpit.keymap, indent="    ")
        if marked and way.plan is not None:
            for step in way.plan.steps:
                tick = tick_of(self._desk.picture.market, step.symbol)
                words = wrapped(f"{step.number}  {step_words(step, tick)}", width - 4, "dim", indent="    ")
                rows += [line((row[0].text, "dim", "ticket.order")) for row in words]
        return [*rows, EMPTY]

    def on_key(self, event: events.Key) -> None:
        """The same gate as the ticket's."""
        if event.key not in halting(self.cockpit.keymap) and not self._gate.takes(event.time):
            event.stop()
            event.prevent_default()

    def action_choose(self, by: int) -> None:
        """Mark another way."""
        if self._ways:
            self._marked = (self._marked + by) % len(self._ways)
            self._paint()

    def on_click(self, event: events.Click) -> None:
        """A click on a way marks it; the footer takes it."""
        view = self.query_one("#stop-here", LinesView)
        row = event.screen_y - view.content_region.y + view.scroll_offset.y
        if view.region.contains_point(event.screen_offset) and self._starts and row >= self._starts[0]:
            self._marked = bisect_right(self._starts, row) - 1
            self._paint()

    def action_scroll_lines(self, by: int) -> None:
        """Scroll over the marked way's steps."""
        self.query_one("#stop-here", LinesView).scroll_relative(y=by, animate=False)

    def action_take(self) -> None:
        """Take the marked way."""
        if not self._ways:
            return
        way = self._ways[self._marked]
        if not way.possible:
            self.cockpit.say(way.refusal or "There is nothing to do for that.", Tone.WARNING)
        elif way.plan is not None:
            self.answer(way.plan)
        elif way.drops:
            self._gate.shut()
            self.cockpit.ask("orders", partial(self._desk.abandon, self._plan), self._left, self._fail)
        else:
            self.answer(None)

    def _left(self, _picture: Picture) -> None:
        if self.ready:
            self.answer(None)

    def action_leave(self) -> None:
        """Back to the ticket."""
        self.answer(None)
