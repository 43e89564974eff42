"""The README's table of keys, from the registry: `python -m tests.ui.key_table` writes it between the README's two marks."""

from pathlib import Path

from cockpit.ui.actions import COCKPIT, SCOPES, Action, key_words

README = Path(__file__).parents[2] / "README.md"
BEGIN = "<!-- keys, by python -m tests.ui.key_table -->"
END = "<!-- end of keys -->"
TITLES = {
    "cockpit": "Everywhere",
    "move": "Moving over a pane",
    "positions": "Positions",
    "signals": "Signals",
    "rotation": "Rotation",
    "whatif": "What if",
    "journal": "Journal",
    "field": "A field that is typed into",
    "ticket": "Order ticket",
    "stop": "Stopping in the middle",
    "help": "Help",
    "explain": "Explaining figures",
    "jump": "Jumping (any letter that is shown goes there)",
    "themes": "Choosing a theme",
    "sources": "Sources",
}


def key_table() -> str:
    """A Markdown table a scope: keys, what they do, the action's id for keymap.toml. Those of single screens fold away."""
    parts = []
    for scope, own in SCOPES.items():
        shown = own if scope == "cockpit" else [action for action in own if action not in COCKPIT]
        rows = "\n".join(map(_row, shown))
        parts.append(f"**{TITLES[scope]}**\n\n| key | what it does | id |\n|---|---|---|\n{rows}\n")
    everywhere, *rest = parts
    folded = "\n".join(rest)
    return f"{everywhere}\n<details><summary>The keys of every pane and screen</summary>\n\n{folded}\n</details>\n"


def _row(action: Action) -> str:
    keys = " ".join(f"`{key_words(key)}`" for key in action.keys) or "(palette)"
    return f"| {keys} | {action.help} | {action.id} |"


def with_table(text: str) -> str:
    """The README's text with the table as it is now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{key_table()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
