"""Choose strategy, way and overlay in place; the plan's preview follows while typing, and the last choice wins."""

from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar, NamedTuple, cast

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import BindingType

from cockpit.model import format as fmt
from cockpit.model.errors import BadInput
from cockpit.model.market import MarketLabel
from cockpit.model.picture import Picture, Stage
from cockpit.model.plan import Plan
from cockpit.model.request import PlanRequest, Proposal
from cockpit.model.strategy import Limits
from cockpit.model.wording import no_steps
from cockpit.ui import actions, charts
from cockpit.ui.blocks.choices import (
    FIELDS,
    OWN,
    Choices,
    Own,
    choice_lines,
    differs,
    field_text,
    stepped_request,
    typed_request,
)
from cockpit.ui.blocks.compare import Contender, compare
from cockpit.ui.blocks.preview import ROOMY, goes_on_words, preview, progress
from cockpit.ui.blocks.standing import standing
from cockpit.ui.blocks.summary import last_plan
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.keys import key_of
from cockpit.ui.latest import Latest
from cockpit.ui.lines import EMPTY, Line, line, wrapped
from cockpit.ui.panes.pane import View
from cockpit.ui.port import Host
from cockpit.ui.table import Fact, facts
from cockpit.ui.tone import Tone
from cockpit.ui.widgets.field import FieldRow
from cockpit.ui.widgets.key_lines import KeyLines
from cockpit.ui.widgets.lines_view import LinesView

RENEW_AFTER = timedelta(seconds=5)
"""How old a preview on ticking prices may be before it is made again."""


class Question(NamedTuple):
    """What a plan rests on beside the prices: what is asked for, the book's revision, the strategy of the phase."""

    request: PlanRequest
    revision: int
    strategy: str


class Made(NamedTuple):
    """A proposal and the time of the prices that it was made on."""

    proposal: Proposal
    at: datetime


class Built(NamedTuple):
    """The lines of a preview, with what they were built from."""

    proposal: Proposal
    width: int
    drawn: bool
    lines: list[Line]


