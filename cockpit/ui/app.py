"""The cockpit as a Textual app: wires the desk's pictures to the panes and the keys to the desk."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.events import DescendantFocus, Event, Key, MouseDown
from textual.filter import LineFilter
from textual.screen import Screen
from textual.theme import Theme

from cockpit.model import format as fmt
from cockpit.model.errors import BadInput
from cockpit.model.picture import Picture
from cockpit.model.plan import Plan
from cockpit.model.request import PlanRequest
from cockpit.terminal.lines import AsciiTwins, ForeignText, has_glyphs
from cockpit.ui.actions import COCKPIT, SCOPES, VIEWS, bindings
from cockpit.ui.forgetting import Forgetting
from cockpit.ui.keys import Keymap
from cockpit.ui.messages import Answer, PictureChanged
from cockpit.ui.opening import Opening
from cockpit.ui.outputs import Outputs
from cockpit.ui.pace import WATCHED, Pace, still
from cockpit.ui.port import DeskLike
from cockpit.ui.screens.follows import Follows
from cockpit.ui.screens.steady import Views
from cockpit.ui.themes import COCKPIT as COCKPIT_THEME
from cockpit.ui.themes import DEFAULT_THEME, DEFAULTS, no_such_theme, suited_theme
from cockpit.ui.tone import Tone
from cockpit.ui.widgets.footer import Footer
from cockpit.ui.widgets.header import Header
from cockpit.ui.widgets.notice import Notice

if TYPE_CHECKING:
    from cockpit.ui.panes.pane import View
    from cockpit.ui.screens.jump import Target

LEAVE = "ctrl+q leaves the cockpit from everywhere; a plan that was begun waits where it stands."
SETTLE_SECONDS = 0.4
"""How long no key may have come before an order ticket takes one."""


class CockpitApp(Forgetting):
    """The cockpit over a desk.

    `settle` is how many seconds a ticket must stand without a key before it takes one. `directory` is where exports go.
    `keymap` has checked keys by action id. `descriptions` say what each theme is for. `tick_seconds` None leaves the ticking of
    the market to the caller. `pace` says how often prices are shown.
    """

    CSS_PATH = Path(__file__).with_name("cockpit.tcss")
    TITLE = "Rotation Cockpit"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - the base class has it without ClassVar
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COCKPIT), Binding("ctrl+z", "suspend_process", show=False)]
    ENABLE_COMMAND_PALETTE = True
    ALLOW_IN_MAXIMIZED_VIEW = "#top, Footer"

    def __init__(
        self,
        desk: DeskLike,
        *,
        theme: str = DEFAULT_THEME,
        themes: Iterable[Theme] = (),
        descriptions: Mapping[str, str] | None = None,
        directory: Path | None = None,
        keymap: Keymap | None = None,
        problems: Iterable[str] = (),
        log_file: Path | None = None,
        tick_seconds: float | None = WATCHED,
        settle: float = SETTLE_SECONDS,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(log_file)
        self.desk = desk
        self.settle = settle
        self.pace = pace or Pace()
        self.request = PlanRequest()
        self.view_name = VIEWS[0]
        self._asked_directory = directory
        self._opening = Opening(self, tick_seconds, log_file)
        self._noticed = threading.Event()
        self._views: dict[str, View] = {}
        self.outage: timedelta | None = None
        self.outputs = Outputs(self)
        self._filters_of_line: list[LineFilter] = [ForeignText()]
        if not has_glyphs():
            self._filters_of_line.append(AsciiTwins())
        self.own_themes = {made.name: made for made in (COCKPIT_THEME, *themes)}
        self._descriptions = dict(descriptions or {})
        for made in self.own_themes.values():
            self.register_theme(made)
        self.keymap = dict(keymap or {})
        self.set_keymap(self.keymap)
        for action in COCKPIT:
            if action.id in self.keymap and not action.keys:
                self.bind(self.keymap[action.id], action.command, description=action.help, show=False)
        self._theme_asked = theme
        self._problems = tuple(problems)
        # Textual's own themes know no colours of phases and ramps: only those made for the cockpit count.
        self._begin_in(theme if theme in self.own_themes else suited_theme(self.own_themes))

    def _begin_in(self, theme: str) -> None:
        """Stand in a theme from the first frame: a theme that is set reads all style sheets anew, before and after that frame."""
        self.set_reactive(App.theme, theme)
        dark = self.current_theme.dark
        self.update_classes({f"-theme-{theme}": True, "-dark-mode": dark, "-light-mode": not dark}, update=False)
        self._refresh_truecolor_filter(self.ansi_theme)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The variables of the style sheet that a theme may leave out."""
        return DEFAULTS

    def get_line_filters(self) -> list[LineFilter]:
        """Textual's filters and the last gate for foreign text."""
        return [*super().get_line_filters(), *self._filters_of_line]

    # What stands on the screen

    def get_default_screen(self) -> Screen[object]:
        """The screen of the views."""
        return Views(id="_default")

    def compose(self) -> ComposeResult:
        """Header and footer first: the views follow the first frame."""
        with Container(id="top"):
            yield Header()
            yield Notice()
        yield Container(id="views")
        yield Footer()

    def on_mount(self) -> None:
        self.desk.subscribe(self._notice)
        self._show_picture()
        self.query_one(Footer).show_view(SCOPES.get(self.view_name, ()), self.view_name)
        if self._theme_asked != self.theme:
            self.say(no_such_theme(self._theme_asked, self.own_themes, self.theme), Tone.WARNING, seconds=15)
        for problem in self._problems:
            self.say(problem, Tone.WARNING, seconds=15)
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        """What fills the first view is on its way while the view is made."""
        self._opening.start()
        await self.action_view(self.view_name)

    def _notice(self, _picture: Picture) -> None:
        """From any thread: one message at most is on its way, whatever the pace of the pictures."""
        if not self._noticed.is_set() and not self.stopped.is_set():
            self._noticed.set()
            self.post_message(PictureChanged())

    def on_picture_changed(self) -> None:
        self._noticed.clear()
        # Where something is decided, every picture is shown: what is confirmed is never older than it need be.
        decided = any(isinstance(screen, Follows) for screen in self.screen_stack)
        if self.is_running and (decided or self.pace.due(self.desk.picture)):
            self._show_picture()

    async def on_event(self, event: Event) -> None:
        """What a key or a click brings is shown on the newest prices, whatever their pace."""
        await super().on_event(event)
        if isinstance(event, Key | MouseDown) and self.is_running and self.pace.behind(self.desk.picture):
            self.call_later(self._show_picture)

    def _show_picture(self) -> None:
        picture = self.desk.picture
        self.pace.shows(picture)
        with self.batch_update():
            for screen in self.screen_stack:
                for header in screen.query(Header):
                    header.show(picture, self.outage)
                for footer in screen.query(Footer):
                    footer.follow(picture)
                if isinstance(screen, Follows) and screen.ready:
                    screen.show(picture)
            view = self._views.get(self.view_name)
            if view is not None and view.is_mounted and view.is_attached:
                view.show(picture)
        self.welcome(picture)
        self.notices.report(picture)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """A zoomed pane is one that has the focus: elsewhere there is nothing to fill the screen with."""
        still(event.widget)
        zoomed = self.screen.maximized
        if zoomed is not None and zoomed not in event.widget.ancestors_with_self:
            self.screen.minimize()

    # What the keys do

    async def action_view(self, name: str) -> None:
        """Show a view; it is made when it is first asked for."""
        with self.batch_update():  # painted once, when all of it stands
            if name not in self._views:
                from cockpit.ui.views import make_view

                self._views[name] = made = make_view(name, self.keymap)
                made.display = False
                await self.screen_stack[0].query_one("#views").mount(made)
            if name != self.view_name:
                self._views[self.view_name].display = False
                self.notices.hint("")
            self.view_name = name
            view = self._views[name]
            view.display = True
            if view.is_mounted:  # else an earlier key is about to show it: it has no parts yet
                view.show(self.desk.picture)
                view.take_focus()
            self.query_one(Footer).show_view(SCOPES.get(name, ()), name)

    def action_help(self) -> None:
        """Explain the focused pane."""
        from cockpit.ui.screens.help import HelpScreen, topic_of

        scope = self.view_name if len(self.screen_stack) == 1 else "ticket"
        self.push_screen(HelpScreen(topic_of(self.screen, scope)))

    def action_explain(self) -> None:
        """Explain one figure after another."""
        from cockpit.ui.screens.explain import ExplainScreen

        self.push_screen(ExplainScreen(self.screen))

    def action_zoom(self) -> None:
        """Let the focused pane fill the room of the views, or bring the others back."""
        if self.screen.maximized is not None:
            self.screen.minimize()
        elif (focused := self.screen.focused) is not None:
            self.screen.maximize(focused, container=False)

    def action_jump(self) -> None:
        """Letters on every pane and view."""
        from cockpit.ui.screens.jump import JumpScreen

        self.push_screen(JumpScreen(self.screen, self.keymap), self._jumped)

    async def _jumped(self, target: Target | None) -> None:
        if target is not None and target.pane is not None:
            target.pane.focus()
        elif target is not None:
            await self.action_view(target.view)

    def action_sources(self) -> None:
        """Where the numbers come from."""
        from cockpit.ui.screens.sources import SourcesScreen

        self.push_screen(SourcesScreen(self.desk.picture))

    def action_themes(self) -> None:
        """Choose a theme; it is kept for this session."""
        from cockpit.ui.screens.themes import ThemesScreen

        self.push_screen(ThemesScreen(sorted(self.own_themes), self._descriptions), self._themed)

    def _themed(self, name: str | None) -> None:
        if name is not None:
            self.say(f'Theme {name} for this session; for good: theme = "{name}" in config.toml, or --theme {name}.', seconds=12)

    def action_command_palette(self) -> None:
        """Every command by name."""
        from cockpit.ui.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers."""
        from cockpit.ui.palette import commands

        return commands(self)

    def run_command(self, command: str, view: str | None) -> None:
        """A command from the palette, once that is gone; one of a view opens the view first."""
        self.call_after_refresh(self._run_in, command, view)

    async def _run_in(self, command: str, view: str | None) -> None:
        if view is not None and view != self.view_name:
            await self.action_view(view)
        await self.run_action(command, default_namespace=self if view is None else self._views[view])

    def action_help_quit(self) -> None:
        """What ctrl+c says: copying hands press it, so it ends nothing."""
        self.say(LEAVE)

    def action_export(self) -> None:
        """Write the plan as TOML."""
        self.outputs.export()

    def action_report(self) -> None:
        """Write the plan's report as Markdown."""
        self.outputs.report()

    def action_picture(self) -> None:
        """Write the screen as SVG."""
        self.outputs.picture()

    def action_copy(self) -> None:
        """Copy the focused pane as text."""
        self.outputs.copy()

    @property
    def plan(self) -> Plan | None:
        """The previewed plan, or the one in execution."""
        view, execution = self._views.get("rotation"), self.desk.picture.execution
        previewed = view.plan if view is not None else None
        return previewed or (execution.plan if execution is not None else None)

    @property
    def directory(self) -> Path:
        """Where files go; BadInput if the working directory is gone."""
        try:
            return self._asked_directory or Path.cwd()
        except OSError:
            raise BadInput("The working directory is gone: nothing was written; start the cockpit in another folder") from None

    async def _shutdown(self) -> None:
        self.desk.hurry()  # its workers are waited for
        await super()._shutdown()

    def on_answer(self, answer: Answer) -> None:
        if not self.is_running:
            return  # it closes: what this would be shown on is gone
        with self.batch_update():
            answer.apply()
            self._show_picture()

    def show_outage(self, problem: str, seconds: float) -> None:
        """What is on the screen is `seconds` old and grows older, until `problem` is "" again."""
        self.outage = timedelta(seconds=seconds) if problem else None
        then = fmt.moment(self.desk.picture.now)
        self.notices.stand(f"NO UPDATES: {problem}. The numbers are those of {then} UTC." if problem else "")
