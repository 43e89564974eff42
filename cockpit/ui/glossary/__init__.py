"""Every figure on the screens in one line: what it means, its formula, and where that is from.

A span, a column or a fact names its entry (`about`); the key of an entry is never shown.
"""

from cockpit.ui.glossary.figure import Figure

__all__ = ["Figure", "figures", "meaning"]


def figures() -> dict[str, Figure]:
    """Every entry by its key; imported when the first one is asked for."""
    from cockpit.ui.glossary import book, header, journal, phase, plan, signals, sources, ticket, whatif

    rooms = (header, book, phase, signals, plan, whatif, journal, ticket, sources)
    return {key: figure for room in rooms for key, figure in room.FIGURES.items()}


def meaning(about: str) -> Figure | None:
    """The entry of that key, if there is one."""
    return figures().get(about)
