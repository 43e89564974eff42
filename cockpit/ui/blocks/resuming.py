"""What a trader who comes back is told first: what happened meanwhile, where the plan stands, and which keys go on."""

from datetime import datetime, timedelta
from typing import NamedTuple

from cockpit.model import format as fmt
from cockpit.model.absence import Absence, tally
from cockpit.model.orders import StepState
from cockpit.model.picture import ExecutionView, Picture
from cockpit.ui.keys import Keymap, key_of

ON_ITS_WAY = (
    StepState.CONFIRMED,
    StepState.INTENT,
    StepState.OPEN,
    StepState.PARTIAL,
    StepState.FILLED,
    StepState.PROTECTING,
    StepState.UNKNOWN,
)


class Stands(NamedTuple):
    """Where a plan stands: "step 3 of 6", and whether something of that step may have been sent."""

    place: str
    on_its_way: bool


def stands(execution: ExecutionView) -> Stands:
    """Where a plan stands that is not finished."""
    state = next((view.state for view in execution.steps if view.step.number == execution.current), None)
    return Stands(f"step {execution.current} of {len(execution.steps)}", state in ON_ITS_WAY)


def plan_name(execution: ExecutionView) -> str:
    """Plan B."""
    return f"Plan {execution.plan.plan.strategy}"


def meanwhile(absence: Absence, picture: Picture, keymap: Keymap) -> str:
    """What happened since the book was last seen, what waits now, and the keys that go on."""
    told = [absence.sentence(), *_waiting(picture, keymap)]
    if not absence.quiet:
        told.append(f"{key_of('absence', keymap)} shows what happened.")
    return " ".join(told)


def waits(picture: Picture) -> bool:
    """Whether a plan is in the middle, or a halt in force."""
    return picture.halted or (picture.execution is not None and not picture.execution.finished)


def _waiting(picture: Picture, keymap: Keymap) -> list[str]:
    rows = [f"Halted: {key_of('resume', keymap)} resumes."] if picture.halted else []
    execution = picture.execution
    if execution is None or execution.finished or execution.current is None:
        return rows
    begun, name, rotate = stands(execution), plan_name(execution), key_of("rotate", keymap)
    if execution.blocked:
        return [*rows, f"{name} is blocked, {execution.blocked}; {rotate} shows it."]
    if begun.on_its_way:
        return [*rows, f"{name}: {begun.place} is being looked up; nothing is sent twice."]
    return [*rows, f"{name} waits at {begun.place}: {rotate}, then {key_of('rotation.begin', keymap)} goes on."]


def stood_still(seconds: float, since: datetime, seen: datetime, picture: Picture) -> str:
    """What happened since `seen`, from when the last picture that arrived is; the line stood still after `since` (both UTC)."""
    until = since + timedelta(seconds=seconds)
    found = tally(row for row in picture.journal if row.at >= seen)
    words = [*found.actions(), *found.words()]
    if picture.positions and not found.stops_fired:
        words.append("no stop fired")
    told = f"The line stood still for {fmt.age(until - since)} ({since:%H:%M:%S} to {until:%H:%M:%S} UTC); meanwhile: "
    return told + (", ".join(words) or "nothing happened") + "." + (f" {found.closings()}." if found.closed else "")
