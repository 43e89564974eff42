"""Every key of the cockpit: one registry feeds bindings, footer, help, palette and the README's table of keys."""

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from textual.binding import Binding

from cockpit.terminal.lines import has_glyphs


class Action(NamedTuple):
    """Something that a key does. `command` is the Textual action; `label` is the footer's word, empty to leave it out.

    An action without `keys` stands in the palette only. `shown` stands for the key where one key speaks for several.
    """

    id: str
    keys: tuple[str, ...]
    command: str
    label: str
    help: str
    shown: str = ""

    @property
    def key_text(self) -> str:
        """The first key as a person reads it; "" where only the palette has it."""
        return self.shown or (key_words(self.keys[0]) if self.keys else "")

    @property
    def all_keys_text(self) -> str:
        """Every key as a person reads it."""
        return " ".join(key_words(key) for key in self.keys)


KEY_WORDS = {
    "question_mark": "?",
    "slash": "/",
    "backslash": "\\",
    "at": "@",
    "underscore": "_",
    "enter": "⏎",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "escape": "esc",
    "shift+tab": "shift tab",
    "plus": "+",
    "minus": "-",
    "pageup": "page up",
    "pagedown": "page down",
}


def key_words(key: str) -> str:
    """A key as a person reads it: by its name where the terminal has no arrows."""
    if key in KEY_WORDS and (KEY_WORDS[key].isascii() or has_glyphs()):
        return KEY_WORDS[key]
    if key[:1] == "f" and key[1:].isdigit():
        return key.upper()
    return _sign(key) or key.replace("ctrl+", "^")


def _sign(key: str) -> str:
    """The sign that Textual calls by its Unicode name: "#" for number_sign; "" for any other key."""
    try:
        found = unicodedata.lookup(key.replace("_", " "))
    except KeyError:
        return ""
    return found if found.isprintable() and not found.isspace() else ""


VIEWS = ("overview", "positions", "phase", "signals", "rotation", "whatif", "journal")
VIEW_WORDS = {"whatif": "what if"}

HELP_HERE = Action(
    "help", ("question_mark", "f1"), "app.help", "help", "Explain the focused pane: what it shows, its figures, its keys"
)
EXPLAIN_HERE = Action("explain", ("i",), "app.explain", "explain", "Explain one figure after another: meaning, formula, source")
HALT = Action("halt", ("h", "f8"), "app.halt", "halt", "Halt: cancel entry orders, send none that adds risk; stops stay in force")
RESUME = Action("resume", ("H",), "app.resume", "resume", "Resume after a halt")
PROTECT = Action(
    "protect", ("o",), "app.protect", "protect", "Preview the stops that are missing, and nothing else, in the rotation"
)

COCKPIT = (
    *(
        Action(
            f"view.{view}",
            (str(number),),
            f"app.view('{view}')",
            VIEW_WORDS.get(view, view),
            f"Show {VIEW_WORDS.get(view, view)}",
        )
        for number, view in enumerate(VIEWS, start=1)
    ),
    HALT,
    RESUME,
    PROTECT,
    HELP_HERE,
    Action("rotate", ("r",), "app.view('rotation')", "rotate", "Go to the rotation and preview its plan"),
    EXPLAIN_HERE,
    Action("jump", ("f",), "app.jump", "jump", "Put a letter on every pane and table: its key goes there"),
    Action("zoom", ("z",), "app.zoom", "zoom", "Let the focused pane fill the screen, and back"),
    Action("palette", ("ctrl+p",), "app.command_palette", "find", "Find any command by name"),
    Action("export", ("e",), "app.export", "export", "Write the previewed plan as TOML into the working directory"),
    Action("report", ("E",), "app.report", "", "Write a report of the plan as Markdown into the working directory"),
    Action("copy", ("y",), "app.copy", "", "Copy the focused pane as text; it is also written to a file"),
    Action("screenshot", (), "app.picture", "", "Write a picture (SVG) of the screen into the working directory"),
    Action("theme", ("f2",), "app.themes", "", "Choose a theme; it is shown while you choose"),
    Action("sources", ("D",), "app.sources", "", "Show where the numbers come from: every source, its state and its age"),
    Action("absence", ("W",), "app.absence", "", "Show in the journal what happened since the book was last seen"),
    Action("pane.next", ("tab",), "app.focus_next", "next pane", "Go to the next pane"),
    Action("pane.previous", ("shift+tab",), "app.focus_previous", "", "Go to the pane before"),
    Action("quit", ("q",), "app.quit", "quit", "Leave; a plan that was begun waits where it stands"),
)

