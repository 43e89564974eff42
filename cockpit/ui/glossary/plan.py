"""Figures of a plan: path, rules, costs, order ticket."""

from cockpit.ui.glossary.figure import Figure

FIGURES: dict[str, Figure] = {}
