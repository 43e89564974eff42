"""Every key of the cockpit: one registry feeds bindings, footer, help and palette."""

from collections.abc import Iterable
from typing import NamedTuple

from textual.binding import Binding


class Action(NamedTuple):
    """Something that a key does. `command` is the Textual action; `label` is the footer's word, empty to leave it out.

    `shown` stands for the key where one key speaks for several.
    """

    id: str
    keys: tuple[str, ...]
    command: str
    label: str
    help: str
    shown: str = ""

    @property
    def key_text(self) -> str:
        """The first key as a person reads it."""
        return self.shown or KEY_WORDS.get(self.keys[0], self.keys[0].replace("ctrl+", "^"))


KEY_WORDS = {
    "question_mark": "?",
    "enter": "⏎",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "escape": "esc",
    "shift+tab": "shift tab",
    "plus": "+",
    "minus": "-",
}

VIEWS = ("overview", "positions", "phase", "signals", "rotation", "journal")

HALT = Action("halt", ("h",), "app.halt", "halt", "Halt: cancel entry orders, send no new one; stops stay in force")
RESUME = Action("resume", ("H",), "app.resume", "", "Resume after a halt")

COCKPIT = (
    *(
        Action(f"view.{view}", (str(number),), f"app.view('{view}')", view, f"Show {view}")
        for number, view in enumerate(VIEWS, start=1)
    ),
    HALT,
    RESUME,
    Action("rotate", ("r",), "app.view('rotation')", "rotate", "Go to the rotation and preview its plan"),
    Action("export", ("e",), "app.export", "export", "Write the previewed plan as TOML into the working directory"),
    Action("help", ("question_mark",), "app.help", "help", "Explain this view and its keys"),
    Action("quit", ("q",), "app.quit", "quit", "Leave; a plan that was begun waits where it stands"),
    Action("palette", ("ctrl+p",), "app.command_palette", "palette", "Find any command by name"),
)

OVERVIEW = (
    Action("overview.next", ("tab",), "app.focus_next", "next pane", "Open the next pane"),
    Action("overview.previous", ("shift+tab",), "app.focus_previous", "", "Open the pane before"),
)

SIGNALS = (
    Action("signals.values", ("v",), "toggle_values", "score/value", "Show raw values in place of scores, and back"),
    Action("signals.left", ("left",), "move(-1, 0)", "", "Cell to the left"),
    Action("signals.right", ("right",), "move(1, 0)", "", "Cell to the right"),
    Action("signals.up", ("up",), "move(0, -1)", "", "Cell above"),
    Action("signals.down", ("down",), "move(0, 1)", "", "Cell below"),
    Action("signals.page_up", ("pageup",), "move(0, -10)", "", "Ten cells up"),
    Action("signals.page_down", ("pagedown",), "move(0, 10)", "", "Ten cells down"),
)

ROTATION = (
    Action("rotation.strategy", ("s",), "change('strategy', 1)", "strategy", "Next strategy (S: the one before)"),
    Action("rotation.strategy_back", ("S",), "change('strategy', -1)", "", "The strategy before"),
    Action("rotation.mode", ("m",), "change('mode', 1)", "mode", "Next way: spot, overlay, blend (M: the one before)"),
    Action("rotation.mode_back", ("M",), "change('mode', -1)", "", "The way before"),
    Action("rotation.preset", ("p",), "change('preset', 1)", "preset", "Next preset of the strategy (P: the one before)"),
    Action("rotation.preset_back", ("P",), "change('preset', -1)", "", "The preset before"),
    Action("rotation.hedge", ("d",), "change('hedge', 1)", "hedge", "Hedge ratio up by .05 (D: down)"),
    Action("rotation.hedge_down", ("D",), "change('hedge', -1)", "", "Hedge ratio down by .05"),
    Action("rotation.leverage", ("l",), "change('leverage', 1)", "leverage", "Leverage up by .5x (L: down)"),
    Action("rotation.leverage_down", ("L",), "change('leverage', -1)", "", "Leverage down by .5x"),
    Action("rotation.default", ("0",), "defaults", "", "Everything as the strategy has it"),
    Action("rotation.preview", ("n",), "preview", "", "Preview again on the newest prices"),
    Action("rotation.begin", ("enter",), "begin", "begin", "Begin the plan, or go on with the one in execution, step by step"),
)

TICKET = (
    Action("ticket.press", ("enter",), "press", "press", "Press the button that has the focus"),
    Action("ticket.next", ("right", "tab"), "focus_button(1)", "move", "Focus the next button"),
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
    Action("ticket.scroll_up", ("up", "pageup"), "scroll_lines(-5)", "", "Scroll up"),
    Action("ticket.scroll_down", ("down", "pagedown"), "scroll_lines(5)", "", "Scroll down"),
    Action("ticket.cancel", ("escape",), "leave", "back", "Back to the rotation; nothing is sent"),
    HALT,
    RESUME,
)

STOP_HERE = (
    Action("stop.next", ("down", "tab"), "choose(1)", "move", "Next way out"),
    Action("stop.previous", ("up", "shift+tab"), "choose(-1)", "", "The way before"),
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

SCOPES: dict[str, tuple[Action, ...]] = {
    "cockpit": COCKPIT,
    "overview": OVERVIEW,
    "signals": SIGNALS,
    "rotation": ROTATION,
    "ticket": TICKET,
    "stop": STOP_HERE,
    "help": HELP,
}


def keys_by_scope() -> dict[str, dict[str, tuple[str, ...]]]:
    """The keys of every action by its id, with those that reach the same screen: what a keymap file is checked against."""
    modal = ("ticket", "stop", "help")
    return {
        scope: {action.id: action.keys for action in (own if scope in (*modal, "cockpit") else (*own, *COCKPIT))}
        for scope, own in SCOPES.items()
    }


def bindings(actions: Iterable[Action]) -> list[Binding]:
    """Textual bindings of these actions, with ids so that a keymap can move them."""
    return [Binding(",".join(action.keys), action.command, action.help, show=False, id=action.id) for action in actions]
