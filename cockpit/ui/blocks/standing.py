"""What keeps a step from being carried out here: a halt, an executor that stopped, another cockpit that executes."""

from cockpit.model.picture import Picture
from cockpit.ui.lines import Line, wrapped


def standing(picture: Picture, width: int) -> list[Line]:
    """One sentence for each; nothing while everything works."""
    rows: list[Line] = []
    if picture.failure:
        rows += wrapped(
            f"✗ EXECUTOR STOPPED: {picture.failure}. Nothing can be confirmed. Stops that stand stay in force; q leaves, and "
            "starting again looks every open order up first.",
            width,
            "bad",
        )
    if picture.halted:
        rows += wrapped("! HALTED: no step can be confirmed until H resumes. Stops stay in force.", width, "warn")
    if picture.watching:
        rows += wrapped(f"! WATCHING: {picture.watching}.", width, "warn")
    return rows
