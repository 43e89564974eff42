"""The loopback market: vendors' own HTTP and WebSocket formats, spoken on this machine, about a world that a test holds."""

from tests.loopback.server import Loopback
from tests.loopback.world import Clock, World, simulated_world

__all__ = ["Clock", "Loopback", "World", "simulated_world"]
