"""A connection of a vendor that takes commands and pushes, with every beat, what is followed on it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from cockpit.model.instruments import Instrument
from cockpit.model.market import Quote
from tests.loopback.wire import Wire
from tests.loopback.world import World


@dataclass
class Topic:
    """One order book that is followed: what was last said of it, and the number of that."""

    name: str
    one: Instrument
    book: Quote | None = None
    update: int = 0
    told: dict[str, Any] = field(default_factory=dict)


@dataclass
class Talk:
    """One connection and what is followed on it, by the vendor's names."""

    wire: Wire
    topics: dict[str, Topic] = field(default_factory=dict)

    @property
    def world(self) -> World:
        """The world as this host tells it now."""
        return self.wire.world

    async def run(
        self,
        beat: float,
        obey: Callable[[Talk, str], Awaitable[None]],
        push: Callable[[Talk, Topic], Awaitable[None]],
        ping: Callable[[Talk], Awaitable[None]] | None = None,
    ) -> None:
        """Obey every message, and push every topic whose asset is still listed, until the other side leaves.

        `ping` is called with every beat.
        """
        clock = asyncio.get_running_loop().time
        due = clock() + beat
        while True:
            message = await self.wire.hear(due - clock())
            if message is not None:
                await obey(self, message)
            if clock() >= due:
                if ping is not None:
                    await ping(self)
                for topic in list(self.topics.values()):
                    if topic.one.asset in self.world.assets:
                        await push(self, topic)
                due = clock() + beat
