"""Names from outside can neither speak markup, nor move the cursor, nor hide what stands beside them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.widgets import Static

from cockpit.model import format as fmt
from cockpit.model.errors import BadInput, StalePlan
from cockpit.model.text import is_safe
from cockpit.terminal.lines import TWINS, AsciiTwins, ForeignText
from cockpit.ui.blocks.drift import drift_bar
from cockpit.ui.lines import span
from cockpit.ui.tone import Tone
from tests.ui import worked_example as example
from tests.ui.driving import NARROW, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk

HOSTILE = (
    "[/]",
    "[@click=app.quit]x[/]",
    "BTC [perp] 5",
    "\x1b]0;owned\x07name",
    "\x1b[2Jgone",
    "\x9b31mred",
    "abc\u202edef",
    "ze\u200bro",
    "a\x00b\rc\nd",
)
BLACK = Color(0, 0, 0)


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_portfolio_name_is_shown_as_text(name: str) -> None:
    desk = SmallDesk(example.book(name))
    async with cockpit(desk, size=NARROW) as (app, pilot):
        for key in "123456":
            await press(pilot, key)
            shown = screen_text(app)
            assert all(is_safe(row) for row in shown.splitlines())
        if name.startswith(("[", "B")):
            assert name in shown
        assert "NAV 100,000.00" in shown


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_asset_is_a_row_like_any_other(name: str) -> None:
    held = example.book()
    account = held.accounts[0]
    held = replace(held, accounts=(replace(account, spot={**account.spot, name: example.D(3)}),))
    desk = SmallDesk(held)
    desk.market = example.market({**example.PRICES, name: example.D(7)})
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "2")
        shown = screen_text(app)
        assert "UNCLASSIFIED" in shown
        assert all(is_safe(row) for row in shown.splitlines())
        if name.startswith(("[", "B")):
            assert name in shown


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_messages_reach_notices_and_tickets_as_text(name: str) -> None:
    desk = SmallDesk()
    desk.refuse_with = StalePlan("price_band", f"venue says {name}", (f"{name} → {name}",))
    async with cockpit(desk) as (app, pilot):
        app.say(f"venue says {name}", Tone.WARNING)
        app.complain(BadInput(name))
        await press(pilot, "r", "enter", "right", "enter")
        shown = screen_text(app)
        assert all(is_safe(row) for row in shown.splitlines())
        assert "NOTHING WAS SENT" in shown
        assert app.is_running


async def test_the_last_gate_covers_widgets_that_know_no_sanitiser() -> None:
    async with cockpit(SmallDesk()) as (app, pilot):
        await app.screen.mount(Static("\x1b]52;c;aGk=\x07a\u202eb\u200bc", markup=False), before="#views")
        await quiet(pilot)
        assert all(is_safe(row) for row in screen_text(app).splitlines())


@given(st.text(max_size=60))
def test_no_line_leaves_with_a_hidden_character(text: str) -> None:
    made = ForeignText().apply([Segment(text, Style(bold=True)), Segment("safe")], BLACK)
    assert all(is_safe(segment.text) for segment in made)
    assert is_safe(span(text).text)


@given(st.text(max_size=60))
def test_the_gate_keeps_the_width_of_a_line(text: str) -> None:
    before = Segment(text)
    assert ForeignText().apply([before], BLACK)[0].cell_length >= before.cell_length


def test_every_glyph_has_an_ascii_twin_of_one_cell() -> None:
    made = AsciiTwins().apply([Segment("".join(TWINS))], BLACK)[0].text
    assert made.isascii()
    assert len(made) == len(TWINS)
    for text in (drift_bar(example.D("0.2"), example.D("0.5"), None).text, fmt.bar(0.5, 8), fmt.amount(example.D(-1)), fmt.NONE):
        assert "?" not in AsciiTwins().apply([Segment(text)], BLACK)[0].text


async def test_no_screen_uses_a_glyph_without_a_twin() -> None:
    async with cockpit(SmallDesk()) as (app, pilot):
        seen = set()
        for keys in (
            "1",
            "2",
            "3",
            "4",
            "5",
            "6",
            "r enter",
            "right enter",
            "right enter",
            "x",
            "escape",
            "escape",
            "question_mark",
        ):
            await press(pilot, *keys.split())
            seen |= set(screen_text(app))
        assert {character for character in seen if not character.isascii()} <= set(TWINS)
