"""What was made last, and of what: it is made again only where one of its parts is another."""

from collections.abc import Callable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Kept(Generic[Made]):
    """One thing that takes long to make; pictures come every second, and most change nothing of it."""

    def __init__(self) -> None:
        self._last: tuple[tuple[object, ...], Made] | None = None

    def of(self, parts: tuple[object, ...], make: Callable[[], Made]) -> Made:
        """What `make` makes of `parts`, everything that it depends on."""
        if self._last is None or self._last[0] != parts:
            self._last = parts, make()
        return self._last[1]
