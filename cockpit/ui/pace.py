"""When a new picture is shown: at once where more than prices moved, else as often as the trader wants to look."""

import time
from collections.abc import Callable
from typing import Any

from cockpit.model.picture import Picture
from cockpit.ui.blocks.freshness import quotes_are_old
from cockpit.ui.blocks.sources import is_offline

WATCHED = 1.0
"""How often the market is watched, in seconds, however seldom it is shown."""
SHOWN = 2.0
"""The seconds between two refreshes of the screen where no others are asked for."""
QUIET = 10.0
"""The same of a quiet screen."""
FOLLOWING = {"now", "market", "quote_age", "exposure", "positions", "target_weights", "sources", "accounts_seen"}
"""The fields of a picture that move with the prices; whatever else it has is shown at once."""
STANDING = tuple(name for name in Picture.__struct_fields__ if name not in FOLLOWING)


class Pace:
    """How often prices are shown: every `seconds`. `quiet` lets nothing else move: no age counts.

    `clock` counts seconds. What is not due comes with a later picture: there is one as often as the market is watched.
    """

    def __init__(self, seconds: float = WATCHED, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self.quiet = seconds, quiet
        self._clock = clock
        self._shown: Picture | None = None
        self._shown_at = 0.0

    @property
    def watched(self) -> float:
        """The seconds between two looks at the market: what fires, fills or alarms is found at this pace."""
        return min(WATCHED, self.seconds)

    @property
    def ages(self) -> bool:
        """Whether an age on the screen is true until the next picture; else the time is shown, which stays true."""
        return self.seconds <= WATCHED and not self.quiet

    def due(self, picture: Picture) -> bool:
        """Whether this picture is to be shown now."""
        if self.seconds <= self.watched or self._shown is None or more_than_prices(self._shown, picture):
            return True
        # Pictures come a little early or late: half a look of it moves none to the next one.
        return self._clock() - self._shown_at >= self.seconds - self.watched / 2

    def shows(self, picture: Picture) -> None:
        """This picture is shown now."""
        self._shown, self._shown_at = picture, self._clock()

    def behind(self, picture: Picture) -> bool:
        """Whether what is shown is older than this picture."""
        return picture is not self._shown


def more_than_prices(before: Picture, after: Picture) -> bool:
    """Whether two pictures differ in more than prices and what follows from them: in the book, a plan, an alarm, an outage."""
    return any(_differ(getattr(before, name), getattr(after, name)) for name in STANDING) or _alarms(before) != _alarms(after)


def _differ(before: Any, after: Any) -> bool:
    return before is not after and bool(before != after)


def _alarms(picture: Picture) -> tuple[Any, ...]:
    """What prices alone can bring about that must be known at once."""
    protected = tuple((line.account, line.position.asset, line.protected) for line in picture.positions)
    standing = tuple((source.name, source.health, bool(source.used_for), source.stands_in_for) for source in picture.sources)
    return picture.exposure is None, quotes_are_old(picture), is_offline(picture), protected, standing


def pace_of(seconds: float | None, *, quiet: bool) -> Pace:
    """The pace that was asked for; without `seconds` that of the cockpit."""
    return Pace(seconds or (QUIET if quiet else SHOWN), quiet=quiet)


def still(widget: Any) -> None:
    """Let the cursor of a field stand still: a blink is a paint, and it would go before what a key does."""
    if hasattr(widget, "cursor_blink"):
        widget.cursor_blink = False