class RotationView(View):
    """The choices above, the preview or the plan in execution below."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.ROTATION)]

    def __init__(self) -> None:
        super().__init__(id="rotation")
        self._picture: Picture | None = None
        self._known: Choices | None = None
        self._before_typing = PlanRequest()
        self._versus = ""
        self._limits: Limits | None = None
        self._asked_at: datetime | None = None
        self._built: Built | None = None
        self._plan: Latest[Question, Made] = Latest("plan", self._propose, lambda: self.cockpit, self._rebuild)
        self._other: Latest[Question, Made] = Latest("versus", self._propose, lambda: self.cockpit, self._rebuild)

    @property
    def cockpit(self) -> Host:
        """The app, with its desk and its workers."""
        return cast(Host, self.app)

    @property
    def request(self) -> PlanRequest:
        """What is asked for now: the app keeps it, other views show its plan as well."""
        return self.cockpit.request

    @property
    def proposal(self) -> Proposal | None:
        """The answer to the present request, or None while it is on its way."""
        return self._plan.answer.proposal if self._plan.answer is not None else None

    @property
    def plan(self) -> Plan | None:
        """The plan that is previewed."""
        return self.proposal.plan if self.proposal is not None else None

    def compose(self) -> ComposeResult:
        yield KeyLines("rotation", id="choices", classes="choices")
        yield KeyLines("rotation", id="rotation-state", classes="state")
        yield FieldRow(id="rotation-field")
        yield LinesView(id="preview", classes="view")

    def take_focus(self) -> None:
        """The preview scrolls."""
        self.query_one("#preview", LinesView).focus()

    def show(self, picture: Picture) -> None:
        """Show this picture, and preview again where it changed what a plan rests on or its prices grew old."""
        self._picture = picture
        old = self._asked_at is None or picture.now - self._asked_at >= RENEW_AFTER
        if old or self._question(self.request, picture) != self._plan.question:
            self._renew()
        self._rebuild()

    def on_resize(self) -> None:
        """Where there is room for a chart, what draws it is loaded off the loop."""
        if self.size.width >= ROOMY and not charts.prepared():
            self.cockpit.ask("charts", charts.prepare, lambda _: self._rebuild())
        if self.resized():
            self._rebuild()

    # The preview

    def _propose(self, question: Question) -> Made:
        desk = self.cockpit.desk
        at = desk.picture.now
        return Made(desk.propose(question.request), at)

    def _question(self, request: PlanRequest, picture: Picture) -> Question:
        return Question(request, picture.revision, picture.strategy)

    def _renew(self) -> None:
        """Ask for the present request, and for the plan beside it; beside a plan in execution there are only stops."""
        picture = self._picture
        if picture is None or picture.book_progress.stage is not Stage.READY or picture.exposure is None:
            return
        if self._follows(picture):
            self._plan.drop()
            self._other.drop()
            return
        self._asked_at = picture.now
        self._plan.put(self._question(self.request, picture))
        other = self._choices.contenders(self.request, picture).get(self._versus)
        if other is None:
            self._versus = ""
            self._other.drop()
        else:
            self._other.put(self._question(other, picture))

    def _follows(self, picture: Picture) -> bool:
        """Whether the plan in execution stands there: stops that are missing are previewed also while one is."""
        return _running(picture) and not self.request.stops_only

    def _set(self, request: PlanRequest) -> None:
        if request != self.request:
            self.cockpit.request = replace(request, stops_only=False)
            self._renew()
        self._rebuild()

    @property
    def _choices(self) -> Choices:
        if self._known is None:
            self._known = Choices(self.cockpit.desk.strategies())
        return self._known

    def _own(self, picture: Picture) -> Own:
        self._limits = self.plan.limits if self.plan is not None else self._limits
        return self._choices.own(self.request, picture, self._limits)

    # Keys

    def action_change(self, field: str, by: int) -> None:
        """A key that goes around: strategy, mode, preset."""
        if self._picture is not None:
            self._set(self._choices.turned(self.request, self._picture, field, by))

    def action_defaults(self) -> None:
        """Everything as the strategy has it, the strategy itself kept."""
        self._set(PlanRequest(strategy=self.request.strategy))

    def action_preview(self) -> None:
        """Make the preview again."""
        self._renew()
        self._rebuild()

    def action_versus(self, by: int) -> None:
        """Another plan beside it: off, each other way, each other strategy."""
        if self._picture is None:
            return
        names = ("", *self._choices.contenders(self.request, self._picture))
        place = names.index(self._versus) if self._versus in names else 0
        self._versus = names[(place + by) % len(names)]
        self._renew()
        self.query_one("#preview", LinesView).scroll_home(animate=False)
        self._rebuild()

    # Typing

    def action_edit(self, field: str) -> None:
        """Type a value; the preview follows."""
        if self._picture is None:
            return
        self._before_typing = self.request
        label, width, hint = FIELDS[field]
        row = self.query_one(FieldRow)
        row.open(field, label, field_text(self.request, field, self._own(self._picture)), width=width)
        row.tell(hint)
        self._show_state()

    def on_field_row_typed(self, event: FieldRow.Typed) -> None:
        event.stop()
        self._take(event.name, event.text)

    def _take(self, field: str, text: str) -> bool:
        """Whether the text means something; if not, it is said beside the field and nothing is asked."""
        row = self.query_one(FieldRow)
        try:
            request = typed_request(self.request, field, text, self._picture.sectors if self._picture is not None else {})
        except BadInput as error:
            row.tell(f"✗ {error}", "bad")
            return False
        row.tell(FIELDS[field].hint)
        self._set(request)
        return True

    def on_field_row_stepped(self, event: FieldRow.Stepped) -> None:
        event.stop()
        picture = self._picture
        if picture is None:
            return
        request = stepped_request(self.request, event.name, event.by, self._own(picture), self._limits)
        if request != self.request:
            row = self.query_one(FieldRow)
            row.fill(field_text(request, event.name, self._own(picture)))
            row.tell(FIELDS[event.name].hint)
            self._set(request)

    def on_field_row_ended(self, event: FieldRow.Ended) -> None:
        restore = partial(self._set, self._before_typing)
        self.query_one(FieldRow).end(event, restore, self._means_something, self.take_focus)
        self._show_state()

    def _means_something(self, field: str, text: str) -> bool:
        picture = self._picture
        asked_already = picture is not None and text == field_text(self.request, field, self._own(picture))
        return asked_already or self._take(field, text)

    # What stands there

    def _rebuild(self) -> None:
        picture, width = self._picture, self.size.width - 3
        if picture is None or width < 20 or not self.is_mounted:
            return
        own = self._own(picture)
        strategy = self._choices.strategy(self.request, picture)
        shown = choice_lines(self.request, strategy, own, self._versus, picture, width, self.cockpit.keymap)
        self.query_one("#choices", LinesView).show_lines(shown)
        self._show_state()
        body = self.query_one("#preview", LinesView)
        body.show_lines(self._body(picture, body.scrollable_size.width or width))

    def _show_state(self) -> None:
        """One line: what the preview is made of, or the field that is typed into."""
        state = self.query_one("#rotation-state", LinesView)
        state.display = not self.query_one(FieldRow).display
        if self._picture is not None:
            state.show_lines(self._state(self._picture, self.size.width - 2)[:1])

    def _state(self, picture: Picture, width: int) -> list[Line]:
        if picture.execution is not None and self._follows(picture):
            goes_on = (goes_on_words(picture.execution), "key")
            return facts([(self._key("begin"), goes_on), ("what is chosen above", "is for the plan after it")], width)
        if picture.exposure is None:
            return []
        if self._plan.failure:
            return [line((f"Preview failed; {self._key('preview')} tries again", "bad"))]
        proposal = self.proposal
        if proposal is None:
            return [line((f"… {picture.planning or 'working out the plan'}; nothing is sent", "dim"))]
        pairs: list[Fact] = [("On", f"{self._prices(picture)}; nothing is sent")]
        refused = proposal.rule or (proposal.plan is not None and proposal.plan.broken is not None)
        if proposal.plan is not None and proposal.plan.steps and not refused:
            instead = ", the other plan ends" if _running(picture) else ""
            read = [account for account in picture.accounts_seen if any(s.account == account for s in proposal.plan.steps)]
            kept = (f"{', '.join(read)} {'is' if len(read) == 1 else 'are'} only read here", "warn")
            pairs.append((self._key("begin"), (f"begins it{instead}", "key")) if not read else ("!", kept))
        elif refused:
            keys = " ".join(map(self._key, ("strategy", "mode", "preset", "hedge", "leverage")))
            pairs.append((keys, ("change what is asked for", "key")))
        if differs(self.request, self._own(picture)):
            pairs.append((OWN, f"changed, {self._key('default')} resets"))
        if proposal.plan is not None:
            pairs.append((key_of("export", self.cockpit.keymap), ("writes it", "key")))
        return facts(pairs, width)

    def _key(self, name: str) -> str:
        return key_of(f"rotation.{name}", self.cockpit.keymap)

    def _prices(self, picture: Picture) -> str:
        if self._plan.answer is None:
            return fmt.NONE
        plan = self._plan.answer.proposal.plan
        at = plan.market.as_of if plan is not None else self._plan.answer.at
        return f"the close of {fmt.close_of(at)}" if picture.market_label is MarketLabel.RECORDED else f"prices of {at:%H:%M:%S}"

    def _body(self, picture: Picture, width: int) -> list[Line]:
        execution, keymap = picture.execution, self.cockpit.keymap
        if execution is not None and self._follows(picture):
            return progress(execution, picture, width, keymap)
        rows = [*standing(picture, width, keymap), *last_plan(picture, keymap)]
        if picture.exposure is None:
            return [*rows, *waiting(picture.book_progress, "the book", width)]
        if self._versus:
            rows += [*compare(self._contender("this plan", self._plan), self._contender(self._versus, self._other), width), EMPTY]
        if self._plan.failure:
            rows += wrapped(f"✗ {self._plan.failure}", width, "bad")
        elif self.proposal is not None:
            rows += self._preview(self.proposal, width)
        else:
            rows += wrapped(f"… {picture.planning or 'the plan is being worked out'}", width, "dim")
        return rows

    def _preview(self, proposal: Proposal, width: int) -> list[Line]:
        """Built once for a proposal and a width: pictures come every second, and a long path takes its milliseconds."""
        drawn = charts.prepared()
        built = self._built
        if built is None or built.proposal is not proposal or (built.width, built.drawn) != (width, drawn):
            market = self._picture.market if self._picture is not None else None
            self._built = built = Built(proposal, width, drawn, preview(proposal, width, self.cockpit.keymap, market))
        return built.lines

    @staticmethod
    def _contender(name: str, latest: Latest[Question, Made]) -> Contender:
        return Contender(name, latest.answer.proposal if latest.answer is not None else None, latest.failure)

    # Into execution

    def action_begin(self) -> None:
        """Open the ticket of the plan in execution, or begin the previewed plan."""
        picture = self._picture
        if picture is None:
            return
        if self._follows(picture):
            self._open_ticket()
            return
        proposal = self.proposal
        if proposal is None and self._plan.failure:
            self.cockpit.say(self._plan.failure, Tone.WARNING)
        elif proposal is None:
            self.cockpit.say("The plan is still being worked out.", Tone.WARNING)
        elif proposal.rule or proposal.plan is None:
            self.cockpit.say(proposal.sentence or "There is no plan to begin.", Tone.WARNING)
        elif not proposal.plan.steps:
            self.cockpit.say(no_steps(proposal.plan), Tone.PLAIN if proposal.plan.content else Tone.WARNING)
        elif not self._busy_beginning():
            self.cockpit.ask("orders", partial(self.cockpit.desk.begin, proposal.plan), self._begun)

    def action_summary(self) -> None:
        """How the last plan ended, on the ticket's screen: from there the way back is priced."""
        if self._picture is not None and (self._picture.execution or self._picture.abandoned) is not None:
            self._open_ticket()
        else:
            self.cockpit.say("No plan was begun yet: there is nothing to sum up.")

    def _busy_beginning(self) -> bool:
        return any(worker.group == "orders" and worker.is_running for worker in self.app.workers)

    def _begun(self, _picture: Picture) -> None:
        if self.request.stops_only:
            self.cockpit.request = PlanRequest()
        self._open_ticket()

    def _open_ticket(self) -> None:
        from cockpit.ui.screens.ticket import TicketScreen

        if not isinstance(self.app.screen, TicketScreen):
            self.app.push_screen(TicketScreen(self.cockpit.desk, settle=self.cockpit.settle))


def _running(picture: Picture) -> bool:
    """Whether a plan was begun and is not over."""
    return picture.execution is not None and not picture.execution.finished