MOVES = (
    Action("move.down", ("down", "j"), "go(0, 1)", "", "Down"),
    Action("move.up", ("up", "k"), "go(0, -1)", "", "Up"),
    Action("move.left", ("left", "b"), "go(-1, 0)", "", "Left"),
    Action("move.right", ("right", "w"), "go(1, 0)", "", "Right"),
    Action("move.page_down", ("pagedown", "ctrl+d"), "page(1)", "", "A page down"),
    Action("move.page_up", ("pageup", "ctrl+u"), "page(-1)", "", "A page up"),
    Action("move.top", ("home", "g"), "end(-1)", "", "To the top"),
    Action("move.bottom", ("end", "G"), "end(1)", "", "To the bottom"),
)
"""How a pane is moved over: lines scroll, a table and a heatmap move their cursor."""

POSITIONS = (
    Action(
        "positions.detail",
        ("enter",),
        "detail",
        "detail",
        "Open the detail of the row under the cursor; where it is open, go into it to scroll",
    ),
    Action("positions.sort", ("s",), "sort", "sort", "Sort by the column that left and right mark; once more turns it around"),
    Action("positions.group", ("S",), "group", "", "Back to the order by sector"),
    Action("positions.filter", ("slash",), "filter", "filter", "Show only what contains the words that you type"),
    Action("positions.close", ("escape",), "close", "", "From the detail back to the table; there close it, or end the filter"),
)

SIGNALS = (
    Action("signals.values", ("v",), "toggle_values", "score/value", "Show raw values in place of scores, and back"),
    Action("signals.days", ("d",), "toggle_days", "assets/days", "Assets by indicators, or sectors by days, and back"),
    Action("signals.map", ("m",), "toggle_map", "map", "The rotation map in place of the heatmap, and back"),
    Action("signals.assets", ("a",), "toggle_assets", "", "The map with sectors and assets, or with sectors alone"),
)

ROTATION = (
    Action("rotation.strategy", ("s",), "change('strategy', 1)", "strategy", "Next strategy"),
    Action("rotation.strategy_back", ("S",), "change('strategy', -1)", "", "The strategy before"),
    Action("rotation.mode", ("m",), "change('mode', 1)", "mode", "Next way: spot, overlay, blend"),
    Action("rotation.mode_back", ("M",), "change('mode', -1)", "", "The way before"),
    Action("rotation.preset", ("p",), "change('preset', 1)", "preset", "Next preset of the strategy"),
    Action("rotation.preset_back", ("P",), "change('preset', -1)", "", "The preset before"),
    Action("rotation.hedge", ("d",), "edit('hedge')", "hedge", "Type the hedge ratio, or step it by .05"),
    Action("rotation.leverage", ("l",), "edit('leverage')", "leverage", "Type the leverage, or step it by .5x"),
    Action("rotation.tokens", ("t",), "edit('tokens')", "tokens", "Type the tokens that carry the change, blanks between"),
    Action(
        "rotation.tranche", ("a",), "edit('tranche')", "tranche", "Type how much of the way to go, in percent, or step it by 25"
    ),
    Action("rotation.default", ("0",), "defaults", "", "Everything as the strategy has it"),
    Action("rotation.versus", ("v",), "versus(1)", "versus", "A second plan beside it: next way or strategy to compare with"),
    Action("rotation.versus_back", ("V",), "versus(-1)", "", "The one before to compare with"),
    Action("rotation.preview", ("n",), "preview", "", "Preview again on the newest prices"),
    Action("rotation.summary", ("u",), "summary", "", "How the last plan ended: done, paid, left; from there the way back"),
    Action("rotation.begin", ("enter",), "begin", "begin", "Begin the plan, or go on with the one in execution, step by step"),
)

