"""The readings as a heatmap: what every indicator says of every sector and asset, and of the sectors day by day."""

from collections.abc import Iterable
from typing import NamedTuple

from cockpit.model import format as fmt
from cockpit.model.assets import Sector
from cockpit.model.charts import Series
from cockpit.model.picture import Picture
from cockpit.model.readings import Reading
from cockpit.ui.blocks.raw import PERCENT, raw_text
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.grid import HEAD, Grid
from cockpit.ui.lines import Line, Span, clip, explained, line
from cockpit.ui.table import facts

MISSING = "·"
SECTOR_ROWS = ("MARKET", "DEFI/L1", "L1", "DEFI", "BTC")
SECTORS = ("DEFI/L1", "L1", "DEFI")
"""The sectors' rows of the overview; the market stands above them."""
HEADS = {
    "price/RSI divergence": "price vs RSI",
    "network activity": "network active",
    "DeFi price/RSI divergence": "DeFi price vs RSI",
}
"""Shorter words for narrow columns; the lines below the grid have the full ones."""
SHORT = {
    "strength": "rel. str.",
    "momentum": "mom.",
    "funding": "fund",
    "activity": "net- work",
    "divergence": "price /RSI",
}
"""Heads for columns of six cells, over two lines."""
FIRST_COLUMNS = ("strength", "momentum", "funding", "rsi", "tvl_30d", "activity", "divergence")
SHARED_BY = 4
"""An indicator of at least so many subjects is a column; the rest are named above the grid."""
SCORE_CELL = 8
DAY_CELL = 8
RAW_CELL = 9
DAY_NAMES = 25
OVERVIEW_NAMES = 8
OVERVIEW_CELL = 6
OVERVIEW_WIDEST = 10


def heat_role(score: float | None) -> str:
    """The step of the ramp for a score: three down, level, three up; "" where there is none."""
    if score is None:
        return ""
    if abs(score) < 0.1:
        return "level"
    step = 1 if abs(score) < 0.35 else 2 if abs(score) < 0.65 else 3
    return f"{'rise' if score > 0 else 'fall'}{step}"


def _raw_tile(number: str, score: float | None, about: str) -> Span:
    """A raw value; ▲ or ▼ behind it says on which side of 0 its score is, which the number itself does not tell."""
    role = heat_role(score)
    side = "▲" if role.startswith("rise") else "▼" if role.startswith("fall") else " "
    return line((f"{number}{side}", role, about))[0]


def ramp(*, values: bool = False) -> Line:
    """The seven steps with their signs; for raw values the two signs that stand behind them."""
    if values:
        return line(("score ", "dim"), (" ▼ below 0 ", "fall2"), (" ▲ above 0 ", "rise2"), (f"   {MISSING} missing", "dim"))
    steps = (
        ("fall3", "−−−"),
        ("fall2", "−−"),
        ("fall1", "−"),
        ("level", "0"),
        ("rise1", "+"),
        ("rise2", "++"),
        ("rise3", "+++"),
    )
    drawn = line(("−1 ", "dim"), *((f" {text} ", role, "signals.score") for role, text in steps), (" +1", "dim"))
    return (*explained([drawn], "signals.score")[0], Span(f"   {MISSING} missing", "dim"))


class Behind(NamedTuple):
    """What stands behind a cell: an indicator of a subject; `back` days before the newest."""

    subject: str
    indicator: str
    label: str
    reading: Reading | None
    back: int = 0


# Assets by indicators


def asset_grid(picture: Picture, *, values: bool) -> tuple[Grid, dict[tuple[int, int], Behind]]:
    """Subjects by indicators, and what is behind each cell, keyed (row, column); scores, or raw values."""
    columns = columns_of(picture.readings)
    subjects = subjects_of(picture.readings, columns, picture.sectors)
    by_key = {(reading.subject, reading.indicator): reading for reading in picture.readings}
    labels = {reading.indicator: reading.label for reading in picture.readings}
    cells = [[by_key.get((subject, indicator)) for indicator in columns] for subject in subjects]
    behind = {
        (y, x): Behind(subject, indicator, labels[indicator], cells[y][x])
        for y, subject in enumerate(subjects)
        for x, indicator in enumerate(columns)
    }
    return (
        Grid(
            heads=tuple(HEADS.get(labels[indicator], labels[indicator]) for indicator in columns),
            names=tuple(_name(subject) for subject in subjects),
            tiles=tuple(tuple(_tile(reading, values=values) for reading in row) for row in cells),
            least=RAW_CELL if values else SCORE_CELL,
        ),
        behind,
    )


