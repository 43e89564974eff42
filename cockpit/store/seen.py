"""Until when a book was seen: a mark of every cockpit that has it open, so that the next opening can tell what came after.

A cockpit that is open renews its mark; the marks of those that are gone stay until a later one is made.
"""

import os
import socket
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from cockpit.model.wire import json_of, prepared
from cockpit.store.unit import Unit
from cockpit.store.view import View

SILENT = timedelta(minutes=3)
"""A mark that is older than this belongs to a cockpit that is gone, whatever its process says."""
_SEEN = "seen:"


class Mark(Struct, frozen=True, kw_only=True):
    """A cockpit (host, process, token), the time and the newest event until which it showed the book, and how it ended.

    `ended` is None while it may be open, "" where its trader left it.
    """

    host: str
    process: int
    token: str
    at: datetime
    seq: int
    ended: str | None = None

    def gone(self, now: datetime) -> bool:
        """Whether its cockpit is not open any more."""
        return self.ended is not None or now - self.at > SILENT or (self.host == socket.gethostname() and not _runs(self.process))


def new_mark(at: datetime, seq: int) -> Mark:
    """The mark of a cockpit in this process."""
    return Mark(host=socket.gethostname(), process=os.getpid(), token=uuid.uuid4().hex, at=at, seq=seq)


def gone_marks(view: View, now: datetime) -> tuple[Mark, ...]:
    """The marks of the cockpits that are gone, the newest last."""
    found = (msgspec.json.decode(text, type=prepared(Mark)) for text in view.bookmarks(_SEEN))
    return tuple(sorted((mark for mark in found if mark.gone(now)), key=lambda mark: (mark.seq, mark.at)))


def put_mark(unit: Unit, mark: Mark, instead_of: Iterable[Mark] = ()) -> None:
    """Keep a mark, and forget others: those after which this cockpit has told what happened."""
    for other in (*instead_of, mark):
        unit.drop_bookmarks(_SEEN + other.token)
    unit.set_bookmark(_SEEN + mark.token, json_of(mark))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