FIELD = (
    Action("field.up", ("up",), "step(1)", "more", "One step more"),
    Action("field.down", ("down",), "step(-1)", "less", "One step less"),
    Action("field.done", ("enter",), "done", "done", "Back to the pane"),
    Action("field.cancel", ("escape",), "cancel", "cancel", "Back to the pane; what stood there before stands again"),
)
"""A field that is typed into. Letters are text there: only halt's function key acts."""

WHATIF = (
    Action("whatif.next", ("p",), "scenario(1)", "scenario", "Next scenario"),
    Action("whatif.previous", ("P",), "scenario(-1)", "", "The scenario before"),
    Action("whatif.l1", ("l",), "edit('L1')", "L1", "Type the shock of L1 in percent"),
    Action("whatif.defi", ("d",), "edit('DEFI')", "DeFi", "Type the shock of DeFi in percent"),
    Action("whatif.assets", ("a",), "edit('assets')", "assets", 'Type shocks of single assets: "ETH -15 UNI -40"'),
    Action("whatif.clear", ("0",), "clear", "", "No shock at all"),
)

JOURNAL = (
    Action("journal.filter", ("slash",), "filter", "filter", "Show only events with the words that you type"),
    Action("journal.kind", ("t",), "turn('kind', 1)", "kind", "Only events of the next kind"),
    Action("journal.kind_back", ("T",), "turn('kind', -1)", "", "Only events of the kind before"),
    Action("journal.plan", ("p",), "turn('plan', 1)", "plan", "Only events of the next plan"),
    Action("journal.plan_back", ("P",), "turn('plan', -1)", "", "Only events of the plan before"),
    Action("journal.asset", ("a",), "turn('asset', 1)", "asset", "Only events of the next asset"),
    Action("journal.asset_back", ("A",), "turn('asset', -1)", "", "Only events of the asset before"),
    Action("journal.data", ("v",), "data", "numbers", "Show the exact numbers below each event, or leave them out"),
    Action("journal.all", ("0", "escape"), "all", "all", "Every event again"),
    Action("journal.csv", ("c",), "write('csv')", "csv", "Write the events shown as CSV into the working directory"),
    Action("journal.toml", ("C",), "write('toml')", "", "Write the events shown as TOML into the working directory"),
)

TICKET = (
    Action("ticket.press", ("enter",), "press", "press", "Press the button that has the focus"),
    Action("ticket.next", ("right", "tab"), "focus_button(1)", "", "Focus the next button"),
    Action("ticket.previous", ("left", "shift+tab"), "focus_button(-1)", "", "Focus the button before"),
    Action("ticket.skip", ("s",), "skip", "skip", "Leave this step out and go on with the next"),
    Action("ticket.requote", ("q",), "requote", "re-quote", "New prices for this step"),
    Action(
        "ticket.stop",
        ("x",),
        "stop_here",
        "stop here…",
        "Stop in the middle: continue, unwind or freeze hedged, with their costs",
    ),
    Action("ticket.undo", ("u",), "undo", "undo…", "A finished plan: price the way back, and open its tickets"),
    Action("ticket.scroll_up", ("up", "pageup", "k"), "scroll_lines(-5)", "", "Scroll up"),
    Action("ticket.scroll_down", ("down", "pagedown", "j"), "scroll_lines(5)", "", "Scroll down"),
    Action("ticket.cancel", ("escape",), "leave", "back", "Back to the rotation; nothing is sent"),
    HELP_HERE,
    EXPLAIN_HERE,
    HALT,
    RESUME,
)

