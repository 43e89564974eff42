"""What the open view shows, where its numbers come from, and every key that works there."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from cockpit.model.picture import Picture
from cockpit.ui import actions
from cockpit.ui.lines import EMPTY, Line, title, wrapped
from cockpit.ui.rules import MEANINGS
from cockpit.ui.screens.follows import Follows
from cockpit.ui.table import Column, Row, table
from cockpit.ui.widgets.footer import Footer
from cockpit.ui.widgets.lines_view import LinesView
from cockpit.ui.widgets.notice import Notice

VIEWS = {
    "overview": """Positions, phase, sector signals and what the phase asks for, together. Below 120 columns one panel is open and
        the others are headlines; tab opens the next one.""",
    "positions": """Spot and perpetuals as one book. Net is spot value plus signed perpetual notional (a short is negative);
        weight is net over the base, which is NAV less what stands outside the rotation. STABLE's net is what remains, so the
        weights close at 100. NAV = spot + futures wallets + unrealised PnL. Free reserve is spot cash over NAV.
        Liquidation and stop are distances from mark.""",
    "phase": """A infrastructure first, B DeFi alpha hunt, C de-risk and consolidate. Each score is the smoothed, weighted
        evidence between −1 and +1; what each row adds sums to the day's evidence. The challenger takes over only when
        its lead lasts. Below the coverage that a call needs the phase is undetermined: hold, take no new risk.""",
    "signals": """Every indicator of every sector and asset. Scores run from −1 (red-brown) to +1 (blue-green); · is missing,
        which is not 0. The lines below the grid explain the cell in brackets: raw value, unit, source, age, quality.""",
    "rotation": """The plan from the book to the strategy's target. Every step is followed by the book after it; ◂ marks the worst
        of the way. A hard rule that any step would break refuses the whole plan; a soft one warns. Nothing is sent
        before a step is confirmed in its ticket.""",
    "journal": """Everything that happened to this book, newest first: plans, confirmations, orders, fills, stops, refusals, phase
        changes. Nothing in it is ever changed.""",
}

KEYS = (Column("key", right=False), Column("does", right=False, name=True, least=20))


def help_lines(view: str, width: int) -> list[Line]:
    """The text of a view and its keys, then the keys of the whole cockpit."""
    rows = [title(view), *wrapped(" ".join(VIEWS.get(view, "").split()), width), EMPTY]
    own = actions.SCOPES.get(view, ())
    if own:
        rows += [title("Keys here"), *table(KEYS, [_row(action) for action in own], width, headings=False), EMPTY]
    if view == "rotation":
        rows += [title("The rules' words"), *table(KEYS, [Row((name, text)) for name, text in MEANINGS], width, headings=False)]
        rows.append(EMPTY)
    rows += [title("Keys everywhere"), *table(KEYS, [_row(action) for action in actions.COCKPIT], width, headings=False), EMPTY]
    rows += [title("Keys of the order ticket"), *table(KEYS, [_row(action) for action in actions.TICKET], width, headings=False)]
    return rows


def _row(action: actions.Action) -> Row:
    return Row(((action.key_text, "key"), action.help))


class HelpScreen(Follows[None]):
    """The help over the open view."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.HELP)]

    def __init__(self, view: str) -> None:
        super().__init__(id="help-screen")
        self._view = view

    def compose(self) -> ComposeResult:
        yield Notice()
        yield LinesView(id="help")
        yield Footer(actions.HELP)

    def show(self, picture: Picture) -> None:
        """The help does not follow the picture."""

    def on_resize(self) -> None:
        view = self.query_one("#help", LinesView)
        view.show_lines(help_lines(self._view, max(20, view.scrollable_content_region.width - 1)))
