"""Figures of the signals: heatmap, rotation map."""

from cockpit.ui.glossary.figure import Figure

FIGURES: dict[str, Figure] = {}