def columns_of(readings: Iterable[Reading]) -> tuple[str, ...]:
    """The indicators that many subjects have: the usual ones first, then the others in the order in which they come."""
    subjects: dict[str, set[str]] = {name: set() for name in FIRST_COLUMNS}
    for reading in readings:
        subjects.setdefault(reading.indicator, set()).add(reading.subject)
    return tuple(indicator for indicator, found in subjects.items() if len(found) >= SHARED_BY)


def subjects_of(readings: Iterable[Reading], columns: Iterable[str], sectors: dict[str, Sector]) -> tuple[str, ...]:
    """The rows: market and pair first, then each sector followed by its assets."""
    wanted = set(columns)
    found = list(dict.fromkeys(reading.subject for reading in readings if reading.indicator in wanted))
    rows: list[str] = [subject for subject in ("MARKET", "DEFI/L1", "BTC") if subject in found]
    for sector in ("L1", "DEFI"):
        rows += [subject for subject in found if subject == sector]
        rows += [subject for subject in found if subject not in SECTOR_ROWS and sectors.get(subject) == sector]
    return (*rows, *(subject for subject in found if subject not in rows))


def _name(subject: str) -> Span:
    return line((subject, "strong"))[0] if subject in SECTOR_ROWS else line(f" {subject}")[0]


def _tile(reading: Reading | None, *, values: bool) -> Span:
    if reading is None or reading.raw is None:
        return Span(MISSING, "dim")
    about = f"indicator.{reading.indicator}"
    if values or reading.score is None:
        number, _, unit = fmt.reading(reading).partition(" ")
        return _raw_tile(number, reading.score, about) if values else line((number + unit[: unit.startswith("%")], "", about))[0]
    return Span(fmt.score(reading.score), heat_role(reading.score), about)


# Sectors by days


def day_grid(picture: Picture, *, values: bool) -> tuple[Grid, dict[tuple[int, int], Behind]]:
    """The sectors' indicators by days, the newest first; a day without a number is ·."""
    rows = picture.sector_days
    days = max((series.days for series in rows), key=len, default=())[::-1]
    newest = {(reading.subject, reading.indicator): reading for reading in picture.readings}
    behind = {
        (y, x): Behind(
            series.subject, series.indicator, series.label, None if x else newest.get((series.subject, series.indicator)), x
        )
        for y, series in enumerate(rows)
        for x in range(len(days))
    }
    return (
        Grid(
            heads=tuple(fmt.day(day) for day in days),
            names=tuple(_day_name(series, rows[y - 1] if y else None) for y, series in enumerate(rows)),
            tiles=tuple(tuple(_day_tile(series, back, values=values) for back in range(len(days))) for series in rows),
            name_width=DAY_NAMES,
            least=RAW_CELL if values else DAY_CELL,
            most=RAW_CELL if values else DAY_CELL,
        ),
        behind,
    )


def _day_name(series: Series, before: Series | None) -> Span:
    """The row's words; the first row of a subject stands out."""
    first = before is None or before.subject != series.subject
    return line((row_words(series.subject, HEADS.get(series.label, series.label)), "strong" if first else ""))[0]


def row_words(subject: str, label: str) -> str:
    """An indicator with its subject, which is named once."""
    named = label.casefold().startswith(subject.casefold()) or (subject == "MARKET" and label.startswith("market"))
    return label if named else f"{subject} {label}"


def _day_tile(series: Series, back: int, *, values: bool) -> Span:
    if back >= len(series.days):
        return Span(MISSING, "dim")
    raw, score = series.raws[-1 - back], series.scores[-1 - back]
    if raw is None:
        return Span(MISSING, "dim")
    if values or score is None:
        return _raw_tile(raw_text(raw, series.unit).partition(" ")[0], score, f"indicator.{series.indicator}")
    return Span(fmt.score(score), heat_role(score), f"indicator.{series.indicator}")


