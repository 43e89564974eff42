"""Commands to a loopback market in another process: POST /control/fault, heal, move, drop, requests."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.loopback.server import Loopback


async def obey(loopback: Loopback, command: str, given: dict[str, Any]) -> dict[str, Any]:
    """Do what was asked, with the JSON that came with it, and say how it stands.

    fault: host, kind, path, times and the kind's options; heal: host; move: seconds; drop: nothing; requests: host, path.
    """
    if command == "fault":
        loopback.fault(given.pop("host"), given.pop("kind"), **given)
    elif command == "heal":
        loopback.heal(given.get("host", ""))
    elif command == "move":
        loopback.world.clock.move(timedelta(seconds=float(given["seconds"])))
    elif command == "drop":
        await loopback.close_streams()
    elif command == "requests":
        found = loopback.asked(given.get("host", ""), given.get("path", ""))
        return {"requests": [{"method": one.method, "host": one.host, "path": one.path} for one in found]}
    elif command != "state":
        return {"error": f"there is no command {command!r}"}
    return {"now": loopback.world.now().isoformat(), "requests": len(loopback.requests), "sockets": loopback.open_sockets}
