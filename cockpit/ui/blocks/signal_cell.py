"""Where one number of the heatmap comes from: value, score, history, formula with the numbers in force, inputs, source, age."""

from datetime import datetime

from cockpit.model import format as fmt
from cockpit.model.charts import IndicatorNote, Series
from cockpit.ui.blocks.heat import Behind, heat_role, row_words
from cockpit.ui.blocks.raw import raw_text
from cockpit.ui.charts.spark import finite, sparkline
from cockpit.ui.lines import Line, explained, line, padded, wrapped
from cockpit.ui.table import Fact, facts

LABEL = 9
SPARK_LEAST = 12


def cell_detail(cell: Behind, found: Series | str | None, note: IndicatorNote | None, now: datetime, width: int) -> list[Line]:
    """All about one cell, the most important first.

    `found` is its history, newest last; None while it is on its way, a sentence where it could not be read.
    """
    series = found if isinstance(found, Series) else None
    about = f"indicator.{cell.indicator}"
    head = line((row_words(cell.subject, cell.label), "title"))
    rows = [
        line(*head, "   ", *part) if not index else part for index, part in enumerate(_numbers(cell, series, about, now, width))
    ]
    rows += _labelled("history", f"✗ {found}", width) if isinstance(found, str) else _history(cell, series, about, width)
    if note is not None:
        for label, text in (("formula", note.formula), ("score", note.score), ("inputs", note.inputs)):
            rows += explained(_labelled(label, text or "not scored: it is shown and weighs nothing", width), about)
    rows += explained(_labelled("source", _source(cell, now), width), "signals.age")
    if note is not None:
        rows += _labelled("after", note.reference, width)
    if cell.reading is not None and cell.reading.note:
        rows += _labelled("note", cell.reading.note, width)
    return rows


def _numbers(cell: Behind, series: Series | None, about: str, now: datetime, width: int) -> list[Line]:
    """Value, score, quality and age of the day that the cell shows."""
    reading = cell.reading
    room = width - len(row_words(cell.subject, cell.label)) - 3
    if reading is None and not cell.back:
        return [line(("not defined for this subject", "dim"))]
    if reading is not None:
        raw = "no data" if reading.raw is None else fmt.reading(reading)
        unit, score = reading.unit, reading.score
    else:
        at = series is not None and cell.back < len(series.days)
        raw = raw_text(series.raws[-1 - cell.back], series.unit) if series is not None and at else "…"
        unit, score = (series.unit, series.scores[-1 - cell.back]) if series is not None and at else ("", None)
    pairs: list[Fact] = [
        ("value", (raw, "strong", about)),
        ("unit", unit),
        ("score", (f"{fmt.score(score)} of −1 … +1" if score is not None else fmt.NONE, heat_role(score), "signals.score")),
    ]
    if series is not None and cell.back < len(series.days):
        pairs.append(("close of", f"{series.days[-1 - cell.back]:%Y-%m-%d}"))
    if reading is not None:
        pairs += [
            ("quality", (fmt.plain_score(reading.quality), "", "signals.quality")),
            ("age", (fmt.since(reading.at, now), "", "signals.age")),
        ]
    return facts(pairs, max(20, room))


def _history(cell: Behind, series: Series | None, about: str, width: int) -> list[Line]:
    """The way there as a line of blocks, with its ends and its extremes."""
    label = (padded("history", LABEL), "dim")
    if series is None:
        return [line(label, ("… loading", "dim"))]
    until = len(series.raws) - cell.back
    known = [number for raw in series.raws[:until] if (number := finite(raw)) is not None]
    if not known:
        return [line(label, ("no data", "dim"))]
    longest = max(len(raw_text(number, series.unit)) for number in (min(known), max(known)))
    room = width - LABEL - len(f"{'30 Sep':<7}{'30 Sep':>7}{'   low '}{'   high '}") - 2 * longest
    from_day = max(0, until - max(SPARK_LEAST, room))
    raws, days = series.raws[from_day:until], series.days[from_day:until]
    shown = [number for raw in raws if (number := finite(raw)) is not None] or known
    low, high = raw_text(min(shown), series.unit), raw_text(max(shown), series.unit)
    ends = f"{fmt.day(days[0])} ", f" {fmt.day(days[-1])}   "
    tail = line(("low ", "dim"), (low, "", about), ("   high ", "dim"), (high, "", about))
    drawn = sparkline(raws, len(raws))
    return [line(label, (ends[0], "dim"), (drawn, "accent"), (ends[1], "dim"), *tail)]


def _source(cell: Behind, now: datetime) -> str:
    reading = cell.reading
    if reading is None:
        return f"the market's history, {cell.back} days before the newest close" if cell.back else fmt.NONE
    if reading.at is None:
        return f"{reading.source or fmt.NONE}: nothing observed"
    return f"{reading.source or fmt.NONE}, observed {fmt.moment(reading.at)} UTC, {fmt.since(reading.at, now)} ago"


def _labelled(label: str, text: str, width: int) -> list[Line]:
    first, *rest = wrapped(fmt.minus(text), max(20, width - LABEL))
    return [line((padded(label, LABEL), "dim"), *first), *(line(" " * LABEL, *row) for row in rest)]
