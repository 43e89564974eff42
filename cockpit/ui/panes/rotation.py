"""Choose strategy, way and overlay in place; the plan's preview follows in a worker, and the last choice wins."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import ClassVar, TypeVar, cast

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import BindingType

from cockpit.model import format as fmt
from cockpit.model.errors import CockpitError
from cockpit.model.market import MarketLabel
from cockpit.model.picture import Picture, Stage
from cockpit.model.plan import Plan
from cockpit.model.request import AUTO, PlanRequest, Proposal
from cockpit.model.strategy import Mode, Overlay, Strategy
from cockpit.ui import actions
from cockpit.ui.blocks.preview import preview, progress
from cockpit.ui.blocks.standing import standing
from cockpit.ui.lines import Line, line, wrapped
from cockpit.ui.panes.pane import View
from cockpit.ui.port import Host
from cockpit.ui.table import Cell, facts
from cockpit.ui.tone import Tone
from cockpit.ui.widgets.lines_view import LinesView

Value = TypeVar("Value")

HEDGE_STEP = Decimal("0.05")
LEVERAGE_STEP = Decimal("0.5")
FIRST_HEDGE = Decimal("0.25")
FIRST_LEVERAGE = Decimal(2)
RENEW_AFTER = timedelta(seconds=5)
"""How old a preview on ticking prices may be before it is made again."""


class Choices:
    """What can be asked for, and how a key changes the request."""

    def __init__(self, strategies: tuple[Strategy, ...]) -> None:
        self.strategies = strategies

    def strategy(self, request: PlanRequest, picture: Picture) -> Strategy | None:
        """The strategy that the request means now; `auto` means the picture's."""
        wanted = picture.strategy if request.strategy == AUTO else request.strategy
        return next((s for s in self.strategies if s.id == wanted), None)

    def changed(self, request: PlanRequest, picture: Picture, field: str, by: int) -> PlanRequest:
        """The request after one key; a new strategy takes its own preset, way, hedge and leverage."""
        strategy = self.strategy(request, picture)
        if field == "strategy":
            return PlanRequest(strategy=_turn((AUTO, *(s.id for s in self.strategies)), request.strategy, by))
        if field == "mode":
            return replace(request, mode=_turn((None, *Mode), request.mode, by))
        if field == "preset":
            return replace(request, preset=_turn((None, *(strategy.presets if strategy else ())), request.preset, by))
        own = strategy.overlay if strategy else Overlay()
        if field == "hedge":
            start = request.hedge_ratio if request.hedge_ratio is not None else own.hedge_ratio
            return replace(request, hedge_ratio=_stepped(start, FIRST_HEDGE, HEDGE_STEP * by, Decimal(0), Decimal(1)))
        start = request.leverage if request.leverage is not None else own.leverage
        return replace(request, leverage=_stepped(start, FIRST_LEVERAGE, LEVERAGE_STEP * by, Decimal(1), Decimal(3)))


def _turn(values: tuple[Value, ...], now: Value, by: int) -> Value:
    """The value `by` places on, around the end."""
    return values[(values.index(now) + by) % len(values)] if now in values else values[0]


def _stepped(now: Decimal | None, first: Decimal, step: Decimal, least: Decimal, most: Decimal) -> Decimal:
    return first if now is None else min(most, max(least, now + step))


