"""What the trader takes out of the cockpit: the plan, its report, a picture of the screen, the text of a pane.

Each is written by the desk in a worker, never over a file that exists, and the notice names it.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.model import format as fmt
from cockpit.model.plan import Plan
from cockpit.model.text import strip_unsafe
from cockpit.ui.figures import HasFigures, focused_pane
from cockpit.ui.keys import key_of
from cockpit.ui.tone import Tone

if TYPE_CHECKING:
    from cockpit.ui.app import CockpitApp

SECONDS = 12
"""How long the name of a file stands."""


class Outputs:
    """The outputs of an app."""

    def __init__(self, app: "CockpitApp") -> None:
        self._app = app

    def export(self) -> None:
        """The plan as TOML."""
        self._of_plan("export", "Plan", self._app.desk.export)

    def report(self) -> None:
        """The plan as Markdown, to be read."""
        self._of_plan("report", "Report", self._app.desk.report)

    def _of_plan(self, verb: str, noun: str, write: Callable[[Plan, Path], Path]) -> None:
        plan = self._app.plan
        if plan is None:
            rotate = key_of("rotate", self._app.keymap)
            self._app.say(f"There is no plan to {verb} yet: {rotate} shows one.", Tone.WARNING)
            return
        self._app.ask(verb, lambda: write(plan, self._app.directory), partial(self._tell, f"{noun} written to"))

    def picture(self) -> None:
        """The screen as it stands, as SVG."""
        self._keep("screenshot.svg", self._app.export_screenshot(title=self._app.TITLE), "Picture written to")

    def copy(self) -> None:
        """The focused pane as text: to the terminal's clipboard, and to a file for terminals that have none."""
        pane = focused_pane(self._app.screen)
        if not isinstance(pane, HasFigures):
            self._app.say("There is nothing to copy here.", Tone.WARNING)
            return
        rows = [self._origin(), "", *pane.plain().split("\n")]
        text = "\n".join(strip_unsafe(row) for row in rows) + "\n"
        self._app.copy_to_clipboard(text)
        self._keep(f"{self._app.view_name}.txt", text, "Copied if your terminal allows it; also written to")

    def _origin(self) -> str:
        """Whose numbers a copy has, and of when: away from the screen nothing else says it."""
        picture = self._app.desk.picture
        whose = f"{picture.portfolio} / {' + '.join(picture.accounts)}, revision {picture.revision}"
        market = f"{picture.mode.upper()} {picture.market_label.value}"
        return f"{self._app.view_name}: {whose}, {market}, {fmt.moment(picture.now)} UTC"

    def _keep(self, name: str, text: str, words: str) -> None:
        self._app.ask("keep", lambda: self._app.desk.keep(name, text, self._app.directory), partial(self._tell, words))

    def _tell(self, words: str, path: Path) -> None:
        self._app.say(f"{words} {path}", seconds=SECONDS)
