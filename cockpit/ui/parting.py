"""What stays on the terminal once the cockpit has left it: where a plan stands that is not finished, and what has no stop."""

import contextlib
import sys

from cockpit.model.picture import Picture
from cockpit.model.text import sanitise
from cockpit.ui.blocks.resuming import plan_name, stands

LONGEST = 1000


def parting(picture: Picture) -> str:
    """One line; "" where nothing waits for the next start."""
    execution, told = picture.execution, []
    if execution is not None and not execution.finished and execution.current is not None:
        begun = stands(execution)
        told.append(
            f"{plan_name(execution)} stands at {begun.place}: it was begun, the next start looks up what became of it and sends "
            "nothing twice."
            if begun.on_its_way
            else f"{plan_name(execution)} stands at {begun.place}; the next start goes on there."
        )
    naked = [f"{row.position.side} {row.position.asset}" for row in picture.positions if not row.protected]
    told += [f"No stop protects {', '.join(naked)}."] if naked else []
    return sanitise(" ".join(told), limit=LONGEST)


def part(picture: Picture) -> None:
    """Print it; a terminal that is gone hears nothing."""
    if sentence := parting(picture):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            sys.stdout.write(sentence.encode("ascii", "replace").decode("ascii") + "\n")
            sys.stdout.flush()