def choice_lines(request: PlanRequest, strategy: Strategy | None, plan: Plan | None, width: int) -> list[Line]:
    """The request in words, each with the key that changes it; what the trader set is marked, the rest is the strategy's."""
    name = f"{strategy.id} {strategy.name}" if strategy else fmt.NONE
    overlay = strategy.overlay if strategy else Overlay()
    mode = request.mode or (plan.plan.mode if plan else strategy.mode if strategy else None)
    hedge = overlay.hedge_ratio if request.hedge_ratio is None else request.hedge_ratio
    leverage = request.leverage or overlay.leverage or (plan.limits.leverage_default if plan else None)
    pairs: list[tuple[str, Cell]] = [
        (
            "s strategy",
            (f"auto: {name}" if request.strategy == AUTO else name, "accent" if request.strategy != AUTO else "strong"),
        ),
        ("m mode", (mode.value if mode else fmt.NONE, "accent" if request.mode else "strong")),
        ("p preset", (request.preset or "none", "accent" if request.preset else "strong")),
        (
            "d hedge",
            (
                "as the target asks" if hedge is None else f"at most {fmt.amount(hedge)}",
                "strong" if request.hedge_ratio is None else "accent",
            ),
        ),
        ("l leverage", (fmt.times(leverage), "accent" if request.leverage else "strong")),
    ]
    if request.tokens:
        pairs.append(("tokens", (" ".join(request.tokens), "accent")))
    return facts(pairs, width)


