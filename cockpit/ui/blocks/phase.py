"""Which phase of the rotation we are in, why, how sure that is, and what would change it."""

from decimal import Decimal

from cockpit.model import format as fmt
from cockpit.model.assets import Sector
from cockpit.model.money import ZERO
from cockpit.model.picture import Picture
from cockpit.model.readings import PHASES, Phase, PhaseCall, PhaseDay
from cockpit.ui.blocks.drift import drift_bar, drift_word, nothing_rotates, share_to_move, weight_of
from cockpit.ui.blocks.evidence import coverage, evidence, flips, heading, nearest_flips
from cockpit.ui.blocks.gauges import cycle, gauges, legend
from cockpit.ui.blocks.outlook import the_way
from cockpit.ui.blocks.triggers import triggers
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.keys import AS_SHIPPED, Keymap
from cockpit.ui.lines import EMPTY, Line, Span, beside, explained, line, title, wrapped
from cockpit.ui.roles import phase_role
from cockpit.ui.table import Column, Row, facts, table

WIDE = 112
"""From this width on blocks stand side by side."""
GAP = 3
STRIP_LABEL = 8
FOLLOWS = (
    Column("sector", right=False),
    Column("now", about="book.weight"),
    Column("target", about="book.target"),
    Column("to move", about="book.to_move"),
    Column("band ±", drop=2, about="book.band"),
    Column("", right=False, drop=1),
    Column("", right=False),
)


def phase(picture: Picture, width: int, keymap: Keymap = AS_SHIPPED) -> list[Line]:
    """The whole view, the most important first."""
    call = picture.call
    if call is None:
        return waiting(picture.signals_progress, "the signals", width)
    if width < WIDE:
        blocks = [
            [*_verdict(call, width), *cycle(call, width), *gauges(call, width), *_lead(call, width), *_marks(call, width)],
            flips(call, width),
            [heading(call), *evidence(call, width, picture.now)],
            triggers(picture.triggers, width),
            _follows(picture, width, keymap),
            strip(call.strip, width),
        ]
    else:
        left = (width - GAP) * 57 // 100
        right = width - GAP - left
        first = [*gauges(call, left), *_lead(call, left), *_marks(call, left), EMPTY, *flips(call, left)]
        blocks = [
            [*_verdict(call, width), *cycle(call, width)],
            beside(first, _follows(picture, right, keymap), left, GAP),
            [heading(call), *evidence(call, width, picture.now)],
            triggers(picture.triggers, width),
            strip(call.strip, width),
        ]
    if call.notes:
        blocks.append([row for note in call.notes for row in wrapped(note, width, "dim")])
    result: list[Line] = []
    for block in blocks:
        if block:
            result += [EMPTY, *block] if result else block
    return result


def summary(picture: Picture, width: int) -> list[Line]:
    """The overview's panel: scores, the strongest evidence, and what would flip it."""
    call = picture.call
    if call is None:
        return waiting(picture.signals_progress, "the signals", width)
    lines = [*_undetermined(call, width), *gauges(call, width), *_lead(call, width), *evidence(call, width, picture.now, 6)]
    return [*lines, *nearest_flips(call, width, 2), *coverage(call, width)]


def headline(picture: Picture) -> Line:
    """The view in one line."""
    call = picture.call
    if call is None:
        return waiting(picture.signals_progress, "the signals", 60)[0]
    scores = "  ".join(f"{p.value} {fmt.score(call.scores.get(p))}" for p in PHASES)
    return line(
        (_words(call.phase), phase_role(call.phase)),
        (f"  {scores}", "", "phase.score"),
        (f"  coverage {fmt.percent(call.coverage, 0)}", "", "phase.coverage"),
    )


def _words(phase: Phase) -> str:
    return phase.words.upper() if phase is Phase.UNDETERMINED else f"{phase.value} {phase.words}"


def _verdict(call: PhaseCall, width: int) -> list[Line]:
    confidence = call.level.value if call.confidence is None else f"{call.level.value} {fmt.plain_score(call.confidence)}"
    since = f"{fmt.day(call.since)} ({call.days_held} d)" if call.since else fmt.NONE
    rows = facts(
        [
            ("phase", (_words(call.phase), phase_role(call.phase))),
            ("confidence", (confidence, "strong"), "phase.confidence"),
            ("since", since, "phase.days_held"),
            *([("close of", f"{call.day:%Y-%m-%d}")] if width >= WIDE else []),
        ],
        width,
    )
    rows += _undetermined(call, width)
    if call.fast_path:
        rows.append(line(("Fast path to C: ", "warn"), "the evidence for de-risking skipped the waiting time."))
    return rows


