"""What the store hands out: one frozen value for each kind of row, and what can go wrong between two writers."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

from cockpit.model.book import Book
from cockpit.model.errors import StoreError
from cockpit.model.orders import Role, StepState
from cockpit.model.plan import Plan

OF_BOOK = "book:"
"""Bookmarks whose keys begin so describe the book as it stands: they go when the portfolio starts over."""


class RevisionConflict(StoreError):
    """Somebody else changed the book since it was read: read it again and decide again."""

    def __init__(self, book: str, expected: int, found: int) -> None:
        super().__init__(f"{book} is at revision {found}, not {expected}: it was changed meanwhile, look at it again")
        self.expected = expected
        self.found = found


class StaleEpoch(StoreError):
    """Another executor has taken over the account; this one must stop writing."""


class AlreadyThere(StoreError):
    """A row that may exist only once exists: an intent's attempt, a command, a second unresolved order of an account."""


class PlanState(StrEnum):
    """What became of a plan as a whole."""

    MADE = "made"
    BEGUN = "begun"
    DONE = "done"
    STOPPED = "stopped"


class CommandKind(StrEnum):
    """What a screen asks of the executor."""

    CONFIRM = "confirm"
    SKIP = "skip"
    REQUOTE = "requote"
    STOP = "stop"


class CommandState(StrEnum):
    """Whether the executor has taken a command up, and how that ended."""

    WAITING = "waiting"
    TAKEN = "taken"
    REFUSED = "refused"


class PlanRow(Struct, frozen=True, kw_only=True):
    """A plan that the store knows. `basis_revision` is the book's revision that it was made on."""

    id: str
    book: str
    basis_revision: int
    plan: Plan
    created_at: datetime
    expires_at: datetime | None
    state: PlanState


class StepRow(Struct, frozen=True, kw_only=True):
    """Where a step stands. `attempt` counts from 1 and rises only with a new confirmation; `message` is for the trader."""

    plan_id: str
    number: int
    state: StepState
    attempt: int
    shown_hash: str | None
    message: str
    updated_at: datetime


class Command(Struct, frozen=True, kw_only=True):
    """A row by which a screen asks the executor for something: which step, what was shown, on which revision of the book."""

    seq: int
    book: str
    kind: CommandKind
    plan_id: str
    step: int
    attempt: int
    shown_hash: str
    revision: int
    at: datetime
    state: CommandState
    answer: str


class Intent(Struct, frozen=True, kw_only=True):
    """A request that may have been sent. `parameters` and `baseline` are JSON values as they were given."""

    coid: str
    book: str
    account: str
    plan_id: str
    step: int
    attempt: int
    role: Role
    symbol: str
    parameters: dict[str, Any]
    baseline: dict[str, Any]
    pinned_at: datetime
    epoch: int
    state: StepState
    protective: bool
    resolved: bool
    updated_at: datetime


class Lease(Struct, frozen=True, kw_only=True):
    """Who executes an account. Every take-over raises `epoch`; the database refuses writers of older ones."""

    book: str
    account: str
    epoch: int
    owner: str
    taken_at: datetime


class Evidence(Struct, frozen=True, kw_only=True):
    """What a venue answered, redacted, word for word otherwise."""

    seq: int
    at: datetime
    book: str
    coid: str
    kind: str
    data: Any


class Halt(Struct, frozen=True, kw_only=True):
    """Whether every order that adds risk is stopped, since when and why."""

    halted: bool
    reason: str
    at: datetime | None


class BookRow(Struct, frozen=True, kw_only=True):
    """The store's book with where it came from. `opened_revision` and `opened_seq` are those at which its file was opened."""

    book: Book
    source_path: str
    source_fingerprint: str
    opened_revision: int
    opened_seq: int
    opened_at: datetime
    updated_at: datetime


class Opened(Struct, frozen=True, kw_only=True):
    """What opening a portfolio file gave.

    `first` if the store had never seen the portfolio, `resumed` if it goes on where it stood; `difference` is the sentence where
    the file has changed since then, else "".
    """

    book: Book
    resumed: bool
    message: str
    first: bool = False
    difference: str = ""
