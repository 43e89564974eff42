"""Seconds that pass only when a test says so, for what counts by a clock that never goes back."""


class Seconds:
    """A clock; `now` is what it shows."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
