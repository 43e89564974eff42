"""Every figure of every view is explained where it stands: meaning, formula, source."""

import re
from collections.abc import Iterator, Sequence

import pytest

from cockpit.ui.actions import VIEWS
from cockpit.ui.figures import HasFigures, Shown, figures_of, panes_of, place_of, plain_of
from cockpit.ui.glossary import figures, meaning
from cockpit.ui.lines import Line, Span, line
from cockpit.ui.screens.explain import ExplainScreen, stops_of
from cockpit.ui.screens.ticket import TicketScreen
from cockpit.ui.widgets.lines_view import LinesView
from tests.ui import worked_example as example
from tests.ui.driving import NARROW, WIDE, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk

WAYS = (
    *((str(number),) for number in range(1, len(VIEWS) + 1)),
    ("2", "enter"), ("4", "d"), ("4", "m"), ("5", "v"), ("r", "enter"),
)  # fmt: skip
REMARKS = ("dim", "key", "title", "head", "cursor")
"""Roles of what is said beside a figure: remarks, ends of an axis, keys, headings."""
NO_FIGURE = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d(:\d\d)?|[\w-]+\.(toml|csv|md)\b|\b[A-Za-z]*\d*[A-Z]+\d*\b|\bstep \d+")
"""Dates, times, names of files and assets (L1, 1INCH), the number of a step."""
WORDS_OF_A_SENTENCE = 4
EXPLAINING = ("formula", "score", "inputs", "source", "after", "note")
"""How a line begins that explains the figure above it; what begins with blanks goes on with that."""


def unexplained(span: Span) -> bool:
    """Whether a number stands there that nothing explains. A sentence explains its own."""
    text = NO_FIGURE.sub("", span.text)
    if span.role in REMARKS or len(re.findall(r"[^\W\d_]{2,}", text)) >= WORDS_OF_A_SENTENCE:
        return False
    return re.search(r"\d", text) is not None and (not span.about or meaning(span.about) is None)


def spans_of(lines: Sequence[Line]) -> Iterator[Span]:
    """The spans of the lines that do not themselves explain something."""
    explaining = False
    for row in lines:
        first = row[0].text.strip() if row else ""
        explaining = bool(row) and (first in EXPLAINING or (explaining and not first))
        yield from () if explaining else row


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
async def test_every_number_of_every_view_has_its_explanation(size: tuple[int, int]) -> None:
    desk = SmallDesk()
    plan = example.reconciled_plan(desk.held, desk.market)
    for step in plan.steps[:2]:
        desk.held = example.booked(desk.held, step)
    async with cockpit(desk, size=size) as (app, pilot):
        missing: list[tuple[str, ...]] = []
        for way in WAYS:
            await press(pilot, *way)
            for pane in panes_of(app.screen):
                spans = spans_of(pane.lines) if isinstance(pane, LinesView) else ()
                missing += [("-".join(way), pane.id or "", span.text, span.about) for span in spans if unexplained(span)]
                assert isinstance(pane, HasFigures)
                missing += [("-".join(way), f.about, f.text) for f in pane.figures() if meaning(f.about) is None]
            await press(pilot, "escape", "escape")
        assert missing == []


def test_an_entry_says_what_the_figure_means_and_where_it_is_from() -> None:
    for key, entry in figures().items():
        assert key.count(".") == 1, key
        assert entry.name, key
        assert entry.meaning.endswith("."), key
        assert entry.source, key
        assert not entry.source.endswith("."), key


def test_neighbouring_spans_of_one_entry_are_one_figure_and_headings_are_none() -> None:
    rows = [
        line(("spot", "head", "a.b")),
        line(
            "ETH ", ("  1,000", "", "a.b"), (" ▇▇", "good", "a.b"), ("+2 %", "", "a.c"), ("   ", "", "a.d"), ("後 7", "", "a.e")
        ),
    ]
    assert figures_of(rows) == [Shown("a.b", "1,000 ▇▇", 1, 6), Shown("a.c", "+2 %", 1, 14), Shown("a.e", "後 7", 1, 21)]
    assert figures_of(rows)[2].width == 4
    assert plain_of(rows) == "spot\nETH   1,000 ▇▇+2 %   後 7\n"


async def test_i_explains_the_first_figure_and_the_arrows_walk_over_all_of_them() -> None:
    async with cockpit(SmallDesk()) as (app, pilot):
        stops = stops_of(app.screen)
        await press(pilot, "i")
        screen = app.screen
        assert isinstance(screen, ExplainScreen)
        seen = []
        for _ in stops:
            stop = screen.stop
            assert stop is not None
            seen.append(stop.shown)
            screen.action_figure(1)
        await quiet(pilot)
        assert seen == [stop.shown for stop in stops]
        assert screen.stop == stops[0]
        await press(pilot, "right", "left", "left")
        assert screen.stop == stops[-1]
        assert stops[-1].pane.id == "header"
        shown = screen_text(app)
        for words in (stops[-1].entry.name, stops[-1].entry.meaning[:40], f"{len(stops)} of {len(stops)}", "source"):
            assert words in shown
        await press(pilot, "escape")
        assert len(app.screen_stack) == 1


async def test_the_marked_figure_is_repeated_where_it_stands_and_scrolled_into_view() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await press(pilot, "3", "i")
        screen = app.screen
        assert isinstance(screen, ExplainScreen)
        pane = screen.stop.pane if screen.stop else None
        assert pane is not None
        scrolled = 0
        while (stop := screen.stop) is not None and stop.pane is pane:
            place, mark = place_of(stop.shown, stop.pane), screen.query_one("#mark")
            assert stop.pane.content_region.contains_point(place)
            assert mark.region.offset == place
            assert stop.shown.text in screen_text(app)
            scrolled = max(scrolled, pane.scroll_offset.y)
            await press(pilot, "down")
        assert scrolled > 0


async def test_a_click_explains_the_figure_under_the_mouse_and_the_picture_moves_below() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "i")
        screen = app.screen
        assert isinstance(screen, ExplainScreen)
        nav = screen_text(app).splitlines()[0].index("100,000.00")
        await pilot.click(offset=(nav + 3, 0))
        await quiet(pilot)
        assert screen.stop is not None
        assert screen.stop.entry.name == "NAV"
        rev = screen_text(app).splitlines()[1].index("rev 14") + 4
        await pilot.click(offset=(rev, 1))
        desk.change(revision=15)
        await quiet(pilot)
        assert screen.stop.shown.text == "15"
        assert "15" in screen_text(app).splitlines()[-4:][0] or "rev  15" in screen_text(app)


async def test_figures_of_an_order_ticket_are_explained_and_its_gate_starts_anew() -> None:
    desk = SmallDesk()
    async with cockpit(desk, settle=30.0) as (app, pilot):
        await press(pilot, "r", "enter")
        ticket = app.screen
        assert isinstance(ticket, TicketScreen)
        ticket._gate._settle = 0.0
        await press(pilot, "i")
        assert isinstance(app.screen, ExplainScreen)
        assert app.screen.stop is not None
        ticket._gate._settle = 30.0
        await press(pilot, "escape", "right", "enter")
        assert app.screen_stack[-1] == ticket
        assert desk.confirmed == []
