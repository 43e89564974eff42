"""What can go wrong between the cockpit and a source, as a kind with a sentence: what it is, and what happens next."""

from __future__ import annotations

from enum import StrEnum

from cockpit.model.text import sanitise


class Kind(StrEnum):
    """What happened."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    BROKEN_OFF = "broken off"
    LIMITED = "limited"
    BANNED = "banned"
    GEO_BLOCKED = "geo-blocked"
    FORBIDDEN = "forbidden"
    MAINTENANCE = "maintenance"
    SERVER = "server"
    UNREADABLE = "unreadable"
    NONSENSE = "nonsense"
    FROZEN = "frozen"
    CLOCK = "clock"
    MISSING = "missing"
    REFUSED = "refused"


_WORDS = {
    Kind.UNREACHABLE: "cannot be reached from here; look at the network of this machine",
    Kind.TIMEOUT: "did not answer in time",
    Kind.BROKEN_OFF: "broke the connection off",
    Kind.LIMITED: "asks for fewer requests",
    Kind.BANNED: "has banned this address for too many requests",
    Kind.GEO_BLOCKED: "does not serve this country or this host's address",
    Kind.FORBIDDEN: "refuses this address (HTTP 403)",
    Kind.MAINTENANCE: "is under maintenance",
    Kind.SERVER: "has trouble of its own",
    Kind.UNREADABLE: "sent an answer that cannot be read",
    Kind.NONSENSE: "sent numbers that cannot be",
    Kind.FROZEN: "repeats old prices",
    Kind.CLOCK: "finds the clock of this machine wrong: set it by NTP",
    Kind.MISSING: "does not have it",
    Kind.REFUSED: "refused the request",
}
_PLAIN = (Kind.LIMITED, Kind.BANNED, Kind.GEO_BLOCKED, Kind.FORBIDDEN)
"""What the source itself says beside these adds nothing."""
_REST = {
    Kind.LIMITED: 10.0,
    Kind.BANNED: 180.0,
    Kind.GEO_BLOCKED: 1800.0,
    Kind.FORBIDDEN: 600.0,
    Kind.MAINTENANCE: 60.0,
    Kind.FROZEN: 30.0,
}
"""Seconds for which a source is not asked again where it does not name a time itself."""


class Fault(Exception):
    """A request that gave nothing usable. `wait` is for how many seconds the source is left alone; None: the usual back-off."""

    def __init__(self, kind: Kind, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = sanitise(detail, 160)
        self.wait = retry_after if retry_after is not None else _REST.get(kind)

    def sentence(self, source: str) -> str:
        """What is wrong, in one clause about the source."""
        detail = "" if self.kind in _PLAIN else self.detail
        return f"{source} {_WORDS[self.kind]}" + (f": {detail}" if detail else "")

    def __str__(self) -> str:
        return self.sentence("the source")


def of_status(status: int, detail: str = "", retry_after: float | None = None) -> Fault | None:
    """The fault that an HTTP status means; None where it means none."""
    known = {
        403: Kind.FORBIDDEN,
        404: Kind.MISSING,
        418: Kind.BANNED,
        429: Kind.LIMITED,
        451: Kind.GEO_BLOCKED,
        503: Kind.MAINTENANCE,
        504: Kind.TIMEOUT,
    }
    if status < 400:
        return None
    kind = known.get(status, Kind.SERVER if status >= 500 else Kind.REFUSED)
    return Fault(kind, detail or ("" if status in known else f"HTTP {status}"), retry_after=retry_after)