# The overview


def overview_heat(picture: Picture, width: int, height: int = 0) -> list[Line]:
    """Sectors and held assets by indicators: a signed number in every cell. The market's own readings stand above.

    Where `height` lines have room for more, assets that are not held follow, those first whose readings say the most.
    """
    if not picture.readings:
        return waiting(picture.signals_progress, "the signals", width)
    grid, behind = asset_grid(picture, values=False)
    held = {row.asset for row in picture.exposure.assets} if picture.exposure else set()
    shown = [y for y, name in enumerate(grid.names) if name.text in SECTORS or name.text.strip() in held]
    market = _market(picture, width)
    room = height - len(market) - HEAD - len(shown) - 1
    more = _strongest(grid, behind, shown)[: max(0, room)]
    indicators = {x: cell.indicator for (_, x), cell in behind.items()}
    roomy = width >= OVERVIEW_NAMES + OVERVIEW_WIDEST * len(grid.heads)
    small = Grid(
        heads=tuple(head if roomy else SHORT.get(indicators[x], head) for x, head in enumerate(grid.heads)),
        names=tuple(grid.names[y] for y in (*shown, *more)),
        tiles=tuple(tuple(_small(behind[y, x].reading) for x in range(len(grid.heads))) for y in (*shown, *more)),
        name_width=OVERVIEW_NAMES,
        least=OVERVIEW_CELL,
        most=OVERVIEW_WIDEST,
        bare=True,
    )
    rows = [small.row(y, 0, width) for y in range(len(small.names))]
    if more:
        rows.insert(len(shown), line(("not held, strongest readings first", "dim")))
    return [*market, *(small.heading(y, 0, width) for y in range(HEAD)), *rows]


def _strongest(grid: Grid, behind: dict[tuple[int, int], Behind], shown: list[int]) -> list[int]:
    """The rows of the other assets by the mean size of their scores, the largest first."""
    found: list[tuple[float, int]] = []
    for y, name in enumerate(grid.names):
        if y in shown or name.text in SECTOR_ROWS:
            continue
        readings = [behind[y, x].reading for x in range(len(grid.heads))]
        scores = [abs(r.score) for r in readings if r is not None and r.score is not None]
        if scores:
            found.append((-sum(scores) / len(scores), y))
    return [y for _, y in sorted(found)]


def _small(reading: Reading | None) -> Span:
    """A cell in five characters: what has no score is rounded to whole percent."""
    if reading is None or reading.raw is None or reading.score is not None or reading.unit not in PERCENT:
        return _tile(reading, values=False)
    return Span(f"{fmt.percent(reading.raw, 0, signed=True, unit=False)}%", "", f"indicator.{reading.indicator}")


def _market(picture: Picture, width: int) -> list[Line]:
    """What is said of the market as a whole."""
    seen = [r for r in picture.readings if r.subject == "MARKET" and r.score is not None]
    return facts(
        [
            (reading.label, (fmt.score(reading.score), heat_role(reading.score), f"indicator.{reading.indicator}"))
            for reading in seen
        ],
        width,
    )


def headline(picture: Picture) -> Line:
    """The strongest readings of the sectors in one line."""
    if not picture.readings:
        return waiting(picture.signals_progress, "the signals", 60)[0]
    seen: dict[tuple[str, float | None], Reading] = {}
    for reading in picture.readings:
        if reading.subject in SECTOR_ROWS and reading.score is not None:
            seen.setdefault((reading.subject, reading.raw), reading)
    strongest = sorted(seen.values(), key=lambda r: -abs(r.score or 0.0))[:3]
    return line(clip("  ".join(f"{row_words(r.subject, r.label)} {fmt.score(r.score)}" for r in strongest), 66))


def singles(picture: Picture, width: int) -> list[Line]:
    """The indicators that only a few subjects have and that the phase view does not show, with their values."""
    shown = {*columns_of(picture.readings), *(row.indicator for row in (picture.call.rows if picture.call else ()))}
    return facts(
        [
            (
                row_words(reading.subject, reading.label),
                (fmt.reading(reading), "dim" if reading.raw is None else "", f"indicator.{reading.indicator}"),
            )
            for reading in picture.readings
            if reading.indicator not in shown
        ],
        width,
    )
