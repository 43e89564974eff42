"""What keeps a step from being carried out here: a halt, an executor that stopped, another cockpit that executes."""

from collections.abc import Collection

from cockpit.model.picture import Picture
from cockpit.ui.keys import AS_SHIPPED, Keymap, key_of
from cockpit.ui.lines import Line, wrapped

HALTED = "! HALTED: no step that adds risk can be confirmed until {resume} resumes. Stops stay in force."


def standing(picture: Picture, width: int, keymap: Keymap = AS_SHIPPED, *, explained: Collection[str] = ()) -> list[Line]:
    """One sentence for each; nothing while everything works. An executor's silence is left out where it is one of `explained`."""
    rows: list[Line] = []
    if picture.failure:
        rows += wrapped(
            f"✗ EXECUTOR STOPPED: {picture.failure}. Nothing can be confirmed. Stops that stand stay in force. Leave the "
            "cockpit and start it again: it looks every open order up first.",
            width,
            "bad",
        )
    if picture.halted:
        rows += wrapped(HALTED.format(resume=key_of("resume", keymap)), width, "warn")
    rows += day_limit(picture, width)
    if picture.unheard and "executor" not in explained:
        rows += wrapped(f"✗ NOBODY SENDS: {picture.unheard}.", width, "bad")
    elif picture.watching and not picture.unheard:
        rows += wrapped(f"! WATCHING: {picture.watching}.", width, "warn")
    return rows


def day_limit(picture: Picture, width: int) -> list[Line]:
    """What the loss of the day allows and until when, where it binds and no halt does already."""
    state = picture.trading_state.upper()
    if picture.halted or state == "ACTIVE":
        return []
    reason = "the loss of this day has reached its limit"
    if picture.exposure is not None and picture.exposure.nav <= 0:
        reason = "NAV is not above zero"
    only = "what reduces risk" if state == "REDUCING" else "stops, margin and what reduces a perpetual"
    return wrapped(f"! {state}: {reason}: only {only} can be confirmed until 00:00 UTC.", width, "warn")
