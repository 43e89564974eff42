"""The order ticket: one step at a time, read, confirmed, watched until its stop was read back, then the next.

The focus starts on Cancel and returns there after every confirmation; no key acts before the ticket has stood still for a
moment, and none that presses or skips in one breath with another; one press confirms one step at most. Halting acts at any time.
"""

import time
from functools import partial
from typing import ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from cockpit.model.errors import CockpitError, RefusedByRule, StalePlan
from cockpit.model.orders import StepState
from cockpit.model.picture import ExecutionView, Picture, StepView, Ticket
from cockpit.model.plan import Plan
from cockpit.model.request import Proposal
from cockpit.ui import actions
from cockpit.ui.blocks.overtaken import overtaken
from cockpit.ui.blocks.standing import standing
from cockpit.ui.blocks.summary import summary
from cockpit.ui.keys import halting, key_of, pressing
from cockpit.ui.lines import EMPTY, Line, line
from cockpit.ui.port import DeskLike, Host
from cockpit.ui.screens.follows import Follows
from cockpit.ui.screens.gate import Gate
from cockpit.ui.screens.outcome_lines import outcome_lines, refusal_lines, sending_lines
from cockpit.ui.screens.ticket_lines import ticket_lines
from cockpit.ui.screens.ticket_states import Showing, another, keys_that_act, stands
from cockpit.ui.screens.way_back import can_begin, way_back_lines
from cockpit.ui.widgets.choice import Choice
from cockpit.ui.widgets.footer import Footer
from cockpit.ui.widgets.header import Header
from cockpit.ui.widgets.hint import Hint
from cockpit.ui.widgets.lines_view import LinesView
from cockpit.ui.widgets.notice import Notice

WAIT = "… read it first"
TOO_EARLY = "✗ too early: ignored"
HINT = "{next} then {press} confirms"
PRESS = "{press} or a click confirms"
NOBODY = "✗ nobody would send it now"
BLOCKED = ("✗ Blocked: no further step can start", "alarm")
CONFIRM = "Confirm this step"
BEGIN_BACK = "Begin the way back"
TOLD = 1.0  # seconds to read that a key came too early


