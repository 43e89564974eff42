"""Colour comes second: every sign can be read in one colour, in grey, in 256 and in 16, and nothing is told by colour alone."""

import re
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from functools import partial
from typing import NamedTuple

import pytest
from msgspec.structs import replace
from rich.color import ColorSystem
from textual.color import Color
from textual.pilot import Pilot
from textual.theme import Theme

from cockpit.files.shipped import shipped_themes
from cockpit.files.themes import load_themes
from cockpit.model.book import Side
from cockpit.model.orders import StepState
from cockpit.model.picture import ExecutionView, Picture, StepView
from cockpit.model.readings import Phase, TriggerState
from cockpit.model.request import PlanRequest, Proposal
from cockpit.ui.app import CockpitApp
from cockpit.ui.themes import DEFAULT_THEME, DEFAULTS, SIXTEEN_COLOURS, suited_theme
from tests.files.vision import PALETTES, contrast, grey, in_palette, on_terminal
from tests.ui import worked_example as example
from tests.ui.driving import NARROW, WIDE, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk

THEMES = [Theme(**found.arguments()) for found in load_themes([shipped_themes()])[0]]
WALK: dict[str, tuple[str, ...]] = {
    "overview": ("1",),
    "positions": ("2",),
    "drawer": ("2", "down", "enter"),
    "phase": ("escape", "3"),
    "signals": ("4",),
    "raw values": ("v",),
    "sectors by days": ("v", "d"),
    "map": ("d", "m"),
    "rotation": ("m", "5"),
    "what if": ("6",),
    "journal": ("7",),
    "help": ("question_mark",),
    "explain": ("escape", "2", "i"),
    "jump": ("escape", "f"),
    "themes": ("escape", "f2"),
    "sources": ("escape", "D"),
    "ticket": ("escape", "5", "enter"),
    "stop here": ("x",),
    "outcome": ("escape", *["right", "enter"] * 6),
}
"""Every screen and the keys that lead to it from the one before."""


class Painted(NamedTuple):
    """A run of text in one pair of colours, as it stands on the screen."""

    text: str
    colour: str
    ground: str


def painted(app: CockpitApp) -> Iterator[list[Painted]]:
    """Row by row, what the terminal is sent, after every filter."""
    for strip in app.screen._compositor.render_strips():
        row: list[Painted] = []
        for segment in strip:
            style = segment.style
            if style is None or style.color is None or style.bgcolor is None:
                continue
            pair = [Color.from_rich_color(each).hex6.lower() for each in (style.color, style.bgcolor)]
            colour, ground = reversed(pair) if style.reverse else pair
            if row and row[-1][1:] == (colour, ground):
                row[-1] = Painted(row[-1].text + segment.text, colour, ground)
            else:
                row.append(Painted(segment.text, colour, ground))
        yield row


@asynccontextmanager
async def running(size: tuple[int, int] = WIDE, desk: SmallDesk | None = None) -> AsyncIterator[tuple[CockpitApp, Pilot[None]]]:
    async with cockpit(desk or SmallDesk(), size=size) as (app, pilot):
        for theme in THEMES:
            app.register_theme(theme)
            app.own_themes[theme.name] = theme
        yield app, pilot


# Nothing is told by colour alone

FAMILIES = (
    ("success", "error", "warning"),
    ("phase-a", "phase-b", "phase-c"),
    ("fall3", "fall2", "fall1", "level", "rise1", "rise2", "rise3"),
)
TOLD_APART = {
    name: f"#{40 + 12 * number:02x}{200 - 11 * number:02x}{90 + number:02x}" for number, name in enumerate(sum(FAMILIES, ()))
}
"""A colour of its own for everything that a colour may mean."""
NUMBER = re.compile(r"[\d.,%\s]*")
DRAWN = re.compile(r"[\s·•▇█░▒▓│─▏▎▍▌▋▊▉▁▂▃▄▅▆▸◂\u2800-\u28ff]*")
"""Bars say it by the side of their axis on which they stand, points of a chart by their place."""
PLAIN = "#fafafa"


