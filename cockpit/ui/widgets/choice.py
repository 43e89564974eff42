"""One of the answers at the foot of a screen: a word that takes the focus."""

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget


class Choice(Widget, can_focus=True):
    """An answer. The screen's bindings press it, so that its gate sees every key first; a click goes through the same gate.

    A click moves no focus by itself: the screen decides what it means.
    """

    FOCUS_ON_CLICK = False

    class Clicked(Message):
        """The mouse pressed it at `at` (monotonic seconds)."""

        def __init__(self, choice: "Choice", at: float) -> None:
            super().__init__()
            self.choice = choice
            self.at = at

    def __init__(self, label: str, *, id: str) -> None:
        super().__init__(id=id, classes="answer")
        self._label = label

    @property
    def label(self) -> str:
        """Its words."""
        return self._label

    @label.setter
    def label(self, label: str) -> None:
        if label != self._label:
            self._label = label
            self.refresh(layout=True)

    def render(self) -> Content:
        """The words in brackets, so that it reads as a button without colour; ▸ marks the focus."""
        return Content(f"{'▸' if self.has_focus else ' '}[ {self._label} ]")

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Clicked(self, event.time))
