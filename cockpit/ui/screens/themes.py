"""Chooses a theme: what stands below is shown in the marked one at once; escape brings the old one back."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from cockpit.model.picture import Picture
from cockpit.ui import actions
from cockpit.ui.lines import EMPTY, Line, clip, line, padded, title, wrapped
from cockpit.ui.screens.follows import Follows
from cockpit.ui.widgets.footer import Footer
from cockpit.ui.widgets.lines_view import LinesView

NAME_WIDTH = 18
HEAD = 2
"""Lines above the first theme."""


def theme_rows(names: Sequence[str], dark: Mapping[str, bool], marked: str, kept: str, width: int) -> list[Line]:
    """One theme a line: whether it is marked, its name, whether it is dark or light, whether it is the one in force before."""
    rows: list[Line] = [title("Themes"), EMPTY]
    for name in names:
        words = "dark" if dark[name] else "light"
        now = "  now" if name == kept else ""
        text = f"{'▸' if name == marked else ' '} {padded(clip(name, NAME_WIDTH), NAME_WIDTH)} {words}{now}"
        rows.append(line((padded(text, width), "cursor" if name == marked else "")))
    return rows


def theme_words(name: str, about: str, width: int) -> list[Line]:
    """What the marked theme is for, and how it stays beyond this session."""
    return [
        *(wrapped(about, width) if about else []),
        EMPTY,
        *wrapped(f'For good: theme = "{name}" in config.toml, or --theme {name}', width, "dim"),
    ]


class ThemesScreen(Follows[str]):
    """The list at the right edge; answers with the theme to keep, or None for the one before."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.THEMES)]
    AUTO_FOCUS = ""

    def __init__(self, names: Sequence[str], descriptions: Mapping[str, str]) -> None:
        super().__init__(id="themes-screen")
        self._names = tuple(names)
        self._descriptions = descriptions
        self._before = ""
        self._at = 0

    def compose(self) -> ComposeResult:
        with Container(id="themes"):
            yield LinesView(id="theme-list")
            yield LinesView(id="theme-words")
        yield Footer(actions.THEMES)

    def on_mount(self) -> None:
        self.ready = True
        self._before = self.app.theme
        self._at = self._names.index(self._before) if self._before in self._names else 0
        for view in self.query(LinesView):
            view.can_focus = False
        self._paint()

    def on_resize(self) -> None:
        self._paint()

    def show(self, picture: Picture) -> None:
        """The list does not follow the picture; what stands below does."""

    def _paint(self) -> None:
        names, now = self._names, self._names[self._at]
        themes = self.app.available_themes
        shown, words = self.query_one("#theme-list", LinesView), self.query_one("#theme-words", LinesView)
        width = max(20, shown.scrollable_size.width)
        shown.show_lines(theme_rows(names, {name: themes[name].dark for name in names}, now, self._before, width))
        shown.scroll_to(y=max(0, self._at + HEAD + 1 - shown.size.height), animate=False)
        words.show_lines(theme_words(now, self._descriptions.get(now, ""), width))

    def _mark(self, at: int) -> None:
        self._at = at
        self.app.theme = self._names[at]
        self._paint()

    def action_choose(self, by: int) -> None:
        """Mark the next theme or the one before, and show it."""
        self._mark((self._at + by) % len(self._names))

    def on_click(self, event: events.Click) -> None:
        """A click on a theme marks it; one on the marked theme takes it."""
        shown = self.query_one("#theme-list", LinesView)
        offset = event.screen_offset - shown.content_region.offset
        row = offset.y + shown.scroll_offset.y - HEAD
        if shown.region.contains_point(event.screen_offset) and 0 <= row < len(self._names):
            if row == self._at:
                self.action_take()
            else:
                self._mark(row)

    def action_take(self) -> None:
        """Keep the marked theme for this session."""
        self.answer(self._names[self._at])

    def action_leave(self) -> None:
        """The theme before stands again."""
        self.app.theme = self._before
        self.answer(None)
