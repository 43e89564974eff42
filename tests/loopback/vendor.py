"""How a vendor is written down for the loopback market: hosts, routes, what was asked, what is answered, a WebSocket."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import msgspec

from tests.loopback.world import World

if TYPE_CHECKING:
    from tests.loopback.wire import Wire

Handler = Callable[[Any, "Asked"], Any]
Talk = Callable[[Any, "Wire"], Awaitable[None]]
Marked = TypeVar("Marked", bound=Callable[..., Any])


@dataclass(frozen=True)
class Asked:
    """A request as the vendor sees it. `parts` are the named groups of the route's path; `world` is what this host believes."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    world: World
    raw_query: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """The body, decoded."""
        return msgspec.json.decode(self.body)


@dataclass(frozen=True)
class Answer:
    """What goes back: `body` is bytes or text as they are, anything else as JSON (a Decimal as a string)."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def bytes(self) -> bytes:
        """The body as it is sent."""
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else msgspec.json.encode(self.body)


@dataclass
class Options:
    """What a test may turn: `padding` bytes of unknown symbols in the listings, `beat` seconds between two pushes of a stream."""

    padding: int = 0
    beat: float = 0.2


@dataclass(frozen=True)
class Route:
    """One end point of some hosts."""

    method: str
    hosts: tuple[str, ...]
    path: re.Pattern[str]
    name: str


def rest(method: str, host: str | tuple[str, ...], path: str) -> Callable[[Marked], Marked]:
    """Mark a method `(self, asked) -> Answer or JSON` as the answer to `method` on `path`, a regular expression."""
    return _mark("_rest", method, host, path)


def socket(host: str | tuple[str, ...], path: str) -> Callable[[Marked], Marked]:
    """Mark a coroutine `(self, wire)` as what talks on a WebSocket at `path`, a regular expression."""
    return _mark("_socket", "GET", host, path)


class Vendor:
    """One vendor. Subclasses mark their methods with `rest` and `socket`, and are found by being in this package."""

    kinds: ClassVar[list[type[Vendor]]] = []

    def __init_subclass__(cls) -> None:
        cls.kinds.append(cls)

    def __init__(self, world: World, options: Options) -> None:
        self.world = world
        self.options = options

    def meet(self, vendors: list[Vendor]) -> None:
        """Called once with all vendors, for one that shares something with another."""

    def routes(self, kind: str = "_rest") -> Iterator[Route]:
        """Its marked methods."""
        for name in dir(type(self)):
            for method, hosts, path in getattr(getattr(type(self), name), kind, ()):
                yield Route(method, hosts, re.compile(path), name)

    def answer(self, asked: Asked, route: Route) -> Answer:
        """Call the handler; overridden where every answer of a vendor has something in common."""
        given = getattr(self, route.name)(asked)
        return given if isinstance(given, Answer) else Answer(given)


def _mark(kind: str, method: str, host: str | tuple[str, ...], path: str) -> Callable[[Marked], Marked]:
    hosts = (host,) if isinstance(host, str) else host

    def mark(handler: Marked) -> Marked:
        setattr(handler, kind, (*getattr(handler, kind, ()), (method, hosts, path)))
        return handler

    return mark
