"""A screen on which the focus moves without painting everything again."""

from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget


class Steady:
    """Mixed into a screen: its widgets show by themselves that they took or lost the focus; Textual's paints every cell then."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)


class Views(Steady, Screen[object]):
    """The screen that the views stand on."""