def told_apart() -> Theme:
    """Everything that a colour may mean in a colour of its own, all else in one."""
    return Theme(
        name="told-apart",
        primary=PLAIN,
        secondary=PLAIN,
        accent=PLAIN,
        success=TOLD_APART["success"],
        error=TOLD_APART["error"],
        warning=TOLD_APART["warning"],
        foreground=PLAIN,
        background="#000000",
        surface="#000000",
        panel="#000000",
        variables={name: TOLD_APART.get(name, PLAIN) for name in DEFAULTS},
    )


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])
async def test_a_sign_a_word_or_a_glyph_says_it_before_the_colour(size: tuple[int, int]) -> None:
    silent: list[tuple[str, str, str]] = []
    said: dict[str, set[str]] = {name: set() for name in TOLD_APART}
    async with running(size) as (app, pilot):
        app.register_theme(told_apart())
        app.theme = "told-apart"
        await pilot.pause()
        meanings = {Color.parse(app.theme_variables[name]).hex6.lower(): name for name in TOLD_APART}
        for screen, keys in WALK.items():
            await press(pilot, *keys)
            for row in painted(app):
                for run in row:
                    meaning = next((meanings[c] for c in (run.ground, run.colour) if c in meanings), "")
                    text = run.text.strip()
                    if not meaning or not text or DRAWN.fullmatch(text):
                        continue
                    said[meaning].add(text)
                    needed = {"r": "[+▲↑]|[A-Za-z]", "f": "[−▼↓]|[A-Za-z]"}.get(meaning[0], "")
                    if (NUMBER.fullmatch(text) and meaning != "level") or not re.search(needed, text):
                        silent.append((screen, meaning, text))
    assert silent == []
    assert all(said[name] for name in ("success", "error", "warning", "phase-b", "rise2", "fall2")), "the walk sees them"
    twice = {
        (one, other): said[one] & said[other]
        for family in FAMILIES
        for one in family
        for other in family
        if one < other and said[one] & said[other]
    }
    assert twice == {}, "the same text in two colours of one family"


# What differs, differs in its words


def hedged() -> SmallDesk:
    """The worked example after the whole plan: a short in ETH, longs in UNI and AAVE."""
    desk = SmallDesk()
    for step in example.reconciled_plan(desk.held, desk.market).steps:
        desk.held = example.booked(desk.held, step)
    return desk


def first_position(picture: Picture, **fields: object) -> dict[str, object]:
    """The picture's positions with the first one changed; what is no field of the line is one of the position itself."""
    row, *rest = picture.positions
    own = {name: value for name, value in fields.items() if name in row.position.__struct_fields__}
    changed = {name: value for name, value in fields.items() if name not in own}
    return {"positions": (replace(row, position=replace(row.position, **own), **changed), *rest)}


def every_score(picture: Picture, sign: int) -> dict[str, object]:
    rows = (replace(reading, score=None if reading.score is None else sign * 0.42) for reading in picture.readings)
    return {"readings": tuple(rows)}


def first_trigger(picture: Picture, state: TriggerState) -> dict[str, object]:
    first, *rest = picture.triggers
    return {"triggers": (replace(first, state=state), *rest)}


def phase(picture: Picture, called: Phase) -> dict[str, object]:
    assert picture.call is not None
    return {"call": replace(picture.call, phase=called, incumbent=called)}


def first_step(picture: Picture, state: StepState) -> dict[str, object]:
    plan = example.reconciled_plan(example.book(), example.market())
    views = [StepView(step=step, state=StepState.PREVIEWED, filled=D(0), average_price=None, fee=D(0)) for step in plan.steps]
    views[0] = replace(views[0], state=state)
    return {"execution": ExecutionView(plan=plan, steps=tuple(views), current=2)}


D = Decimal
Change = Callable[[Picture], dict[str, object]]


class Twins(NamedTuple):
    """Two pictures that differ in one meaning, the view that shows it, and the words that then differ on its lines."""

    view: str
    one: Change
    other: Change
    words: tuple[str, str]


TWINS = {
    "short or long": Twins(
        "2", lambda p: first_position(p, side=Side.SHORT), lambda p: first_position(p, side=Side.LONG), ("SHORT", "LONG")
    ),
    "with or without a stop": Twins(
        "2",
        lambda p: {"positions": p.positions},
        lambda p: first_position(p, stop_price=None, stop_distance=None),
        ("4,480", "NO STOP"),
    ),
    "profit or loss": Twins(
        "2",
        lambda p: first_position(p, unrealised_pnl=D(321)),
        lambda p: first_position(p, unrealised_pnl=D(-321)),
        ("+321", "−321"),
    ),
    "funding received or paid": Twins(
        "2",
        lambda p: first_position(p, funding_per_day=D("4.5")),
        lambda p: first_position(p, funding_per_day=D("-4.5")),
        ("receive", "pay"),
    ),
    "halted or not": Twins("1", lambda p: {"halted": True}, lambda p: {"halted": False}, ("HALTED", "SIMULATED")),
    "phase A or B": Twins("1", lambda p: phase(p, Phase.A), lambda p: phase(p, Phase.B), ("A Infra", "B DeFi")),
    "a trigger that fired or is quiet": Twins(
        "3", lambda p: first_trigger(p, TriggerState.FIRED), lambda p: first_trigger(p, TriggerState.QUIET), ("FIRED", "quiet")
    ),
    "scores up or down": Twins("4", lambda p: every_score(p, 1), lambda p: every_score(p, -1), ("+0.42", "−0.42")),
    "a step done or rejected": Twins(
        "5", lambda p: first_step(p, StepState.DONE), lambda p: first_step(p, StepState.REJECTED), ("✓ done", "✗ rejected")
    ),
    "a step under way or skipped": Twins(
        "5", lambda p: first_step(p, StepState.OPEN), lambda p: first_step(p, StepState.SKIPPED), ("▸ open", "– skipped")
    ),
}


