"""What workers and the desk tell the app; one handler each applies it on the UI loop."""

from collections.abc import Callable

from textual.message import Message


class PictureChanged(Message, bubble=False):
    """The desk has a newer picture; the handler reads the newest one, so that late notices cost nothing."""


class Answer(Message, bubble=False):
    """What a worker brought back: `apply` runs on the UI loop."""

    def __init__(self, apply: Callable[[], None]) -> None:
        super().__init__()
        self.apply = apply
