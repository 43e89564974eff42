"""Wherever a sentence names a key it is the key in force: under a keymap that moves every action no old key is left in a hint."""

from pathlib import Path
from string import Formatter

from msgspec.structs import replace
from textual.pilot import Pilot

from cockpit.files.keymap import load_keymap
from cockpit.model.assets import Sector
from cockpit.model.errors import CockpitError, RefusedByRule
from cockpit.model.picture import Progress, Stage
from cockpit.model.readings import Phase
from cockpit.model.request import PlanRequest, Proposal
from cockpit.ui import actions
from cockpit.ui.app import CockpitApp
from cockpit.ui.keys import AS_SHIPPED, Keymap, key_of, keys_of
from cockpit.ui.widgets.filter_line import FilterLine
from cockpit.ui.widgets.lines_view import LinesView
from tests.ui.driving import NARROW, WIDE, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk

SIGNS = (
    *(
        "exclamation_mark",
        "full_stop",
        "comma",
        "semicolon",
        "colon",
        "equals_sign",
        "underscore",
        "asterisk",
        "at",
        "number_sign",
    ),
    *("dollar_sign", "percent_sign", "ampersand", "left_parenthesis", "right_parenthesis", "left_square_bracket", "tilde"),
    *(
        "right_square_bracket",
        "left_curly_bracket",
        "right_curly_bracket",
        "circumflex_accent",
        "apostrophe",
        "space",
        "vertical_line",
    ),
)
OWN = [*(f"f{number}" for number in (3, 4, 5, 6, 7, 10, 11, 12)), *"BFIJKLNOQRUWXYZ", "ctrl+n", "ctrl+s", "ctrl+t"]
SHARED = (*SIGNS, *(f"ctrl+{letter}" for letter in "bfklwxyav"))
TYPED = ("ctrl+g", "ctrl+o", "ctrl+r", "ctrl+e")


def moved() -> dict[str, str]:
    """Every action on a key that none has in the registry."""
    everywhere = [action.id for action in (*actions.COCKPIT, *actions.MOVES) if action.id != "halt"]
    keymap = {"halt": "f9", **dict(zip(everywhere, SHARED, strict=False))}
    for scope, own in actions.SCOPES.items():
        left = [action.id for action in own if action.id not in keymap]
        keymap |= dict(zip(left, TYPED if scope == actions.TYPED else OWN, strict=False))
    return keymap


HINTS = """
{rotate} plans, {help} explains
{view.rotation} rotation
{view.positions} positions
{view.phase} phase
{view.signals} signals
{view.signals} map
{rotate} previews the way
Under {view.rotation} you may name a strategy
{view.phase} says why
{view.rotation}, then {rotation.begin}
{positions.close} ends the filter
{positions.close} closes the detail
{positions.close} goes back to the table
{positions.detail} scrolls the detail
{positions.group} by sector
{move.left} {move.right} more columns
{field.done} keeps it, {field.cancel} ends it
{signals.days} goes back to the assets
{rotation.strategy} strategy
{rotation.mode} mode
{rotation.preset} preset
{rotation.hedge} hedge
{rotation.leverage} leverage
{rotation.tokens} tokens
{rotation.tranche} tranche
{rotation.versus} versus
{rotation.begin} begins it
{export} writes it
{rotation.default} resets
{rotation.preview} tries again
{rotation.strategy} {rotation.mode} {rotation.preset} {rotation.hedge} {rotation.leverage} change what is asked for
{rotation.summary} sums it up
{rotation.begin} opens the first step's ticket
{help} explains the words
{explain} walks over them
{whatif.next} scenario
{whatif.l1} L1
{whatif.defi} DeFi
{whatif.assets} assets
{whatif.assets} moves single assets
{field.up} {field.down} by 5
{field.done} keeps, {field.cancel} restores
{view.rotation} makes one under a strategy of your own
{journal.all} all
{journal.all} shows every event again
{resume} resumes
{ticket.next} then {ticket.press} confirms
{ticket.press} or a click confirms
{ticket.requote} re-quotes it
{ticket.requote} shows this step again
{ticket.skip} leaves it out
{ticket.stop} stops here
{ticket.stop} shows the ways to stop here
{ticket.undo} prices the way back
{rotate} shows one
""".strip().splitlines()
"""Every hint that a view, a ticket, a notice or the help gives, with the ids of the actions in place of their keys."""


def told(hint: str, keymap: Keymap) -> str:
    """The hint with the keys of a keymap."""
    return "".join(text + (key_of(name, keymap) if name else "") for text, name, _, _ in Formatter().parse(hint))


class Walk:
    """One cockpit under a keymap; keys are pressed by the action that they stand for, and everything shown is kept."""

    def __init__(self, pilot: Pilot[None], desk: SmallDesk, keymap: Keymap) -> None:
        self.pilot, self.desk, self.keymap = pilot, desk, keymap
        self.seen: list[str] = []

    @property
    def app(self) -> CockpitApp:
        assert isinstance(self.pilot.app, CockpitApp)
        return self.pilot.app

    async def do(self, *ids: str) -> None:
        for id in ids:
            await press(self.pilot, keys_of(id, self.keymap)[0])
            self.look()

    async def type(self, *keys: str) -> None:
        await press(self.pilot, *keys)
        self.look()

    async def become(self, **fields: object) -> None:
        self.desk.change(**fields)
        await quiet(self.pilot)
        self.look()

    def look(self) -> None:
        app = self.app
        texts = [screen_text(app), *(view.plain() for view in app.screen.query(LinesView) if view.display)]
        texts += [line.placeholder for line in app.screen.query(FilterLine) if line.display]
        texts += [str(widget.border_title) for widget in app.screen.query("*") if widget.border_title]
        self.seen += [" ".join(text.split()) for text in texts]


