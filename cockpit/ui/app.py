"""The cockpit as a Textual app: wires the desk's pictures to the panes and the keys to the desk."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from rich.text import Text
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.containers import Container
from textual.filter import LineFilter
from textual.screen import Screen
from textual.theme import Theme
from textual.worker import get_current_worker

from cockpit.model import format as fmt
from cockpit.model.errors import BadInput, CockpitError, ExitCode
from cockpit.model.picture import Picture
from cockpit.model.plan import Plan
from cockpit.terminal.lines import AsciiTwins, ForeignText
from cockpit.ui.actions import COCKPIT, SCOPES, VIEWS, Action, bindings
from cockpit.ui.crash import crash_sentence, unexpected, write_crash
from cockpit.ui.messages import Answer, PictureChanged
from cockpit.ui.notices import Notices
from cockpit.ui.port import DeskLike
from cockpit.ui.screens.follows import Follows
from cockpit.ui.themes import COCKPIT as COCKPIT_THEME
from cockpit.ui.themes import DEFAULT_THEME, DEFAULTS
from cockpit.ui.ticker import Ticker
from cockpit.ui.tone import Tone
from cockpit.ui.widgets.footer import Footer, footer_actions
from cockpit.ui.widgets.header import Header
from cockpit.ui.widgets.notice import Notice, Told

if TYPE_CHECKING:
    from cockpit.ui.panes.pane import View

Result = TypeVar("Result")

TICK_SECONDS = 1.0
HALTED = "HALTED: no new order is sent, stops stay in force. H resumes."
SETTLE_SECONDS = 0.4
"""How long no key may have come before an order ticket takes one."""


class CockpitApp(App[None]):
    """The cockpit over a desk.

    `settle` is how many seconds a ticket must stand without a key before it takes one. `directory` is where exports go.
    `tick_seconds` None leaves the ticking of the market to the caller.
    """

    CSS_PATH = Path(__file__).with_name("cockpit.tcss")
    TITLE = "Rotation Cockpit"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - the base class has it without ClassVar
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COCKPIT)]
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        desk: DeskLike,
        *,
        theme: str = DEFAULT_THEME,
        themes: Iterable[Theme] = (),
        directory: Path | None = None,
        keymap: Mapping[str, str] | None = None,
        problems: Iterable[str] = (),
        log_file: Path | None = None,
        tick_seconds: float | None = TICK_SECONDS,
        settle: float = SETTLE_SECONDS,
    ) -> None:
        super().__init__()
        self.desk = desk
        self.settle = settle
        self.view_name = VIEWS[0]
        self._asked_directory = directory
        self._log_file = log_file
        self._tick_seconds = tick_seconds
        self._stopped = threading.Event()
        self._noticed = threading.Event()
        self._views: dict[str, View] = {}
        self.outage: timedelta | None = None
        self.notices = Notices(self)
        self._notices_seen: set[str] = set()
        self._filters_of_line: list[LineFilter] = [ForeignText()]
        if "utf" not in (sys.stdout.encoding or "utf-8").lower():
            self._filters_of_line.append(AsciiTwins())
        for made in (COCKPIT_THEME, *themes):
            self.register_theme(made)
        if keymap:
            self.set_keymap(dict(keymap))
        self._theme_asked = theme
        self._problems = tuple(problems)
        self.theme = theme if theme in self.available_themes else DEFAULT_THEME

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The variables of the style sheet that a theme may leave out."""
        return DEFAULTS

    def get_line_filters(self) -> list[LineFilter]:
        """Textual's filters and the last gate for foreign text."""
        return [*super().get_line_filters(), *self._filters_of_line]

    # What stands on the screen

    def compose(self) -> ComposeResult:
        """Header and footer first: the views follow the first frame."""
        yield Header()
        yield Notice()
        yield Container(id="views")
        yield Footer()

    def on_mount(self) -> None:
        self.desk.subscribe(self._notice)
        self._show_picture()
        self._show_keys()
        if self._theme_asked != self.theme:
            self.say(f"There is no theme {self._theme_asked!r}: {self.theme} is used.", Tone.WARNING)
        for problem in self._problems:
            self.say(problem, Tone.WARNING, seconds=15)
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        """What fills the first view is on its way while the view is made."""
        self._load()
        await self.action_view(self.view_name)

    def _notice(self, _picture: Picture) -> None:
        """From any thread: one message at most is on its way, whatever the pace of the pictures."""
        if not self._noticed.is_set() and not self._stopped.is_set():
            self._noticed.set()
            self.post_message(PictureChanged())

    def on_picture_changed(self) -> None:
        self._noticed.clear()
        self._show_picture()

    def _show_picture(self) -> None:
        picture = self.desk.picture
        with self.batch_update():
            for screen in self.screen_stack:
                for header in screen.query(Header):
                    header.show(picture, self.outage)
                if isinstance(screen, Follows) and screen.ready:
                    screen.show(picture)
            view = self._views.get(self.view_name)
            if view is not None and view.is_attached:
                view.show(picture)
        for notice in picture.notices:
            if notice not in self._notices_seen:
                self._notices_seen.add(notice)
                self.say(notice)

    def _show_keys(self) -> None:
        own = SCOPES.get(self.view_name, ())
        wide = self.size.width >= 120
        self.query_one(Footer).show(footer_actions(own, wide=wide))

    def on_resize(self) -> None:
        if self._views and self.is_running and self.query(Footer):
            self._show_keys()

    # What the keys do

    async def action_view(self, name: str) -> None:
        """Show a view; it is made when it is first asked for."""
        if name not in self._views:
            from cockpit.ui.views import make_view

            self._views[name] = made = make_view(name)
            made.display = False
            await self.screen_stack[0].query_one("#views").mount(made)
        if name != self.view_name:
            self._views[self.view_name].display = False
        self.view_name = name
        view = self._views[name]
        view.display = True
        view.show(self.desk.picture)
        view.take_focus()
        self._show_keys()

    def action_help(self) -> None:
        """Explain the view that is open."""
        from cockpit.ui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.view_name))

    def action_halt(self) -> None:
        """Stop entry orders; from everywhere."""
        self.ask(
            "halt",
            self.desk.halt,
            lambda _: self.say(HALTED, Tone.WARNING),
        )

    def action_resume(self) -> None:
        """Lift the halt."""
        self.ask("halt", self.desk.resume, self._resumed)

    def _resumed(self, _picture: Picture) -> None:
        self.notices.forget(Told(HALTED, Tone.WARNING))
        self.say("Resumed: steps can be confirmed again.")

    def action_export(self) -> None:
        """Write the previewed plan, or the one in execution, into the working directory."""
        view = self._views.get("rotation")
        plan = view.plan if view is not None else None
        if plan is None and self.desk.picture.execution is not None:
            plan = self.desk.picture.execution.plan
        if plan is None:
            self.say("There is no plan to export yet: r shows one.", Tone.WARNING)
            return
        self.ask("export", partial(self._export, plan), lambda path: self.say(f"Plan written to {path}", seconds=12))

    def _export(self, plan: Plan) -> Path:
        return self.desk.export(plan, self.directory)

    @property
    def directory(self) -> Path:
        """Where files go; BadInput if the working directory is gone."""
        try:
            return self._asked_directory or Path.cwd()
        except OSError:
            raise BadInput("The working directory is gone: nothing was written; start the cockpit in another folder") from None

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: every action of the registry, and the themes."""
        for action in COCKPIT:
            if action.id != "palette":
                yield SystemCommand(action.label or action.id, f"{action.help}  ({action.key_text})", partial(self._run, action))
        yield SystemCommand("theme", "Choose another theme", self.action_change_theme)

    def _run(self, action: Action) -> None:
        self.call_later(self.run_action, action.command)

    # Work off the loop

    def ask(
        self,
        group: str,
        call: Callable[[], Result],
        then: Callable[[Result], None],
        failed: Callable[[CockpitError], None] | None = None,
        *,
        exclusive: bool = False,
    ) -> None:
        """Call the desk in a worker thread; `then` or `failed` runs on the loop. Of an exclusive group only the last answers."""

        def run() -> None:
            worker = get_current_worker()
            outcome: Callable[[], None]
            try:
                result = call()
            except CockpitError as error:
                outcome = partial(failed or self._complain, error)
            except Exception as error:  # noqa: BLE001 - whatever breaks in a worker must become a sentence, not a dead screen
                told = CockpitError(unexpected(group, error, self._log_file))
                outcome = partial(failed or self._complain, told)
            else:
                outcome = partial(then, result)
            if not worker.is_cancelled and not self._stopped.is_set():
                self.post_message(Answer(outcome))

        self.run_worker(run, group=group, thread=True, exclusive=exclusive, exit_on_error=False)

    def on_answer(self, answer: Answer) -> None:
        with self.batch_update():
            answer.apply()
            self._show_picture()

    def _complain(self, error: CockpitError) -> None:
        self.say(str(error), Tone.ERROR, seconds=12)

    def say(self, sentence: str, tone: Tone = Tone.PLAIN, seconds: float = 8) -> None:
        """Tell the trader for some seconds; foreign text in it is shown as it is, never read as markup."""
        self.notices.tell(sentence, tone, seconds)

    def _load(self) -> None:
        """First the book, so that positions stand soon; then the store; the slow signals last."""
        self.ask("book", self.desk.open_book, self._book_is_open)

    def _book_is_open(self, _picture: Picture) -> None:
        if self._tick_seconds is not None:
            ticker = Ticker(self.desk, self._tick_seconds, self._stopped, self._standing_still, self._log_file)
            self.run_worker(ticker.run, group="tick", thread=True, exit_on_error=False)
        self.ask("store", self.desk.open_store, lambda _: self._load_signals(), self._store_failed)

    def _store_failed(self, error: CockpitError) -> None:
        self._complain(error)
        self._load_signals()

    def _load_signals(self) -> None:
        self.ask("signals", self.desk.load_signals, lambda _: None)

    def _standing_still(self, problem: str, seconds: float) -> None:
        """From the market's thread: what is on the screen is `seconds` old and grows older, until `problem` is "" again."""
        if not self._stopped.is_set():
            self.post_message(Answer(partial(self._show_outage, problem, seconds)))

    def _show_outage(self, problem: str, seconds: float) -> None:
        self.outage = timedelta(seconds=seconds) if problem else None
        then = fmt.moment(self.desk.picture.now)
        self.notices.stand(f"NO UPDATES: {problem}. The numbers are those of {then} UTC." if problem else "")

    # The end

    def on_unmount(self) -> None:
        self._stopped.set()

    def _fatal_error(self) -> None:
        """An unhandled error ends with one sentence and a file: the values of variables are shown nowhere."""
        error = self._exception
        file = write_crash(error, self._log_file) if error is not None else None
        self._exit_renderables.append(Text(crash_sentence(error, file)))
        self._close_messages_no_wait()


def run(
    desk: DeskLike,
    *,
    mouse: bool,
    theme: str,
    themes: Iterable[Mapping[str, Any]] = (),
    keymap: Mapping[str, str] | None = None,
    problems: Iterable[str] = (),
    log_file: Path | None = None,
) -> int:
    """Open the cockpit and come back with the exit code of the process; the desk is closed at the end.

    `themes` are keyword arguments of Textual's Theme, `keymap` keys by action id (both checked already), `problems` sentences
    to tell once it stands.
    """
    app = CockpitApp(
        desk, theme=theme, themes=[Theme(**made) for made in themes], keymap=keymap, problems=problems, log_file=log_file
    )
    try:
        app.run(mouse=mouse)
    finally:
        desk.close()
    return int(app.return_code or ExitCode.DONE)
