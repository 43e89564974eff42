"""What stands where a part of the picture is not there."""

from cockpit.model.picture import Progress, Stage
from cockpit.ui.lines import Line, line, wrapped


def waiting(progress: Progress, what: str, width: int) -> list[Line]:
    """What stands where a part of the picture is not there: still on its way, failed with its reason, or none at all."""
    if progress.stage is Stage.FAILED:
        return [line((f"✗ {what} could not be read", "bad")), *wrapped(progress.message or "No reason was given.", width)]
    if progress.stage is Stage.LOADING:
        return wrapped(f"… {progress.message or f'loading {what}'}", width, "dim")
    return wrapped(progress.message or f"There is nothing of {what} to show.", width, "dim")
