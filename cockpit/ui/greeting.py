"""What a newcomer is told: the few keys that lead on, and how to bring a book of one's own."""

from cockpit.ui.keys import Keymap, key_of, view_keys


def greeting(keymap: Keymap) -> str:
    """One line of at most 76 cells with the keys as they are now, as long as they are short."""
    views = list(view_keys(keymap))
    digits = "".join(views)
    several = f"{views[0]}-{views[-1]}" if digits == "123456789"[: len(views)] else " ".join(views)
    plan, explain = key_of("rotate", keymap), key_of("help", keymap)
    return f"First time here: {plan} plans, {explain} explains, {several} views. Own book: cockpit init FILE"
