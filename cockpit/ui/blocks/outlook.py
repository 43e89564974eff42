"""What to do about it: what the phase asks of the book, the plan in execution, triggers that fired, the latest events."""

from decimal import Decimal

from cockpit.model import format as fmt
from cockpit.model.assets import Sector
from cockpit.model.exposure import Exposure
from cockpit.model.market import MarketSnapshot
from cockpit.model.picture import ExecutionView, Picture, Stage
from cockpit.model.readings import Phase
from cockpit.ui.blocks.drift import drift_bar, drift_word, nothing_rotates, share_to_move
from cockpit.ui.blocks.freshness import nothing_is_fresh
from cockpit.ui.blocks.journal import latest
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.keys import AS_SHIPPED, Keymap, key_of
from cockpit.ui.lines import EMPTY, Line, line, width_of, wrapped
from cockpit.ui.precision import tick_of
from cockpit.ui.steps import step_count, step_words
from cockpit.ui.table import Column, Row, table

TARGETS = (
    Column("sector", right=False),
    Column("now %", about="book.weight"),
    Column("target %", about="book.target"),
    Column("band ±", drop=2, about="book.band"),
    Column("to move %", drop=3, about="book.to_move"),
    Column("to move", about="book.to_move"),
    Column("drift", right=False, drop=1, about="book.drift"),
    Column("", right=False, drop=4),
)
MOST_LINES = 2


def outlook(picture: Picture, width: int, keymap: Keymap = AS_SHIPPED) -> list[Line]:
    """The whole panel."""
    exposure = picture.exposure
    if exposure is None:
        return waiting(picture.book_progress, "the book", width)
    rows: list[Line] = []
    if picture.execution is not None:
        rows += [*_execution(picture.execution, picture.market, width, keymap), EMPTY]
    if exposure.base <= 0:
        rows += nothing_rotates(exposure, width)
    elif picture.target_weights and not _is_undetermined(picture):
        rows.append(line((_asks(picture), "strong"), "   ", *_way(picture, keymap)))
        rows += table(TARGETS, [_target_row(picture, exposure, sector) for sector in _targeted(picture, exposure)], width)
    else:
        rows += _without_targets(picture, width, keymap)
    fired = _fired(picture, width)
    newest = latest(picture, width)
    return [*rows, *([EMPTY, *fired] if fired else []), *([EMPTY, *newest] if newest else [])]


def tall_strip(picture: Picture, width: int, keymap: Keymap = AS_SHIPPED) -> list[Line]:
    """The strip and the latest events, where there is height for them."""
    return [*strip(picture, width, keymap), *latest(picture, width)]


def strip(picture: Picture, width: int, keymap: Keymap = AS_SHIPPED) -> list[Line]:
    """The panel in at most two lines: the plan in execution, else what is asked; then what fired."""
    exposure = picture.exposure
    if exposure is None:
        return waiting(picture.book_progress, "the book", width)[:1]
    if picture.execution is not None and not picture.execution.finished:
        rows = _execution(picture.execution, picture.market, width, keymap)
    elif exposure.base <= 0:
        rows = nothing_rotates(exposure, width)
    elif picture.target_weights and not _is_undetermined(picture):
        rows = _asked(picture, exposure, width, keymap)
    else:
        rows = _without_targets(picture, width, keymap)
    fired = _fired(picture, width)
    return [*rows[: MOST_LINES - bool(fired)], *fired][:MOST_LINES]


def _is_undetermined(picture: Picture) -> bool:
    """Whether no plan follows the phase: what the phase last held asks for is shown, and is nothing to do."""
    return picture.call is not None and picture.call.phase is Phase.UNDETERMINED


def _targeted(picture: Picture, exposure: Exposure) -> list[Sector]:
    return [sector for sector in exposure.sectors if sector in picture.target_weights]


def _asks(picture: Picture) -> str:
    return f"{picture.strategy} asks for" if picture.strategy else "asked for"


def _way(picture: Picture, keymap: Keymap) -> Line:
    """How to get there, where no plan is on its way already; or that old quotes stand in it."""
    return () if picture.execution is not None and not picture.execution.finished else the_way(picture, keymap)


def the_way(picture: Picture, keymap: Keymap) -> Line:
    """The key that previews a plan, where there can be one."""
    if _is_undetermined(picture):
        return line(("hold: the phase is undetermined", "warn"))
    if nothing_is_fresh(picture):
        return line(("no plan on old quotes", "warn"))
    return line((key_of("rotate", keymap), "key"), " previews the way")