class Changing(SmallDesk):
    """A desk whose proposals fail while `failing`."""

    failing = False

    def propose(self, request: PlanRequest) -> Proposal:
        if self.failing:
            raise CockpitError("no plan could be made")
        return super().propose(request)


async def views(walk: Walk) -> None:
    """Every view, what is typed in it, and what it says when something is missing."""
    desk = walk.desk
    assert isinstance(desk, Changing)
    await walk.do("export")
    await walk.become(first_start=True)
    await walk.do("view.positions", "positions.sort", "positions.filter")
    await walk.type("e", "t", "h", "z")
    await walk.do("field.done", "positions.close", "positions.detail", "positions.close", "positions.group")
    await walk.pilot.resize_terminal(*NARROW)
    await walk.become()
    await walk.do("positions.detail", "positions.close")
    await walk.pilot.resize_terminal(*WIDE)
    await walk.do("view.phase", "view.signals", "signals.days")
    days = desk.picture.sector_days
    await walk.become(sector_days=())
    await walk.become(sector_days=days)
    whole = desk.picture.exposure
    assert whole is not None
    await walk.do("view.whatif")
    unclassified = tuple(replace(row, sector=Sector.UNCLASSIFIED) for row in whole.assets)
    await walk.become(exposure=replace(whole, assets=unclassified), revision=desk.picture.revision + 1)
    await walk.become(exposure=whole, revision=desk.picture.revision + 1)
    await walk.do("whatif.l1", "field.cancel", "view.journal", "journal.filter")
    await walk.type("z", "z", "z")
    await walk.do("field.done", "journal.csv", "journal.all")
    await walk.do("view.rotation", "rotation.mode", "rotation.default")
    desk.failing = True
    await walk.do("rotation.preview")
    desk.failing = False
    while walk.app.request.preset != "literal":
        await walk.do("rotation.preset")
    await walk.do("rotation.default", "help", "help.close")
    held = desk.picture
    assert held.call is not None
    await walk.become(call=replace(held.call, phase=Phase.UNDETERMINED), strategy="", target_weights={}, bands={})
    await walk.do("view.overview", "view.whatif", "view.positions")
    failed = Progress(stage=Stage.FAILED, message="no history")
    await walk.become(call=None, signals_progress=failed)
    await walk.become(call=held.call, signals_progress=held.signals_progress, strategy=held.strategy)
    await walk.become(target_weights=held.target_weights, bands=held.bands)


async def a_plan(walk: Walk) -> None:
    """A plan from its first ticket to its end: halted, refused, re-quoted, stopped, finished, undone."""
    desk = walk.desk
    await walk.become(triggers=())
    await walk.do("view.rotation", "rotation.begin", "ticket.cancel", "view.overview", "halt", "view.rotation", "resume")
    await walk.do("rotation.begin")
    await walk.become(revision=desk.picture.revision + 1)
    desk.refuse_with = RefusedByRule("stale", "the book moved on")
    await walk.do("ticket.next", "ticket.press", "ticket.requote", "ticket.stop", "stop.cancel")
    execution = desk.picture.execution
    assert execution is not None
    await walk.become(execution=replace(execution, blocked="the venue is silent"))
    await walk.become(execution=execution)
    for _ in execution.steps:
        await walk.do("ticket.next", "ticket.press")
    await walk.do("ticket.undo", "ticket.cancel", "view.overview", "view.rotation")


async def everything(keymap: Keymap, directory: Path) -> str:
    desk = Changing()
    app = CockpitApp(desk, tick_seconds=None, settle=0.0, keymap=keymap, directory=directory)
    async with app.run_test(size=WIDE) as pilot:
        await quiet(pilot)
        walk = Walk(pilot, desk, keymap)
        walk.look()
        await views(walk)
        await a_plan(walk)
    return " \n ".join(walk.seen)


def test_the_keymap_moves_every_action_and_a_trader_could_have_it(tmp_path: Path) -> None:
    keymap = moved()
    path = tmp_path / "keymap.toml"
    path.write_text("schema = 1\n[keys]\n" + "".join(f'"{id}" = "{key}"\n' for id, key in keymap.items()), encoding="utf-8")
    assert load_keymap(actions.keys_by_scope(), path) == keymap
    assert set(keymap) == set(actions.ALL)


async def test_every_hint_names_the_key_in_force(tmp_path: Path) -> None:
    keymap = moved()
    shown = await everything(keymap, tmp_path)
    missing = [hint for hint in HINTS if told(hint, keymap) not in shown]
    old = [hint for hint in HINTS if f" {told(hint, AS_SHIPPED)}" in shown]
    assert (missing, old) == ([], []), "hints that nothing gives with the key in force, and hints that name the old key"