@pytest.fixture
def no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")


async def test_without_colour_the_words_still_tell_what_differs(no_colour: None) -> None:
    desk = hedged()
    async with running((200, 60), desk) as (app, pilot):
        before = desk.picture
        for name, twins in TWINS.items():
            await press(pilot, twins.view)
            shown = []
            for change in (twins.one, twins.other):
                desk.change(**change(before))
                await quiet(pilot)
                shown.append(screen_text(app).splitlines())
            desk.change(**{field: getattr(before, field) for field in before.__struct_fields__})
            changed = [(one, other) for one, other in zip(*shown, strict=True) if one != other]
            assert all(run.colour[1:3] == run.colour[3:5] == run.colour[5:] for row in painted(app) for run in row)
            assert any(twins.words[0] in one for one, _ in changed), (name, changed)
            assert any(twins.words[1] in other for _, other in changed), (name, changed)


class Checking(SmallDesk):
    """The first rule of its plans holds or is broken."""

    holds = True

    def propose(self, request: PlanRequest) -> Proposal:
        made = super().propose(request)
        assert made.plan is not None
        first, *rest = made.plan.checks
        return replace(made, plan=replace(made.plan, checks=(replace(first, passed=self.holds), *rest)))


async def test_without_colour_a_broken_rule_and_the_worst_step_are_marked(no_colour: None) -> None:
    desk = Checking()
    async with running((200, 60), desk) as (app, pilot):
        await press(pilot, "5")
        held = screen_text(app)
        desk.holds = False
        await press(pilot, "n")
        broken = screen_text(app)
    assert "✓" in held
    assert "✗" not in held
    assert "✗" in broken
    assert sum("◂" in row for row in held.splitlines()) >= 2, "where cash, margin or liquidation are at their worst"


# Every terminal can show it

TERMINALS: dict[str, Callable[[str], str]] = {
    "truecolor": lambda colour: colour,
    "256 colours": lambda colour: on_terminal(colour, ColorSystem.EIGHT_BIT),
    "NO_COLOR": grey,
}
SHORT_WALK = ("overview", "rotation", "ticket")
LEAST = 4.5
"""Contrast of ordinary text (WCAG 2.1)."""


async def test_every_word_of_every_theme_can_be_read() -> None:
    pairs: dict[tuple[str, str, str], str] = {}
    async with running() as (app, pilot):
        for screen in SHORT_WALK:
            await press(pilot, *WALK[screen])
            for theme in app.own_themes:
                app.theme = theme
                await pilot.pause()
                words = [run for row in painted(app) for run in row if WORD.search(run.text)]
                pairs.update({(theme, run.colour, run.ground): run.text.strip() for run in words})
    assert len(pairs) > 10 * len(THEMES), "roles and grounds are seen at all"

    def faint(see: Callable[[str], str], themes: Collection[str]) -> list[tuple[str, str, str, str]]:
        return [(*key, text) for key, text in pairs.items() if key[0] in themes and contrast(see(key[1]), see(key[2])) < LEAST]

    themes = [theme.name for theme in THEMES]
    assert {name: faint(see, themes) for name, see in TERMINALS.items()} == {name: [] for name in TERMINALS}
    sixteen = {name: faint(partial(in_palette, palette=name), [SIXTEEN_COLOURS]) for name in PALETTES}
    assert sixteen == {name: [] for name in PALETTES}


WORD = re.compile(r"[^\W_]")


@pytest.mark.parametrize(
    ("variables", "theme"),
    [
        ({"TERM": "xterm-256color"}, DEFAULT_THEME),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, DEFAULT_THEME),
        ({"TERM": "screen"}, SIXTEEN_COLOURS),
        ({"TERM": "linux"}, SIXTEEN_COLOURS),
        ({"TERM": "linux", "COLORTERM": "truecolor"}, DEFAULT_THEME),
    ],
)
def test_a_terminal_of_sixteen_colours_gets_the_theme_made_for_it(variables: dict[str, str], theme: str) -> None:
    assert suited_theme({found.name for found in THEMES}, variables) == theme
    assert suited_theme({DEFAULT_THEME}, variables) == DEFAULT_THEME, "where it is not there"
