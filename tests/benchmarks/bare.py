"""The least that a Textual app can be: what the cockpit's start and keys are compared with."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static

WORDS = ("BARE FRAME", "OTHER FRAME")


class Bare(App[None]):
    """A key changes a word."""

    BINDINGS = [("a", "turn")]  # noqa: RUF012 - as short as an app can be

    def compose(self) -> ComposeResult:
        yield Static(WORDS[0])

    def action_turn(self) -> None:
        word = self.query_one(Static)
        word.update(WORDS[word.content == WORDS[0]])


if __name__ == "__main__":
    Bare().run()
