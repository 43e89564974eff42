"""What the ticket's screen can be about, which of its keys act then, and what makes it another ticket."""

from enum import Enum

from cockpit.model.picture import Picture
from cockpit.ui import actions
from cockpit.ui.blocks.freshness import quotes_are_old


class Showing(Enum):
    """What the screen is about at the moment."""

    LOADING = "loading"
    ASKING = "asking"
    SENDING = "sending"
    WORKING = "working"
    REFUSED = "refused"
    BLOCKED = "blocked"
    FINISHED = "finished"
    WAY_BACK = "way back"
    NO_WAY_BACK = "no way back"


_STEP = tuple(action.id for action in actions.TICKET if action.id != "ticket.undo")
_ALWAYS = ("ticket.cancel", "help", "explain", "halt")
_ACT: dict[Showing, tuple[str, ...]] = {
    Showing.ASKING: _STEP,
    Showing.REFUSED: _STEP,
    Showing.SENDING: ("ticket.press", *_ALWAYS),
    Showing.BLOCKED: ("ticket.press", "ticket.stop", *_ALWAYS),
    Showing.FINISHED: ("ticket.press", "ticket.undo", *_ALWAYS),
    Showing.WAY_BACK: ("ticket.press", "ticket.next", *_ALWAYS),
    Showing.NO_WAY_BACK: ("ticket.press", *_ALWAYS),
}


def keys_that_act(showing: Showing) -> list[actions.Action]:
    """What the footer offers."""
    acting = _ACT.get(showing, _ALWAYS)
    return [action for action in actions.TICKET if action.id in acting]


def stands(picture: Picture) -> tuple[bool, ...]:
    """What keeps steps from being sent at all: where it changes, the ticket is another one."""
    return picture.halted, bool(picture.unheard), quotes_are_old(picture)


def another(showing: Showing, stood: tuple[bool, ...], picture: Picture) -> bool:
    """Whether a ticket must be asked for anew; that a confirmation was refused is not taken away by quotes that come back."""
    now = stands(picture)
    return now[:-1] != stood[:-1] if showing is Showing.REFUSED else now != stood
