"""What a driver tells its app: only what the app cannot see itself."""

from textual.message import Message


class LineReturned(Message):
    """The line stood still for so many seconds, and answers again; what was painted meanwhile is painted now."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class ProcessResumed(Message):
    """The process was stopped for so many seconds, and goes on."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds
