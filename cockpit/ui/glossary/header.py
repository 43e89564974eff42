"""Figures of the header: which state the numbers below belong to."""

from cockpit.ui.glossary.figure import Figure

FIGURES: dict[str, Figure] = {
    "header.revision": Figure(
        "rev",
        "The store's counter: every change of the book raises it, so two screens with one revision show one book.",
        "",
        "the portfolio store",
    ),
    "header.confidence": Figure(
        "confidence",
        "How sure the phase is, from 0 to 1, and in words.",
        "coverage × lead of the best phase over the second, full at the lead that phase.toml names",
        "the phase rules (phase.toml)",
    ),
    "header.coverage": Figure(
        "coverage",
        "How much of the evidence, by weight and quality, was there; below what phase.toml asks for there is no call.",
        "sum of weight × quality of the readings at hand, the lowest of the three phases",
        "the phase rules (phase.toml)",
    ),
    "header.no_update": Figure(
        "NO UPDATE",
        "How long nothing new has come, or since when: every number on the screen is that old.",
        "now − time of the last picture",
        "the market's thread",
    ),
    "header.as_of": Figure(
        "as of", "The day of a recorded market whose close is now.", "", "--as-of, or the last day of the recording"
    ),
    "header.naked": Figure(
        "WITHOUT STOP",
        "Positions that nothing protects: without a resting stop, or (STOP TOO LATE) liquidated before their stop can fire. "
        "While there are any, the footer has the key that previews their stops.",
        "",
        "the positions of the book",
    ),
}
