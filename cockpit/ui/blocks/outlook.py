"""What the phase asks of the book: target against weight, the plan in execution, triggers that fired, the latest events."""

from cockpit.model import format as fmt
from cockpit.model.picture import ExecutionView, Picture
from cockpit.model.readings import Phase
from cockpit.ui.blocks.journal import latest
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.lines import EMPTY, Line, line, wrapped
from cockpit.ui.steps import step_words
from cockpit.ui.table import Column, Row, table

TARGETS = (
    Column("sector", right=False),
    Column("now %"),
    Column("target %"),
    Column("to move %"),
    Column("to move", drop=1),
    Column("drift", right=False, drop=2),
)


def outlook(picture: Picture, width: int) -> list[Line]:
    """The overview's panel."""
    exposure = picture.exposure
    if exposure is None:
        return waiting(picture.book_progress, "the book", width)
    rows: list[Line] = []
    if picture.execution is not None:
        rows += [*_execution(picture.execution, width), EMPTY]
    if picture.target_weights:
        strategy = f"strategy {picture.strategy}" if picture.strategy else "the strategy"
        busy = picture.execution is not None and not picture.execution.finished
        way = () if busy else line("   ", ("r", "key"), " previews the way there")
        rows.append(line((strategy, "strong"), " asks for", *way))
        rows += table(
            TARGETS,
            [
                Row(
                    (
                        sector.value,
                        fmt.percent(total.weight, unit=False),
                        fmt.percent(target, unit=False),
                        fmt.percent(target - total.weight, unit=False, signed=True),
                        fmt.whole((target - total.weight) * exposure.base, signed=True),
                        (fmt.drift_bar(total.weight, target), "accent"),
                    )
                )
                for sector, total in exposure.sectors.items()
                if (target := picture.target_weights.get(sector)) is not None
            ],
            width,
        )
    elif picture.call is None:
        rows += waiting(picture.signals_progress, "the signals: the target follows the phase", width)
    elif picture.call.phase is Phase.UNDETERMINED:
        rows += wrapped(
            "The phase is undetermined: hold, take no new risk. Under 5 you may name a strategy yourself.", width, "warn"
        )
    fired = [trigger for trigger in picture.triggers if trigger.fired]
    for trigger in fired:
        rows += wrapped(fmt.minus(f"● {trigger.proposal or trigger.sentence}"), width, "warn")
    newest = latest(picture, width)
    return rows + ([EMPTY, *newest] if newest else [])


def headline(picture: Picture) -> Line:
    """The panel in one line."""
    if picture.execution is not None and not picture.execution.finished:
        return _execution(picture.execution, 60)[0]
    fired = sum(1 for trigger in picture.triggers if trigger.fired)
    parts = [f"strategy {picture.strategy}" if picture.strategy else "no strategy yet"]
    if picture.exposure and picture.target_weights:
        gap = sum(
            (
                abs(w - picture.exposure.sectors[s].weight)
                for s, w in picture.target_weights.items()
                if s in picture.exposure.sectors
            ),
            start=picture.exposure.nav * 0,
        )
        parts.append(f"{fmt.percent(gap / 2)} of the base to move")
    if fired:
        parts.append(f"{fired} trigger{'s' if fired > 1 else ''} fired")
    return line(", ".join(parts))


def _execution(execution: ExecutionView, width: int) -> list[Line]:
    if execution.finished:
        return [line(("✓ plan finished", "good"), f"  strategy {execution.plan.plan.strategy}, {len(execution.steps)} steps")]
    done = sum(1 for view in execution.steps if view.state.final)
    rows = [line((f"▸ plan {execution.plan.plan.strategy} in execution: {done} of {len(execution.steps)} steps done", "accent"))]
    if execution.blocked:
        rows += wrapped(f"✗ {execution.blocked}", width, "bad")
    elif execution.current is not None:
        view = next(v for v in execution.steps if v.step.number == execution.current)
        rows += wrapped(f"next: {step_words(view.step)}   (5, then ⏎)", width)
    return rows