STOP_HERE = (
    Action("stop.next", ("down", "tab", "j"), "choose(1)", "move", "Next way out"),
    Action("stop.previous", ("up", "shift+tab", "k"), "choose(-1)", "", "The way before"),
    Action("stop.scroll_down", ("pagedown",), "scroll_lines(5)", "", "Scroll down over the steps of the marked way"),
    Action("stop.scroll_up", ("pageup",), "scroll_lines(-5)", "", "Scroll up"),
    Action("stop.press", ("enter",), "take", "take it", "Take the marked way; unwind and freeze open their own tickets"),
    Action("stop.cancel", ("escape", "x"), "leave", "back", "Back to the ticket"),
    HALT,
    RESUME,
)

HELP = (
    Action("help.close", ("escape", "question_mark", "q", "enter"), "screen.dismiss", "back", "Close the help"),
    HALT,
    RESUME,
)

EXPLAIN = (
    Action("explain.next", ("right", "tab", "i", "w"), "figure(1)", "next", "The next figure"),
    Action("explain.previous", ("left", "shift+tab", "b"), "figure(-1)", "before", "The figure before"),
    Action("explain.down", ("down", "j"), "row(1)", "line below", "The nearest figure on the next line"),
    Action("explain.up", ("up", "k"), "row(-1)", "", "The nearest figure on the line before"),
    Action("explain.close", ("escape", "enter", "q"), "close", "back", "Back to the pane"),
    HALT,
    RESUME,
)

JUMP = (
    Action("jump.close", ("escape", "enter"), "close", "stay here", "Stay here"),
    HALT,
    RESUME,
)

SOURCES = (
    Action("sources.close", ("escape", "enter", "q", "D"), "close", "back", "Back to the view"),
    EXPLAIN_HERE,
    HALT,
    RESUME,
)

THEMES = (
    Action("themes.next", ("down", "j", "tab"), "choose(1)", "move", "The next theme"),
    Action("themes.previous", ("up", "k", "shift+tab"), "choose(-1)", "", "The theme before"),
    Action("themes.take", ("enter",), "take", "take it", "Keep this theme"),
    Action("themes.cancel", ("escape", "q"), "leave", "back", "Back to the theme before"),
    HALT,
    RESUME,
)

SCOPES: dict[str, tuple[Action, ...]] = {
    "cockpit": COCKPIT,
    "move": MOVES,
    "positions": POSITIONS,
    "signals": SIGNALS,
    "rotation": ROTATION,
    "whatif": WHATIF,
    "journal": JOURNAL,
    "field": FIELD,
    "ticket": TICKET,
    "stop": STOP_HERE,
    "help": HELP,
    "explain": EXPLAIN,
    "jump": JUMP,
    "themes": THEMES,
    "sources": SOURCES,
}
ALL: dict[str, Action] = {action.id: action for own in SCOPES.values() for action in own}
"""Every action by its id."""
ALONE = ("cockpit", "ticket", "stop", "explain", "jump", "themes")
"""Scopes that no other one reaches: a modal screen takes every key; "cockpit" is checked with the views."""
TYPED = "field"
"""The scope of what is typed into: letters are text there."""


def keys_by_scope() -> dict[str, dict[str, tuple[str, ...]]]:
    """The keys of every action by its id, with those that reach the same screen: what a keymap file is checked against."""
    reach: dict[str, tuple[Action, ...]] = {}
    for scope, own in SCOPES.items():
        if scope in ALONE:
            reach[scope] = own
        elif scope == TYPED:
            reach[scope] = (*own, HALT)
        elif scope in ("help", "sources"):
            reach[scope] = (*own, *MOVES)
        else:
            reach[scope] = (*own, *(MOVES if scope != "move" else ()), *COCKPIT)
    return {scope: {action.id: action.keys for action in found} for scope, found in reach.items()}


def bindings(actions: Iterable[Action]) -> list[Binding]:
    """Textual bindings of these actions, with ids so that a keymap can move them."""
    return [
        Binding(",".join(action.keys), action.command, action.help, show=False, id=action.id) for action in actions if action.keys
    ]
