"""The readings of the sectors in a few lines, for the overview: one row a subject, one column an indicator."""

from collections.abc import Sequence

from cockpit.model import format as fmt
from cockpit.model.picture import Picture
from cockpit.model.readings import Reading
from cockpit.ui.blocks.heat import heat_role
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.lines import Line, clip, line
from cockpit.ui.table import Column, Row, table

SUBJECTS = ("MARKET", "DEFI/L1", "L1", "DEFI", "BTC")


def summary(picture: Picture, width: int) -> list[Line]:
    """Score and raw value of every sector's indicators."""
    if not picture.readings:
        return waiting(picture.signals_progress, "the signals", width)
    columns = (
        Column("", right=False),
        Column("indicator", right=False, name=True, least=12),
        Column("value"),
        Column("score"),
        Column("age", drop=1),
    )
    rows = [
        Row(
            (
                "" if index else subject,
                reading.label,
                (fmt.reading(reading), "dim" if reading.raw is None else ""),
                ("·", "dim") if reading.score is None else (f" {fmt.score(reading.score)} ", heat_role(reading.score)),
                (fmt.since(reading.at, picture.now), "dim"),
            )
        )
        for subject in SUBJECTS
        for index, reading in enumerate(_of(picture.readings, subject))
    ]
    return table(columns, rows, width)


def headline(picture: Picture) -> Line:
    """The strongest readings of the sectors in one line."""
    if not picture.readings:
        return waiting(picture.signals_progress, "the signals", 60)[0]
    scored = [r for subject in SUBJECTS for r in _of(picture.readings, subject) if r.score is not None]
    strongest = sorted(scored, key=lambda r: -abs(r.score or 0.0))[:3]
    return line(clip("  ".join(f"{r.subject} {r.label} {fmt.score(r.score)}" for r in strongest), 66))


def _of(readings: Sequence[Reading], subject: str) -> list[Reading]:
    """The subject's readings; the same number under a second name is left out."""
    seen: dict[float | None, Reading] = {}
    for reading in readings:
        if reading.subject == subject:
            seen.setdefault(reading.raw, reading)
    return list(seen.values())
