"""The newest picture, replaced whole and in one place, and who is told of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from cockpit.model.picture import Picture

Subscriber = Callable[[Picture], None]


class Pictures:
    """Keeps one frozen picture. Safe from any thread; `aim` completes every picture from what is in it before it is shown."""

    def __init__(self, first: Picture, aim: Callable[[Picture], Picture]) -> None:
        self.newest = first
        self._aim = aim
        self._lock = threading.Lock()
        self._begun = self._shown = 0
        self._subscribers: list[Subscriber] = []

    def subscribe(self, callback: Subscriber) -> None:
        """Call `callback` with every new picture, in the thread that made it."""
        self._subscribers.append(callback)

    def change(self, **changes: Any) -> Picture:
        """Show the newest picture with other fields."""
        with self._lock:
            picture = self._replace(changes)
        return self._tell(picture)

    def begin_look(self) -> int:
        """The number of a look that begins now."""
        with self._lock:
            self._begun += 1
            return self._begun

    def end_look(self, look: int, seen: Mapping[str, Any], **changes: Any) -> Picture:
        """Show what a look has seen, unless one that began later is shown already; the `changes` in either case."""
        with self._lock:
            newest = look > self._shown
            self._shown = max(self._shown, look)
            picture = self._replace({**(seen if newest else {}), **changes})
        return self._tell(picture)

    def _replace(self, changes: Mapping[str, Any]) -> Picture:
        self.newest = picture = self._aim(replace(self.newest, **changes))
        return picture

    def _tell(self, picture: Picture) -> Picture:
        for callback in tuple(self._subscribers):
            callback(picture)
        return picture
