"""Figures of the book: exposure, positions, wallets, what-if."""

from cockpit.ui.glossary.figure import Figure

FIGURES: dict[str, Figure] = {}
