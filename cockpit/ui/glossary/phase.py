"""Figures of the phase: scores, evidence, triggers."""

from cockpit.ui.glossary.figure import Figure

FIGURES: dict[str, Figure] = {}