class TicketScreen(Follows[None]):
    """The ticket of the plan in execution."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.TICKET)]
    AUTO_FOCUS = "#cancel"

    def __init__(self, desk: DeskLike, *, settle: float) -> None:
        super().__init__(id="ticket-screen")
        self._desk = desk
        self._gate = Gate(settle)
        self._showing = Showing.LOADING
        self._plan_id = ""
        self._number: int | None = None
        self._ticket: Ticket | None = None
        self._made_at = desk.picture.now
        self._way_back: Proposal | None = None
        self._stood: tuple[bool, ...] = (False, False, False)
        self._told_until = 0.0
        self._sent = False
        self._outcome: list[Line] = []
        self._refusal: list[Line] = []

    @property
    def cockpit(self) -> Host:
        """The app, with its workers."""
        return cast(Host, self.app)

    @property
    def showing(self) -> Showing:
        """What the screen is about."""
        return self._showing

    @property
    def ticket(self) -> Ticket | None:
        """The ticket that stands on the screen."""
        return self._ticket

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notice()
        view = LinesView(id="ticket")
        yield view
        with Container(id="buttons"):
            yield Choice("Cancel", id="cancel")
            yield Choice(CONFIRM, id="confirm")
            yield Hint(view, id="hint")
        yield Footer(actions.TICKET)

    def on_mount(self) -> None:
        self.ready = True
        self.query_one("#ticket", LinesView).can_focus = False
        self.query_one(Header).show(self._desk.picture)
        self.watch(self, "focused", self._settled, init=False)
        self._go_on(self._desk.picture)

    def on_resize(self) -> None:
        self._paint(self._desk.picture)

    # Where the plan stands

    def show(self, picture: Picture) -> None:
        """Follow the plan: a step's end brings the next ticket; a halt, a silent executor and their ends, a new one of it."""
        execution = picture.execution
        if self._showing is Showing.SENDING and not self._sent:
            self._paint(picture)  # whatever it says of the step is of before the confirmation
        elif self._showing is Showing.SENDING and execution is not None:
            view = self._view(execution)
            under_way = view is not None and not view.state.final and view.state is not StepState.STALE
            if under_way and not execution.blocked and execution.current == self._number:
                self._paint(picture)
                return
            self._outcome = outcome_lines(view, picture, self._width) if view is not None else []
            self._go_on(picture)
        elif self._showing is Showing.WORKING or (self._about_the_end and self._ended(picture) == self._plan_id):
            self._paint(picture)
        else:
            self._go_on(picture)

    def _go_on(self, picture: Picture) -> None:
        """Show what the plan needs now: the current step's ticket, what blocks it, or that it is finished."""
        execution = picture.execution or picture.abandoned
        if execution is None or (picture.execution is None and self._plan_id not in ("", execution.plan.plan.id)):
            self.answer(None)
            return
        ended = execution.finished or (execution.current is None and not execution.blocked)
        now = Showing.FINISHED if ended else Showing.BLOCKED if execution.blocked else None
        same = (execution.plan.plan.id, execution.current) == (self._plan_id, self._number)
        asking = self._showing in (Showing.LOADING, Showing.ASKING, Showing.REFUSED)
        still = same and asking and not another(self._showing, self._stood, picture)
        before = self._view(execution) if self._plan_id == execution.plan.plan.id and not same else None
        if before is not None and before.state.over and not self._outcome:
            self._outcome = outcome_lines(before, picture, self._width)
        self._plan_id = execution.plan.plan.id
        if now is self._showing or (now is None and still):
            self._paint(picture)
        elif now is not None:
            self._number = execution.current if execution.current is not None else self._number
            self._turn_to(now, picture)
        else:
            self._number = execution.current
            self._turn_to(Showing.LOADING, picture)
            assert self._number is not None
            self.cockpit.ask("ticket", partial(self._desk.ticket, self._number), self._take_ticket, self._refused, exclusive=True)

    def _turn_to(self, showing: Showing, picture: Picture) -> None:
        """Show something else: the focus goes to Cancel, and no key acts until it stands on the screen."""
        self._gate.shut()
        self._showing, self._stood, self._told_until = showing, stands(picture), 0.0
        if showing is not Showing.ASKING:
            self._ticket = None
        if showing is not Showing.WAY_BACK:
            self._way_back = None
        confirm = self.query_one("#confirm", Choice)
        confirm.label = CONFIRM if self._way_back is None else BEGIN_BACK
        confirm.display = not picture.failure and (
            (self._ticket is not None and not self._ticket.refusals) or (self._way_back is not None and can_begin(self._way_back))
        )
        cancel = self.query_one("#cancel", Choice)
        cancel.label = {Showing.FINISHED: "Close", Showing.NO_WAY_BACK: "Close", Showing.SENDING: "Leave; the order goes on"}.get(
            showing, "Cancel"
        )
        self._hint(WAIT, "dim")
        self.query_one(Footer).show(keys_that_act(showing))
        cancel.focus()
        self.query_one("#ticket", LinesView).scroll_home(animate=False)
        self._paint(picture)
        self.call_after_refresh(self._painted)

    def _painted(self) -> None:
        self._gate.painted(time.monotonic())
        self._settled()

    def _settled(self) -> None:
        """Say that keys are taken, and which one does what, once none has come for long enough and what was told is read."""
        now = time.monotonic()
        left = self._gate.opens_in(now)
        if left is not None and (left := max(left, self._told_until - now)) > 0:
            self.set_timer(left, self._settled)
        elif left is not None:
            self._hint(self._how_to_confirm, "accent")

    @property
    def _how_to_confirm(self) -> str:
        keymap, marked = self.cockpit.keymap, isinstance(self.focused, Choice) and self.focused.id == "confirm"
        return (PRESS if marked else HINT).format(next=key_of("ticket.next", keymap), press=key_of("ticket.press", keymap))

    def _hint(self, words: str, role: str) -> None:
        if not self.query_one("#confirm", Choice).display:
            words, role = (NOBODY, "bad") if self._showing is Showing.ASKING and self._desk.picture.unheard else ("", role)
        self.query_one(Hint).tell(words, role)

    def _take_ticket(self, ticket: Ticket) -> None:
        if self.ready and (ticket.plan_id, ticket.step.number) == (self._plan_id, self._number):
            self._take_new(ticket)

    def _take_new(self, ticket: Ticket) -> None:
        """A ticket of whichever plan: re-quoting may have made a new one of what was left."""
        if not self.ready:
            return
        self._plan_id, self._number = ticket.plan_id, ticket.step.number
        self._ticket, self._made_at = ticket, self._desk.picture.now
        self._refusal = []
        self._turn_to(Showing.ASKING, self._desk.picture)

    def _refused(self, error: CockpitError, showing: Showing = Showing.REFUSED) -> None:
        if not self.ready:
            return
        rule = error.rule if isinstance(error, RefusedByRule) else ""
        changes = error.changes if isinstance(error, StalePlan) else ()
        self._refusal = refusal_lines(rule, str(error), changes, self._width, self.cockpit.keymap)
        self._turn_to(showing, self._desk.picture)

    def _view(self, execution: ExecutionView) -> StepView | None:
        return next((view for view in execution.steps if view.step.number == self._number), None)

    # What it says

    @property
    def _width(self) -> int:
        return max(20, self.query_one("#ticket", LinesView).scrollable_size.width)

    @property
    def _about_the_end(self) -> bool:
        """Whether the way back from a plan that has ended is being looked at."""
        return self._showing in (Showing.WAY_BACK, Showing.NO_WAY_BACK)

    def _ended(self, picture: Picture) -> str:
        """The id of the newest plan if nothing more of it is sent, else ""."""
        execution = picture.execution or picture.abandoned
        return execution.plan.plan.id if execution is not None and execution.finished else ""

    def _paint(self, picture: Picture) -> None:
        if self.ready:
            if picture.failure:
                self.query_one("#confirm", Choice).display = False
            self.query_one("#ticket", LinesView).show_lines(self._lines(picture))
            self.query_one(Hint).count()

    def _lines(self, picture: Picture) -> list[Line]:
        execution, width, keymap = picture.execution or picture.abandoned, self._width, self.cockpit.keymap
        above = [*self._outcome, EMPTY] if self._outcome else []
        match self._showing:
            case Showing.ASKING if self._ticket is not None:
                late = overtaken(self._ticket, self._made_at, picture, width, keymap)
                told = {rule for rule, _ in self._ticket.refusals}
                first = [*above, *standing(picture, width, keymap, explained=told), *late]
                height = self.query_one("#ticket", LinesView).size.height - len(first)
                return [*first, *ticket_lines(self._ticket, picture, width, height, keymap)]
            case Showing.SENDING if execution is not None and (view := self._view(execution)) is not None:
                return [*standing(picture, width, keymap), *sending_lines(view, picture, width)]
            case Showing.REFUSED:
                return [*above, *self._refusal]
            case Showing.NO_WAY_BACK:
                return self._refusal
            case Showing.WAY_BACK if self._way_back is not None:
                return [*standing(picture, width, keymap), *way_back_lines(self._way_back, picture.market, width, keymap)]
            case Showing.BLOCKED if execution is not None:
                view = self._view(execution)
                outcome = [*outcome_lines(view, picture, width), EMPTY] if view is not None else []
                return [line(BLOCKED), *outcome, *summary(execution, picture, width, keymap)]
            case Showing.FINISHED if execution is not None:
                return [*above, *summary(execution, picture, width, keymap)]
        return [*above, line(("… the next step is being priced", "dim"))]

    # Keys

    def on_key(self, event: events.Key) -> None:
        """The gate: bindings are looked up only after a key has bubbled up to the app, so a key stopped here does nothing."""
        keymap = self.cockpit.keymap
        if event.key in halting(keymap) or self._in_time(self._gate.takes(event.time, alone=event.key in pressing(keymap))):
            return
        event.stop()
        event.prevent_default()

    def _in_time(self, passes: bool) -> bool:
        """Whether the gate lets a key or a click pass; what comes too early is told."""
        if not passes:
            self._hint(TOO_EARLY, "warn")
            self._told_until = time.monotonic() + TOLD
            self._settled()
        return passes

    def on_screen_resume(self) -> None:
        """The help or an explanation stood over the ticket: it must be read again before a key acts."""
        self._gate.uncovered(time.monotonic())
        self._settled()

    def on_choice_clicked(self, click: Choice.Clicked) -> None:
        """The first click on what sends only moves the focus there, as an arrow does; the next one presses it."""
        if not self._in_time(self._gate.takes(click.at, alone=True)):
            return
        if click.choice.id == "confirm" and not click.choice.has_focus:
            click.choice.focus()
        else:
            self._press(click.choice)

    def action_focus_button(self, by: int) -> None:
        """Move the focus between the answers that stand there."""
        shown = [choice for choice in self.query(Choice) if choice.display]
        focused = self.focused
        place = shown.index(focused) if isinstance(focused, Choice) and focused in shown else 0
        shown[(place + by) % len(shown)].focus()

    def action_press(self) -> None:
        """Press the answer that has the focus."""
        if isinstance(self.focused, Choice):
            self._press(self.focused)

    def _press(self, choice: Choice) -> None:
        if choice.id == "confirm" and self._showing is Showing.WAY_BACK:
            self._begin_way_back()
        elif choice.id == "confirm":
            self._confirm()
        else:
            self.answer(None)

    def _confirm(self) -> None:
        ticket = self._ticket
        if self._showing is not Showing.ASKING or ticket is None or ticket.refusals:
            return
        self._outcome, self._sent = [], False
        self._turn_to(Showing.SENDING, self._desk.picture)
        self.cockpit.ask("orders", partial(self._desk.confirm, ticket), self._was_sent, self._refused)

    def _was_sent(self, _done: object) -> None:
        self._sent = True

    def action_skip(self) -> None:
        """Leave this step out."""
        if self._showing in (Showing.ASKING, Showing.REFUSED) and self._number is not None:
            self._outcome = []
            self._turn_to(Showing.WORKING, self._desk.picture)
            self.cockpit.ask("orders", partial(self._desk.skip, self._number, self._plan_id), self._carry_on, self._refused)

    def action_requote(self) -> None:
        """New prices for this step."""
        if self._showing in (Showing.ASKING, Showing.REFUSED) and self._number is not None:
            self._turn_to(Showing.WORKING, self._desk.picture)
            self.cockpit.ask("orders", partial(self._desk.requote, self._number), self._take_new, self._refused)

    def action_undo(self) -> None:
        """Price the way back from a plan that has ended; nothing is begun."""
        if self._showing is Showing.FINISHED:
            self._outcome = []
            self._turn_to(Showing.WORKING, self._desk.picture)
            self.cockpit.ask("undo", self._desk.undo, self._take_way_back, self._not_back, exclusive=True)

    def _take_way_back(self, proposal: Proposal) -> None:
        if self.ready and self._showing is Showing.WORKING:
            self._way_back = proposal
            self._turn_to(Showing.WAY_BACK, self._desk.picture)

    def _not_back(self, error: CockpitError) -> None:
        self._refused(error, Showing.NO_WAY_BACK)

    def _begin_way_back(self) -> None:
        """Take the way back up as a plan of its own, if it is still the one that was shown."""
        proposal = self._way_back
        if proposal is not None and proposal.plan is not None and can_begin(proposal):
            self._turn_to(Showing.WORKING, self._desk.picture)
            self.cockpit.ask("orders", partial(self._desk.begin, proposal.plan), self._carry_on, self._not_back)

    def action_scroll_lines(self, by: int) -> None:
        """Scroll the ticket."""
        self.query_one("#ticket", LinesView).scroll_relative(y=by, animate=False)

    def action_leave(self) -> None:
        """Back to the views; what was confirmed goes on."""
        self.answer(None)

    def action_stop_here(self) -> None:
        """The ways to stop in the middle."""
        from cockpit.ui.screens.stop_here import StopHereScreen

        if self._showing in (Showing.ASKING, Showing.REFUSED, Showing.BLOCKED):
            self.app.push_screen(StopHereScreen(self._desk, self._plan_id, settle=self.cockpit.settle), self._stopped)

    def _stopped(self, plan: Plan | None) -> None:
        """Another plan takes over, or nothing: then the picture says whether the old one goes on."""
        self._outcome = []
        self._turn_to(Showing.WORKING, self._desk.picture)
        if plan is None:
            self._go_on(self._desk.picture)
        else:
            self.cockpit.ask("orders", partial(self._desk.begin, plan), self._carry_on, self._refused)

    def _carry_on(self, _done: object) -> None:
        if self.ready:
            self._go_on(self._desk.picture)