def _undetermined(call: PhaseCall, width: int) -> list[Line]:
    if call.phase is not Phase.UNDETERMINED:
        return []
    held = f"the last phase held was {call.incumbent.value}" if call.incumbent else "no phase was held before"
    text = f"! Hold, take no new risk: coverage {fmt.percent(call.coverage, 0)} is below {fmt.percent(call.gate, 0)}; {held}."
    return explained(wrapped(text, width, "warn"), "phase.coverage")


def _lead(call: PhaseCall, width: int) -> list[Line]:
    """Who leads whom, and at what the other takes over."""
    if call.lead is None or call.challenger is None:
        return []
    verb = "leads" if call.lead >= 0 else "is behind"
    told = [f"{call.held.value} {verb} {call.challenger.value} by {fmt.plain_score(abs(call.lead))};"]
    fast = call.falling and call.held is not Phase.C
    if not fast or call.challenger is not Phase.C:
        told.append(
            f"{call.challenger.value} takes over at a lead of {fmt.score(call.flips_at)} "
            f"on {call.closes_needed} closes ({call.closes_seen} seen)."
        )
    if fast:
        told.append("C takes over once it is level, on one close: the market falls.")
    return explained(wrapped(" ".join(told), width), "phase.lead")


def _marks(call: PhaseCall, width: int) -> list[Line]:
    return explained(wrapped(legend(call), width, "dim"), "phase.to_go")


# The strategy that follows


def _follows(picture: Picture, width: int, keymap: Keymap) -> list[Line]:
    """The strategy of this phase, and how far the book is from it: inside or outside of each band, in words."""
    if not picture.strategy:
        return [
            title("No strategy follows"),
            *wrapped("An undetermined phase asks for nothing: hold, take no new risk.", width, "dim"),
        ]
    head = title(f"Strategy {picture.strategy} follows", "% of the base")
    exposure = picture.exposure
    if exposure is None:
        return [head, *waiting(picture.book_progress, "the book", width)]
    if exposure.base <= 0:
        return [head, *nothing_rotates(exposure, width)]
    rows = []
    for sector, target in picture.target_weights.items():
        weight = weight_of(exposure, sector)
        band = picture.bands.get(sector)
        rows.append(
            Row(
                (
                    sector.value,
                    fmt.percent(weight, unit=False),
                    fmt.percent(target, unit=False),
                    fmt.percent(target - weight, unit=False, signed=True),
                    fmt.percent(band, unit=False),
                    drift_bar(weight, target, band),
                    _standing(weight, target, band),
                )
            )
        )
    if all(abs(target - weight_of(exposure, sector)) <= band for sector, target, band in _banded(picture)):
        away = line(("✓ inside every band: nothing needs to be traded", "good"))
    else:
        moved = fmt.percent(share_to_move(picture.target_weights, exposure))
        away = line((f"{moved} is to move", "strong", "book.to_move"), "   ", *the_way(picture, keymap))
    return [head, *table(FOLLOWS, rows, width), away]


def _banded(picture: Picture) -> list[tuple[Sector, Decimal, Decimal]]:
    """The sectors with a band of their own: target and band."""
    return [(sector, picture.target_weights.get(sector, ZERO), band) for sector, band in picture.bands.items()]


def _standing(weight: Decimal, target: Decimal, band: Decimal | None) -> tuple[str, str]:
    """A sign and the word for the side of the band."""
    word = drift_word(weight, target, band)
    if not word:
        return "the rest", "dim"
    return ("✓ inside", "good") if word == "inside" else (f"! {word}", "warn")


# The last days


def strip(days: tuple[PhaseDay, ...], width: int) -> list[Line]:
    """One letter a day over as few equal rows as fit; a month stands over its first day."""
    if not days:
        return []
    rows = [title(f"The last {len(days)} days", "one letter a day; · is undetermined")]
    count = -(-len(days) // max(20, width - STRIP_LABEL))
    size = -(-len(days) // count)
    for start in range(0, len(days), size):
        chunk = days[start : start + size]
        rows.append(line((" " * STRIP_LABEL + _months(chunk), "head")))
        letters = [Span("·" if d.phase is Phase.UNDETERMINED else d.phase.value, phase_role(d.phase)) for d in chunk]
        rows.append((Span(f"{fmt.day(chunk[0].day):>6}  ", "dim"), *letters))
    return rows


def _months(days: tuple[PhaseDay, ...]) -> str:
    """The month's name over each first of a month, where there is room for it."""
    cells = [" "] * len(days)
    for index, item in enumerate(days):
        name = fmt.day(item.day).split()[-1]
        if item.day.day == 1 and index + len(name) <= len(cells):
            cells[index : index + len(name)] = name
    return "".join(cells).rstrip()
