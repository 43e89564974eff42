"""What the append-only journal holds: every event with its time, its book and its plan."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class JournalKind(StrEnum):
    """What happened."""

    OPENED = "opened"
    FRESH = "fresh"
    EDITED = "edited"
    PLAN = "plan"
    CONFIRMED = "confirmed"
    SKIPPED = "skipped"
    ORDER = "order"
    FILL = "fill"
    STOP = "stop"
    TRANSFER = "transfer"
    FUNDING = "funding"
    LIQUIDATION = "liquidation"
    EXTERNAL = "external"
    REFUSAL = "refusal"
    PHASE = "phase"
    HALT = "halt"
    RESUME = "resume"
    EXPORT = "export"
    PROBLEM = "problem"
    CLOSED = "closed"


class JournalRow(Struct, frozen=True, kw_only=True):
    """One event. `message` is a sentence, `data` the exact numbers as decimal strings; `seq` rises over the whole store."""

    seq: int
    at: datetime
    book: str
    kind: JournalKind
    message: str
    revision: int = 0
    plan_id: str | None = None
    step: int | None = None
    data: dict[str, str] = {}

    @property
    def unasked(self) -> bool:
        """Whether a position was closed without us: a stop that fired, a liquidation, or somebody at the venue."""
        elsewhere = self.kind is JournalKind.EXTERNAL and self.data.get("after") == "closed"
        return elsewhere or self.kind is JournalKind.LIQUIDATION or (self.kind is JournalKind.STOP and "amount" in self.data)

    @property
    def asset(self) -> str:
        """The asset that the event is about; "" where it is about none."""
        return self.data.get("asset") or self.data.get("symbol", "").partition("/")[0]
