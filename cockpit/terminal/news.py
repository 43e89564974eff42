"""What a driver tells its app: only what the app cannot see itself."""

from textual.message import Message


class LineReturned(Message):
    """The line stood still for so many seconds, and answers again; what was painted meanwhile is painted now.

    `unseen` is for how many seconds the far end has seen nothing new: what went into the line before it stood still may have
    been lost in it too.
    """

    def __init__(self, seconds: float, unseen: float) -> None:
        super().__init__()
        self.seconds = seconds
        self.unseen = unseen


class ProcessResumed(Message):
    """The process was stopped for so many seconds, and goes on; None where it was stopped without a word to the driver."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__()
        self.seconds = seconds