def _target_row(picture: Picture, exposure: Exposure, sector: Sector) -> Row:
    weight, target, band = exposure.sectors[sector].weight, picture.target_weights[sector], picture.bands.get(sector)
    return Row(
        (
            sector.value,
            fmt.percent(weight, unit=False),
            fmt.percent(target, unit=False),
            fmt.percent(band, unit=False),
            fmt.percent(target - weight, unit=False, signed=True),
            fmt.whole((target - weight) * exposure.base, signed=True),
            drift_bar(weight, target, band),
            drift_word(weight, target, band),
        )
    )


def to_move(picture: Picture, exposure: Exposure) -> Decimal:
    """What changes hands on the way to every target, in quote units."""
    return share_to_move(picture.target_weights, exposure) * exposure.base


def _asked(picture: Picture, exposure: Exposure, width: int, keymap: Keymap) -> list[Line]:
    """B asks: L1 40.0 → 30.0, ...; 25,000 to move; r previews the way. Over as many lines as it needs, never inside a part."""
    sectors = _targeted(picture, exposure)
    words = [drift_word(exposure.sectors[s].weight, picture.target_weights[s], picture.bands.get(s)) for s in sectors]
    content = bool(picture.bands) and not any(word in AWAY for word in words)
    name = picture.strategy or "The strategy"
    parts = [line((f"{name} asks nothing now", "strong"), ": every weight is inside its band, ")]
    if not content:
        parts = [line((f"{name} asks: ", "strong"))]
    for index, sector in enumerate(sectors):
        last = index == len(sectors) - 1
        parts.append(
            line(
                f"{sector.value} ",
                (fmt.percent(exposure.sectors[sector].weight, unit=False), "", "book.weight"),
                " → ",
                (fmt.percent(picture.target_weights[sector], unit=False), "strong", "book.target"),
                "" if last and content else "; " if last else ", ",
            )
        )
    if not content:
        parts += [line((fmt.whole(to_move(picture, exposure)), "strong", "book.to_move"), " to move; "), _way(picture, keymap)]
    return _flowed(parts, width)


AWAY = ("over", "under")


def _flowed(parts: list[Line], width: int) -> list[Line]:
    """Parts one after another, a new line where the next one finds no room."""
    rows: list[Line] = [()]
    for part in parts:
        if rows[-1] and width_of(rows[-1]) + width_of(part) > width:
            rows.append(())
        rows[-1] = (*rows[-1], *part)
    return rows


def _without_targets(picture: Picture, width: int, keymap: Keymap) -> list[Line]:
    if picture.call is None:
        failed = picture.signals_progress.stage is Stage.FAILED
        return waiting(picture.signals_progress, "the signals" if failed else "the signals: the target follows the phase", width)
    key = key_of("view.rotation", keymap)
    if _is_undetermined(picture):
        words = f"The phase is undetermined: hold, take no new risk. Under {key} you may name a strategy yourself."
        return wrapped(words, width, "warn")
    return wrapped(f"No strategy answers phase {picture.call.phase.value}: under {key} you may name one.", width, "warn")


def _fired(picture: Picture, width: int) -> list[Line]:
    """Triggers that fired, with what they propose."""
    rows: list[Line] = []
    for trigger in picture.triggers:
        if trigger.fired:
            rows += wrapped(fmt.minus(f"● {trigger.proposal or trigger.sentence}"), width, "warn")
    return rows


def _execution(execution: ExecutionView, market: MarketSnapshot | None, width: int, keymap: Keymap) -> list[Line]:
    if execution.finished:
        told = f"  strategy {execution.plan.plan.strategy}, {step_count(len(execution.steps))}"
        return [line(("✓ plan finished", "good"), told)]
    done = sum(1 for view in execution.steps if view.state.final)
    rows = [
        line(
            (f"▸ plan {execution.plan.plan.strategy} in execution: ", "accent"),
            (f"{done} of {len(execution.steps)}", "accent", "book.steps"),
            (" steps done", "accent"),
        )
    ]
    if execution.blocked:
        rows += wrapped(f"✗ {execution.blocked}", width, "bad")
    elif execution.current is not None:
        view = next(v for v in execution.steps if v.step.number == execution.current)
        keys = f"{key_of('view.rotation', keymap)}, then {key_of('rotation.begin', keymap)}"
        rows += wrapped(f"next: {step_words(view.step, tick_of(market, view.step.symbol))}   ({keys})", width)
    return rows