class RotationView(View):
    """The choices above, the preview or the plan in execution below."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.ROTATION)]

    def __init__(self) -> None:
        super().__init__(id="rotation")
        self._picture: Picture | None = None
        self._choices: Choices | None = None
        self._request = PlanRequest()
        self._proposal: Proposal | None = None
        self._failure = ""
        self._busy = False
        self._outdated = False
        self._made_at: datetime | None = None
        self._made_for: tuple[int, str] | None = None

    @property
    def cockpit(self) -> Host:
        """The app, with its desk and its workers."""
        return cast(Host, self.app)

    @property
    def request(self) -> PlanRequest:
        """What is asked for now."""
        return self._request

    @property
    def proposal(self) -> Proposal | None:
        """The answer to the present request, or None while it is on its way."""
        return self._proposal

    @property
    def plan(self) -> Plan | None:
        """The plan that is previewed."""
        return self._proposal.plan if self._proposal else None

    def compose(self) -> ComposeResult:
        yield LinesView(id="choices", classes="choices")
        yield LinesView(id="preview", classes="view")

    def on_mount(self) -> None:
        self.query_one("#choices", LinesView).can_focus = False

    def take_focus(self) -> None:
        """The preview scrolls."""
        self.query_one("#preview", LinesView).focus()

    def show(self, picture: Picture) -> None:
        """Show this picture, and preview again where it changed what a plan rests on."""
        self._picture = picture
        if picture.book_progress.stage is Stage.READY and picture.exposure is not None:
            basis = (picture.revision, picture.strategy)
            old = self._made_at is not None and picture.now - self._made_at >= RENEW_AFTER
            if not self._busy and (basis != self._made_for or old):
                self._renew()
        self._rebuild()

    def on_resize(self) -> None:
        self._rebuild()

    # The preview

    def action_change(self, field: str, by: int) -> None:
        """One key of the choices."""
        if self._picture is None:
            return
        choices = self._known_choices()
        self._request = choices.changed(self._request, self._picture, field, by)
        self._proposal = None
        self._renew()
        self._rebuild()

    def action_defaults(self) -> None:
        """Everything as the strategy has it, the strategy itself kept."""
        self._request = PlanRequest(strategy=self._request.strategy)
        self._proposal = None
        self._renew()
        self._rebuild()

    def action_preview(self) -> None:
        """Make the preview again."""
        self._renew()
        self._rebuild()

    def _renew(self) -> None:
        """Ask for the present request; while an answer is on its way, only remember that a newer one is wanted."""
        if self._busy:
            self._outdated = True
            return
        picture, request = self._picture, self._request
        if picture is None:
            return
        self._busy, self._outdated = True, False
        self._made_at, self._made_for = picture.now, (picture.revision, picture.strategy)
        self.cockpit.ask(
            "plan",
            partial(self.cockpit.desk.propose, request),
            partial(self._answered, request),
            partial(self._failed, request),
        )

    def _answered(self, request: PlanRequest, proposal: Proposal) -> None:
        self._busy = False
        if request == self._request:
            self._proposal, self._failure = proposal, ""
        self._go_on(request)

    def _failed(self, request: PlanRequest, error: CockpitError) -> None:
        self._busy = False
        if request == self._request:
            self._proposal, self._failure = None, str(error)
        self._go_on(request)

    def _go_on(self, request: PlanRequest) -> None:
        if self._outdated or request != self._request:
            self._renew()
        self._rebuild()

    def _known_choices(self) -> Choices:
        if self._choices is None:
            self._choices = Choices(self.cockpit.desk.strategies())
        return self._choices

    def _rebuild(self) -> None:
        picture, width = self._picture, self.size.width - 3
        if picture is None or width < 20 or not self.is_mounted:
            return
        strategy = self._known_choices().strategy(self._request, picture)
        self.query_one("#choices", LinesView).show_lines(choice_lines(self._request, strategy, self.plan, width))
        body = self.query_one("#preview", LinesView)
        body.show_lines(self._body(picture, body.scrollable_content_region.width or width))

    def _body(self, picture: Picture, width: int) -> list[Line]:
        execution = picture.execution
        rows = standing(picture, width) if execution is None or execution.finished else []
        if execution is not None and not execution.finished:
            return progress(execution, picture, width)
        if execution is not None:
            rows.append(line(("✓ the last plan is finished", "good"), f": strategy {execution.plan.plan.strategy}"))
        if self._failure:
            rows += wrapped(f"✗ {self._failure}", width, "bad")
        elif self._proposal is not None:
            rows += [*self._status(self._proposal, width), *preview(self._proposal, width)]
        elif picture.exposure is None:
            rows.append(line(("… waiting for the book", "dim")))
        else:
            rows.append(line(("… the plan is being worked out", "dim")))
        return rows

    def _status(self, proposal: Proposal, width: int) -> list[Line]:
        pairs: list[tuple[str, Cell]] = [("Preview", f"on prices of {self._prices_of()}; nothing is sent")]
        if proposal.plan is not None and proposal.plan.steps and not proposal.rule:
            pairs += [("⏎", ("begins it, one ticket a step", "key")), ("e", ("writes it as TOML", "key"))]
        elif proposal.rule:
            pairs.append(("s m p d l", ("change what is asked for", "key")))
        return facts(pairs, width)

    def _prices_of(self) -> str:
        picture, at = self._picture, self._made_at
        if picture is None or at is None:
            return fmt.NONE
        if picture.market_label is MarketLabel.RECORDED:
            return f"the close of {fmt.close_of(at)}"
        return f"{at:%H:%M:%S}"

    # Into execution

    def action_begin(self) -> None:
        """Open the ticket of the plan in execution, or begin the previewed plan."""
        picture = self._picture
        if picture is None:
            return
        if picture.execution is not None and not picture.execution.finished:
            self._open_ticket()
            return
        proposal = self._proposal
        if proposal is None:
            self.cockpit.say("The plan is still being worked out.", Tone.WARNING)
        elif proposal.rule or proposal.plan is None:
            self.cockpit.say(proposal.sentence or "There is no plan to begin.", Tone.WARNING)
        elif not proposal.plan.steps:
            self.cockpit.say("Nothing to do: the book is where the strategy wants it.")
        elif not self._busy_beginning():
            self.cockpit.ask("orders", partial(self.cockpit.desk.begin, proposal.plan), self._begun)

    def _busy_beginning(self) -> bool:
        return any(worker.group == "orders" and worker.is_running for worker in self.app.workers)

    def _begun(self, _picture: Picture) -> None:
        self._open_ticket()

    def _open_ticket(self) -> None:
        from cockpit.ui.screens.ticket import TicketScreen

        if not isinstance(self.app.screen, TicketScreen):
            self.app.push_screen(TicketScreen(self.cockpit.desk, settle=self.cockpit.settle))
